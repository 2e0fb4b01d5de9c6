// Asking others for studies, and deciding what others ask of us.
import { Type } from 'typebox';
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Principal } from '../../access/roles.ts';
import { may, who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { incomingView, outgoingView, RequestSchema, type RequestView } from '../request-views.ts';
import { answers, closed, Id, type Server, Text, WithId } from '../typed.ts';
import { Purpose } from './find.ts';

const Ask = closed({
  member: Text(200),
  patient: closed({
    system: Type.Optional(Text(200)),
    value: Text(200),
    name: Type.Optional(Text(1000)),
    birthDate: Type.Optional(Type.String({ pattern: '^[0-9]{8}$', description: 'YYYYMMDD.' })),
  }),
  refs: Type.Union([Type.Literal('all'), Type.Array(Id, { minItems: 1, maxItems: limits.requestRefs })]),
  purpose: Purpose,
  reason: Text(1000),
});
const RequestStateSchema = closed({ id: Id, state: Type.String() });
const tags = ['exchange'];
const either = ['find', 'decide'] as const;

export function requestRoutes(server: Server, parts: HttpParts): void {
  const { asking, guard } = parts;
  const ask = { summary: 'Asks a member for studies.', tags, body: Ask, response: answers(RequestStateSchema, 201) };
  server.post('/requests', { schema: ask, config: { needs: 'find' } }, async (request, reply) => {
    const { id, state } = await asking.create(request.body, who(request));
    return reply.code(201).send({ id, state });
  });

  const query = closed({ direction: Type.Optional(Type.String({ pattern: '^(in|out)(,(in|out))?$' })) });
  const list = { summary: 'Requests, latest first.', tags, querystring: query };
  const listSchema = { ...list, response: answers(Type.Array(RequestSchema)) };
  server.get('/requests', { schema: listSchema, config: { needs: either } }, (request) => {
    const wanted = request.query.direction?.split(',');
    return views(parts, who(request), wanted);
  });

  const one = { summary: 'One request.', tags, params: WithId, response: answers(RequestSchema) };
  server.get('/requests/:id', { schema: one, config: { needs: either } }, async (request) => {
    const found = (await views(parts, who(request))).find((each) => each.id === request.params.id);
    must(found !== undefined, 'http/not-found');
    return found;
  });

  const approve = { summary: 'Grants what was asked.', tags, params: WithId, response: answers(RequestStateSchema) };
  server.post('/requests/:id/approve', { schema: approve, config: { needs: 'decide' } }, (request) =>
    guard.approve(request.params.id, who(request)),
  );

  const body = closed({ reason: Text(1000) });
  const deny = {
    summary: 'Refuses what was asked.',
    tags,
    params: WithId,
    body,
    response: answers(RequestStateSchema),
  };
  server.post('/requests/:id/deny', { schema: deny, config: { needs: 'decide' } }, (request) =>
    guard.deny(request.params.id, request.body.reason, who(request)),
  );

  const revoke = { summary: 'Ends a grant.', tags, params: WithId, response: answers(closed({ id: Id })) };
  server.post('/grants/:id/revoke', { schema: revoke, config: { needs: 'decide' } }, async (request) => {
    await guard.revoke(request.params.id, who(request));
    return { id: request.params.id };
  });
}

/** What came in is for those who decide, what went out for those who ask. @throws PeerError http/forbidden */
async function views(parts: HttpParts, by: Principal, wanted?: readonly string[]): Promise<RequestView[]> {
  const sees = { in: may(by, 'decide'), out: may(by, 'find') };
  for (const direction of wanted ?? []) must(sees[direction as 'in' | 'out'], 'http/forbidden', { role: by.role });
  const wants = (direction: 'in' | 'out') => sees[direction] && (wanted?.includes(direction) ?? true);
  const names = new Map(parts.federation.status().members.map(({ id, name }) => [id, name]));
  const nameOf = (member: string) => names.get(member) ?? member;
  const cases = wants('in') ? await parts.guard.requests() : [];
  const asked = wants('out') ? parts.asking.list() : [];
  const started = (id: string) => parts.transfers.get(id) !== undefined;
  return [
    ...cases.map((each) => incomingView(each, nameOf, parts.index)),
    ...asked.map((each) => outgoingView(each, nameOf, started)),
  ].sort((a, b) => b.at - a.at);
}
