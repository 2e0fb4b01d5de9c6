// The attributes that the made-up instances share (PS3.3 C.7, C.12), by module.
import { createHash } from 'node:crypto';
import type { Attributes } from './dataset-writer.ts';

export interface SyntheticPatient {
  readonly id: string;
  /** DICOM person name, `Family^Given`; any script (the data sets are UTF-8). */
  readonly name: string;
  /** `YYYYMMDD`. */
  readonly birthDate: string;
  readonly sex: 'M' | 'F' | 'O';
  /** Who issues the id, for example a national register. */
  readonly issuer?: string;
}

/** A UID under 2.25 that is always the same for the same parts (PS3.5 B.2; 122 bits of SHA-256). */
export function seededUid(...parts: ReadonlyArray<string | number>): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `2.25.${BigInt(`0x4${hash.slice(0, 30)}`)}`;
}

/** What makes one instance of a series. */
export interface InstancePlan {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly patient: SyntheticPatient;
  readonly modality: string;
  /** `YYYYMMDD` and `HHMMSS`. */
  readonly date: string;
  readonly time: string;
  readonly accessionNumber: string;
  readonly studyDescription: string;
  readonly seriesDescription: string;
  readonly seriesNumber: number;
  readonly instanceNumber: number;
  readonly imageType: string;
  readonly bodyPart: string;
  readonly rows: number;
  readonly columns: number;
  readonly bitsStored: number;
  /** Attributes of the modality's own modules, and corrections: any order, a later one replaces an earlier one. */
  readonly own: Attributes;
}

/** All attributes but the pixel data, in order. */
export function instanceAttributes(plan: InstancePlan): Attributes {
  const all = [...sopCommon(plan), ...patientModule(plan), ...studyAndSeries(plan), ...imagePixel(plan), ...plan.own];
  const byTag = new Map(all.map((attribute) => [attribute[0], attribute]));
  return [...byTag.values()].sort(([a], [b]) => a - b);
}

const sopCommon = (plan: InstancePlan): Attributes => [
  [0x00080005, 'CS', 'ISO_IR 192'],
  [0x00080008, 'CS', plan.imageType],
  [0x00080012, 'DA', plan.date],
  [0x00080013, 'TM', plan.time],
  [0x00080016, 'UI', plan.sopClassUid],
  [0x00080018, 'UI', plan.sopInstanceUid],
];

const patientModule = ({ patient }: InstancePlan): Attributes => [
  [0x00100010, 'PN', patient.name],
  [0x00100020, 'LO', patient.id],
  ...(patient.issuer === undefined ? [] : ([[0x00100021, 'LO', patient.issuer]] as const)),
  [0x00100030, 'DA', patient.birthDate],
  [0x00100040, 'CS', patient.sex],
];

const studyAndSeries = (plan: InstancePlan): Attributes => [
  [0x00080020, 'DA', plan.date],
  [0x00080021, 'DA', plan.date],
  [0x00080022, 'DA', plan.date],
  [0x00080023, 'DA', plan.date],
  [0x00080030, 'TM', plan.time],
  [0x00080031, 'TM', plan.time],
  [0x00080032, 'TM', plan.time],
  [0x00080033, 'TM', plan.time],
  [0x00080050, 'SH', plan.accessionNumber],
  [0x00080060, 'CS', plan.modality],
  [0x00080070, 'LO', 'DICOM Network'],
  [0x00080080, 'LO', 'Spitalul Raional'],
  [0x00080090, 'PN', 'Rusu^Ion'],
  [0x00081010, 'SH', `${plan.modality}1`],
  [0x00081030, 'LO', plan.studyDescription],
  [0x0008103e, 'LO', plan.seriesDescription],
  [0x00081090, 'LO', 'Synthetic'],
  [0x00180015, 'CS', plan.bodyPart],
  [0x00181000, 'LO', '1'],
  [0x00181020, 'LO', '1.0'],
  [0x0020000d, 'UI', plan.studyUid],
  [0x0020000e, 'UI', plan.seriesUid],
  [0x00200010, 'SH', '1'],
  [0x00200011, 'IS', String(plan.seriesNumber)],
  [0x00200013, 'IS', String(plan.instanceNumber)],
];

const imagePixel = ({ rows, columns, bitsStored }: InstancePlan): Attributes => [
  [0x00280002, 'US', [1]],
  [0x00280004, 'CS', 'MONOCHROME2'],
  [0x00280010, 'US', [rows]],
  [0x00280011, 'US', [columns]],
  [0x00280100, 'US', [16]],
  [0x00280101, 'US', [bitsStored]],
  [0x00280102, 'US', [bitsStored - 1]],
  [0x00280103, 'US', [0]],
];

/** Position of an axial slice `index` of `count`, `spacing` mm apart, pixels of `pixel` mm (PS3.3 C.7.6.2). */
export function axialPlane(slice: {
  index: number;
  count: number;
  spacing: number;
  pixel: number;
  columns: number;
  rows: number;
  frameOfReference: string;
}): Attributes {
  const z = ((slice.index - (slice.count - 1) / 2) * slice.spacing).toFixed(2);
  const x = ((-slice.columns * slice.pixel) / 2).toFixed(2);
  const y = ((-slice.rows * slice.pixel) / 2).toFixed(2);
  return [
    [0x00180050, 'DS', String(slice.spacing)],
    [0x00200032, 'DS', `${x}\\${y}\\${z}`],
    [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x00200052, 'UI', slice.frameOfReference],
    [0x00201040, 'LO', ''],
    [0x00201041, 'DS', z],
    [0x00280030, 'DS', `${slice.pixel}\\${slice.pixel}`],
  ];
}
