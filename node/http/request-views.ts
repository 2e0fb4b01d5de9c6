// Requests of both directions as the API shows them: no keys, no envelopes.
import { Type } from 'typebox';
import type { Case } from '../access/case-file.ts';
import { type AskRecord, shown } from '../exchange/ask/outgoing-requests.ts';
import type { Index } from '../store/index.ts';
import { closed, Id } from './typed.ts';

const Optional = Type.Optional(Type.String());

export const RequestSchema = closed({
  id: Id,
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  member: Type.String(),
  name: Type.String({ description: 'The member’s.' }),
  state: Type.String(),
  purpose: Type.String(),
  reason: Type.String(),
  practitioner: closed({ name: Type.String(), role: Type.String(), reference: Optional }),
  at: Type.Integer({ description: 'Unix ms.' }),
  patient: closed({ system: Type.String(), value: Type.String(), name: Optional, birthDate: Optional }),
  studies: Type.Optional(Type.Integer({ description: 'How many it is about.' })),
  grants: Type.Array(Type.String()),
  code: Optional,
  text: Type.Optional(Type.String({ description: 'The decision’s own words.' })),
  transfer: Optional,
});

export type RequestView = Type.Static<typeof RequestSchema>;

type NameOf = (member: string) => string;

/** What another member asked of us. */
export function incomingView(asked: Case, nameOf: NameOf, index: Index): RequestView {
  const { id, from, purpose, reason, practitioner, at, owning, text } = asked;
  const { system, value, name, birthDate } = asked.asked;
  const grants: string[] = 'grants' in owning ? [...owning.grants] : [];
  return without<RequestView>({
    ...{ id, direction: 'in' as const, member: from, name: nameOf(from), state: owning.state },
    ...{ purpose, reason, practitioner: without<RequestView['practitioner']>(practitioner), at, text },
    patient: without<RequestView['patient']>({ system, value, name, birthDate }),
    studies: asked.studies.filter((study) => index.studyById(study) !== undefined).length,
    grants,
    code: 'code' in owning ? owning.code : undefined,
  });
}

/** What we asked of another member. `started`: whether a transfer has this request's id. */
export function outgoingView(asked: AskRecord, nameOf: NameOf, started: (id: string) => boolean): RequestView {
  const { id, to, purpose, reason, practitioner, at, asking, text, refs } = asked;
  const { system, value, name, birthDate } = asked.patient;
  return without<RequestView>({
    ...{ id, direction: 'out' as const, member: to, name: nameOf(to), state: shown(asking) },
    ...{ purpose, reason, practitioner: without<RequestView['practitioner']>(practitioner), at, text },
    patient: without<RequestView['patient']>({ system, value, name, birthDate }),
    studies: refs === 'all' ? undefined : refs.length,
    grants: 'grants' in asking ? [...asking.grants] : [],
    code: 'code' in asking ? asking.code : undefined,
    transfer: started(id) ? id : undefined,
  });
}

/** The fields that are there. */
const without = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
