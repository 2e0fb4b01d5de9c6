// Where the frames of an instance's pixel data stand in its data set (PS3.5 8.2, A.4).
import type { Frames } from '../../../protocol/manifest/frames.ts';

export type { Frames };

export interface DatasetRange {
  readonly offset: number;
  readonly length: number;
}

export const frameCount = (frames: Frames): number =>
  frames.kind === 'native' ? frames.count : frames.kind === 'fragments' ? frames.starts.length : 0;

/** The byte ranges of a frame (0 is the first), and the bit where it starts in the first byte: 0 unless bit-packed. */
export function frameRanges(frames: Frames, index: number): { ranges: DatasetRange[]; bitOffset: number } | undefined {
  if (index < 0 || index >= frameCount(frames)) return undefined;
  if (frames.kind === 'native') {
    const start = frames.frameBits * index;
    const offset = Math.floor(start / 8);
    const length = Math.ceil((start + frames.frameBits) / 8) - offset;
    return { ranges: [{ offset: frames.offset + offset, length }], bitOffset: start % 8 };
  }
  if (frames.kind !== 'fragments') return undefined;
  const { offsets, lengths, starts } = frames;
  const ranges: DatasetRange[] = [];
  const end = starts[index + 1] ?? offsets.length;
  for (let i = starts[index]!; i < end; i += 1) ranges.push({ offset: offsets[i]!, length: lengths[i]! });
  return { ranges, bitOffset: 0 };
}

export interface ImageShape {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly photometric: string;
  readonly frames: number;
}

/** Native pixel data by the image's shape. YBR_FULL_422 stores two samples a pixel (PS3.3 C.7.6.3.1.2). */
export function nativeFrames(value: DatasetRange, shape: ImageShape): Frames {
  const samples = shape.photometric === 'YBR_FULL_422' ? 2 : shape.samplesPerPixel;
  const frameBits = shape.rows * shape.columns * samples * shape.bitsAllocated;
  const needed = Math.ceil((frameBits * shape.frames) / 8);
  const sound = Number.isSafeInteger(needed) && needed > 0 && needed <= value.length;
  if (!sound) return { kind: 'unknown', reason: 'length' };
  return { kind: 'native', offset: value.offset, frameBits, count: shape.frames };
}

export interface FragmentTable {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  /** Which fragments begin as a compressed image does (JPEG's SOI, JPEG 2000's SOC). */
  readonly markers: readonly number[];
  /** Offsets of frames from the first fragment's item tag: the Extended or Basic Offset Table; empty when there is none. */
  readonly table: readonly number[];
}

/** Encapsulated pixel data: by offset table, a fragment a frame, all for one frame, or markers, whichever first fits. */
export function fragmentFrames({ offsets, lengths, markers, table }: FragmentTable, count: number): Frames {
  const starts = byTable(offsets, table, count) ?? byCount(offsets, count) ?? byMarker(markers, count);
  return starts ? { kind: 'fragments', offsets, lengths, starts } : { kind: 'unknown', reason: 'fragments' };
}

function byTable(offsets: readonly number[], table: readonly number[], count: number): number[] | undefined {
  if (table.length !== count || table[0] !== 0) return undefined;
  const first = offsets[0]!;
  const starts: number[] = [];
  let fragment = 0;
  for (const wanted of table) {
    while (fragment < offsets.length && offsets[fragment]! - first < wanted) fragment += 1;
    if (fragment >= offsets.length || offsets[fragment]! - first !== wanted) return undefined;
    if (starts.length > 0 && starts[starts.length - 1] === fragment) return undefined;
    starts.push(fragment);
  }
  return starts;
}

function byCount(offsets: readonly number[], count: number): number[] | undefined {
  if (offsets.length === count) return offsets.map((_, index) => index);
  return count === 1 && offsets.length > 0 ? [0] : undefined;
}

const byMarker = (markers: readonly number[], count: number): number[] | undefined =>
  markers.length === count && markers[0] === 0 ? [...markers] : undefined;
