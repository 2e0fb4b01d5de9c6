// An index in memory for searching: rows as a test gives them.
import type { DicomJson } from '../../../node/dicom/model/json.ts';
import type { QueryIndex } from '../../../node/query/rows.ts';
import type { InstanceRecord, PatientRecord, StudyRecord } from '../../../node/store/records.ts';
import { type DateRange, latestFirst } from '../../../node/store/study-order.ts';

export interface MadeUp {
  readonly patients: readonly PatientRecord[];
  readonly studies: readonly StudyRecord[];
  readonly instances: readonly { readonly record: InstanceRecord; readonly header: DicomJson }[];
}

/** `read` counts the instances that were looked at. */
export function madeUpIndex({ patients, studies, instances }: MadeUp): QueryIndex & { read: number } {
  const index = {
    read: 0,
    patients: () => patients,
    patient: (id: string) => patients.find((each) => each.id === id),
    study: (uid: string) => studies.find((each) => each.uid === uid),
    studyById: (id: string) => studies.find((each) => each.id === id),
    studiesOf: (patient: string) => studies.filter((each) => each.patient === patient),
    studiesByAccession: (folded: string) => studies.filter(({ accession }) => accession?.toLowerCase() === folded),
    latestStudies: (dates?: DateRange) =>
      latestFirst(studies).filter(({ date = '' }) => !dates || (dates.low <= date && date <= dates.high)),
    instance: async (uid: string) => instances.find(({ record }) => record.sopInstanceUid === uid)?.record,
    async *instances(study: string) {
      for (const { record } of instances) {
        if (record.study !== study) continue;
        index.read += 1;
        yield record;
      }
    },
    header: async ({ sopInstanceUid }: InstanceRecord) =>
      new TextEncoder().encode(
        JSON.stringify(instances.find(({ record }) => record.sopInstanceUid === sopInstanceUid)!.header),
      ),
  };
  return index;
}

export function instanceRecord(
  change: Partial<InstanceRecord> & { sopInstanceUid: string; study: string },
): InstanceRecord {
  return {
    ...{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntax: '1.2.840.10008.1.2.1', seriesUid: '1' },
    ...{ generation: 1, objectId: '0'.repeat(64), sealedLength: 1, plainLength: 1, datasetOffset: 0, digest: '0' },
    frames: { kind: 'none' },
    received: 0,
    ...change,
  };
}
