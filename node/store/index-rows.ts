// The index's rows, and what one instance changes in its study's.
import { concat, uintBytes, unhex } from '../../protocol/bytes.ts';
import { limits } from '../../protocol/limits.ts';
import type { PersonColumns } from '../dicom/model/index-attributes.ts';
import type { Write } from './kv.ts';
import type { NewInstance } from './new-instance.ts';
import {
  encodeRecord,
  type InstanceRecord,
  type PatientRecord,
  type SeriesRecord,
  type StudyRecord,
} from './records.ts';

export const patientWrite = (patient: PatientRecord): Write => ({
  bucket: 'patient',
  key: unhex(patient.id),
  value: encodeRecord(patient),
});

/** A study's row without its series, which have rows of their own: it stays small however many there are. */
export const studyWrite = ({ series: _, ...study }: StudyRecord): Write => ({
  bucket: 'study',
  key: unhex(study.id),
  value: encodeRecord(study),
});

const seriesKey = (study: string, order: number): Uint8Array => concat(unhex(study), uintBytes(order, 4));

export const seriesWrite = (study: string, series: SeriesRecord): Write => ({
  bucket: 'series',
  key: seriesKey(study, series.order),
  value: encodeRecord(series),
});

/** A study's row and those of its series that are not as they were before. */
export function studyWrites(now: StudyRecord, before: StudyRecord | undefined): Write[] {
  const known = new Set(before?.series);
  const kept = new Set(now.series.map(({ order }) => order));
  const gone = before?.series.filter(({ order }) => !kept.has(order)) ?? [];
  return [
    studyWrite(now),
    ...now.series.filter((each) => !known.has(each)).map((each) => seriesWrite(now.id, each)),
    ...gone.map(({ order }): Write => ({ bucket: 'series', key: seriesKey(now.id, order) })),
  ];
}

/** @param sop what the database calls its SOP Instance UID */
export function instanceWrites(instance: InstanceRecord, sop: Uint8Array, header: Uint8Array): Write[] {
  const study = unhex(instance.study);
  const key = concat(study, sop);
  return [
    { bucket: 'instance', key, value: encodeRecord(instance) },
    { bucket: 'sop', key: sop, value: study },
    { bucket: 'header', key, value: header },
  ];
}

const withClass = (classes: readonly string[] = [], uid: string): readonly string[] =>
  classes.includes(uid) ? classes : [...classes, uid];

/** Whose it is by its headers: the first of its instances that says a thing speaks for it. */
const personOf = (study: StudyRecord, { study: said }: NewInstance): PersonColumns => ({
  patientName: study.patientName ?? said.patientName,
  patientId: study.patientId ?? said.patientId,
  patientIssuer: study.patientIssuer ?? said.patientIssuer,
  patientBirthDate: study.patientBirthDate ?? said.patientBirthDate,
  patientSex: study.patientSex ?? said.patientSex,
});

/** A study with one more instance. */
export function withInstance(study: StudyRecord, added: NewInstance): StudyRecord {
  const { instance } = added;
  const before = study.series.find((series) => series.uid === added.series.uid);
  const order = before?.order ?? (study.series.at(-1)?.order ?? -1) + 1;
  const series: SeriesRecord = {
    ...(before ?? added.series),
    order,
    instances: (before?.instances ?? 0) + 1,
    bytes: (before?.bytes ?? 0) + instance.plainLength,
    sopClasses: withClass(before?.sopClasses, instance.sopClassUid),
  };
  return {
    ...study,
    ...personOf(study, added),
    origin: instance.source === undefined ? 'origin' : study.origin,
    changed: instance.received,
    series:
      before === undefined ? [...study.series, series] : study.series.map((each) => (each === before ? series : each)),
  };
}

/** The same when it takes the place of another one, whose series may be left without any. */
export function withInstead(study: StudyRecord, before: InstanceRecord, added: NewInstance): StudyRecord {
  const series = study.series.map((each) =>
    each.uid === before.seriesUid
      ? { ...each, instances: each.instances - 1, bytes: each.bytes - before.plainLength }
      : each,
  );
  const now = withInstance({ ...study, series }, added);
  return { ...now, series: now.series.filter(({ instances }) => instances > 0) };
}

/** Whether a study has become larger than one may be. One that was larger already may stay as it is. */
export function isTooLarge(now: StudyRecord, before: StudyRecord): boolean {
  if (now.series.length > Math.max(limits.studySeries, before.series.length)) return true;
  const count = instancesIn(now);
  return count > limits.manifestInstances && count > instancesIn(before);
}

const instancesIn = ({ series }: StudyRecord): number => series.reduce((sum, { instances }) => sum + instances, 0);
