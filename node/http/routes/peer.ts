// What this peer is and how it is: its name and figures, its checks, joining a federation.
import { limits } from '../../../protocol/limits.ts';
import { peer } from '../../api/peer.ts';
import { carriedOut } from '../../audit/acts.ts';
import type { Index } from '../../store/index.ts';
import { spoken } from '../language.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

/** Must be registered in a context of its own: it takes bodies as bytes. */
export function peerRoutes(server: Server, { version }: HttpOptions, parts: HttpParts): void {
  const { federation, index, acts } = parts;
  const { types } = peer.join.body;
  const parse = { parseAs: 'buffer', bodyLimit: limits.bundleBytes } as const;
  server.addContentTypeParser([...types], parse, (_request, body, done) => done(null, body));
  serve(server, peer, {
    get: () => {
      const { federation: joined = null, roster = null, reachability } = federation.status();
      const { peerId, name } = parts.peer;
      return { peerId, name, federation: joined, roster, reachability, version, ...kept(index) };
    },
    doctor: async ({ request, reply }) => ({ checks: await federation.doctor(spoken(request, reply)) }),
    join: ({ body, by }) =>
      carriedOut(
        (end) => acts.rosterTaken(by, end),
        () => federation.join(new Uint8Array(body as Buffer)),
      ),
  });
}

function kept(index: Index): { studies: number; instances: number; bytes: number } {
  let [instances, bytes] = [0, 0];
  for (const { series } of index.studies()) {
    for (const each of series) {
      instances += each.instances;
      bytes += each.bytes;
    }
  }
  return { studies: index.studyCount, instances, bytes };
}
