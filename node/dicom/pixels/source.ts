// Where the frames of one instance come from: its header and its stored data set.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { bulkRange, type DicomJson } from '../model/json.ts';
import { transferSyntax, uids } from '../model/transfer-syntax.ts';
import { type DatasetRange, type Frames, frameCount, frameRanges, nativeFrames } from '../read/frames.ts';
import { type PixelShape, pixelShape } from './shape.ts';
import { aligned, inflatedRange, swapped, unitOf } from './stored-bytes.ts';

/** An instance as it is stored. */
export interface StoredInstance {
  readonly transferSyntax: string;
  readonly frames: Frames;
  /** Its DICOM JSON, with the placeholders of json.ts for long values. */
  readonly header: DicomJson;
  /** Length of the data set in bytes. */
  readonly length: number;
  /** Bytes [from, to) of the data set as it is stored. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** What access/study-reader.ts gives of an instance. */
interface InstancePart {
  readonly transferSyntax: string;
  readonly frames: Frames;
  readonly datasetOffset: number;
  readonly plainLength: number;
}

interface ReaderPart {
  header(instance: InstancePart): Promise<Uint8Array>;
  read(instance: InstancePart, from?: number, to?: number): AsyncIterable<Uint8Array>;
}

/** An instance that somebody was let in to (access/guard.ts). */
export async function storedInstance(reader: ReaderPart, instance: InstancePart): Promise<StoredInstance> {
  const { transferSyntax, frames, datasetOffset, plainLength } = instance;
  return {
    ...{ transferSyntax, frames, length: plainLength - datasetOffset },
    header: JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson,
    read: (from, to) => reader.read(instance, datasetOffset + from, datasetOffset + to),
  };
}

/** Values [offset, offset + length) of the data set: as it inflates where it is a deflated one. */
export function storedRange(stored: StoredInstance, { offset, length }: DatasetRange): AsyncIterable<Uint8Array> {
  if (!transferSyntax(stored.transferSyntax).deflated) return stored.read(offset, offset + length);
  return inflatedRange(stored.read(0, stored.length), offset, offset + length);
}

/** The frames of the instance: of a deflated data set, too. */
export function storedFrames(stored: StoredInstance, shape: PixelShape): Frames {
  if (stored.frames.kind !== 'unknown' || stored.frames.reason !== 'deflated') return stored.frames;
  const { header } = stored;
  const placeholder = (header['7FE00010'] ?? header['7FE00008'] ?? header['7FE00009'])?.BulkDataURI;
  const range = placeholder === undefined ? undefined : bulkRange(placeholder);
  const frames = header['00280008']?.Value?.[0];
  const count = typeof frames === 'number' && frames > 0 ? frames : 1;
  if (range === undefined) return stored.frames;
  return nativeFrames(range, { ...shape, samplesPerPixel: shape.samples, frames: count });
}

/** The pixels of an instance, a frame at a time. */
export interface PixelSource {
  readonly transferSyntax: string;
  readonly shape: PixelShape;
  readonly count: number;
  /**
   * One frame (0 is the first) as pixels/decode.ts takes it, in memory of its own.
   * @throws PeerError http/frames, pixels/too-large, pixels/corrupt
   */
  frame(index: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** @throws PeerError pixels/none, pixels/unsupported, pixels/too-large, http/frames when frames cannot be told */
export function pixelSource(stored: StoredInstance): PixelSource {
  const shape = pixelShape(stored.header);
  const frames = storedFrames(stored, shape);
  const count = frameCount(frames);
  must(count > 0, 'http/frames', { frames: 0 });
  return {
    transferSyntax: stored.transferSyntax,
    shape,
    count,
    frame: (index) => frameOf(stored, frames, shape, index),
  };
}

async function frameOf(stored: StoredInstance, frames: Frames, shape: PixelShape, index: number) {
  const found = frameRanges(frames, index);
  must(found !== undefined, 'http/frames', { frames: frameCount(frames) });
  const { ranges, bitOffset } = found;
  const length = ranges.reduce((sum, range) => sum + range.length, 0);
  must(length <= limits.pixelFrameBytes, 'pixels/too-large', { length });
  if (frames.kind !== 'native') return collected(concatenated(stored, ranges), length);
  const bits = frames.frameBits;
  const bytes = littleEndian(stored, swapUnit(stored, shape), frames.offset, ranges[0]!);
  if (bits % 8 === 0) return collected(bytes, length);
  return collected(aligned(bytes, bitOffset, bits), Math.ceil(bits / 8));
}

/** A range of a value whose words swap: from whole words, since a frame may end in the middle of one. */
async function* littleEndian(stored: StoredInstance, unit: number, start: number, { offset, length }: DatasetRange) {
  if (unit === 1) return yield* storedRange(stored, { offset, length });
  const before = (offset - start) % unit;
  const whole = before + length + ((unit - ((before + length) % unit)) % unit);
  let skip = before;
  let left = length;
  for await (const chunk of swapped(storedRange(stored, { offset: offset - before, length: whole }), unit)) {
    const piece = chunk.subarray(skip, skip + left);
    skip = Math.max(0, skip - chunk.length);
    left -= piece.length;
    if (piece.length > 0) yield piece;
  }
}

async function* concatenated(stored: StoredInstance, ranges: readonly DatasetRange[]) {
  for (const range of ranges) yield* storedRange(stored, range);
}

/** Whether uncompressed pixels are big-endian. GE's private syntax is little-endian but for them. */
export const bigEndian = (syntax: string): boolean =>
  syntax === uids.explicitBigEndian || syntax === '1.2.840.113619.5.2';

/** Bytes that swap places to make the samples little-endian. */
export function swapUnit(
  { transferSyntax: syntax, header }: StoredInstance,
  { bitsAllocated, number }: PixelShape,
): number {
  if (!bigEndian(syntax)) return 1;
  if (number !== 'integer') return number === 'float' ? 4 : 8;
  // words hold the first of two bytes in their low half, so that they swap as well (PS3.5 8.1.1)
  return bitsAllocated <= 8 ? unitOf(header['7FE00010']!.vr) : bitsAllocated / 8;
}

async function collected(source: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(length);
  let at = 0;
  for await (const chunk of source) {
    must(at + chunk.length <= length, 'pixels/corrupt', { expected: length });
    whole.set(chunk, at);
    at += chunk.length;
  }
  must(at === length, 'pixels/corrupt', { length: at, expected: length });
  return whole;
}
