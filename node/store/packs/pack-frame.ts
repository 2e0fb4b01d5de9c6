// What stands before each object in a pack: which object, where it and its note are, and a hash that tells a whole entry
// from what a crash has left.
import type { Bulk } from '../../../protocol/bulk.ts';
import { concat, equal, hex, uintBytes, unhex, utf8 } from '../../../protocol/bytes.ts';

/** Which of the two comes first behind the frame: the note by itself, or the object, when it was written while it arrived. */
export type PackLayout = 'note-first' | 'object-first';

const magics: Record<PackLayout, Uint8Array> = { 'note-first': utf8('DNPACK1\n'), 'object-first': utf8('DNPACK2\n') };
const magicBytes = 8;
const checkBytes = 16;

// magic, note length (4), object length (6), object id (32), hash of all that and the note (16)
const fieldsBytes = magicBytes + 4 + 6 + 32;
export const packFrameBytes = fieldsBytes + checkBytes;

/** Where an object lies; `at` and `length` in bytes. */
export interface PackPlace {
  readonly pack: number;
  readonly at: number;
  readonly length: number;
}

export interface PackFrame {
  readonly layout: PackLayout;
  readonly objectId: string;
  /** Lengths in bytes; the note as it is stored, sealed. */
  readonly noteLength: number;
  readonly length: number;
  /** Whether a note is the one that the frame was made for. */
  readonly fits: (note: Uint8Array) => boolean;
}

export function packFrame(
  layout: PackLayout,
  { objectId, note, length }: { objectId: string; note: Uint8Array; length: number },
  bulk: Pick<Bulk, 'blake3'>,
): Uint8Array {
  const fields = concat(magics[layout], uintBytes(note.length, 4), uintBytes(length, 6), unhex(objectId));
  return concat(fields, check(fields, note, bulk));
}

/** Undefined for what is no frame. @param bytes of a frame's length */
export function readPackFrame(bytes: Buffer, bulk: Pick<Bulk, 'blake3'>): PackFrame | undefined {
  const magic = bytes.subarray(0, magicBytes);
  const layout = (Object.keys(magics) as PackLayout[]).find((each) => equal(magics[each], magic));
  if (layout === undefined) return undefined;
  const fields = bytes.subarray(0, fieldsBytes);
  return {
    layout,
    noteLength: bytes.readUIntBE(magicBytes, 4),
    length: bytes.readUIntBE(magicBytes + 4, 6),
    objectId: hex(bytes.subarray(magicBytes + 10, fieldsBytes)),
    fits: (note) => equal(check(fields, note, bulk), bytes.subarray(fieldsBytes)),
  };
}

const check = (fields: Uint8Array, note: Uint8Array, bulk: Pick<Bulk, 'blake3'>): Uint8Array =>
  bulk.blake3(concat(fields, note)).subarray(0, checkBytes);
