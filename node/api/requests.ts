// Asking others for studies, and deciding what others ask of us.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineList, defineRoute, type Loose } from './route.ts';
import { closed, Id, Optional, oneOf, Purpose, Text, UnixMs, WithId } from './schemas.ts';

/** A request of either direction as the API shows it: no keys, no envelopes. */
export const Request = closed({
  id: Id,
  direction: oneOf(['in', 'out']),
  member: Type.String(),
  name: Type.String({ description: 'The member’s.' }),
  state: Type.String(),
  purpose: Type.String(),
  reason: Type.String(),
  practitioner: closed({ name: Type.String(), role: Type.String(), reference: Optional }),
  at: UnixMs,
  patient: closed({ system: Type.String(), value: Type.String(), name: Optional, birthDate: Optional }),
  studies: Type.Optional(Type.Integer({ description: 'How many it is about.' })),
  grants: Type.Array(Type.String()),
  code: Optional,
  text: Type.Optional(Type.String({ description: 'The decision’s own words.' })),
  transfer: Optional,
});
export type Request = Static<typeof Request>;

const Ask = closed({
  member: Type.String({ minLength: 1, maxLength: 200, description: 'Member id, peer id or name.' }),
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
export type Ask = Loose<Static<typeof Ask>>;

const State = closed({ id: Id, state: Type.String() });

const tag = 'exchange';
const path = '/api/v1/requests';

export const requests = {
  create: defineRoute({
    method: 'POST',
    path,
    needs: 'find',
    tag,
    summary: 'Asks a member for studies.',
    body: Ask,
    answer: State,
    status: 201,
  }),
  list: defineList({
    path,
    needs: ['find', 'decide'],
    tag,
    summary: 'Requests, latest first.',
    query: { direction: Type.Optional(Type.String({ pattern: '^(in|out)(,(in|out))?$' })) },
    row: Request,
  }),
  get: defineRoute({
    method: 'GET',
    path: `${path}/:id`,
    needs: ['find', 'decide'],
    tag,
    summary: 'One request.',
    params: WithId,
    answer: Request,
  }),
  approve: defineRoute({
    method: 'POST',
    path: `${path}/:id/approve`,
    needs: 'decide',
    tag,
    summary: 'Grants what was asked.',
    params: WithId,
    answer: State,
  }),
  deny: defineRoute({
    method: 'POST',
    path: `${path}/:id/deny`,
    needs: 'decide',
    tag,
    summary: 'Refuses what was asked.',
    params: WithId,
    body: closed({ reason: Text(1000) }),
    answer: State,
  }),
  revoke: defineRoute({
    method: 'POST',
    path: '/api/v1/grants/:id/revoke',
    needs: 'decide',
    tag,
    summary: 'Ends a grant.',
    params: WithId,
    answer: WithId,
  }),
};
