// One frame, as any transfer syntax stores it, to its samples. Colours stay what they are unless decoding is bound to
// change them: JPEG's and JPEG 2000's own transforms are undone, and the photometric interpretation says so.
import { inflateRawSync } from 'node:zlib';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { transferSyntax, uids } from '../model/transfer-syntax.ts';
import { type Codestream, type JpegStream, jpeg2000Stream, jpegStream } from './codestream.ts';
import { allocated, byPixel } from './layout.ts';
import { decodeRle } from './rle.ts';
import { frameLength, type PixelFrame, type PixelShape } from './shape.ts';
import type { CodecFrame, WasmCodecs } from './wasm-codecs.ts';

const dicom = '1.2.840.10008.1.2';
type Decoder = (codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape) => PixelFrame;

const decoders = new Map<string, Decoder>([
  [uids.rle, rle],
  [`${dicom}.8.1`, deflatedFrame],
  [`${dicom}.1.98`, (_codecs, bytes, shape) => raw(bytes, shape)],
  ...['50', '51', '53', '55', '57', '70'].map((end): [string, Decoder] => [`${dicom}.4.${end}`, jpeg]),
  ...['80', '81'].map((end): [string, Decoder] => [`${dicom}.4.${end}`, jpegLs]),
  ...['90', '91', '92', '93', '201', '202', '203'].map((end): [string, Decoder] => [`${dicom}.4.${end}`, jpeg2000]),
  ...['110', '111', '112'].map((end): [string, Decoder] => [`${dicom}.4.${end}`, jpegXl]),
]);

/** Whether frames of this transfer syntax can be decoded at all. */
export const decodable = (syntax: string): boolean => !transferSyntax(syntax).encapsulated || decoders.has(syntax);

/**
 * `bytes` of an uncompressed frame are its samples, little-endian and from the first bit of the first byte.
 * @throws PeerError pixels/unsupported, pixels/corrupt, pixels/too-large
 */
export function decodePixelFrame(codecs: WasmCodecs, syntax: string, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  must(bytes.length <= limits.pixelFrameBytes, 'pixels/too-large', { length: bytes.length });
  if (!transferSyntax(syntax).encapsulated) return raw(bytes, shape);
  const decode = decoders.get(syntax);
  must(decode !== undefined, 'pixels/unsupported', { transferSyntax: syntax });
  must(shape.number === 'integer', 'pixels/unsupported', { reason: 'compressed numbers that are no integers' });
  return decode(codecs, bytes, shape);
}

function raw(bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const length = frameLength(shape);
  must(bytes.length >= length, 'pixels/corrupt', { length: bytes.length, expected: length });
  return { shape, pixels: bytes.subarray(0, length) };
}

function deflatedFrame(_codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  try {
    return raw(inflateRawSync(bytes, { maxOutputLength: frameLength(shape) + 2 }), shape);
  } catch (cause) {
    if (cause instanceof PeerError) throw cause;
    throw new PeerError('pixels/corrupt', { codec: 'deflate' }, { cause });
  }
}

function rle(_codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const { rows, columns, samples, bitsAllocated } = shape;
  // bits stay packed under the runs (PS3.5 8.2.2)
  const planes = bitsAllocated === 1 ? { count: frameLength(shape), samples: 1, size: 1 } : undefined;
  const pixels = decodeRle(bytes, planes ?? { count: rows * columns, samples, size: bitsAllocated / 8 });
  return { shape: { ...shape, planar: 0, photometric: unshared(shape.photometric) }, pixels };
}

const unshared = (photometric: string): string => (photometric === 'YBR_FULL_422' ? 'YBR_FULL' : photometric);

function jpeg(codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const stream = sameSize(jpegStream(bytes), shape, 'jpeg');
  const toRgb = stream.components === 3 && stream.process !== 0xc3 && isYcc(stream, shape);
  const decoded = codecs.decode('Jpeg', bytes, codecFrame(stream, shape), toRgb);
  const photometric = toRgb ? 'RGB' : unshared(shape.photometric);
  return {
    shape: { ...shape, planar: 0, photometric },
    pixels: allocated(decoded, stream.precision, false, shape),
  };
}

