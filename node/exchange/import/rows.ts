// From what the reader saw to the rows that the index keeps.
import { utf8 } from '../../../protocol/bytes.ts';
import type { InstanceHeader } from '../../dicom/read/instance-header.ts';
import type { InstanceSummary } from '../../dicom/read/instance-reader.ts';
import type { NewInstance } from '../../store/index.ts';
import type { Write } from '../../store/kv.ts';
import type { PatientRecord } from '../../store/records.ts';
import type { Sealed } from './sealing.ts';

export interface NewInstanceInput {
  readonly summary: InstanceSummary;
  readonly sealed: Sealed;
  /** BLAKE3 of the data set, hex. */
  readonly digest: string;
  readonly study: { readonly id: string; readonly ref: string };
  readonly datasetOffset: number;
  readonly generation: number;
  readonly patient: PatientRecord;
  readonly now: number;
  readonly also: readonly Write[];
  /** The object that the index names for this instance and that is not there. */
  readonly lost?: string | undefined;
}

/** The rows of an instance that came in here itself (not a copy). */
export function newInstance(input: NewInstanceInput): NewInstance {
  const { header, json, frames } = input.summary;
  const { series, study } = header;
  return {
    patient: isGuessed(header) ? { ...input.patient, guessedName: true } : input.patient,
    study: {
      ...input.study,
      uid: header.studyUid,
      date: study.date,
      time: study.time,
      description: study.description,
      accession: study.accessionNumber,
      studyId: study.id,
      referring: study.referringPhysician,
      origin: 'origin',
      received: input.now,
      changed: input.now,
    },
    series: {
      uid: header.seriesUid,
      modality: series.modality,
      number: series.number,
      description: series.description,
      bodyPart: series.bodyPart,
      station: series.stationName,
    },
    instance: {
      ...input.sealed,
      sopInstanceUid: header.sopInstanceUid,
      sopClassUid: header.sopClassUid,
      transferSyntax: header.transferSyntax,
      seriesUid: header.seriesUid,
      study: input.study.id,
      generation: input.generation,
      datasetOffset: input.datasetOffset,
      digest: input.digest,
      frames,
      number: header.instance.number,
      rows: header.instance.rows,
      columns: header.instance.columns,
      received: input.now,
      guessedCharset: header.guessedCharset === true ? true : undefined,
    },
    header: utf8(JSON.stringify(json)),
    also: input.also,
    lost: input.lost,
  };
}

// plain ASCII is the same whatever was guessed
const isGuessed = ({ guessedCharset, patient }: InstanceHeader): boolean =>
  guessedCharset === true && /\P{ASCII}/u.test(patient.name ?? '');
