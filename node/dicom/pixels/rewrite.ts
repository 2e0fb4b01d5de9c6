// Writes a stored data set again in explicit or implicit VR little endian, while it is read: memory is one value. Text
// stays in its character set, sequences get undefined lengths, and some attributes of the top level may change.

import { limits } from '../../../protocol/limits.ts';
import type { DatasetHandler, ElementEvent, FragmentEvent, OpenEvent } from '../model/dataset-events.ts';
import { isPixelData, tags } from '../model/tags.ts';
import { transferSyntax } from '../model/transfer-syntax.ts';
import { hasLongForm, type Vr } from '../model/vr.ts';
import { DatasetReader } from '../read/dataset-reader.ts';
import type { DatasetRange } from '../read/frames.ts';
import { type StoredInstance, storedRange } from './source.ts';
import { swapped, unitOf } from './stored-bytes.ts';

/** What an attribute of the top level becomes; undefined: it goes. Values are little-endian and of even length. */
export type Changes = ReadonlyMap<number, { readonly vr: Vr; readonly value: Uint8Array } | undefined>;

export interface RewriteOptions {
  readonly explicit: boolean;
  readonly changes: Changes;
}

/** A piece of output, or a range of stored bytes that swap by `unit`. */
type Piece = Uint8Array | { readonly range: DatasetRange; readonly unit: number };

const undefinedLength = 0xffffffff;
const shortMost = 0xfffe;
const trailingPadding = 0xfffcfffc;
const iconImage = 0x00880200;
const bytesAtOnce = 64 * 1024;

/** The header of an element, as it is written. */
export function elementHeader(tag: number, vr: Vr, length: number, explicit: boolean): Buffer {
  const long = explicit && (hasLongForm(vr) || length > shortMost);
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  if (!explicit) head.writeUInt32LE(length, 4);
  else if (long) {
    // what is too long for its VR's 16 bits is written as UN (PS3.5 6.2.2)
    head.write(hasLongForm(vr) ? vr : 'UN', 4, 'latin1');
    head.writeUInt32LE(length, 8);
  } else {
    head.write(vr, 4, 'latin1');
    head.writeUInt16LE(length, 6);
  }
  return head;
}

export const itemHeader = (tag: number, length: number): Buffer => elementHeader(tag, '', length, false);

/**
 * The data set without its pixel data; `pixels`, a whole element, stands where that was.
 * @throws PeerError dicom/* when what is stored cannot be read
 */
export async function* rewritten(
  stored: StoredInstance,
  options: RewriteOptions,
  pixelRange: DatasetRange | undefined,
  pixels: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const writer = new Writer(options);
  yield* through(stored, writer, { offset: 0, length: pixelRange?.offset ?? end(stored) });
  writer.changesBelow(tags.pixelData);
  yield* output(stored, writer);
  yield* pixels;
  if (pixelRange !== undefined) yield* after(stored, writer, pixelRange);
  writer.changesBelow(Number.POSITIVE_INFINITY);
  yield* output(stored, writer);
}

/** What follows the pixel data. */
async function* after(
  stored: StoredInstance,
  writer: Writer,
  { offset, length }: DatasetRange,
): AsyncGenerator<Uint8Array> {
  const delimiter = transferSyntax(stored.transferSyntax).encapsulated ? 8 : 0;
  const start = offset + length + delimiter;
  if (start + 8 > end(stored)) return;
  writer.base = start;
  yield* through(stored, writer, { offset: start, length: end(stored) - start });
}

/** Where the data set ends; of one that is deflated no more is known than that it is shorter. */
const end = ({ transferSyntax: syntax, length }: StoredInstance): number =>
  transferSyntax(syntax).deflated ? limits.dicomInflatedBytes : length;

async function* through(stored: StoredInstance, writer: Writer, range: DatasetRange): AsyncGenerator<Uint8Array> {
  const { explicit, littleEndian } = transferSyntax(stored.transferSyntax);
  const reader = new DatasetReader(
    { encoding: { explicit, littleEndian }, valueBytes: limits.pixelValueBytes },
    writer,
  );
  for await (const chunk of storedRange(stored, range)) {
    reader.push(chunk);
    yield* output(stored, writer);
  }
}

async function* output(stored: StoredInstance, writer: Writer): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for (const piece of writer.taken()) {
    if (piece instanceof Uint8Array) {
      waiting.push(piece);
      size += piece.length;
      if (size < bytesAtOnce) continue;
    }
    if (size > 0) yield Buffer.concat(waiting);
    [waiting, size] = [[], 0];
    if (!(piece instanceof Uint8Array)) yield* swapped(storedRange(stored, piece.range), piece.unit);
  }
  if (size > 0) yield Buffer.concat(waiting);
}

