// Blanks regions of a frame: what is burned into the pixels there is gone.
import { interleaved, packed, sampleBytes, unpacked } from './layout.ts';
import type { PixelFrame, PixelShape } from './shape.ts';

/** Columns [left, right) and rows [top, bottom) of the image, from 0; what lies outside of it is left out. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The frame with these regions black, samples side by side: YBR_FULL_422 comes back as YBR_FULL. */
export function blankFrame(decoded: PixelFrame, rectangles: readonly Rectangle[]): PixelFrame {
  const { shape, pixels } = interleaved(decoded);
  const { rows, columns, bitsAllocated } = shape;
  const bits = bitsAllocated === 1;
  const out = bits ? unpacked(pixels, rows * columns) : new Uint8Array(pixels);
  const black = bits ? new Uint8Array(1) : blackPixel(shape);
  for (const { left, top, right, bottom } of rectangles) {
    const [from, to] = [Math.max(0, Math.floor(left)), Math.min(columns, Math.ceil(right))];
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(rows, Math.ceil(bottom)); row += 1) {
      for (let column = from; column < to; column += 1) out.set(black, (row * columns + column) * black.length);
    }
  }
  return { shape, pixels: bits ? packed(out, rows * columns) : out };
}

/** MONOCHROME1's black is its highest value; of YBR only the light is dark. */
function blackPixel(shape: PixelShape): Uint8Array {
  const { samples, bitsAllocated, bitsStored, signed, photometric, number } = shape;
  const size = sampleBytes(shape);
  const pixel = new Uint8Array(size * samples);
  if (number !== 'integer') return pixel;
  const view = new DataView(pixel.buffer);
  const write = (at: number, value: bigint) => {
    for (let i = 0; i < size; i += 1) view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
  };
  const bits = BigInt(Math.min(bitsStored, bitsAllocated));
  const middle = 1n << (bits - 1n);
  if (samples === 1) {
    const [lowest, highest] = signed ? [-middle, middle - 1n] : [0n, (middle << 1n) - 1n];
    // a signed image may have 0 in its middle; a palette's first entry is as good as any
    write(0, photometric === 'MONOCHROME1' ? highest : photometric === 'PALETTE COLOR' ? 0n : lowest);
  } else if (photometric.startsWith('YBR')) {
    for (let sample = 1; sample < samples; sample += 1) write(sample * size, middle);
  }
  return pixel;
}
