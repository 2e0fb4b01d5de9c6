// What came in and could not be taken: listed, looked at, compared, decided.
import { type Static, Type } from 'typebox';
import { FileImported } from './imports.ts';
import { defineList, defineRoute } from './route.ts';
import { closed, Optional, oneOf, Text, Uid, UnixMs } from './schemas.ts';

const AsideId = Type.String({ pattern: '^[0-9a-f]{16}$' });
const params = closed({ id: AsideId });

const Kept = closed({
  id: AsideId,
  kind: oneOf(['quarantine', 'conflict']),
  reason: Type.String(),
  from: Type.String(),
  transferSyntax: Type.String(),
  sopClassUid: Optional,
  sopInstanceUid: Optional,
  bytes: Type.Integer(),
  at: UnixMs,
});

export type Kept = Static<typeof Kept>;

const Difference = closed({ tag: Type.String(), keyword: Optional, stored: Optional, came: Optional });

/**
 * What a person may decide. `keep`: what is stored stays, this one goes. `replace`: this one takes its place, and that
 * one is kept aside. `both`: this one is stored too, under a SOP Instance UID of its own. `assign`: it belongs to its
 * study's patient, whatever it says. `move`: its whole study belongs to the patient that it names. `retry`: once more,
 * as this transfer syntax, or (`trust`) as what the data set says that it is instead of what was announced. `drop`: it
 * goes.
 */
export const asideActions = ['keep', 'replace', 'both', 'assign', 'move', 'retry', 'drop'] as const;
export type AsideAction = (typeof asideActions)[number];

const Resolution = closed({
  action: oneOf(asideActions, {
    description:
      'Conflict of content: keep (this one goes), replace (the stored one is kept aside instead), both (stored too, under a new SOP Instance UID). Another patient: assign (to the study’s patient), move (the study to the patient it names), keep. Any: retry, drop.',
  }),
  transferSyntax: Type.Optional(Uid),
  trust: Type.Optional(Type.Boolean({ description: 'Of retry: believe the data set, not what was announced.' })),
  note: Type.Optional(Text(500)),
});
export type Resolution = Static<typeof Resolution>;

const tag = 'import';
const path = '/api/v1/quarantine';

export const quarantine = {
  list: defineList({ path, needs: 'resolve', tag, summary: 'What is kept aside, oldest first.', row: Kept }),
  get: defineRoute({
    method: 'GET',
    path: `${path}/:id`,
    needs: 'resolve',
    tag,
    summary: 'One object that is kept aside.',
    params,
    answer: Kept,
  }),
  differences: defineRoute({
    method: 'GET',
    path: `${path}/:id/differences`,
    needs: 'resolve',
    tag,
    summary: 'In what it differs from the object that is stored under its SOP Instance UID.',
    params,
    answer: Type.Array(Difference),
  }),
  file: defineRoute({
    method: 'GET',
    path: `${path}/:id/file`,
    needs: 'resolve',
    tag,
    summary: 'Its bytes as they are kept.',
    params,
    answer: { types: ['application/octet-stream'], about: 'Bytes' },
  }),
  resolve: defineRoute({
    method: 'POST',
    path: `${path}/:id/resolve`,
    needs: 'resolve',
    tag,
    summary: 'Decides what becomes of it.',
    params,
    body: Resolution,
    answer: closed({ ...FileImported.properties, outcome: Type.String() }),
  }),
  retry: defineRoute({
    method: 'POST',
    path: `${path}/:id/retry`,
    needs: 'resolve',
    tag,
    summary: 'Imports it once more.',
    params,
    answer: FileImported,
  }),
};
