// One frame as a picture that any program shows (PS3.18 8.7.4 rendered media types).
import { encode as encodePng } from 'fast-png';
import { must } from '../../../protocol/errors.ts';
import { colourFrame } from './colour.ts';
import { type GrayRecipe, grayBytes, type Lut } from './gray.ts';
import { interleaved, sampleBytes } from './layout.ts';
import { type Raster, scaled, type View } from './scale.ts';
import type { PixelFrame } from './shape.ts';
import type { WasmCodecs } from './wasm-codecs.ts';

export type PictureType = 'image/jpeg' | 'image/png';

/** How to render: plain data, made from the instance's header and what was asked for. */
export interface Recipe {
  readonly type: PictureType;
  /** JPEG, 1 to 100. */
  readonly quality: number;
  readonly view: View;
  /** Of images without colours. */
  readonly gray: GrayRecipe;
  /** Of PALETTE COLOR: red, green and blue. */
  readonly palette?: readonly [Lut, Lut, Lut];
}

export interface RenderedFrame {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** @throws PeerError pixels/unsupported */
export function renderFrame(codecs: WasmCodecs, frame: PixelFrame, recipe: Recipe): RenderedFrame {
  const { type, quality, view } = recipe;
  const { width, height, samples, data } = scaled(raster(frame, recipe), view);
  const shape = { rows: height, columns: width, samples, bitsAllocated: 8, bitsStored: 8, signed: false };
  const bytes =
    type === 'image/png'
      ? encodePng({ width, height, data, channels: samples, depth: 8 })
      : codecs.encode('Jpeg', data, { ...shape, rgb: samples === 3 }, { lossy: true, quality });
  return { type, width, height, bytes };
}

/** Shades or colours of 8 bits. */
function raster(frame: PixelFrame, { gray, palette }: Recipe): Raster {
  const { rows: height, columns: width, samples, photometric } = frame.shape;
  if (photometric === 'PALETTE COLOR' && palette !== undefined) {
    return { width, height, samples: 3, data: paletteColours(frame, palette) };
  }
  if (samples === 1) return { width, height, samples: 1, data: grayBytes(frame, gray) };
  must(samples === 3, 'pixels/unsupported', { samples, photometric });
  return { width, height, samples: 3, data: eightBits(frame) };
}

function eightBits(frame: PixelFrame): Uint8Array {
  const { bitsAllocated, bitsStored, photometric } = frame.shape;
  if (bitsAllocated === 8) return colourFrame(frame).pixels;
  must(photometric === 'RGB', 'pixels/unsupported', { photometric, bitsAllocated });
  const { pixels } = interleaved(frame);
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const size = sampleBytes(frame.shape);
  const most = 2 ** bitsStored - 1;
  return Uint8Array.from({ length: pixels.length / size }, (_, i) => {
    const value = size === 2 ? view.getUint16(i * 2, true) : view.getUint32(i * 4, true);
    return Math.min(255, Math.round((value / most) * 255));
  });
}

function paletteColours(frame: PixelFrame, palette: readonly [Lut, Lut, Lut]): Uint8Array {
  const { rows, columns, bitsAllocated, bitsStored } = frame.shape;
  must(bitsAllocated === 8 || bitsAllocated === 16, 'pixels/unsupported', {
    photometric: 'PALETTE COLOR',
    bitsAllocated,
  });
  const { pixels } = frame;
  const tables = palette.map(({ first, bits, entries }) => {
    const shift = Math.max(0, bits - 8);
    return Uint8Array.from({ length: 2 ** bitsStored }, (_, value) => {
      return (entries[Math.min(entries.length - 1, Math.max(0, value - first))] ?? 0) >> shift;
    });
  });
  const mask = 2 ** bitsStored - 1;
  const out = new Uint8Array(rows * columns * 3);
  for (let i = 0, to = 0; i < rows * columns; i += 1) {
    const value = (bitsAllocated === 8 ? pixels[i]! : pixels[i * 2]! | (pixels[i * 2 + 1]! << 8)) & mask;
    for (const table of tables) out[to++] = table[value]!;
  }
  return out;
}
