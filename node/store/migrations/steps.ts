// What has changed in the layout of the database, step by step. What stands here stays as it is: data folders of any
// version come this way.
import type { ColumnKeyword } from '../../dicom/model/index-attributes.ts';
import { isLocalSystem } from '../identifiers.ts';
import { patientWrite, seriesWrite, studyWrite } from '../index-rows.ts';
import type { Kv } from '../kv.ts';
import { decodeRecord, type PatientRecord, type SeriesRecord, type StudyRecord } from '../records.ts';
import type { RowWriter } from './row-writer.ts';

/**
 * One step from layout `from` to `from + 1`. What of it was done before it was cut off it may find done. A column that is
 * added to the table of attributes gets a step that names it, and is filled for what is stored already: `{ from: 9, what:
 * 'who performed it', columns: ['PerformingPhysicianName'] }`.
 */
export interface Migration {
  readonly from: number;
  readonly what: string;
  readonly run?: (kv: Kv, rows: RowWriter) => Promise<void>;
  /** Attributes whose columns are derived from the stored headers, after `run`. */
  readonly columns?: readonly ColumnKeyword[];
  /** Whose each study is by its own headers is derived from those, after `run`. */
  readonly persons?: true;
}

/** The attributes that had columns in format 1. */
export const firstColumns: readonly ColumnKeyword[] = [
  ...(['PatientName', 'PatientBirthDate', 'PatientSex'] as const),
  ...(['StudyDate', 'StudyTime', 'AccessionNumber', 'ReferringPhysicianName', 'StudyDescription', 'StudyID'] as const),
  ...(['Modality', 'SeriesNumber', 'SeriesDescription', 'BodyPartExamined', 'StationName'] as const),
  ...(['InstanceNumber', 'Rows', 'Columns'] as const),
];

/** In order; the layout's version is one more than the last `from`. */
export const migrations: readonly Migration[] = [
  { from: 1, what: 'series have rows of their own', run: splitSeries },
  { from: 2, what: 'a study says whose it is by its own headers', persons: true },
  { from: 3, what: 'local numbers are as they were written', run: asWritten },
];

/** A study's row of format 1 has its series in it, and is written anew with each instance of it. */
async function splitSeries(kv: Kv, rows: RowWriter): Promise<void> {
  for await (const [, row] of kv.bucket('study').range()) {
    const study = decodeRecord<OldStudy>(row);
    if (study.series === undefined) continue; // done before it was cut off
    const series = study.series.map((each, order) => seriesWrite(study.id, { ...each, order }));
    await rows.took(studyWrite({ ...study, series: [] }), ...series);
  }
}

/** Local numbers of format 3 are without separators, and beside as they were written. */
async function asWritten(kv: Kv, rows: RowWriter): Promise<void> {
  for await (const [, row] of kv.bucket('patient').range()) {
    const patient = decodeRecord<PatientRecord>(row);
    const identifiers = patient.identifiers.map(({ written, ...each }) =>
      isLocalSystem(each.system)
        ? { ...each, value: written?.trim() ?? each.value }
        : { ...each, ...(written !== undefined && { written }) },
    );
    await rows.took(patientWrite({ ...patient, identifiers }));
  }
}

type OldStudy = Omit<StudyRecord, 'series'> & { readonly series?: readonly Omit<SeriesRecord, 'order'>[] };
