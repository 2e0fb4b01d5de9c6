// One frame's samples to a transfer syntax that somebody asks for. What claims to be lossless is decoded again and
// compared before it is given: a codec that cannot do this image right refuses it instead.
import { must, PeerError } from '../../../protocol/errors.ts';
import { uids } from '../model/transfer-syntax.ts';
import { colourFrame } from './colour.ts';
import { decodePixelFrame } from './decode.ts';
import { interleaved, sampleBytes } from './layout.ts';
import { encodeRle } from './rle.ts';
import type { PixelFrame, PixelShape } from './shape.ts';
import type { Codec, CodecFrame, WasmCodecs } from './wasm-codecs.ts';

const dicom = '1.2.840.10008.1.2.4';
export const jpegBaseline = `${dicom}.50`;

const lossless: Readonly<Record<string, Codec>> = {
  [`${dicom}.70`]: 'Jpeg',
  [`${dicom}.80`]: 'JpegLs',
  [`${dicom}.90`]: 'Jpeg2000',
  [`${dicom}.201`]: 'HtJpeg2000',
  [`${dicom}.202`]: 'HtJpeg2000',
};

/** Transfer syntaxes that frames can be encoded in. */
export const encodable: readonly string[] = [uids.rle, ...Object.keys(lossless), jpegBaseline];

export const isLossless = (syntax: string): boolean => syntax !== jpegBaseline;

export interface Encoded {
  readonly bytes: Uint8Array;
  /** What the instance has to say of the pixels now. */
  readonly shape: PixelShape;
}

/** @throws PeerError pixels/cannot-encode, pixels/not-lossless */
export function encodePixelFrame(codecs: WasmCodecs, syntax: string, decoded: PixelFrame, quality = 90): Encoded {
  const frame = interleaved(decoded);
  const { bitsAllocated, number } = frame.shape;
  must(number === 'integer' && bitsAllocated >= 8, 'pixels/cannot-encode', { bitsAllocated, number });
  if (syntax === jpegBaseline) return baseline(codecs, frame, quality);
  const encoded = syntax === uids.rle ? rle(frame) : compressed(codecs, syntax, frame);
  mustBeSame(codecs, syntax, encoded, frame);
  return encoded;
}

function rle({ shape, pixels }: PixelFrame): Encoded {
  const planes = { count: shape.rows * shape.columns, samples: shape.samples, size: sampleBytes(shape) };
  return { bytes: encodeRle(pixels, planes, shape.columns), shape };
}

function compressed(codecs: WasmCodecs, syntax: string, { shape, pixels }: PixelFrame): Encoded {
  const codec = lossless[syntax];
  const { samples, bitsAllocated, photometric } = shape;
  const ours = bitsAllocated <= 16 && (samples === 1 || samples === 3);
  must(codec !== undefined && ours, 'pixels/cannot-encode', { transferSyntax: syntax, samples, bitsAllocated });
  const jpeg2000 = codec === 'Jpeg2000' || codec === 'HtJpeg2000';
  // its glue writes three samples of 8 bits only, and HTJ2K always with the transform that RGB alone may have
  const deep = jpeg2000 && samples === 3 && (bitsAllocated > 8 || (codec === 'HtJpeg2000' && photometric !== 'RGB'));
  must(!deep, 'pixels/cannot-encode', { transferSyntax: syntax, samples, bitsAllocated, photometric });
  const rgb = photometric === 'RGB';
  const bytes = encode(codecs, codec, pixels, codecFrame(codec, shape, pixels));
  return { bytes, shape: jpeg2000 && rgb ? { ...shape, photometric: 'YBR_RCT' } : shape };
}

function encode(codecs: WasmCodecs, codec: Codec, pixels: Uint8Array, frame: CodecFrame): Uint8Array {
  try {
    return codecs.encode(codec, pixels, frame, { lossy: false });
  } catch (error) {
    if (error instanceof PeerError && error.code !== 'pixels/corrupt') throw error;
    throw new PeerError('pixels/cannot-encode', { codec }, { cause: error });
  }
}

function codecFrame(codec: Codec, shape: PixelShape, pixels: Uint8Array): CodecFrame {
  const { rows, columns, samples, signed, photometric } = shape;
  const bits = precision(shape, pixels);
  // OpenJPH's glue takes whole bytes; CharLS takes its precision from what is allocated
  const exact = codec === 'JpegLs' ? bits : bits <= 8 ? 8 : 16;
  const bitsStored = codec === 'HtJpeg2000' ? exact : bits;
  return { ...{ rows, columns, samples, signed, bitsStored }, bitsAllocated: exact, rgb: photometric === 'RGB' };
}

/** Bits that the samples take: what stands above the stored ones (overlays, signs) is to come back as well. */
function precision({ bitsAllocated, bitsStored, signed }: PixelShape, pixels: Uint8Array): number {
  if (bitsAllocated === 8) return 8;
  if (signed) return 16;
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  let used = 0;
  for (let at = 0; at + 2 <= pixels.length; at += 2) used |= view.getUint16(at, true);
  return used >>> bitsStored === 0 ? Math.max(9, bitsStored) : 16;
}

function mustBeSame(codecs: WasmCodecs, syntax: string, { bytes, shape }: Encoded, frame: PixelFrame): void {
  const again = decodePixelFrame(codecs, syntax, bytes, shape);
  const same = Buffer.compare(again.pixels, frame.pixels) === 0 && again.shape.photometric === frame.shape.photometric;
  must(same, 'pixels/not-lossless', { transferSyntax: syntax });
}

function baseline(codecs: WasmCodecs, frame: PixelFrame, quality: number): Encoded {
  const { samples, bitsAllocated, bitsStored, signed, photometric } = frame.shape;
  const ours = bitsAllocated === 8 && bitsStored === 8 && !signed && photometric !== 'PALETTE COLOR';
  must(ours && (samples === 1 || samples === 3), 'pixels/cannot-encode', { samples, bitsAllocated, photometric });
  const { shape, pixels } = samples === 3 ? colourFrame(frame) : frame;
  const bytes = codecs.encode('Jpeg', pixels, { ...shape, rgb: samples === 3 }, { lossy: true, quality });
  return { bytes, shape: samples === 3 ? { ...shape, photometric: 'YBR_FULL_422' } : shape };
}
