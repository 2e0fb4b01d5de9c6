// What is sent: made-up studies, or the readable files of a folder. Data sets are read when they are needed, so that a
// folder may be larger than memory.

import { transferSyntax, uids } from '../../node/dicom/model/transfer-syntax.ts';
import { type DatasetRange, type Frames, frameRanges } from '../../node/dicom/read/frames.ts';
import type { InstanceHeader } from '../../node/dicom/read/instance-header.ts';
import { InstanceReader } from '../../node/dicom/read/instance-reader.ts';
import { type SyntheticOptions, syntheticStudies } from '../studies/studies.ts';

/** Where a data set's bytes come from. */
interface Source {
  /** All of it. */
  read(): AsyncIterable<Uint8Array>;
  /** Some ranges, one after the other. */
  ranges(ranges: readonly DatasetRange[]): Promise<Uint8Array>;
}

/** An instance that can be sent. */
export interface Sendable extends Source {
  /** What people know it by. */
  readonly name: string;
  readonly header: InstanceHeader;
  /** The first frame, if DICOMweb can give one. */
  readonly frame: FirstFrame | undefined;
}

/** Where the first frame stands in the data set. */
interface FirstFrame {
  readonly ranges: readonly DatasetRange[];
  /** False: DICOMweb gives it in another form than it is stored in (big endian, packed bits). */
  readonly asStored: boolean;
}

/** What could not be sent or was not taken, and why. */
export interface Refused {
  readonly name: string;
  readonly reason: string;
}

/** The patient of the made-up studies; the number is a valid IDNP that nobody has. */
export const patient = {
  id: '2004001234567',
  name: 'Munteanu^Ștefania',
  birthDate: '19580412',
  sex: 'F',
} as const;

/** A CT of 120 slices, an MR and a CR for one hospital, and an older CR for another. */
export async function synthetic(): Promise<{ readonly first: Sendable[]; readonly second: Sendable[] }> {
  const older = { ct: 0, mr: 0, cr: 1 };
  return {
    first: await madeUp({ seed: 1, patient }),
    second: await madeUp({ seed: 2, patient, slices: older, date: '20240520' }),
  };
}

async function madeUp(options: SyntheticOptions): Promise<Sendable[]> {
  const all: Sendable[] = [];
  for (const { dataset, transferSyntax, modality } of syntheticStudies(options)) {
    const part = ({ offset, length }: DatasetRange) => dataset.subarray(offset, offset + length);
    const source = {
      async *read() {
        yield dataset;
      },
      ranges: async (ranges: readonly DatasetRange[]) => Buffer.concat(ranges.map(part)),
    };
    all.push(await described(`${modality} ${all.length + 1}`, { transferSyntax }, source));
  }
  return all;
}

/** Reads a data set to its end. @throws PeerError dicom/* when it can't be read or doesn't say which instance it is */
export async function described(
  name: string,
  head: { readonly transferSyntax: string; readonly guessedSyntax?: boolean },
  source: Source,
): Promise<Sendable> {
  const reader = new InstanceReader(head);
  for await (const chunk of source.read()) await reader.push(chunk);
  const { header, frames } = await reader.end();
  return { name, header, frame: firstFrame(frames, head.transferSyntax), ...source };
}

/** GE's private syntax is little-endian but for its pixels. */
const bigEndian = (uid: string): boolean => uid === uids.explicitBigEndian || uid === '1.2.840.113619.5.2';

function firstFrame(frames: Frames, syntax: string): FirstFrame | undefined {
  const found = frameRanges(frames, 0);
  if (found === undefined) return undefined;
  const packed = frames.kind === 'native' && frames.frameBits % 8 !== 0;
  return { ranges: found.ranges, asStored: transferSyntax(syntax).encapsulated || !(packed || bigEndian(syntax)) };
}
