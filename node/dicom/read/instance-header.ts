// What the peer itself asks of an instance: identity for storing, attributes for searching, shape for its frames.
import { PeerError } from '../../../protocol/errors.ts';
import type { DicomJson, JsonPersonName, JsonValue } from '../model/json.ts';
import { tagName } from '../model/tags.ts';
import { uids } from '../model/transfer-syntax.ts';
import { mustBeUid } from '../model/uid.ts';
import { trimmedEnd } from '../text/trim.ts';
import type { ImageShape } from './frames.ts';

/** Text is decoded, dates and times are as DICOM writes them (`YYYYMMDD`, `HHMMSS.ffffff`). What is empty is absent. */
export interface InstanceHeader {
  readonly transferSyntax: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly patient: {
    readonly id?: string;
    readonly issuer?: string;
    /** The whole person name: `Family^Given=ideographic=phonetic`. */
    readonly name?: string;
    readonly birthDate?: string;
    readonly sex?: string;
  };
  readonly study: {
    readonly date?: string;
    readonly time?: string;
    readonly description?: string;
    readonly accessionNumber?: string;
    readonly id?: string;
    readonly referringPhysician?: string;
    readonly institution?: string;
  };
  readonly series: {
    readonly modality?: string;
    readonly number?: number;
    readonly description?: string;
    readonly date?: string;
    readonly time?: string;
    readonly bodyPart?: string;
    readonly laterality?: string;
    readonly stationName?: string;
    readonly manufacturer?: string;
    readonly protocolName?: string;
  };
  readonly instance: {
    readonly number?: number;
    readonly rows?: number;
    readonly columns?: number;
    readonly frames?: number;
    readonly bitsAllocated?: number;
    readonly samplesPerPixel?: number;
    readonly photometric?: string;
    /** `YYYYMMDD`, `HHMMSS.ffffff`: of the acquisition, from its date time or its date and time. */
    readonly acquisitionDate?: string;
    readonly acquisitionTime?: string;
    readonly imageType?: readonly string[];
  };
  /** Some text was decoded by a guess, because its character set is missing, unknown or not kept to. */
  readonly guessedCharset?: boolean;
}

const tag = {
  imageType: 0x00080008,
  sopClassUid: 0x00080016,
  sopInstanceUid: 0x00080018,
  studyDate: 0x00080020,
  seriesDate: 0x00080021,
  acquisitionDate: 0x00080022,
  acquisitionDateTime: 0x0008002a,
  studyTime: 0x00080030,
  seriesTime: 0x00080031,
  acquisitionTime: 0x00080032,
  accessionNumber: 0x00080050,
  modality: 0x00080060,
  manufacturer: 0x00080070,
  institution: 0x00080080,
  referringPhysician: 0x00080090,
  stationName: 0x00081010,
  studyDescription: 0x00081030,
  seriesDescription: 0x0008103e,
  patientName: 0x00100010,
  patientId: 0x00100020,
  issuer: 0x00100021,
  birthDate: 0x00100030,
  sex: 0x00100040,
  bodyPart: 0x00180015,
  protocolName: 0x00181030,
  studyUid: 0x0020000d,
  seriesUid: 0x0020000e,
  studyId: 0x00200010,
  seriesNumber: 0x00200011,
  instanceNumber: 0x00200013,
  laterality: 0x00200060,
  imageLaterality: 0x00200062,
  samplesPerPixel: 0x00280002,
  photometric: 0x00280004,
  frames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
  bitsAllocated: 0x00280100,
} as const;

/** The attributes that `instanceHeader` reads, by their JSON names. */
export const headerAttributes: ReadonlySet<string> = new Set(Object.values(tag).map((number) => tagName(number)));

/**
 * The header of an instance from its DICOM JSON. Throws dicom/uid-missing, dicom/uid-invalid; dicom/directory for a
 * DICOMDIR, which is not an instance.
 */
export function instanceHeader(json: DicomJson, transferSyntax: string, guessedCharset: boolean): InstanceHeader {
  const sopClassUid = text(json, tag.sopClassUid);
  if (sopClassUid === uids.mediaDirectory || '00041220' in json) throw new PeerError('dicom/directory');
  return {
    transferSyntax,
    sopClassUid: mustBeUid(sopClassUid, 'SOPClassUID'),
    sopInstanceUid: mustBeUid(text(json, tag.sopInstanceUid), 'SOPInstanceUID'),
    studyUid: mustBeUid(text(json, tag.studyUid), 'StudyInstanceUID'),
    seriesUid: mustBeUid(text(json, tag.seriesUid), 'SeriesInstanceUID'),
    patient: patientOf(json),
    study: studyOf(json),
    series: seriesOf(json),
    instance: instanceOf(json),
    ...(guessedCharset && { guessedCharset }),
  };
}

