// What the index keeps. Stored sealed, as JSON: these are read by this peer alone. What a header fills stands in
// dicom/model/index-attributes.ts (`Columns`); a column that came later is absent in a row of before until a migration.
import type { Demographics } from '../../protocol/person/demographics.ts';
import type { Columns, PersonColumns } from '../dicom/model/index-attributes.ts';
import type { Frames } from '../dicom/read/frames.ts';

/**
 * One identifier of a patient in one system (a URI): normalized in a federation-wide system, without outer blanks in a
 * local one. `unchecked`: its check digits don't hold or aren't known; `placeholder`: it is nobody's. `written`: as the
 * first instance spelled it, where that differs; DICOM is answered so.
 */
export interface Identifier {
  readonly system: string;
  readonly value: string;
  readonly status: 'checked' | 'unchecked' | 'placeholder';
  readonly written?: string | undefined;
  /** Another person has this number here too, since then; `apart`: a person says that both are right. Not told to others. */
  readonly doubt?: { readonly since: number; readonly apart?: true } | undefined;
}

/** A person here: any number of identifiers, one record. Names as decoded UTF-8 PN component groups. */
export interface PatientRecord extends Partial<Columns<'patient'>> {
  readonly id: string;
  readonly identifiers: readonly Identifier[];
  /** The name was read by a guess: its character set was not declared, or is another than was. */
  readonly guessedName?: true | undefined;
  /** What a person has said to be the same person, though it contradicts. */
  readonly also?: readonly Demographics[] | undefined;
}

/** One series of a study. Its row names it by `order`: series stand in the order in which they came. */
export interface SeriesRecord extends Partial<Columns<'series'>> {
  readonly order: number;
  readonly uid: string;
  /** SOP classes of its instances. */
  readonly sopClasses?: readonly string[] | undefined;
  readonly instances: number;
  readonly bytes: number;
}

/** One study. Dates and times as in DICOM (DA, TM); `received` and `changed` in unix ms. */
export interface StudyRecord extends Partial<Columns<'study'>>, Partial<PersonColumns> {
  /** 16 random bytes, hex: what the database calls it. */
  readonly id: string;
  /** 16 random bytes, hex: what others call it in summaries and requests. */
  readonly ref: string;
  readonly uid: string;
  readonly patient: string;
  /** `copy`: everything here came from another member. */
  readonly origin: 'origin' | 'copy';
  readonly received: number;
  readonly changed: number;
  readonly series: readonly SeriesRecord[];
}

export interface InstanceRecord extends Partial<Columns<'instance'>> {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntax: string;
  readonly seriesUid: string;
  readonly study: string;
  /** The member whose grant brought it; absent for our own. */
  readonly source?: string | undefined;
  /** Generation of the series key that seals it. */
  readonly generation: number;
  readonly objectId: string;
  readonly sealedLength: number;
  readonly plainLength: number;
  /** Where the data set starts in the Part 10 file, and BLAKE3 of the data set, hex. */
  readonly datasetOffset: number;
  readonly digest: string;
  readonly frames: Frames;
  readonly received: number;
  /** Text of its header was read by a guess: its character set was not declared, or is another than was. */
  readonly guessedCharset?: true | undefined;
}

/** Keys of one study: our own study key, and series keys that grants of others brought. */
export interface StudyKeysRecord {
  readonly studyKey?: string | undefined;
  /** Generation of the series keys for what is added now; 1 if absent. */
  readonly generation?: number | undefined;
  /** When the first grant that handed out this generation's keys ends (unix ms): after that a new one begins. */
  readonly sharedUntil?: number | undefined;
  readonly granted: Readonly<Record<string, string>>;
}

/** What we last published under one tag. */
export interface Publication {
  readonly tag: string;
  readonly epoch: number;
  readonly generation: number;
  readonly patient: string;
  readonly identifier: { readonly system: string; readonly value: string };
  readonly incarnation: number;
  readonly seq: number;
  readonly state: 'holds' | 'withdrawn';
  readonly made: number;
  readonly freshUntil: number;
  /** Key of the sealed summary, hex; absent where existence is all that is told. */
  readonly key?: string | undefined;
  readonly record: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeRecord = (record: unknown): Uint8Array => encoder.encode(JSON.stringify(record));

export const decodeRecord = <T>(bytes: Uint8Array): T => JSON.parse(decoder.decode(bytes)) as T;
