// Stored values to shades of gray: modality LUT, then VOI LUT or window (PS3.3 C.11.1, C.11.2), then the polarity.
import { sampleBytes, unpacked } from './layout.ts';
import type { PixelFrame, PixelShape } from './shape.ts';

export interface Lut {
  /** The stored value that the first entry stands for. */
  readonly first: number;
  /** Bits of an entry. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

export interface Window {
  readonly center: number;
  readonly width: number;
  readonly function: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
}

export interface GrayRecipe {
  readonly modality: { readonly slope: number; readonly intercept: number } | { readonly lut: Lut };
  /** Absent: the range of values that the frame has; of images of 8 bits and less the range that they could have. */
  readonly voi?: { readonly window: Window } | { readonly lut: Lut };
  /** MONOCHROME1 and the like: the lowest value is white. */
  readonly invert: boolean;
  /** Stored values from the first to the second are no pixels: they become black, and count for no range. */
  readonly padding?: readonly [number, number];
}

type Read = (index: number) => number;

/** One byte a pixel, 0 is black. */
export function grayBytes(frame: PixelFrame, recipe: GrayRecipe): Uint8Array {
  const { shape } = frame;
  const count = shape.rows * shape.columns;
  const read = reader(frame);
  const out = new Uint8Array(count);
  const shade = shades(shape, recipe, () => range(read, count, recipe));
  const bits = Math.min(shape.bitsStored, shape.bitsAllocated);
  if (shape.number === 'integer' && bits <= 16) {
    // one sum for each value that there can be, not for each pixel
    const lowest = shape.signed ? -(2 ** (bits - 1)) : 0;
    const table = Uint8Array.from({ length: 2 ** bits }, (_, i) => shade(lowest + i));
    for (let i = 0; i < count; i += 1) out[i] = table[read(i) - lowest]!;
  } else for (let i = 0; i < count; i += 1) out[i] = shade(read(i));
  return out;
}

/** The stored value of a pixel, without what stands above and below its bits. */
function reader({ shape, pixels }: PixelFrame): Read {
  const { bitsAllocated, bitsStored, highBit, signed, number } = shape;
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (number === 'float') return (index) => view.getFloat32(index * 4, true);
  if (number === 'double') return (index) => view.getFloat64(index * 8, true);
  if (bitsAllocated === 1) {
    const bytes = unpacked(pixels, shape.rows * shape.columns);
    return (index) => bytes[index]!;
  }
  if (bitsAllocated === 64) {
    return (index) => Number(signed ? view.getBigInt64(index * 8, true) : view.getBigUint64(index * 8, true));
  }
  const size = sampleBytes(shape);
  const raw =
    size === 1
      ? (i: number) => view.getUint8(i)
      : size === 2
        ? (i: number) => view.getUint16(i * 2, true)
        : (i: number) => view.getInt32(i * 4, true);
  const [up, down] = [31 - highBit, 32 - bitsStored];
  return signed ? (index) => (raw(index) << up) >> down : (index) => ((raw(index) << up) >>> down) >>> 0;
}

function range(read: Read, count: number, { padding }: GrayRecipe): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i += 1) {
    const value = read(i);
    if (!Number.isFinite(value) || isPadding(value, padding)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

const isPadding = (value: number, padding: readonly [number, number] | undefined): boolean =>
  padding !== undefined && value >= padding[0] && value <= padding[1];

function shades(shape: PixelShape, recipe: GrayRecipe, found: () => [number, number]): (stored: number) => number {
  const { modality, invert, padding } = recipe;
  const real =
    'lut' in modality
      ? (stored: number) => entry(modality.lut, stored)
      : (stored: number) => stored * modality.slope + modality.intercept;
  const level = levels(shape, recipe, real, found);
  return (stored) => {
    if (isPadding(stored, padding)) return 0;
    const part = level(real(stored));
    const shade = Math.round(255 * Math.min(1, Math.max(0, Number.isFinite(part) ? part : 0)));
    return invert ? 255 - shade : shade;
  };
}

/** Values to 0-1. */
function levels(
  shape: PixelShape,
  { voi, modality }: GrayRecipe,
  real: (stored: number) => number,
  found: () => [number, number],
) {
  if (voi !== undefined && 'lut' in voi) {
    const most = 2 ** voi.lut.bits - 1;
    return (value: number) => entry(voi.lut, value) / most;
  }
  if (voi !== undefined) return windowed(voi.window);
  const whole = shape.number === 'integer' && shape.bitsStored <= 8 && !shape.signed && !('lut' in modality);
  const [a, b] = (whole ? [0, 2 ** shape.bitsStored - 1] : found()).map(real) as [number, number];
  const [low, high] = a <= b ? [a, b] : [b, a];
  return (value: number) => (high === low ? 0 : (value - low) / (high - low));
}

const entry = ({ first, entries }: Lut, value: number): number =>
  entries[Math.min(entries.length - 1, Math.max(0, Math.round(value) - first))] ?? 0;

/** PS3.3 C.11.2.1.2 and C.11.2.1.3, for an output from 0 to 1. */
function windowed({ center, width, function: shape }: Window): (value: number) => number {
  if (shape === 'SIGMOID') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (shape === 'LINEAR_EXACT') return (value) => (value - center) / width + 0.5;
  if (width <= 1) return (value) => (value > center - 0.5 ? 1 : 0);
  return (value) => (value - (center - 0.5)) / (width - 1) + 0.5;
}
