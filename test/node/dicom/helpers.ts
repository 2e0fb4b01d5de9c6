// Data sets made by hand, and the readers run over them.

import { uids } from '../../../node/dicom/model/transfer-syntax.ts';
import {
  InstanceReader,
  type InstanceReaderOptions,
  type InstanceSummary,
} from '../../../node/dicom/read/instance-reader.ts';
import { type FileHead, Part10Splitter } from '../../../node/dicom/read/part10.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { type Attributes, elementHeader, writeDataset } from '../../../sim/studies/dataset-writer.ts';

const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
export const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
export const bytes = (...parts: Array<Iterable<number> | string>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])));

export const tagBytes = (tag: number): number[] => [...u16(tag >>> 16), ...u16(tag & 0xffff)];
/** A tag and a 32-bit length: an implicit VR element's header, an item's, a delimiter's. */
export const plainHeader = (tag: number, length: number): number[] => [...tagBytes(tag), ...u32(length)];
export const undefinedLength = 0xffffffff;
export const item = (length: number): number[] => plainHeader(0xfffee000, length);
export const itemEnd = plainHeader(0xfffee00d, 0);
export const sequenceEnd = plainHeader(0xfffee0dd, 0);
export const sequence = (tag: number, length = undefinedLength): number[] => [...elementHeader(tag, 'SQ', length)];
export const encapsulated = (...fragments: Array<readonly number[]>): number[] => [
  ...elementHeader(0x7fe00010, 'OB', undefinedLength),
  ...fragments.flatMap((fragment) => [...item(fragment.length), ...fragment]),
  ...sequenceEnd,
];

/** The identity that every instance needs. */
const identity: Attributes = [
  [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7'],
  [0x00080018, 'UI', '1.2.3.4'],
  [0x0020000d, 'UI', '1.2.3'],
  [0x0020000e, 'UI', '1.2.3.1'],
];

/** Identity and more, in order, explicit VR little endian. */
export function dataset(...more: Attributes): Uint8Array {
  return writeDataset(
    [...new Map([...identity, ...more].map((entry) => [entry[0], entry])).values()].sort(([a], [b]) => a - b),
  );
}

/** Cuts by a repeating list of sizes. */
export function* cut(whole: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < whole.length; i += 1) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    yield whole.subarray(at, at + size);
    at += size;
  }
}

export async function readDataset(
  whole: Uint8Array,
  options: Partial<InstanceReaderOptions> = {},
  sizes: readonly number[] = [whole.length],
): Promise<InstanceSummary> {
  const reader = new InstanceReader({ transferSyntax: uids.explicitLittleEndian, ...options });
  for (const chunk of cut(whole, sizes)) await reader.push(chunk);
  return reader.end();
}

export async function readFile(
  whole: Uint8Array,
  sizes: readonly number[] = [whole.length],
): Promise<{ head: FileHead; summary: InstanceSummary }> {
  const splitter = new Part10Splitter();
  let reader: InstanceReader | undefined;
  const take = async (part: Uint8Array | undefined) => {
    if (!part) return;
    reader ??= new InstanceReader(splitter.head!);
    await reader.push(part);
  };
  for (const chunk of cut(whole, sizes)) await take(splitter.push(chunk));
  await take(splitter.end());
  return { head: splitter.head!, summary: await reader!.end() };
}

/** The code of the PeerError that the work ends in; anything else is thrown on. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return 'none';
}
