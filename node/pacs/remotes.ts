// The DICOM nodes that the configuration names, and associations with them.
import { readFile } from 'node:fs/promises';
import { must } from '../../protocol/errors.ts';
import { DimseClient, type DimseClientOptions, type DimseClientParts } from '../dicom/dimse/scu/client.ts';
import type { Config } from '../setup/config.ts';
import type { Log } from '../system/log.ts';
import type { Timers } from '../system/machine.ts';

export type Remote = NonNullable<Config['dimse']['remotes']>[number];

/** What an association is for. */
export type Wanted = Pick<DimseClientOptions, 'contexts' | 'roles' | 'extended' | 'operations' | 'idleMs' | 'signal'>;

export class Remotes {
  readonly #ourAe: string;
  readonly #remotes: ReadonlyMap<string, Remote>;
  readonly #parts: { readonly timers: Timers; readonly log: Log };

  constructor({ aeTitle, remotes = [] }: Config['dimse'], parts: { timers: Timers; log: Log }) {
    this.#ourAe = aeTitle;
    this.#remotes = new Map(remotes.map((remote) => [remote.aeTitle, remote]));
    this.#parts = parts;
  }

  /** Our own AE title: where a C-MOVE to us goes. */
  get ourAe(): string {
    return this.#ourAe;
  }

  list(): readonly Remote[] {
    return [...this.#remotes.values()];
  }

  /** @throws PeerError remote/unknown */
  get(aeTitle: string): Remote {
    const remote = this.#remotes.get(aeTitle);
    must(remote !== undefined, 'remote/unknown');
    return remote;
  }

  /** Opens an association. @throws PeerError remote/unknown, dimse/unreachable, dimse/rejected and others of dimse/ */
  async connect(
    aeTitle: string,
    wanted: Wanted,
    parts: Pick<DimseClientParts, 'store' | 'event'> = {},
  ): Promise<DimseClient> {
    const { host, port, tls } = this.get(aeTitle);
    const where = { host, port, calledAe: aeTitle, callingAe: this.#ourAe };
    const options = { ...where, ...wanted, ...(tls !== undefined && { tls: await pems(tls) }) };
    return DimseClient.connect(options, { ...this.#parts, ...parts });
  }

  /** Works on an association and releases it; one that failed is aborted. */
  async with<T>(
    aeTitle: string,
    wanted: Wanted,
    work: (client: DimseClient) => Promise<T>,
    parts: Pick<DimseClientParts, 'store' | 'event'> = {},
  ): Promise<T> {
    const client = await this.connect(aeTitle, wanted, parts);
    let result: T;
    try {
      result = await work(client);
    } catch (error) {
      client.abort();
      throw error;
    }
    // what was answered counts, however the other side ends the association
    await client.release().catch((error: unknown) => this.#parts.log.debug({ err: error }, 'not released in order'));
    return result;
  }
}

/** Read anew for each association: certificates are renewed while the peer runs. */
async function pems({ ca, cert, key, servername }: NonNullable<Remote['tls']>) {
  const pem = async (path: string | undefined) => (path === undefined ? undefined : await readFile(path, 'utf8'));
  const [caPem, certPem, keyPem] = await Promise.all([pem(ca), pem(cert), pem(key)]);
  return {
    ...(caPem !== undefined && { ca: caPem }),
    ...(certPem !== undefined && { cert: certPem }),
    ...(keyPem !== undefined && { key: keyPem }),
    ...(servername !== undefined && { servername }),
  };
}
