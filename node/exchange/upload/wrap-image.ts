// Pictures and videos of no device as DICOM images: Secondary Capture (PS3.3 A.8) and Video Photographic (A.32.7).
import { inflateSync } from 'node:zlib';
import { type DecodedPng, decode } from 'fast-png';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { jpegInfo } from '../../dicom/media/jpeg-info.ts';
import { mp4Info } from '../../dicom/media/mp4-info.ts';
import { attribute, sequence } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { uids } from '../../dicom/model/transfer-syntax.ts';
import type { Spool } from './spool.ts';

/** What is particular of one picture; whose it is and when it came stands around it. */
export interface WrappedImage {
  readonly sopClassUid: string;
  readonly modality: string;
  readonly transferSyntax: string;
  readonly attributes: DicomJson;
  /** Pixel data that stand instead of the file's own bytes. */
  readonly pixels?: Uint8Array;
  readonly pixelVr: 'OB' | 'OW';
}

const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
const videoPhotographic = '1.2.840.10008.5.1.4.1.1.77.1.4.1';

interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly bits: 8 | 16;
  readonly stored: number;
  readonly photometric: string;
}

const pixelModule = ({ rows, columns, samples, bits, stored, photometric }: Shape): DicomJson => ({
  '00280002': attribute('US', samples),
  '00280004': attribute('CS', photometric),
  ...(samples > 1 && { '00280006': attribute('US', 0) }),
  '00280010': attribute('US', rows),
  '00280011': attribute('US', columns),
  '00280100': attribute('US', bits),
  '00280101': attribute('US', stored),
  '00280102': attribute('US', stored - 1),
  '00280103': attribute('US', 0),
  // nobody has looked whether a name can be read in it
  '00280301': attribute('CS', 'YES'),
});

const lossy = (raw: number, coded: number, method: string): DicomJson => ({
  '00282110': attribute('CS', '01'),
  '00282112': attribute('DS', Math.max(1, Math.round((raw / coded) * 100) / 100)),
  '00282114': attribute('CS', method),
});

const capture: DicomJson = {
  '00080008': attribute('CS', 'DERIVED', 'SECONDARY'),
  '00080064': attribute('CS', 'WSD'),
  '00200020': attribute('CS'),
  '00200060': attribute('CS'),
};

/** The file's bytes as they are. @throws PeerError import/content */
export async function jpegPicture(file: Spool): Promise<WrappedImage> {
  const info = jpegInfo(await file.bytes());
  must(info !== undefined, 'import/content');
  const { rows, columns, components, bits, photometric, transferSyntax } = info;
  const shape = { rows, columns, samples: components, bits: bits > 8 ? 16 : 8, stored: bits, photometric } as const;
  const raw = rows * columns * components * (shape.bits / 8);
  const loss = info.lossy ? lossy(raw, file.length, 'ISO_10918_1') : {};
  const attributes = { ...capture, ...pixelModule(shape), ...loss };
  return { sopClassUid: secondaryCapture, modality: 'OT', transferSyntax, attributes, pixelVr: 'OB' };
}

/** Decoded; what is transparent shows white. @throws PeerError import/content, import/too-large */
export async function pngPicture(file: Spool): Promise<WrappedImage> {
  const bytes = await file.bytes();
  must(bytes.length > 33 && chunkType(bytes, 8) === 'IHDR', 'import/content');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [columns, rows] = [view.getUint32(16), view.getUint32(20)];
  // before a byte is inflated: a file of 1 kB can claim 2^31 x 2^31 pixels
  must(rows * columns * 8 <= limits.wrapPixelBytes * 2 && rows <= 65535 && columns <= 65535, 'import/too-large');
  const png = decodedPng(bytes);
  const gray = png.channels <= 2 && png.palette === undefined;
  const deep = gray && png.depth === 16;
  const pixels = gray ? grayPixels(png, deep) : colourPixels(png);
  const shape = {
    ...{ rows, columns, samples: gray ? 1 : 3, photometric: gray ? 'MONOCHROME2' : 'RGB' },
    ...({ bits: deep ? 16 : 8, stored: deep ? 16 : 8 } as const),
  };
  const attributes = { ...capture, ...pixelModule(shape) };
  return {
    ...{ sopClassUid: secondaryCapture, modality: 'OT', transferSyntax: uids.explicitLittleEndian },
    ...{ attributes, pixels, pixelVr: deep ? 'OW' : 'OB' },
  };
}

const chunkType = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');

