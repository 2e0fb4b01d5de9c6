// The attributes that searches answer from memory, level by level (PS3.18 10.6.3.3).
import type { DicomJson } from '../../dicom/json.ts';
import type { PatientRecord, SeriesRecord, StudyRecord } from '../../store/records.ts';
import { jsonOf } from './attributes.ts';

export interface StudyRow {
  readonly study: StudyRecord;
  readonly patient: PatientRecord | undefined;
  /** URL of the DICOMweb service. */
  readonly base: string;
}

export interface SeriesRow extends StudyRow {
  readonly series: SeriesRecord;
}

interface Column<Row> {
  readonly vr: string;
  readonly values: (row: Row) => readonly (string | number | undefined)[];
  /** What a query is compared with, where that is more than what is shown. */
  readonly matched?: (row: Row) => readonly (string | undefined)[];
}

export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

const count = (study: StudyRecord): number => study.series.reduce((sum, { instances }) => sum + instances, 0);

const modalities = ({ series }: StudyRecord): string[] => [
  ...new Set(series.map(({ modality }) => modality).filter((each) => each !== undefined)),
];

const identifiers = ({ patient }: StudyRow): string[] => patient?.identifiers.map(({ value }) => value) ?? [];

const studyUrl = ({ base, study }: StudyRow): string => `${base}/studies/${study.uid}`;

export const seriesUrl = (row: SeriesRow): string => `${studyUrl(row)}/series/${row.series.uid}`;

export const studyColumns: Columns<StudyRow> = {
  '00080005': { vr: 'CS', values: () => ['ISO_IR 192'] },
  '00080020': { vr: 'DA', values: ({ study }) => [study.date] },
  '00080030': { vr: 'TM', values: ({ study }) => [study.time] },
  '00080050': { vr: 'SH', values: ({ study }) => [study.accession] },
  '00080056': { vr: 'CS', values: () => ['ONLINE'] },
  '00080061': { vr: 'CS', values: ({ study }) => modalities(study) },
  '00080090': { vr: 'PN', values: ({ study }) => [study.referring] },
  '00081030': { vr: 'LO', values: ({ study }) => [study.description] },
  '00081190': { vr: 'UR', values: (row) => [studyUrl(row)] },
  '00100010': { vr: 'PN', values: ({ patient }) => [patient?.name] },
  '00100020': { vr: 'LO', values: (row) => identifiers(row).slice(0, 1), matched: identifiers },
  '00100030': { vr: 'DA', values: ({ patient }) => [patient?.birthDate] },
  '00100040': { vr: 'CS', values: ({ patient }) => [patient?.sex] },
  '0020000D': { vr: 'UI', values: ({ study }) => [study.uid] },
  '00200010': { vr: 'SH', values: ({ study }) => [study.studyId] },
  '00201206': { vr: 'IS', values: ({ study }) => [study.series.length] },
  '00201208': { vr: 'IS', values: ({ study }) => [count(study)] },
};

export const seriesColumns: Columns<SeriesRow> = {
  '00080005': { vr: 'CS', values: () => ['ISO_IR 192'] },
  '00080056': { vr: 'CS', values: () => ['ONLINE'] },
  '00080060': { vr: 'CS', values: ({ series }) => [series.modality] },
  '0008103E': { vr: 'LO', values: ({ series }) => [series.description] },
  '00081010': { vr: 'SH', values: ({ series }) => [series.station] },
  '00081190': { vr: 'UR', values: (row) => [seriesUrl(row)] },
  '00180015': { vr: 'CS', values: ({ series }) => [series.bodyPart] },
  '0020000D': { vr: 'UI', values: ({ study }) => [study.uid] },
  '0020000E': { vr: 'UI', values: ({ series }) => [series.uid] },
  '00200011': { vr: 'IS', values: ({ series }) => [series.number] },
  '00201209': { vr: 'IS', values: ({ series }) => [series.instances] },
};

/** The row's attributes, in ascending order. */
export function shown<Row>(columns: Columns<Row>, row: Row): DicomJson {
  const all = Object.keys(columns).sort();
  return Object.fromEntries(
    all.map((tag) => {
      const { vr, values } = columns[tag]!;
      return [
        tag,
        jsonOf(
          vr,
          values(row).filter((value) => value !== undefined),
        ),
      ];
    }),
  );
}

/** What the row has to compare with a query of one attribute. */
export function compared<Row>(column: Column<Row>, row: Row): string[] {
  const values = (column.matched ?? column.values)(row);
  return values.filter((value) => value !== undefined).map(String);
}
