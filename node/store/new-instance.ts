// One instance as the index takes it in: the rows of its patient, study, series and itself, made from its header in this
// one place, whichever way it came.
import { utf8 } from '../../protocol/bytes.ts';
import type { Columns } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { columnsOf, type InstanceHeader } from '../dicom/read/instance-header.ts';
import type { Write } from './kv.ts';
import {
  decodeRecord,
  type Identifier,
  type InstanceRecord,
  type PatientRecord,
  type SeriesRecord,
  type StudyRecord,
} from './records.ts';

/** Every key of a record must be given, if as undefined: a column that is added is not forgotten. */
type Complete<T> = { readonly [K in keyof T]-?: T[K] };

/** A study and a series as they are known from one instance alone. */
export type NewStudy = Omit<StudyRecord, 'series' | 'patient'>;
export type NewSeries = Omit<SeriesRecord, 'order' | 'instances' | 'bytes' | 'sopClasses'>;

/** One instance to be added, with its patient and its study as they are known from this instance alone. */
export interface NewInstance {
  readonly patient: PatientRecord;
  readonly study: NewStudy;
  readonly series: NewSeries;
  readonly instance: InstanceRecord;
  /** DICOM JSON of the header, UTF-8. */
  readonly header: Uint8Array;
  /** Rows of other buckets that must become durable with it (keys). */
  readonly also: readonly Write[];
  /** The object that the index names for this instance and that is lost or was decided against: this takes its place. */
  readonly lost?: string | undefined;
}

/** What the header doesn't say. */
export interface BesideHeader {
  readonly patient: PatientRecord;
  readonly study: Pick<StudyRecord, 'id' | 'ref' | 'uid' | 'origin'>;
  /** The UIDs that it was taken in by, where it lies sealed and how that opens. */
  readonly instance: Complete<
    Pick<
      InstanceRecord,
      | ('sopInstanceUid' | 'sopClassUid' | 'transferSyntax' | 'seriesUid' | 'source' | 'generation' | 'frames')
      | ('objectId' | 'sealedLength' | 'plainLength' | 'datasetOffset' | 'digest')
    >
  >;
  readonly now: number;
  readonly also: readonly Write[];
  readonly lost?: string | undefined;
}

/** The rows of an instance. @param json its header as it is kept */
export function rowsOf(header: InstanceHeader, json: DicomJson, beside: BesideHeader): NewInstance {
  const { columns } = header;
  const { now, also, lost } = beside;
  const study: Complete<NewStudy> = { ...columns.study, ...beside.study, received: now, changed: now };
  const series: Complete<NewSeries> = { ...columns.series, uid: beside.instance.seriesUid };
  const instance: Complete<InstanceRecord> = {
    ...columns.instance,
    ...beside.instance,
    study: study.id,
    received: now,
    guessedCharset: header.guessedCharset === true ? true : undefined,
  };
  const patient = isGuessed(header) ? { ...beside.patient, guessedName: true as const } : beside.patient;
  return { patient, study, series, instance, header: utf8(JSON.stringify(json)), also, lost };
}

/** The same with all columns that headers fill now. Its patient may be one that a person chose, and stays. */
export function withColumns(added: NewInstance): NewInstance {
  const columns = columnsOf(decodeRecord<DicomJson>(added.header));
  return {
    ...added,
    study: { ...added.study, ...columns.study },
    series: { ...added.series, ...columns.series },
    instance: { ...added.instance, ...columns.instance },
  };
}

/** A person of whom nothing is known but these identifiers and what a header says. */
export const newPatient = (
  id: string,
  identifiers: readonly Identifier[],
  columns: Partial<Columns<'patient'>>,
): PatientRecord => ({ ...columns, id, identifiers });

// plain ASCII is the same whatever was guessed
const isGuessed = ({ guessedCharset, patient }: InstanceHeader): boolean =>
  guessedCharset === true && /\P{ASCII}/u.test(patient.name ?? '');
