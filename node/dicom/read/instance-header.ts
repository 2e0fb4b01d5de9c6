// What the peer itself asks of an instance: identity for storing, attributes for searching, shape for its frames.
import { PeerError } from '../../../protocol/errors.ts';
import {
  type Columns,
  indexAttributesOf,
  type Level,
  levels,
  type PersonColumns,
  personColumns,
} from '../model/index-attributes.ts';
import type { DicomJson, JsonPersonName, JsonValue } from '../model/json.ts';
import { tagOfKeyword } from '../model/keywords.ts';
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
  /** What the index keeps of each level; names are whole (`Family^Given=ideographic=phonetic`). */
  readonly columns: HeaderColumns;
  readonly patient: Partial<Columns<'patient'>> & { readonly id?: string; readonly issuer?: string };
  readonly study: HeaderColumns['study'];
  readonly series: Columns<'series'>;
  readonly instance: Columns<'instance'> & {
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

/** What the index keeps of a header, level by level; undefined where the header doesn't say it. */
export type HeaderColumns = { readonly [L in Level]: L extends 'study' ? Columns<L> & PersonColumns : Columns<L> };

const tag = {
  imageType: tagOfKeyword('ImageType'),
  sopClassUid: tagOfKeyword('SOPClassUID'),
  sopInstanceUid: tagOfKeyword('SOPInstanceUID'),
  studyUid: tagOfKeyword('StudyInstanceUID'),
  seriesUid: tagOfKeyword('SeriesInstanceUID'),
  acquisitionDate: tagOfKeyword('AcquisitionDate'),
  acquisitionTime: tagOfKeyword('AcquisitionTime'),
  acquisitionDateTime: tagOfKeyword('AcquisitionDateTime'),
  patientId: tagOfKeyword('PatientID'),
  issuer: tagOfKeyword('IssuerOfPatientID'),
  samplesPerPixel: tagOfKeyword('SamplesPerPixel'),
  photometric: tagOfKeyword('PhotometricInterpretation'),
  frames: tagOfKeyword('NumberOfFrames'),
  bitsAllocated: tagOfKeyword('BitsAllocated'),
} as const;

/** Not read here, but never left out of a header either, however long it is. */
const alsoKept = [
  ...['SeriesDate', 'SeriesTime', 'Manufacturer', 'InstitutionName', 'ProtocolName', 'Laterality', 'ImageLaterality'],
].map(tagOfKeyword);

interface Read {
  readonly name: string;
  readonly tag: string;
  readonly whole: boolean;
}

const columnsAt = (level: Level): readonly Read[] =>
  indexAttributesOf[level].flatMap(({ column, tag, whole = false }) =>
    column === undefined ? [] : [{ name: column, tag, whole }],
  );

const read = {
  patient: columnsAt('patient'),
  study: columnsAt('study'),
  series: columnsAt('series'),
  instance: columnsAt('instance'),
};

/** The attributes that are kept in a header whatever their length, by their JSON names. */
export const headerAttributes: ReadonlySet<string> = new Set([
  ...Object.values(tag),
  ...alsoKept,
  ...levels.flatMap((level) => read[level].map((each) => each.tag)),
]);

/** What the index keeps of a header. */
export const columnsOf = (json: DicomJson): HeaderColumns => ({
  patient: columnsIn(json, 'patient'),
  study: { ...columnsIn(json, 'study'), ...personIn(json) },
  series: columnsIn(json, 'series'),
  instance: columnsIn(json, 'instance'),
});

const persons = Object.entries(personColumns).map(([keyword, name]) => ({ name, tag: tagOfKeyword(keyword) }));

const personIn = (json: DicomJson): PersonColumns =>
  Object.fromEntries(persons.map(({ name, tag }) => [name, text(json, tag)])) as PersonColumns; // by the table's own names

function columnsIn<L extends Level>(json: DicomJson, level: L): Columns<L> {
  const columns: Record<string, string | number | undefined> = {};
  for (const each of read[level]) columns[each.name] = each.whole ? whole(json, each.tag) : text(json, each.tag);
  return columns as Columns<L>; // the table gives both its names and its types
}

/**
 * The header of an instance from its DICOM JSON. Throws dicom/uid-missing, dicom/uid-invalid; dicom/directory for a
 * DICOMDIR, which is not an instance.
 */
export function instanceHeader(json: DicomJson, transferSyntax: string, guessedCharset: boolean): InstanceHeader {
  const sopClassUid = text(json, tag.sopClassUid);
  if (sopClassUid === uids.mediaDirectory || '00041220' in json) throw new PeerError('dicom/directory');
  const columns = columnsOf(json);
  return {
    transferSyntax,
    sopClassUid: mustBeUid(sopClassUid, 'SOPClassUID'),
    sopInstanceUid: mustBeUid(text(json, tag.sopInstanceUid), 'SOPInstanceUID'),
    studyUid: mustBeUid(text(json, tag.studyUid), 'StudyInstanceUID'),
    seriesUid: mustBeUid(text(json, tag.seriesUid), 'SeriesInstanceUID'),
    columns,
    patient: { ...columns.patient, ...present({ id: text(json, tag.patientId), issuer: text(json, tag.issuer) }) },
    study: columns.study,
    series: columns.series,
    instance: { ...columns.instance, ...imageOf(json) },
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

function imageOf(json: DicomJson) {
  const moment = text(json, tag.acquisitionDateTime);
  const imageType = json[tag.imageType]?.Value?.map((value) => plain(value) ?? '');
  return present({
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

const text = (json: DicomJson, which: string): string | undefined => plain(json[which]?.Value?.[0]);

function whole(json: DicomJson, which: string): number | undefined {
  const value = json[which]?.Value?.[0];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