export type InstanceIdentity = Pick<InstanceHeader, 'sopClassUid' | 'sopInstanceUid' | 'studyUid' | 'seriesUid'>;

/** The UIDs in what has been read so far, once all four are there. Throws dicom/uid-invalid. */
export function instanceIdentity(json: DicomJson): InstanceIdentity | undefined {
  const found = [tag.sopClassUid, tag.sopInstanceUid, tag.studyUid, tag.seriesUid].map((each) => text(json, each));
  if (found.some((each) => each === undefined)) return undefined;
  const [sopClassUid, sopInstanceUid, studyUid, seriesUid] = found;
  return {
    sopClassUid: mustBeUid(sopClassUid, 'SOPClassUID'),
    sopInstanceUid: mustBeUid(sopInstanceUid, 'SOPInstanceUID'),
    studyUid: mustBeUid(studyUid, 'StudyInstanceUID'),
    seriesUid: mustBeUid(seriesUid, 'SeriesInstanceUID'),
  };
}

/** The image's shape with what is missing as PS3.3 means it: one frame, one sample; 0 rows for no image. */
export function imageShape({ instance }: InstanceHeader): ImageShape {
  return {
    rows: instance.rows ?? 0,
    columns: instance.columns ?? 0,
    samplesPerPixel: instance.samplesPerPixel ?? 1,
    bitsAllocated: instance.bitsAllocated ?? 0,
    photometric: instance.photometric ?? '',
    frames: instance.frames ?? 1,
  };
}

const patientOf = (json: DicomJson): InstanceHeader['patient'] =>
  present({
    id: text(json, tag.patientId),
    issuer: text(json, tag.issuer),
    name: text(json, tag.patientName),
    birthDate: text(json, tag.birthDate),
    sex: text(json, tag.sex),
  });

const studyOf = (json: DicomJson): InstanceHeader['study'] =>
  present({
    date: text(json, tag.studyDate),
    time: text(json, tag.studyTime),
    description: text(json, tag.studyDescription),
    accessionNumber: text(json, tag.accessionNumber),
    id: text(json, tag.studyId),
    referringPhysician: text(json, tag.referringPhysician),
    institution: text(json, tag.institution),
  });

const seriesOf = (json: DicomJson): InstanceHeader['series'] =>
  present({
    modality: text(json, tag.modality),
    number: whole(json, tag.seriesNumber),
    description: text(json, tag.seriesDescription),
    date: text(json, tag.seriesDate),
    time: text(json, tag.seriesTime),
    bodyPart: text(json, tag.bodyPart),
    laterality: text(json, tag.laterality) ?? text(json, tag.imageLaterality),
    stationName: text(json, tag.stationName),
    manufacturer: text(json, tag.manufacturer),
    protocolName: text(json, tag.protocolName),
  });

function instanceOf(json: DicomJson): InstanceHeader['instance'] {
  const moment = text(json, tag.acquisitionDateTime);
  const imageType = json[tagName(tag.imageType)]?.Value?.map((value) => plain(value) ?? '');
  return present({
    number: whole(json, tag.instanceNumber),
    rows: whole(json, tag.rows),
    columns: whole(json, tag.columns),
    frames: positive(whole(json, tag.frames)),
    bitsAllocated: whole(json, tag.bitsAllocated),
    samplesPerPixel: whole(json, tag.samplesPerPixel),
    photometric: text(json, tag.photometric),
    acquisitionDate: moment?.slice(0, 8) ?? text(json, tag.acquisitionDate),
    acquisitionTime: moment === undefined ? text(json, tag.acquisitionTime) : timeOf(moment),
    imageType,
  });
}

// DT is YYYYMMDDHHMMSS.FFFFFF&ZZXX: the time zone is not part of TM.
const timeOf = (moment: string): string | undefined => /^\d{8}(\d{2,6}(?:\.\d+)?)/.exec(moment)?.[1];

const positive = (count: number | undefined): number | undefined =>
  count !== undefined && count > 0 ? count : undefined;

function plain(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'object' ? nameText(value as JsonPersonName) : String(value);
}

const nameText = ({ Alphabetic = '', Ideographic = '', Phonetic = '' }: JsonPersonName): string =>
  trimmedEnd([Alphabetic, Ideographic, Phonetic].join('='), '=');

const text = (json: DicomJson, which: number): string | undefined => plain(json[tagName(which)]?.Value?.[0]);

function whole(json: DicomJson, which: number): number | undefined {
  const value = json[tagName(which)]?.Value?.[0];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
