// Studies on their way here.
import { type Static, Type } from 'typebox';
import { defineList, defineRoute } from './route.ts';
import { closed, described, Id, Optional, oneOf, UnixMs, WithId } from './schemas.ts';

const Part = closed({ done: Type.Integer(), total: Type.Integer() });

export const Transfer = closed({
  id: Id,
  request: Id,
  state: oneOf(['running', 'done', 'failed']),
  code: Optional,
  objects: Part,
  bytes: described(Part, 'Sealed bytes.'),
  rate: Type.Number({ description: 'Bytes a second.' }),
  secondsLeft: Type.Optional(Type.Number()),
  firstObjectMs: Type.Optional(Type.Number()),
  at: Type.Integer({ description: 'When the grant came, unix ms.' }),
  ended: Type.Optional(UnixMs),
});
export type Transfer = Static<typeof Transfer>;

const tag = 'exchange';
const needs = ['find', 'view', 'decide'] as const;
const path = '/api/v1/transfers';

export const transfers = {
  list: defineList({ path, needs, tag, summary: 'Transfers, latest first.', row: Transfer }),
  get: defineRoute({
    method: 'GET',
    path: `${path}/:id`,
    needs,
    tag,
    summary: 'One transfer.',
    params: WithId,
    answer: Transfer,
  }),
};
