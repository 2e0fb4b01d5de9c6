// Who has what of a patient.
import { type Static, Type } from 'typebox';
import { defineRoute, type Loose } from './route.ts';
import { closed, Optional, oneOf, Purpose, Text, UnixMs } from './schemas.ts';

const Study = closed({
  ref: Type.String({ description: 'What to ask for it by.' }),
  date: Optional,
  modalities: Type.Array(Type.String()),
  bodyPart: Optional,
  description: Optional,
  instances: Type.Integer(),
  bytes: Type.Integer(),
  report: Type.String(),
  origin: Type.String(),
  same: Type.String({ description: 'Equal where two hospitals hold one study.' }),
});

/** What one hospital answered. `offline`: it holds something, and has not been reached since `lastSeen`. */
const FoundHospital = closed({
  member: Type.String(),
  name: Type.String(),
  online: Type.Boolean(),
  lastSeen: Type.Optional(UnixMs),
  state: oneOf(['answered', 'pending', 'denied', 'offline']),
  code: Optional,
  studies: Type.Array(Study),
});
export type FoundHospital = Loose<Static<typeof FoundHospital>>;

const FindResult = closed({
  hospitals: Type.Array(FoundHospital),
  complete: Type.Boolean({ description: 'Everybody who could know was reached.' }),
  unreachable: Type.Array(Type.String(), { description: 'The members who were not.' }),
  ms: Type.Integer(),
});
export type FindResult = Loose<Static<typeof FindResult>>;

const FindQuery = closed({
  system: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'The national one if absent.' })),
  value: Text(200),
  purpose: Purpose,
  reason: Text(1000),
});
export type FindQuery = Loose<Static<typeof FindQuery>>;

export const find = {
  find: defineRoute({
    method: 'POST',
    path: '/api/v1/find',
    needs: 'find',
    tag: 'exchange',
    summary: 'Finds what the federation has of a patient.',
    body: FindQuery,
    answer: FindResult,
  }),
};
