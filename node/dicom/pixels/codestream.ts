// What a compressed frame says of itself. The codecs trust the size that they are told, so it is compared first.

export interface Codestream {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Bits of a sample. */
  readonly precision: number;
}

export interface JpegStream extends Codestream {
  /** SOF marker's last byte: c0 baseline, c1 extended, c2 progressive, c3 lossless, f7 JPEG-LS. */
  readonly process: number;
  /** Components have different sampling: only luminance and chrominance are stored so. */
  readonly subsampled: boolean;
  readonly jfif: boolean;
  /** The Adobe marker's colour transform: 0 none, 1 YCbCr. */
  readonly adobe: number | undefined;
  /** JPEG-LS: 0 one component after the other, 1 by line, 2 by sample. */
  readonly interleave: number;
}

/** A JPEG or JPEG-LS frame up to its first scan; undefined when it is none. */
export function jpegStream(bytes: Uint8Array): JpegStream | undefined {
  let at = 2;
  let [jfif, adobe, interleave] = [false, undefined as number | undefined, 0];
  let frame: Omit<JpegStream, 'jfif' | 'adobe' | 'interleave'> | undefined;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || at + 2 + length > bytes.length || marker === 0xd9) return undefined;
    if (isFrame(marker)) frame = frameOf(marker, segment);
    if (marker === 0xe0 && isText(segment, 'JFIF')) jfif = true;
    if (marker === 0xee && isText(segment, 'Adobe')) adobe = segment[11];
    if (marker === 0xda) {
      if (frame?.process === 0xf7) interleave = segment[segment.length - 2] ?? 0;
      return frame && { ...frame, jfif, adobe, interleave };
    }
    at += 2 + length;
  }
  return undefined;
}

const isText = (segment: Uint8Array, text: string): boolean =>
  [...text].every((letter, i) => segment[i] === letter.charCodeAt(0));

// SOF0-SOF15 without DHT (c4), JPG (c8) and DAC (cc); SOF55 is JPEG-LS.
const isFrame = (marker: number): boolean =>
  marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);

function frameOf(process: number, segment: Uint8Array) {
  if (segment.length < 6) return undefined;
  const [precision, high, low, wide, narrow, components] = segment;
  const factors = Array.from({ length: components! }, (_, i) => segment[7 + i * 3]);
  return {
    ...{ process, precision: precision!, components: components! },
    rows: (high! << 8) | low!,
    columns: (wide! << 8) | narrow!,
    subsampled: factors.some((factor) => factor !== factors[0]),
  };
}

export interface Jpeg2000Stream extends Codestream {
  readonly signed: boolean;
  /** Components have different depths, signs or sampling. */
  readonly uneven: boolean;
  /** A reversible or irreversible transform between the first three components. */
  readonly colourTransform: boolean;
}

/** A JPEG 2000 or HTJ2K codestream, in a JP2 file or bare; undefined when it is none (ISO/IEC 15444-1 A.5.1). */
export function jpeg2000Stream(bytes: Uint8Array): Jpeg2000Stream | undefined {
  const start = codestreamStart(bytes);
  if (start === undefined || start + 44 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const [components, at] = [view.getUint16(40), 42];
  if (components < 1 || at + components * 3 > view.byteLength) return undefined;
  const each = Array.from({ length: components }, (_, i) => [0, 1, 2].map((j) => view.getUint8(at + i * 3 + j)));
  const [depth = 0, dx = 0, dy = 0] = each[0]!;
  return {
    rows: view.getUint32(12) - view.getUint32(20),
    columns: view.getUint32(8) - view.getUint32(16),
    components,
    precision: (depth & 0x7f) + 1,
    signed: (depth & 0x80) !== 0,
    uneven: dx !== 1 || dy !== 1 || each.some((one) => one[0] !== depth || one[1] !== dx || one[2] !== dy),
    colourTransform: colourTransform(view, 4 + view.getUint16(4)),
  };
}

function codestreamStart(bytes: Uint8Array): number | undefined {
  const isStart = (at: number) =>
    bytes[at] === 0xff && bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff && bytes[at + 3] === 0x51;
  if (isStart(0)) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const [length, type] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === 0x6a703263) return isStart(at + (length === 1 ? 16 : 8)) ? at + (length === 1 ? 16 : 8) : undefined;
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}

function colourTransform(view: DataView, from: number): boolean {
  for (let at = from; at + 4 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker === 0xff52 && at + 9 <= view.byteLength) return view.getUint8(at + 8) !== 0;
    if (marker === 0xff90 || marker < 0xff00) return false;
    at += 2 + view.getUint16(at + 2);
  }
  return false;
}