// Encoders have named RGB what they stored as YCbCr, and the other way round: the file's own markers know better.
function isYcc({ adobe, jfif, subsampled }: JpegStream, { photometric }: PixelShape): boolean {
  if (adobe !== undefined) return adobe === 1;
  return jfif || subsampled || photometric.startsWith('YBR');
}

function jpegLs(codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const stream = sameSize(jpegStream(bytes), shape, 'jpeg-ls');
  must(stream.process === 0xf7, 'pixels/corrupt', { codec: 'jpeg-ls' });
  const decoded = codecs.decode('JpegLs', bytes, codecFrame(stream, shape), false);
  const planes = stream.interleave === 0 && stream.components > 1;
  const pixels = planes ? byPixel(decoded, stream.components, stream.precision <= 8 ? 1 : 2) : decoded;
  return {
    shape: { ...shape, planar: 0, photometric: unshared(shape.photometric) },
    pixels: allocated(pixels, stream.precision, false, shape),
  };
}

function jpeg2000(codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const stream = sameSize(jpeg2000Stream(bytes), shape, 'jpeg2000');
  const { components, precision, uneven, signed, colourTransform } = stream;
  // what the codec's glue can hand out: one component up to 16 bits, three up to 8
  const known = !uneven && ((components === 1 && precision <= 16) || (components === 3 && precision <= 8));
  must(known, 'pixels/unsupported', { codec: 'jpeg2000', components, precision, uneven });
  const decoded = codecs.decode('Jpeg2000', bytes, codecFrame(stream, shape), false);
  const transformed = components === 3 && (colourTransform || /^YBR_(RCT|ICT)$/.test(shape.photometric));
  const photometric = transformed ? 'RGB' : unshared(shape.photometric);
  const pixels = allocated(decoded, precision, signed, shape);
  if (signed !== shape.signed && precision < shape.bitsAllocated) resign(pixels, precision, shape);
  return { shape: { ...shape, planar: 0, photometric }, pixels };
}

// The codestream and the instance disagree on the sign: the bits are right, what stands above them is not.
function resign(pixels: Uint8Array, precision: number, { bitsAllocated, signed }: PixelShape): void {
  if (bitsAllocated !== 16) return;
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const shift = 32 - precision;
  for (let at = 0; at + 2 <= pixels.length; at += 2) {
    const value = view.getUint16(at, true);
    view.setUint16(at, (signed ? (value << shift) >> shift : (value << shift) >>> shift) & 0xffff, true);
  }
}

function jpegXl(codecs: WasmCodecs, bytes: Uint8Array, shape: PixelShape): PixelFrame {
  const precision = shape.bitsAllocated <= 8 ? 8 : 16;
  const stream = { ...shape, components: shape.samples, precision };
  const decoded = codecs.decode('JpegXl', bytes, codecFrame(stream, shape), false);
  const photometric = shape.samples === 3 ? 'RGB' : shape.photometric;
  return { shape: { ...shape, planar: 0, photometric }, pixels: allocated(decoded, precision, false, shape) };
}

function sameSize<T extends Codestream>(stream: T | undefined, shape: PixelShape, codec: string): T {
  must(stream !== undefined, 'pixels/corrupt', { codec });
  const { rows, columns, components, precision } = stream;
  const same = rows === shape.rows && columns === shape.columns && components === shape.samples;
  must(same && precision >= 1 && precision <= 16, 'pixels/corrupt', { codec, rows, columns, components, precision });
  return stream;
}

const codecFrame = ({ precision }: Codestream, { rows, columns, samples, signed }: PixelShape): CodecFrame => ({
  ...{ rows, columns, samples, rgb: false },
  bitsAllocated: precision <= 8 ? 8 : 16,
  bitsStored: precision,
  // libjpeg's glue refuses colours that are signed; the other codecs ask their own header
  signed: signed && samples === 1,
});
