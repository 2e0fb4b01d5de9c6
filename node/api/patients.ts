// The patients here and their identifiers.
import { type Static, Type } from 'typebox';
import { defineList, defineRoute } from './route.ts';
import { closed, Id, Optional, Text, WithId } from './schemas.ts';

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
  findable: Type.Boolean({ description: 'False: no other hospital can find these studies; link an identifier.' }),
});
export type Patient = Static<typeof Patient>;

const tag = 'patients';
const path = '/api/v1/patients';

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
};
