// The audit log: who did what to whose data, and the proof that nobody changed it.
import { type Static, Type } from 'typebox';
import { defineList, defineRoute } from './route.ts';
import { Count, closed, described, Id } from './schemas.ts';

/** With the fields of its kind (protocol/audit/entry.ts). */
const Entry = Type.Object({
  index: Type.Integer(),
  erased: Type.Optional(Type.Literal(true, { description: 'Its patient’s key was destroyed.' })),
  at: Type.Optional(Type.Integer({ description: 'Unix ms.' })),
  kind: Type.Optional(Type.String()),
  outcome: Type.Optional(Type.String()),
});

export type Entry = Static<typeof Entry>;

const Head = closed({ size: Type.Integer(), root: Type.String() });

const Verified = Type.Object({
  ok: Type.Boolean(),
  entries: Type.Integer(),
  erased: Type.Integer(),
  head: Head,
  problems: Type.Array(Type.Object({ at: Type.String(), index: Type.Integer() })),
});
export type Verified = Static<typeof Verified>;

const needs = 'audit';
const tag = 'audit';

export const audit = {
  list: defineList({
    path: '/api/v1/audit',
    needs,
    tag,
    summary: 'Entries in their order; the next page may also be asked for from the last index + 1.',
    query: {
      patient: Type.Optional(described(Id, 'A patient record’s id.')),
      from: Type.Optional(described(Count, 'Index of the first entry.')),
    },
    row: Entry,
  }),
  head: defineRoute({
    method: 'GET',
    path: '/api/v1/audit/head',
    needs: ['audit', 'manage'],
    tag,
    summary: 'Size and root of the log’s tree now.',
    answer: Head,
  }),
  verify: defineRoute({
    method: 'GET',
    path: '/api/v1/audit/verify',
    needs: ['audit', 'manage'],
    tag,
    summary: 'Recomputes the whole log.',
    answer: Verified,
  }),
};