class Writer implements DatasetHandler {
  /** Where the reader's offsets count from. */
  base = 0;
  readonly #explicit: boolean;
  readonly #changes: Changes;
  readonly #coming: [number, { readonly vr: Vr; readonly value: Uint8Array } | undefined][];
  #pieces: Piece[] = [];
  #depth = 0;
  /** Depth of a sequence that is left out; 0 while none is. */
  #dropped = 0;

  constructor({ explicit, changes }: RewriteOptions) {
    this.#explicit = explicit;
    this.#changes = changes;
    this.#coming = [...changes].sort(([a], [b]) => a - b);
  }

  taken(): Piece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Writes the changed attributes that come before `tag`. */
  changesBelow(tag: number): void {
    while (this.#coming.length > 0 && this.#coming[0]![0] < tag) {
      const [which, change] = this.#coming.shift()!;
      if (change !== undefined) this.#value(which, change.vr, change.value);
    }
  }

  element({ tag, vr, offset, length, value, littleEndian }: ElementEvent): void {
    if (this.#skips(tag)) return;
    const unit = littleEndian ? 1 : unitOf(vr);
    if (value !== undefined) {
      this.#value(tag, vr, turned(value, unit));
      return;
    }
    this.#pieces.push(elementHeader(tag, vr, length, this.#explicit));
    this.#pieces.push({ range: { offset: this.base + offset, length }, unit });
  }

  sequenceStart({ tag }: OpenEvent): void {
    this.#depth += 1;
    if (this.#dropped === 0 && this.#depth === 1 && this.#skips(tag, 1)) this.#dropped = 1;
    if (this.#dropped === 0) this.#pieces.push(elementHeader(tag, 'SQ', undefinedLength, this.#explicit));
  }

  sequenceEnd(): void {
    this.#delimiter(tags.sequenceEnd);
    this.#depth -= 1;
    if (this.#depth < this.#dropped) this.#dropped = 0;
  }

  itemStart(): void {
    if (this.#dropped === 0) this.#pieces.push(itemHeader(tags.item, undefinedLength));
  }

  itemEnd(): void {
    this.#delimiter(tags.itemEnd);
  }

  fragmentsStart({ tag }: OpenEvent): void {
    if (this.#depth > 0 && this.#dropped === 0) this.#pieces.push(elementHeader(tag, 'OB', undefinedLength, true));
  }

  fragment({ offset, length }: FragmentEvent): void {
    if (this.#depth === 0 || this.#dropped > 0) return;
    this.#pieces.push(itemHeader(tags.item, length));
    if (length > 0) this.#pieces.push({ range: { offset: this.base + offset, length }, unit: 1 });
  }

  fragmentsEnd(): void {
    if (this.#depth > 0) this.#delimiter(tags.sequenceEnd);
  }

  #delimiter(tag: number): void {
    if (this.#dropped === 0) this.#pieces.push(itemHeader(tag, 0));
  }

  /** Whether this attribute isn't written as it is stored. */
  #skips(tag: number, depth = 0): boolean {
    if (this.#dropped > 0) return true;
    if ((tag & 0xffff) === 0) return true; // group lengths would be wrong now
    if (this.#depth > depth) return false;
    this.changesBelow(tag);
    const pixels = isPixelData(tag) || tag === tags.extendedOffsetTable || tag === tags.extendedOffsetTableLengths;
    if (pixels || tag === trailingPadding) return true;
    return this.#changes.has(tag) || (tag === iconImage && this.#changes.size > 0);
  }

  #value(tag: number, vr: Vr, value: Uint8Array): void {
    const odd = value.length % 2;
    this.#pieces.push(elementHeader(tag, vr, value.length + odd, this.#explicit), value);
    if (odd === 1) this.#pieces.push(Uint8Array.of(vr === 'UI' || vr.startsWith('O') || vr === 'UN' ? 0 : 0x20));
  }
}

/** A copy, little-endian. */
function turned(value: Uint8Array, unit: number): Uint8Array {
  const out = Buffer.from(value);
  const whole = out.subarray(0, out.length - (out.length % unit));
  if (unit === 2) whole.swap16();
  else if (unit === 4) whole.swap32();
  else if (unit === 8) whole.swap64();
  return out;
}
