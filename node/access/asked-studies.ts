// Which studies a request is about, and whether its patient is theirs: each study's own headers are compared with what was
// asked, and with the record that it lies under. What says that it is somebody else's is no part of "all", and is named
// only to a person.
import { type AskedPatient, matchPatient, type PatientMatch } from '../../protocol/access/patient.ts';
import { contradicts } from '../../protocol/person/demographics.ts';
import { normalize } from '../../protocol/tags/identifier.ts';
import { isFederated } from '../store/identifiers.ts';
import type { Index } from '../store/index.ts';
import { isAnother, ownDemographics } from '../store/persons.ts';
import type { PatientRecord, StudyRecord } from '../store/records.ts';
import type { IncomingRequest } from './incoming-requests.ts';

/** The patient whom others may ask for by this number (normalized). */
export function heldUnder(index: Index, system: string, value: string): PatientRecord | undefined {
  const patient = index.patientBy(system, value);
  const isTold = patient?.identifiers.some(
    (each) => each.system === system && each.value === value && isFederated(each),
  );
  return isTold ? patient : undefined;
}

type Asked = Pick<AskedPatient, 'name' | 'birthDate'>;

const isAskedFor = (asked: Asked, patient: PatientRecord, study: StudyRecord): boolean =>
  !isAnother(ownDemographics(study), patient) && !contradicts(asked, ownDemographics(study));

/** What a request is about: of all, the studies that it may cover; nobody's but for a person where there are none. */
export function studiesAsked(
  index: Index,
  patient: PatientRecord,
  asked: Asked,
  refs: readonly string[] | 'all',
): StudyRecord[] {
  const held = index.studiesOf(patient.id).filter(({ origin }) => origin === 'origin');
  if (refs !== 'all') return held.filter(({ ref }) => refs.includes(ref));
  const covered = held.filter((study) => isAskedFor(asked, patient, study));
  return covered.length > 0 ? covered : held.filter((study) => !isAnother(ownDemographics(study), patient));
}

/** Compares what was asked with the record, and with the headers of each study that the request is about. */
export function matchAsked(
  index: Index,
  patient: PatientRecord,
  { asked, studies }: Pick<IncomingRequest, 'asked' | 'studies'>,
): PatientMatch {
  const about = studies.map((id) => index.studyById(id)!);
  if (!about.every((study) => isAskedFor(asked, patient, study))) return 'differs';
  const known = [patient, ...(patient.also ?? []), ...about.map(ownDemographics)];
  const said = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined);
  return matchPatient(asked, {
    names: said(known.map(({ name }) => name)),
    birthDates: said(known.map(({ birthDate }) => birthDate)),
  });
}

/** Whether a request that waited is still about studies of the patient whom it asked for. */
export function stillHeld(index: Index, { asked, patient, studies }: IncomingRequest): boolean {
  const his = heldUnder(index, asked.system, normalize(asked.system, asked.value).value)?.id;
  return his !== undefined && his === patient && studies.every((id) => index.studyById(id)?.patient === his);
}
