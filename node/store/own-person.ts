// Whose a study is by its own instances, where they say it in another way than its patient's record: searches compare and
// show a study by these (PS3.4 C.6.2.1.2, PS3.18 10.6.3.3), the record's stand beside.
import type { Identifier, PatientRecord, StudyRecord } from './records.ts';

/**
 * The record as this study's headers have it; undefined where they say nothing else. Of a copy the number stays the one it
 * was asked for by: its owner's own number may be another person's here.
 */
export function ownPerson(study: StudyRecord, record: PatientRecord): PatientRecord | undefined {
  const { patientName = record.name, patientBirthDate = record.birthDate, patientSex = record.sex } = study;
  const number = study.origin === 'copy' ? undefined : study.patientId;
  const [first] = record.identifiers;
  const sameNumber = number === undefined || (first !== undefined && number === spelled(first));
  if (sameNumber && patientName === record.name && patientBirthDate === record.birthDate && patientSex === record.sex)
    return undefined;
  const identifiers = sameNumber ? record.identifiers : withFirst(number, record.identifiers);
  return { ...record, name: patientName, birthDate: patientBirthDate, sex: patientSex, identifiers };
}

const spelled = ({ value, written = value }: Identifier): string => written;

function withFirst(number: string, identifiers: readonly Identifier[]): Identifier[] {
  const own = identifiers.find((each) => spelled(each) === number);
  const first = own ?? { system: '', value: number, status: 'unchecked' as const };
  return [first, ...identifiers.filter((each) => each !== own)];
}
