// Instances in another transfer syntax than they are stored in, made while they are sent: memory is one frame. What is
// stored stays as it came.
import { must, PeerError } from '../../../protocol/errors.ts';
import { bulkRange, type DicomJson } from '../model/json.ts';
import { tags } from '../model/tags.ts';
import { transferSyntax, uids } from '../model/transfer-syntax.ts';
import type { DatasetRange } from '../read/frames.ts';
import { writePart10Header } from '../write/part10-header.ts';
import type { Rectangle } from './blank.ts';
import { decodable } from './decode.ts';
import { type Encoded, encodable, isLossless, jpegBaseline } from './encode.ts';
import { packed, unpacked } from './layout.ts';
import type { Pixels } from './pool.ts';
import { type Changes, elementHeader, itemHeader, rewritten } from './rewrite.ts';
import { frameLength, type PixelShape } from './shape.ts';
import { type PixelSource, pixelSource, type StoredInstance, storedRange, swapUnit } from './source.ts';
import { swapped } from './stored-bytes.ts';

/** A data set that can be sent. */
export interface Transcoded {
  readonly transferSyntax: string;
  /** Bytes; absent when it is known only at the end. */
  readonly length?: number;
  readonly dataset: AsyncIterable<Uint8Array>;
}

interface TranscodeParts {
  readonly pixels: Pixels;
}

export interface TranscodeOptions {
  /** JPEG baseline, 1 to 100. */
  readonly quality?: number;
  /** Regions of every frame that become black. */
  readonly blank?: readonly Rectangle[];
}

/** Lossy at the end: only for who takes nothing else. */
const byPreference: readonly string[] = [
  uids.explicitLittleEndian,
  '1.2.840.10008.1.2.4.80',
  '1.2.840.10008.1.2.4.201',
  '1.2.840.10008.1.2.4.202',
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.70',
  uids.rle,
  uids.implicitLittleEndian,
  jpegBaseline,
];

/**
 * The instance in a transfer syntax that is accepted: as it is stored if that is, else the first that this image can be
 * had in: uncompressed, losslessly compressed, JPEG baseline for images of 8 bits. Resolves when the first frame is
 * made, so that what fails fails before anything is sent.
 * @throws PeerError pixels/cannot-encode when there is none, and what decoding throws
 */
export async function asTransferSyntax(
  stored: StoredInstance,
  accepted: readonly string[] | 'any',
  parts: TranscodeParts,
  options: TranscodeOptions = {},
): Promise<Transcoded> {
  const { transferSyntax: now, length } = stored;
  if (options.blank === undefined && (accepted === 'any' || accepted.includes(now))) {
    return { transferSyntax: now, length, dataset: stored.read(0, length) };
  }
  const wanted =
    accepted === 'any' ? [uids.explicitLittleEndian] : byPreference.filter((each) => accepted.includes(each));
  let refused = new PeerError('pixels/cannot-encode', { stored: now });
  for (const to of wanted) {
    try {
      return { transferSyntax: to, dataset: await transcode(stored, to, parts, options) };
    } catch (error) {
      // only that this image cannot be written so is a reason to try the next
      if (!(error instanceof PeerError && notSo.has(error.code))) throw error;
      refused = error;
    }
  }
  throw refused;
}

const notSo: ReadonlySet<string> = new Set(['pixels/cannot-encode', 'pixels/not-lossless']);

/** The same as a Part 10 file, with a file meta header of ours in front. */
export async function* part10Of({ header }: StoredInstance, { transferSyntax: to, dataset }: Transcoded) {
  const [sopClassUid, sopInstanceUid] = ['00080016', '00080018'].map((tag) => String(header[tag]?.Value?.[0] ?? ''));
  yield writePart10Header({ sopClassUid: sopClassUid!, sopInstanceUid: sopInstanceUid!, transferSyntax: to });
  yield* dataset;
}

/** @throws PeerError pixels/*; later, while it is read, dicom/* and pixels/* */
export async function transcode(
  stored: StoredInstance,
  to: string,
  parts: TranscodeParts,
  options: TranscodeOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const raw = to === uids.explicitLittleEndian || to === uids.implicitLittleEndian;
  must(raw || encodable.includes(to), 'pixels/cannot-encode', { transferSyntax: to });
  const explicit = to !== uids.implicitLittleEndian;
  const range = pixelRange(stored);
  if (range === undefined) {
    // without pixels it only has another layout
    must(raw, 'pixels/cannot-encode', { transferSyntax: to });
    return rewritten(stored, { explicit, changes: new Map() }, undefined, nothing());
  }
  const same = raw && !transferSyntax(stored.transferSyntax).encapsulated && options.blank === undefined;
  if (same) {
    const { shape } = pixelSource(stored);
    return rewritten(stored, { explicit, changes: new Map() }, range, moved(stored, range, shape, explicit));
  }
  must(decodable(stored.transferSyntax), 'pixels/unsupported', { transferSyntax: stored.transferSyntax });
  const source = pixelSource(stored);
  const frames = new Frames(source, raw ? undefined : to, parts.pixels, options);
  const first = await frames.made(0);
  const changes = pixelChanges(stored, source, first, to);
  const pixels = raw ? native(source, frames, first, explicit) : encapsulated(source, frames, first);
  return rewritten(stored, { explicit, changes }, range, pixels);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // an instance without pixels has none here either
}

function pixelRange({ header }: StoredInstance): DatasetRange | undefined {
  const placeholder = (header['7FE00010'] ?? header['7FE00008'] ?? header['7FE00009'])?.BulkDataURI;
  return placeholder === undefined ? undefined : bulkRange(placeholder);
}

