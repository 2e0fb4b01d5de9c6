// Small files of the kinds that become DICOM objects, made by hand.
import { encode } from 'fast-png';

export const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

/** A binary STL of one triangle. */
export function stl(): Buffer {
  const bytes = Buffer.alloc(84 + 50);
  bytes.writeUInt32LE(1, 80);
  for (const [i, value] of [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0].entries()) bytes.writeFloatLE(value, 84 + 4 * i);
  return bytes;
}

export const png = (channels: 1 | 2 | 3 | 4, depth: 8 | 16, width = 5, height = 3): Uint8Array => {
  const length = width * height * channels;
  const data = depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  for (let i = 0; i < length; i += 1) data[i] = (i * 7919) % (depth === 8 ? 256 : 65536);
  return encode({ width, height, channels, depth, data });
};

const u16 = (value: number) => [value >> 8, value & 255];
const segment = (marker: number, ...content: number[]) => [0xff, marker, ...u16(content.length + 2), ...content];

/** A JPEG's headers, as one of 16 x 8 pixels has them, and a scan of one byte that no decoder was shown. */
export function jpegHead(marker: number, sampling: readonly number[], options: { adobe?: number; bits?: number } = {}) {
  const components = sampling.flatMap((each, i) => [i + 1, each, 0]);
  const adobe =
    options.adobe === undefined ? [] : segment(0xee, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, options.adobe);
  return Uint8Array.from([
    ...[0xff, 0xd8, ...segment(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0), ...adobe],
    ...segment(marker, options.bits ?? 8, ...u16(8), ...u16(16), sampling.length, ...components),
    ...[...segment(0xda, 1, 1, 0, 0, 63, 0), 0, 0xff, 0xd9],
  ]);
}

const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const box = (type: string, ...content: (readonly number[] | Uint8Array)[]): number[] => {
  const inside = content.flatMap((each) => [...each]);
  return [...u32(inside.length + 8), ...Buffer.from(type, 'latin1'), ...inside];
};

export interface Mp4Options {
  readonly coding?: 'avc1' | 'hvc1' | 'mp4v';
  readonly profile?: number;
  readonly level?: number;
  readonly frames?: number;
}

/** A movie's boxes around a picture stream that no decoder was shown. */
export function mp4({ coding = 'avc1', profile = 100, level = 40, frames = 50 }: Mp4Options = {}): Uint8Array {
  const hevc = [1, profile, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, level, ...Array(10).fill(0)];
  const config = coding === 'hvc1' ? box('hvcC', hevc) : box('avcC', [1, profile, 0, level, 255, 224, 0]);
  const entry = box(coding, Array(24).fill(0), u16(320), u16(240), Array(50).fill(0), config);
  const table = box('stbl', box('stsd', u32(0), u32(1), entry), box('stsz', u32(0), u32(100), u32(frames)));
  const header = box('mdhd', u32(0), u32(0), u32(0), u32(1000), u32(2000), u32(0));
  const sound = box('trak', box('mdia', header));
  const picture = box('trak', box('mdia', header, box('minf', table)));
  return Uint8Array.from([
    ...box('ftyp', Buffer.from('isomiso2avc1mp41')),
    ...box('moov', sound, picture),
    ...box('mdat', Array(5001).fill(7)),
  ]);
}
