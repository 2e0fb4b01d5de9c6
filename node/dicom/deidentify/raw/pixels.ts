// Blanking rectangles, and overlays hidden in unused bits, in native pixel data while they flow by.
import { must, PeerError } from '../../../../protocol/errors.ts';

/** Pixels of every frame, counted from the upper left corner, 0 first. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PixelLayout {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samples: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  /** 1: each sample's plane by itself. */
  readonly planar: number;
  readonly photometric: string;
}

/** Runs of bytes of one frame that are blanked, in their order, and with what. */
interface Run {
  readonly from: number;
  readonly to: number;
}

export interface Blanking {
  readonly frameBytes: number;
  readonly frames: number;
  readonly runs: readonly Run[];
  /** By the byte's place in a pixel: chroma is 128 where there is none. */
  readonly fill: Uint8Array;
  /** Bits of each two-byte cell that hold the pixel; the others may hold an overlay. */
  readonly mask: number | undefined;
}

/** How to blank the regions. @throws PeerError deid/regions, deid/pixels */
export function blankingOf(layout: PixelLayout, regions: readonly Region[], hidden: boolean): Blanking {
  const { rows, columns, frames, samples, bitsAllocated, photometric, planar } = layout;
  const whole = rows > 0 && columns > 0 && samples > 0 && (bitsAllocated === 8 || bitsAllocated % 16 === 0);
  must(whole && !photometric.includes('_42'), 'deid/pixels');
  const cell = bitsAllocated / 8;
  const planes = planar === 1 ? samples : 1;
  const pixel = planar === 1 ? cell : cell * samples;
  const plane = rows * columns * pixel;
  const runs: Run[] = [];
  for (const { x, y, width, height } of regions) {
    const inside = [x, y, width, height].every(Number.isSafeInteger) && x >= 0 && y >= 0 && width > 0 && height > 0;
    must(inside && x + width <= columns && y + height <= rows, 'deid/regions');
    for (let p = 0; p < planes; p++) {
      for (let row = y; row < y + height; row++) {
        const from = p * plane + (row * columns + x) * pixel;
        runs.push({ from, to: from + width * pixel });
      }
    }
  }
  runs.sort((a, b) => a.from - b.from);
  const chroma = photometric.startsWith('YBR') && cell === 1 && planar !== 1;
  const fill = chroma ? Uint8Array.of(0, 128, 128) : new Uint8Array(pixel);
  return { frameBytes: plane * planes, frames, runs, fill, mask: hidden ? maskOf(layout) : undefined };
}

function maskOf({ bitsAllocated, bitsStored, highBit }: PixelLayout): number {
  const low = highBit - bitsStored + 1;
  must(bitsAllocated === 16 && low >= 0 && highBit < 16, 'deid/pixels');
  return (((1 << bitsStored) - 1) << low) & 0xffff;
}

/** The pixel data, blanked, little-endian; `from` of it was not asked for. @throws PeerError dicom/truncated */
export async function* blanked(source: AsyncIterable<Uint8Array>, blanking: Blanking): AsyncGenerator<Uint8Array> {
  const { frameBytes, frames, runs, fill, mask } = blanking;
  let at = 0;
  for await (const chunk of source) {
    const bytes = new Uint8Array(chunk); // the source's own bytes stay as they are
    for (let frame = Math.floor(at / frameBytes); frame * frameBytes < at + bytes.length; frame++) {
      if (frame < frames) blankFrame(bytes, at - frame * frameBytes, runs, fill);
    }
    if (mask !== undefined) maskBytes(bytes, at, mask);
    at += bytes.length;
    yield bytes;
  }
  if (at < frameBytes * frames) throw new PeerError('dicom/truncated', { offset: at });
}

/** `start` is the place of the first byte in the frame; negative when the frame begins within the bytes. */
function blankFrame(bytes: Uint8Array, start: number, runs: readonly Run[], fill: Uint8Array): void {
  for (const { from, to } of runs) {
    if (from >= start + bytes.length) return;
    for (let at = Math.max(from, start); at < Math.min(to, start + bytes.length); at++) {
      bytes[at - start] = fill[(at - from) % fill.length]!;
    }
  }
}

function maskBytes(bytes: Uint8Array, at: number, mask: number): void {
  for (let i = 0; i < bytes.length; i++) bytes[i]! &= (at + i) % 2 === 0 ? mask & 0xff : mask >>> 8;
}