/** Uncompressed pixel data stay what they are but for their byte order. */
async function* moved(
  stored: StoredInstance,
  range: DatasetRange,
  shape: PixelShape,
  explicit: boolean,
): AsyncGenerator<Uint8Array> {
  yield pixelHeader(shape, range.length, explicit);
  yield* swapped(storedRange(stored, range), swapUnit(stored, shape));
}

function pixelHeader({ number, bitsAllocated }: PixelShape, length: number, explicit: boolean): Uint8Array {
  if (number === 'float') return elementHeader(tags.floatPixelData, 'OF', length, explicit);
  if (number === 'double') return elementHeader(tags.doubleFloatPixelData, 'OD', length, explicit);
  return elementHeader(tags.pixelData, bitsAllocated > 8 ? 'OW' : 'OB', length, explicit);
}

/** Makes one frame after the other. */
class Frames {
  readonly #source: PixelSource;
  readonly #to: string | undefined;
  readonly #pixels: Pixels;
  readonly #options: TranscodeOptions;

  constructor(source: PixelSource, to: string | undefined, pixels: Pixels, options: TranscodeOptions) {
    this.#source = source;
    this.#to = to;
    this.#pixels = pixels;
    this.#options = options;
  }

  async made(index: number): Promise<Encoded> {
    const { shape, transferSyntax: from } = this.#source;
    const { quality, blank } = this.#options;
    const input = { bytes: await this.#source.frame(index), shape, transferSyntax: from };
    if (this.#to === undefined) {
      const job =
        blank === undefined ? ({ type: 'decode', ...input } as const) : ({ type: 'blank', blank, ...input } as const);
      const { pixels, shape: now } = await this.#pixels.run(job);
      return { bytes: pixels, shape: now };
    }
    const more = { ...(quality !== undefined && { quality }), ...(blank !== undefined && { blank }) };
    return this.#pixels.run({ type: 'transcode', to: this.#to, ...more, ...input });
  }
}

async function* native(source: PixelSource, frames: Frames, first: Encoded, explicit: boolean) {
  const { shape } = first;
  const bits = frameLength(shape) * 8;
  const count = shape.rows * shape.columns;
  const odd = shape.bitsAllocated === 1 && count % 8 !== 0;
  const length = Math.ceil(((odd ? count : bits) * source.count) / 8);
  must(length < 0xffff_fffe, 'pixels/cannot-encode', { length });
  yield pixelHeader(shape, length + (length % 2), explicit);
  let rest = new Uint8Array(0);
  for (let index = 0; index < source.count; index += 1) {
    const { bytes, shape: now } = index === 0 ? first : await frames.made(index);
    must(now.photometric === shape.photometric, 'pixels/corrupt', { reason: 'frames of different colours' });
    if (!odd) {
      yield bytes;
      continue;
    }
    // frames of packed bits follow each other without a gap
    const all = Buffer.concat([rest, unpacked(bytes, count)]);
    const whole = all.length - (all.length % 8);
    rest = new Uint8Array(all.subarray(whole));
    yield packed(all, whole);
  }
  if (rest.length > 0) yield packed(rest, rest.length);
  if (length % 2 === 1) yield new Uint8Array(1);
}

/** A fragment a frame under an empty offset table (PS3.5 A.4): the places are known only when all are made. */
async function* encapsulated(source: PixelSource, frames: Frames, first: Encoded) {
  yield elementHeader(tags.pixelData, 'OB', 0xffffffff, true);
  yield itemHeader(tags.item, 0);
  for (let index = 0; index < source.count; index += 1) {
    const { bytes, shape } = index === 0 ? first : await frames.made(index);
    must(shape.photometric === first.shape.photometric, 'pixels/corrupt', { reason: 'frames of different colours' });
    const odd = bytes.length % 2;
    yield itemHeader(tags.item, bytes.length + odd);
    yield bytes;
    if (odd === 1) yield new Uint8Array(1);
  }
  yield itemHeader(tags.sequenceEnd, 0);
}

const lossySources = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|53|55|81)$/;

/** What the header has to say of the pixels now (PS3.3 C.7.6.1.1.5, C.7.6.3). */
function pixelChanges(stored: StoredInstance, { shape }: PixelSource, first: Encoded, to: string): Changes {
  const changes = new Map<number, { vr: string; value: Uint8Array } | undefined>();
  const code = (tag: number, ...values: string[]) => changes.set(tag, { vr: 'CS', value: padded(values.join('\\')) });
  const { header } = stored;
  code(0x00280004, first.shape.photometric);
  if (shape.samples > 1) changes.set(0x00280006, { vr: 'US', value: Uint8Array.of(first.shape.planar, 0) });
  if (isLossless(to)) {
    if (lossySources.test(stored.transferSyntax)) code(0x00282110, '01');
    return changes;
  }
  const ratio = (frameLength(shape) / first.bytes.length).toFixed(2);
  code(0x00282110, '01');
  changes.set(0x00282112, { vr: 'DS', value: padded([...texts(header, '00282112'), ratio].join('\\')) });
  code(0x00282114, ...texts(header, '00282114'), 'ISO_10918_1');
  code(0x00080008, 'DERIVED', ...texts(header, '00080008').slice(1));
  changes.set(0x00082111, { vr: 'ST', value: padded('Lossy JPEG compression') });
  return changes;
}

const texts = (header: DicomJson, tag: string): string[] => (header[tag]?.Value ?? []).map(String);

const padded = (text: string): Uint8Array => Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
