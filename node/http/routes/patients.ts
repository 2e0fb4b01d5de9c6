// The patients here and their identifiers.
import { Type } from 'typebox';
import { isFindable, linkPatient } from '../../exchange/import/patients.ts';
import type { PatientRecord } from '../../store/records.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, closed, Id, type Server, Text, WithId } from '../typed.ts';

const Patient = closed({
  id: Id,
  identifiers: Type.Array(
    closed({
      system: Type.String(),
      value: Type.String(),
      status: Type.String(),
      written: Type.Optional(Type.String({ description: 'As it was spelled, where that differs.' })),
    }),
  ),
  name: Type.Optional(Type.String()),
  birthDate: Type.Optional(Type.String()),
  sex: Type.Optional(Type.String()),
  guessedName: Type.Optional(
    Type.Boolean({ description: 'True: no character set explains the name as sent; how it is shown is a guess.' }),
  ),
  studies: Type.Integer(),
  findable: Type.Boolean({ description: 'False: no other hospital can find these studies; link an identifier.' }),
});
const tags = ['patients'];

export function patientRoutes(server: Server, { index, audit }: HttpParts): void {
  const shown = (patient: PatientRecord) => {
    const { id, identifiers, name, birthDate, sex, guessedName } = patient;
    const studies = index.studiesOf(id).length;
    return { id, identifiers, name, birthDate, sex, guessedName, studies, findable: isFindable(patient) };
  };

  const list = { summary: 'Patients kept here.', tags, response: answers(Type.Array(Patient)) };
  server.get('/patients', { schema: list, config: { needs: 'view' } }, async (request) => {
    await audit.append({ kind: 'query', outcome: 'success', person: who(request), detail: { list: 'patients' } });
    return [...index.patients()].map(shown);
  });

  const body = closed({ system: Text(200), value: Text(200) });
  const link = { summary: 'Adds an identifier to a patient.', tags, params: WithId, body, response: answers(Patient) };
  server.post('/patients/:id/identifiers', { schema: link, config: { needs: 'decide' } }, async (request) => {
    const { id } = request.params;
    const { system, value } = request.body;
    const person = who(request);
    const linked = await linkPatient(index, id, system, value);
    await audit.append({
      kind: 'amendment',
      outcome: 'success',
      person,
      patient: linked.id,
      detail: { system, value },
    });
    return shown(linked);
  });
}
