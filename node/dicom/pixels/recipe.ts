// How an instance wants its frames shown: its windows, LUTs and palettes, whether they stand in the data set itself or in
// the functional groups of one frame (PS3.3 C.7.6.16).
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { bulkRange, type DicomJson, type JsonAttribute } from '../model/json.ts';
import { transferSyntax } from '../model/transfer-syntax.ts';
import type { GrayRecipe, Lut, Window } from './gray.ts';
import type { PictureType, Recipe } from './render.ts';
import type { View } from './scale.ts';
import type { PixelShape } from './shape.ts';
import { type StoredInstance, storedRange } from './source.ts';
import { swapped } from './stored-bytes.ts';

export interface RenderingRequest {
  readonly type: PictureType;
  readonly quality?: number;
  readonly window?: Window;
  readonly view?: View;
}

/** @throws PeerError pixels/too-large, pixels/unsupported when a palette is broken */
export async function recipe(
  stored: StoredInstance,
  shape: PixelShape,
  frame: number,
  asked: RenderingRequest,
): Promise<Recipe> {
  const sets = attributeSets(stored.header, frame);
  const base = { type: asked.type, quality: asked.quality ?? 90, view: asked.view ?? {} };
  const gray = await grayRecipe(stored, shape, sets, asked.window);
  if (shape.photometric !== 'PALETTE COLOR') return { ...base, gray };
  const [red, green, blue] = await Promise.all(
    ['01', '02', '03'].map((end) => paletteLut(stored, stored.header[`002811${end}`], end)),
  );
  must(red && green && blue, 'pixels/unsupported', { reason: 'the palette is missing' });
  return { ...base, gray, palette: [red, green, blue] };
}

/** Where to look for a value, first to last: the frame's own functional groups, the shared ones, the data set. */
function attributeSets(header: DicomJson, frame: number): DicomJson[] {
  const groups = [items(header, '52009230')[frame], items(header, '52009229')[0]];
  const inside = groups.flatMap((group) =>
    group === undefined ? [] : [...items(group, '00289132'), ...items(group, '00289145')],
  );
  return [...inside, header];
}

const items = (json: DicomJson, tag: string): DicomJson[] => (json[tag]?.Value ?? []) as DicomJson[];

async function grayRecipe(
  stored: StoredInstance,
  shape: PixelShape,
  sets: readonly DicomJson[],
  window: Window | undefined,
): Promise<GrayRecipe> {
  const first = (tag: string) => numbers(sets.find((set) => set[tag]?.Value !== undefined)?.[tag])[0];
  const shown = window ?? storedWindow(sets);
  const voi = shown === undefined ? await sequenceLut(stored, '00283010') : undefined;
  const modality = await sequenceLut(stored, '00283000');
  const padding = first('00280120');
  const invert = shape.photometric === 'MONOCHROME1' || stored.header['20500020']?.Value?.[0] === 'INVERSE';
  return {
    modality: modality ? { lut: modality } : { slope: first('00281053') || 1, intercept: first('00281052') ?? 0 },
    ...(shown && { voi: { window: shown } }),
    ...(voi && { voi: { lut: voi } }),
    invert,
    ...(padding !== undefined && { padding: paddingRange(padding, first('00280121')) }),
  };
}

const paddingRange = (one: number, other = one): [number, number] => [Math.min(one, other), Math.max(one, other)];

function storedWindow(sets: readonly DicomJson[]): Window | undefined {
  const set = sets.find((each) => each['00281050']?.Value !== undefined);
  const [center, width] = [numbers(set?.['00281050'])[0], numbers(set?.['00281051'])[0]];
  if (center === undefined || width === undefined || width <= 0) return undefined;
  const named = set?.['00281056']?.Value?.[0];
  return { center, width, function: named === 'SIGMOID' || named === 'LINEAR_EXACT' ? named : 'LINEAR' };
}

const numbers = (attribute: JsonAttribute | undefined): number[] =>
  (attribute?.Value ?? []).filter((value) => typeof value === 'number');

async function sequenceLut(stored: StoredInstance, tag: string): Promise<Lut | undefined> {
  const item = items(stored.header, tag)[0];
  return item && lut(stored, numbers(item['00283002']), item['00283006']);
}

