// Colours to RGB (PS3.3 C.7.6.3.1.2).
import { must } from '../../../protocol/errors.ts';
import { interleaved } from './layout.ts';
import type { PixelFrame } from './shape.ts';

type Triple = (to: Uint8ClampedArray, at: number, first: number, second: number, third: number) => void;

const transforms: Readonly<Record<string, Triple>> = {
  YBR_FULL: (to, at, y, cb, cr) => {
    to[at] = y + 1.402 * (cr - 128);
    to[at + 1] = y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128);
    to[at + 2] = y + 1.772 * (cb - 128);
  },
  YBR_PARTIAL_422: (to, at, y, cb, cr) => {
    const light = 1.1644 * (y - 16);
    to[at] = light + 1.596 * (cr - 128);
    to[at + 1] = light - 0.3918 * (cb - 128) - 0.813 * (cr - 128);
    to[at + 2] = light + 2.0172 * (cb - 128);
  },
};

/** Three samples a pixel of any photometric interpretation as RGB, side by side. @throws PeerError pixels/unsupported */
export function colourFrame(frame: PixelFrame): PixelFrame {
  const { shape, pixels } = interleaved(frame);
  if (shape.photometric === 'RGB') return { shape, pixels };
  const transform = transforms[shape.photometric];
  const known = transform !== undefined && shape.samples === 3 && shape.bitsAllocated === 8;
  must(known, 'pixels/unsupported', { photometric: shape.photometric, bitsAllocated: shape.bitsAllocated });
  const out = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at + 3 <= out.length; at += 3) transform(out, at, pixels[at]!, pixels[at + 1]!, pixels[at + 2]!);
  return { shape: { ...shape, photometric: 'RGB' }, pixels: new Uint8Array(out.buffer) };
}
