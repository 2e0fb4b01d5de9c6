// By which names this server may be called. A page of somebody else's that has its name point here (DNS rebinding) shows
// itself by that name in Host: it is refused before anything is looked at. Addresses and names that no public DNS has
// cannot be somebody else's.
import { isIP } from 'node:net';
import { PeerError } from '../../protocol/errors.ts';
import type { HttpOptions } from './parts.ts';
import type { Server } from './typed.ts';

/** Names that are not in the public DNS: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`. */
const local = ['localhost', 'local', 'home.arpa', 'internal'];

type Named = Pick<HttpOptions, 'host' | 'names' | 'publicUrl'>;

/** Refuses requests to another host than this. */
export function checkHosts(server: Server, options: Named): void {
  const known = new Set([options.host, ...(options.names ?? [])].map((name) => name.toLowerCase()));
  if (options.publicUrl !== undefined && URL.canParse(options.publicUrl)) {
    known.add(new URL(options.publicUrl).hostname);
  }
  server.addHook('onRequest', async (request) => {
    // what a trusted proxy was called by counts as well; a browser always says one
    for (const host of [request.headers.host, request.host]) {
      if (host !== undefined && host !== '' && !isOurs(nameIn(host), known)) throw new PeerError('http/host');
    }
  });
}

/** Without port, without brackets around an IPv6 address, without the root's dot. */
const nameIn = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

const isOurs = (name: string, known: ReadonlySet<string>): boolean =>
  isIP(name) !== 0 || known.has(name) || /^[a-z0-9_-]+$/.test(name) || local.some((each) => name.endsWith(`.${each}`));
