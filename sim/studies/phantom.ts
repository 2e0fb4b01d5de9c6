// Pictures that look a little like anatomy: ellipses with noise on top, so that they don't compress away.

/** xorshift32 (Marsaglia 2003): fast, and the same pixels on every machine. `next` gives 32 bits. */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 0x9e3779b9;
  }

  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
}

/** Centre and radii as parts of the picture's width and height; `value` in stored pixel values. */
interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly value: number;
}

export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly background: number;
  /** Later ones cover earlier ones. */
  readonly ellipses: readonly Ellipse[];
  /** Bits of each of the two uniform numbers whose sum is the noise: 5 gives a spread of 13. At most 8. */
  readonly noiseBits: number;
  readonly maximum: number;
}

/** 16-bit little-endian pixels. */
export function renderPicture(picture: Picture, noise: Noise): Uint8Array {
  const pixels = new Uint16Array(picture.rows * picture.columns).fill(picture.background);
  for (const ellipse of picture.ellipses) fillEllipse(pixels, picture, ellipse);
  addNoise(pixels, picture, noise);
  return new Uint8Array(pixels.buffer);
}

function fillEllipse(pixels: Uint16Array, { rows, columns }: Picture, { x, y, rx, ry, value }: Ellipse): void {
  const top = Math.max(0, Math.ceil((y - ry) * rows));
  const bottom = Math.min(rows - 1, Math.floor((y + ry) * rows));
  for (let row = top; row <= bottom; row += 1) {
    const part = (row / rows - y) / ry;
    const half = rx * Math.sqrt(Math.max(0, 1 - part * part));
    const from = Math.max(0, Math.round((x - half) * columns));
    const to = Math.min(columns, Math.round((x + half) * columns));
    if (to > from) pixels.fill(value, row * columns + from, row * columns + to);
  }
}

// One draw serves two pixels: four uniform numbers of up to 8 bits.
function addNoise(pixels: Uint16Array, { noiseBits, maximum }: Picture, noise: Noise): void {
  const mask = (1 << noiseBits) - 1;
  for (let i = 0; i + 1 < pixels.length; i += 2) {
    const draw = noise.next();
    const a = pixels[i]! + (draw & mask) + ((draw >>> 8) & mask) - mask;
    const b = pixels[i + 1]! + ((draw >>> 16) & mask) + ((draw >>> 24) & mask) - mask;
    pixels[i] = a < 0 ? 0 : a > maximum ? maximum : a;
    pixels[i + 1] = b < 0 ? 0 : b > maximum ? maximum : b;
  }
}
