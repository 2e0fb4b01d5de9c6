// The same samples in another order or width.
import { must } from '../../../protocol/errors.ts';
import { frameLength, type PixelFrame, type PixelShape } from './shape.ts';

/** Bytes of one sample; packed bits count as one. */
export const sampleBytes = ({ bitsAllocated }: Pick<PixelShape, 'bitsAllocated'>): number =>
  Math.ceil(bitsAllocated / 8);

/** Planes `size` bytes a sample put side by side. */
export function byPixel(planes: Uint8Array, samples: number, size: number): Uint8Array {
  const out = new Uint8Array(planes.length);
  const plane = planes.length / samples;
  for (let sample = 0; sample < samples; sample += 1) {
    let from = sample * plane;
    for (let to = sample * size; to < out.length; to += samples * size) {
      for (let i = 0; i < size; i += 1) out[to + i] = planes[from++]!;
    }
  }
  return out;
}

/** The other way round. */
export function byPlane(pixels: Uint8Array, samples: number, size: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  let to = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    for (let from = sample * size; from < pixels.length; from += samples * size) {
      for (let i = 0; i < size; i += 1) out[to++] = pixels[from + i]!;
    }
  }
  return out;
}

/** All samples of a pixel side by side, none shared between pixels: YBR_FULL_422 becomes YBR_FULL. */
export function interleaved({ shape, pixels }: PixelFrame): PixelFrame {
  if (shape.photometric === 'YBR_FULL_422')
    return { shape: { ...shape, photometric: 'YBR_FULL', planar: 0 }, pixels: whole422(pixels) };
  if (shape.planar === 0) return { shape, pixels };
  return { shape: { ...shape, planar: 0 }, pixels: byPixel(pixels, shape.samples, sampleBytes(shape)) };
}

// Y1 Y2 Cb Cr for two pixels (PS3.3 C.7.6.3.1.2); 8 bits only
function whole422(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array((pixels.length / 2) * 3);
  for (let from = 0, to = 0; from + 4 <= pixels.length; from += 4, to += 6) {
    const [first, second, blue, red] = [pixels[from]!, pixels[from + 1]!, pixels[from + 2]!, pixels[from + 3]!];
    out.set([first, blue, red, second, blue, red], to);
  }
  return out;
}

/**
 * What a codec gave, 1 byte a sample up to 8 bits and else 2, as the instance allocates it.
 * @throws PeerError pixels/corrupt when it is more or fewer samples than that
 */
export function allocated(decoded: Uint8Array, precision: number, signed: boolean, shape: PixelShape): Uint8Array {
  const { rows, columns, samples, bitsAllocated } = shape;
  const width = precision <= 8 ? 1 : 2;
  const count = rows * columns * samples;
  must(decoded.length === count * width, 'pixels/corrupt', { length: decoded.length, expected: count * width });
  if (bitsAllocated === 1) return packed(decoded, count, width);
  must(bitsAllocated >= width * 8 && bitsAllocated <= 32, 'pixels/corrupt', { precision, bitsAllocated });
  if (bitsAllocated === width * 8) return decoded;
  const out = new Uint8Array(frameLength(shape));
  const view = new DataView(decoded.buffer, decoded.byteOffset, decoded.byteLength);
  const to = new DataView(out.buffer);
  for (let i = 0; i < count; i += 1) {
    const value = width === 1 ? (signed ? view.getInt8(i) : decoded[i]!) : view.getUint16(i * 2, true);
    if (bitsAllocated === 16) to.setUint16(i * 2, value & 0xffff, true);
    else to.setUint32(i * 4, signed && width === 2 ? (value << 16) >> 16 : value, true);
  }
  return out;
}

/** A bit a pixel, the first the least significant one (PS3.5 8.1.1). */
export function packed(bytes: Uint8Array, count: number, width = 1): Uint8Array {
  const out = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i += 1) if (bytes[i * width] !== 0) out[i >> 3]! |= 1 << (i & 7);
  return out;
}

/** A byte a pixel, 0 or 1. */
export function unpacked(bits: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) out[i] = (bits[i >> 3]! >> (i & 7)) & 1;
  return out;
}