function decodedPng(bytes: Uint8Array): DecodedPng {
  try {
    const png = decode(criticalChunks(bytes), { checkCrc: true });
    const { width, height, channels, depth, data } = png;
    const stride = depth >= 8 ? width * channels : Math.ceil((width * depth) / 8);
    must(data.length >= stride * height, 'import/content');
    return png;
  } catch (cause) {
    // the decoder throws plain errors, and only for what is wrong with the file
    throw new PeerError('import/content', {}, { cause });
  }
}

/**
 * The chunks that the pixels depend on, once it is known that they inflate to no more than the header says: the decoder
 * itself has no such limit, and would inflate texts and profiles too.
 */
function criticalChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const packed: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    must(end <= bytes.length, 'import/content');
    const type = chunkType(bytes, at);
    must(type !== 'IHDR' || at === 8, 'import/content'); // a second one would be another size
    if (/^(IHDR|PLTE|tRNS|IDAT|IEND)$/.test(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IDAT') packed.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  const [columns, rows] = [view.getUint32(16), view.getUint32(20)];
  inflateSync(Buffer.concat(packed), { maxOutputLength: rows * columns * 8 + 16 * (rows + columns) });
  return Buffer.concat(kept);
}

/** Samples of 1, 2 or 4 bits stand several in a byte, each row from a new byte on. */
function sample(png: DecodedPng, row: number, index: number): number {
  const { depth, width, channels, data } = png;
  if (depth >= 8) return data[row * width * channels + index]!;
  const stride = Math.ceil((width * depth) / 8);
  const bit = index * depth;
  const byte = data[row * stride + (bit >> 3)]!;
  return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

const overWhite = (value: number, alpha: number, most: number): number =>
  Math.round((value * alpha + most * (most - alpha)) / most);

function grayPixels(png: DecodedPng, deep: boolean): Uint8Array {
  const { width, height, channels, depth } = png;
  const most = 2 ** depth - 1;
  const out = Buffer.alloc(width * height * (deep ? 2 : 1));
  for (let row = 0, at = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, at += 1) {
      const value = sample(png, row, column * channels);
      const shown = channels === 2 ? overWhite(value, sample(png, row, column * 2 + 1), most) : value;
      if (deep) out.writeUInt16LE(shown, at * 2);
      else out[at] = Math.round((shown * 255) / most);
    }
  }
  return out;
}

function colourPixels(png: DecodedPng): Uint8Array {
  const { width, height, channels, depth, palette } = png;
  const out = new Uint8Array(width * height * 3);
  const most = 2 ** depth - 1;
  for (let row = 0, at = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, at += 3) {
      const first = column * channels;
      const entry = palette?.[sample(png, row, first)];
      must(palette === undefined || entry !== undefined, 'import/content');
      for (let i = 0; i < 3; i += 1) {
        const alpha = entry === undefined ? (channels === 4 ? sample(png, row, first + 3) : most) : (entry[3] ?? 255);
        const value = entry === undefined ? sample(png, row, first + i) : entry[i]!;
        const top = entry === undefined ? most : 255;
        out[at + i] = Math.round((overWhite(value, alpha, top) * 255) / top);
      }
    }
  }
  return out;
}

const code = (value: string, scheme: string, meaning: string): DicomJson => ({
  '00080100': attribute('SH', value),
  '00080102': attribute('SH', scheme),
  '00080104': attribute('LO', meaning),
});

/** The file's bytes as they are: the container belongs to the transfer syntax. @throws PeerError import/content */
export async function videoPicture(file: Spool): Promise<WrappedImage> {
  const info = await mp4Info(file);
  must(info !== undefined, 'import/content');
  const { rows, columns, frames, duration, transferSyntax, method } = info;
  const frameTime = duration / frames;
  const attributes: DicomJson = {
    '00080008': attribute('CS', 'ORIGINAL', 'PRIMARY'),
    '00082218': sequence(code('38266002', 'SCT', 'Entire body')),
    '00180040': attribute('IS', Math.max(1, Math.round(1000 / frameTime))),
    '00181063': attribute('DS', Number(frameTime.toPrecision(10))),
    '00200020': attribute('CS'),
    '00280008': attribute('IS', frames),
    '00280009': attribute('AT', '00181063'),
    '00400555': sequence(),
    ...pixelModule({ rows, columns, samples: 3, bits: 8, stored: 8, photometric: 'YBR_PARTIAL_420' }),
    ...lossy(rows * columns * 3 * frames, file.length, method),
  };
  return { sopClassUid: videoPhotographic, modality: 'XC', transferSyntax, attributes, pixelVr: 'OB' };
}
