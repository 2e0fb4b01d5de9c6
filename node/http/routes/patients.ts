// The patients here and their identifiers.
import { unhex } from '../../../protocol/bytes.ts';
import { patients } from '../../api/patients.ts';
import { isFindable, linkPatient } from '../../exchange/import/patients.ts';
import type { Index } from '../../store/index.ts';
import type { PatientRecord } from '../../store/records.ts';
import { afterOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const idBytes = 16;

export function patientRoutes(server: Server, { index, acts }: HttpParts): void {
  const shown = (patient: PatientRecord) => {
    const { id, identifiers, name, birthDate, sex, guessedName } = patient;
    const studies = index.studiesOf(id).length;
    return { id, identifiers, name, birthDate, sex, guessedName, studies, findable: isFindable(patient) };
  };

  serve(server, patients, {
    list: async ({ query, by }) => {
      await acts.listed('patients', by);
      const { rows, ...rest } = await pageOf(placed(index, afterOf(query, idBytes)), limitOf(query));
      return { ...rest, rows: rows.map(shown), total: index.patientCount };
    },
    link: async ({ params: { id }, body, by }) =>
      shown(await linkPatient(index, id, body, (patient) => acts.linked(patient, body, by))),
  });
}

async function* placed(index: Index, after: Uint8Array | undefined): AsyncGenerator<PlacedRow<PatientRecord>> {
  for await (const row of index.patientsAfter(after)) yield { place: unhex(row.id), row };
}
