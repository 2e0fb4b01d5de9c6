// The patients here and their identifiers.
import { unhex } from '../../../protocol/bytes.ts';
import { patients } from '../../api/patients.ts';
import { otherOf } from '../../exchange/aside/patient-decisions.ts';
import { isFindable } from '../../exchange/import/patients.ts';
import type { Index } from '../../store/index.ts';
import type { PatientRecord } from '../../store/records.ts';
import { afterOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const idBytes = 16;

export function patientRoutes(server: Server, { index, acts, patients: decisions }: HttpParts): void {
  const shown = (patient: PatientRecord) => {
    const { id, identifiers: all, name, birthDate, sex, guessedName } = patient;
    const identifiers = all.map(({ doubt: _, ...each }) => each);
    const studies = index.studiesOf(id).length;
    const seen = { studies, findable: isFindable(patient), doubt: doubtOf(index, patient) };
    return { id, identifiers, name, birthDate, sex, guessedName, ...seen };
  };

  serve(server, patients, {
    list: async ({ query, by }) => {
      await acts.listed('patients', by);
      const { rows, ...rest } = await pageOf(placed(index, afterOf(query, idBytes)), limitOf(query));
      return { ...rest, rows: rows.map(shown), total: index.patientCount };
    },
    link: async ({ params: { id }, body, by }) => shown(await decisions.link(id, body, by)),
    merge: async ({ params: { id }, by }) => shown(await decisions.decide(id, 'merge', by)),
    apart: async ({ params: { id }, by }) => shown(await decisions.decide(id, 'apart', by)),
    wrongNumber: async ({ params: { id }, by }) => shown(await decisions.decide(id, 'wrong-number', by)),
    undo: async ({ params: { id }, by }) => shown(await decisions.undo(id, by)),
  });
}

function doubtOf(index: Index, patient: PatientRecord) {
  const doubt = patient.identifiers.find((each) => each.doubt !== undefined)?.doubt;
  return doubt && { with: otherOf(index, patient)?.id, ...doubt };
}

async function* placed(index: Index, after: Uint8Array | undefined): AsyncGenerator<PlacedRow<PatientRecord>> {
  for await (const row of index.patientsAfter(after)) yield { place: unhex(row.id), row };
}
