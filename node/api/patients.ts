// The patients here and their identifiers.
import { type Static, Type } from 'typebox';
import { defineList, defineRoute } from './route.ts';
import { closed, Id, Optional, Text, UnixMs, WithId } from './schemas.ts';

export const Patient = closed({
  id: Id,
  identifiers: Type.Array(
    closed({
      system: Type.String(),
      value: Type.String(),
      status: Type.String(),
      written: Type.Optional(Type.String({ description: 'As it was spelled, where that differs.' })),
    }),
  ),
  name: Optional,
  birthDate: Optional,
  sex: Optional,
  guessedName: Type.Optional(
    Type.Boolean({ description: 'True: no character set explains the name as sent; how it is shown is a guess.' }),
  ),
  studies: Type.Integer(),
  /** The same number, another person? Nobody else can find these studies by it. */
  doubt: Type.Optional(
    closed({
      with: Type.Optional(Id),
      since: UnixMs,
      apart: Type.Optional(Type.Boolean({ description: 'True: somebody has decided that they are two persons.' })),
    }),
  ),
  findable: Type.Boolean({ description: 'False: no other hospital can find these studies; link an identifier.' }),
});
export type Patient = Static<typeof Patient>;

const tag = 'patients';
const path = '/api/v1/patients';

/** What may be decided where people who can't be one have the same number. */
export type PatientDecision = 'merge' | 'apart' | 'wrong-number';

const decision = <D extends PatientDecision | 'undo'>(what: D, summary: string) =>
  defineRoute({
    ...{ method: 'POST', path: `${path}/:id/${what}`, needs: 'decide', tag, summary },
    ...{ params: WithId, answer: Patient },
  });

export const patients = {
  list: defineList({ path, needs: 'view', tag, summary: 'Patients kept here.', row: Patient }),
  link: defineRoute({
    method: 'POST',
    path: `${path}/:id/identifiers`,
    needs: 'decide',
    tag,
    summary: 'Adds an identifier to a patient.',
    params: WithId,
    body: closed({ system: Text(200), value: Text(200) }),
    answer: Patient,
  }),
  merge: decision('merge', 'The person is the one who had the number before: two records become one.'),
  apart: decision('apart', 'They are two persons and both have the number: it stays untold of this one.'),
  wrongNumber: decision('wrong-number', 'The number that others have too is not this person’s: it is taken off.'),
  undo: decision('undo', 'Puts back what the last decision about this record has changed.'),
};