async function paletteLut(stored: StoredInstance, descriptor: JsonAttribute | undefined, end: string) {
  const { header } = stored;
  const segmented = header[`002812${Number(end) + 20}`];
  const whole = header[`002812${end}`];
  if (whole !== undefined || segmented === undefined) return lut(stored, numbers(descriptor), whole);
  const [count = 0, first = 0, bits = 16] = numbers(descriptor);
  const words = await words16(stored, segmented);
  return words && { first, bits, entries: expanded(words, count || 65536) };
}

/** @param descriptor number of entries (0 is 65536), first stored value, bits (PS3.3 C.11.1.1.1) */
async function lut(stored: StoredInstance, descriptor: readonly number[], data: JsonAttribute | undefined) {
  const [count = 0, first = 0, bits = 16] = descriptor;
  const length = count || 65536;
  if (data?.Value !== undefined) return { first, bits, entries: Uint16Array.from(numbers(data)) };
  const bytes = data && (await valueBytes(stored, data));
  if (bytes === undefined || bytes.length < length) return undefined;
  // entries of 8 bits may be packed, two a word
  const entries =
    bytes.length < length * 2
      ? Uint16Array.from(bytes.subarray(0, length))
      : Uint16Array.from({ length }, (_, i) => bytes[i * 2]! | (bytes[i * 2 + 1]! << 8));
  return { first, bits: bytes.length < length * 2 ? 8 : scaledBits(entries, bits), entries };
}

// Palettes that name 16 bits and use 8 are as frequent as those that use all: the highest entry tells.
const scaledBits = (entries: Uint16Array, bits: number): number =>
  bits > 8 && entries.every((entry) => entry < 256) ? 8 : bits;

async function words16(stored: StoredInstance, attribute: JsonAttribute): Promise<number[] | undefined> {
  if (attribute.Value !== undefined) return numbers(attribute);
  const bytes = await valueBytes(stored, attribute);
  return bytes && Array.from({ length: bytes.length >> 1 }, (_, i) => bytes[i * 2]! | (bytes[i * 2 + 1]! << 8));
}

/** A value's bytes, little-endian, wherever the header has them. @throws PeerError pixels/too-large */
async function valueBytes(
  stored: StoredInstance,
  { InlineBinary, BulkDataURI }: JsonAttribute,
): Promise<Uint8Array | undefined> {
  if (InlineBinary !== undefined) return Buffer.from(InlineBinary, 'base64');
  const range = BulkDataURI === undefined ? undefined : bulkRange(BulkDataURI);
  if (range === undefined) return undefined;
  must(range.length <= limits.pixelTableBytes, 'pixels/too-large', { length: range.length });
  const unit = transferSyntax(stored.transferSyntax).littleEndian ? 1 : 2;
  const chunks: Uint8Array[] = [];
  for await (const chunk of swapped(storedRange(stored, range), unit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A segmented palette's entries (PS3.3 C.7.9.2): runs that stand there, straight lines, and copies of earlier ones. */
function expanded(words: readonly number[], count: number): Uint16Array {
  const out = new Uint16Array(count);
  let filled = 0;
  const put = (value: number) => {
    if (filled < count) out[filled++] = value;
  };
  const segments = (from: number, most: number, depth: number): void => {
    for (let at = from, n = 0; at + 1 < words.length && n < most && filled < count; n += 1) {
      const [kind, length] = [words[at]!, words[at + 1]!];
      if (kind === 0) {
        for (let i = 0; i < length; i += 1) put(words[at + 2 + i] ?? 0);
        at += 2 + length;
      } else if (kind === 1) {
        const [start, end] = [out[filled - 1] ?? 0, words[at + 2] ?? 0];
        for (let i = 1; i <= length; i += 1) put(Math.round(start + ((end - start) * i) / length));
        at += 3;
      } else if (kind === 2 && depth === 0) {
        segments((words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 65536, length, 1);
        at += 4;
      } else return;
    }
  };
  segments(0, Number.POSITIVE_INFINITY, 0);
  return out;
}
