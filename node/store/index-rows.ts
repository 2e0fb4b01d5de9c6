// The index's rows, and what one instance changes in its study's.
import { concat, unhex } from '../../protocol/bytes.ts';
import type { Write } from './kv.ts';
import type { NewInstance } from './new-instance.ts';
import { encodeRecord, type InstanceRecord, type PatientRecord, type StudyRecord } from './records.ts';

export const patientWrite = (patient: PatientRecord): Write => ({
  bucket: 'patient',
  key: unhex(patient.id),
  value: encodeRecord(patient),
});

export const studyWrite = (study: StudyRecord): Write => ({
  bucket: 'study',
  key: unhex(study.id),
  value: encodeRecord(study),
});

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

/** A study with one more instance. */
export function withInstance(study: StudyRecord, added: NewInstance): StudyRecord {
  const { instance } = added;
  const before = study.series.find((series) => series.uid === added.series.uid);
  const series = {
    ...(before ?? added.series),
    instances: (before?.instances ?? 0) + 1,
    bytes: (before?.bytes ?? 0) + instance.plainLength,
    sopClasses: withClass(before?.sopClasses, instance.sopClassUid),
  };
  return {
    ...study,
    origin: instance.source === undefined ? 'origin' : study.origin,
    changed: instance.received,
    series:
      before === undefined ? [...study.series, series] : study.series.map((each) => (each === before ? series : each)),
  };
}

/** A study's counts before an instance whose place another one takes. */
export function withoutInstance(study: StudyRecord, instance: InstanceRecord): StudyRecord {
  const series = study.series.map((each) =>
    each.uid === instance.seriesUid
      ? { ...each, instances: each.instances - 1, bytes: each.bytes - instance.plainLength }
      : each,
  );
  return { ...study, series: series.filter(({ uid, instances }) => instances > 0 || uid === instance.seriesUid) };
}
