// Whether a record can be the person that a header names (SPEC 3.8).
import { contradicts, type Demographics } from '../../protocol/person/demographics.ts';
import type { PatientRecord, StudyRecord } from './records.ts';

/** What a study's own headers say of its patient. */
export const ownDemographics = (study: Omit<StudyRecord, 'series' | 'patient'>): Demographics => ({
  ...{ name: study.patientName, birthDate: study.patientBirthDate, sex: study.patientSex },
});

/** Whether these are another person than the record's, and than all that a person has said to be him too. */
export const isAnother = (said: Demographics, record: PatientRecord): boolean =>
  contradicts(said, record) && !record.also?.some((each) => !contradicts(said, each));

/** The same against what the record's studies say, too: each says a part, and all must be of one person. */
export function isAnotherThanAll(
  said: Demographics,
  record: PatientRecord,
  studies: Iterable<Omit<StudyRecord, 'series'>>,
): boolean {
  if (record.also?.some((each) => !contradicts(said, each))) return false;
  if (contradicts(said, record)) return true;
  for (const study of studies) {
    const own = ownDemographics(study);
    // what contradicts the record itself was said to be the same person, and is among what is known `also`
    if (contradicts(said, own) && !contradicts(own, record)) return true;
  }
  return false;
}

/** Whether a header can be of a study's person. What says just what the study says is, whatever its record says. */
export function isOfStudy(said: Demographics, study: StudyRecord, record: PatientRecord): boolean {
  const own = ownDemographics(study);
  const isSame = said.name === own.name && said.birthDate === own.birthDate;
  return isSame || (!contradicts(said, own) && !isAnother(said, record));
}

/** The record with what it did not say before. The same record when it says nothing new. */
export function filled(record: PatientRecord, said: PatientRecord): PatientRecord {
  const name = record.name === undefined && said.name !== undefined;
  const birthDate = record.birthDate ?? said.birthDate;
  const sex = record.sex ?? said.sex;
  if (!name && birthDate === record.birthDate && sex === record.sex) return record;
  return { ...record, birthDate, sex, ...(name && { name: said.name, guessedName: said.guessedName }) };
}
