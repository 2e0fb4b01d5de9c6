// What this peer is and how it is: its name and figures, its checks, joining a federation.
import { Type } from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { closed } from '../../api/schemas.ts';
import { carriedOut } from '../../audit/acts.ts';
import type { Index } from '../../store/index.ts';
import { who } from '../auth.ts';
import { spoken } from '../language.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const Peer = closed({
  peerId: Type.String(),
  name: Type.String(),
  federation: Type.Union([Type.String(), Type.Null()], { description: 'Federation id, null before joining.' }),
  roster: Type.Union([Type.Integer(), Type.Null()], { description: 'Number of the roster that is followed.' }),
  reachability: Type.String(),
  version: Type.String(),
  studies: Type.Integer(),
  instances: Type.Integer(),
  bytes: Type.Integer(),
});
const Check = closed({ name: Type.String(), ok: Type.Boolean(), advice: Type.String() });
const tags = ['peer'];
const bundleTypes = ['application/cbor', 'application/octet-stream'];

export function peerRoutes(server: Server, { version }: HttpOptions, parts: HttpParts): void {
  const { federation, index, acts } = parts;
  const about = { summary: 'This peer and what it keeps.', tags, response: answers(Peer) };
  server.get('/peer', { schema: about, config: { needs: 'status' } }, () => {
    const { federation: joined = null, roster = null, reachability } = federation.status();
    const { peerId, name } = parts.peer;
    return { peerId, name, federation: joined, roster, reachability, version, ...kept(index) };
  });

  const checks = { summary: 'Checks, and what to do.', tags, response: answers(closed({ checks: Type.Array(Check) })) };
  server.get('/doctor', { schema: checks, config: { needs: 'manage' } }, async (request, reply) => ({
    checks: await federation.doctor(spoken(request, reply)),
  }));

  server.addContentTypeParser(
    bundleTypes,
    { parseAs: 'buffer', bodyLimit: limits.bundleBytes },
    (_request, body, done) => done(null, body),
  );
  const joining = {
    summary: 'Takes a roster bundle: joins a federation, or follows its next roster.',
    tags,
    consumes: bundleTypes,
    response: answers(closed({ federation: Type.String(), number: Type.Integer() })),
  };
  const bodyLimit = limits.bundleBytes;
  server.post('/roster', { schema: joining, config: { needs: 'manage' }, bodyLimit }, (request) =>
    carriedOut(
      (end) => acts.rosterTaken(who(request), end),
      () => federation.join(new Uint8Array(request.body as Buffer)),
    ),
  );
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
