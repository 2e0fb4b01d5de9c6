// Frames in the media type and transfer syntax that a client takes (PS3.18 8.7.3, 8.7.8): as they are stored, decoded, or
// encoded anew.
import { hex } from '../../../../protocol/bytes.ts';
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import { transferSyntax, uids } from '../../../dicom/model/transfer-syntax.ts';
import { decodable } from '../../../dicom/pixels/decode.ts';
import { encodable } from '../../../dicom/pixels/encode.ts';
import { byPlane, sampleBytes } from '../../../dicom/pixels/layout.ts';
import { pixelShape } from '../../../dicom/pixels/shape.ts';
import { type PixelSource, pixelSource, storedFrames, storedInstance } from '../../../dicom/pixels/source.ts';
import { frameCount } from '../../../dicom/read/frames.ts';
import type { InstanceRecord } from '../../../store/records.ts';
import type { HttpParts } from '../../parts.ts';
import { type Chosen, formOf, type MediaRange } from '../accept.ts';
import { multipart, type Part } from '../multipart.ts';
import {
  frameForm,
  frameType,
  mustHaveFrames,
  octets,
  plainFrame,
  type SizedBody,
  usualSyntax,
} from './frame-bytes.ts';
import type { WadoResponse } from './response.ts';

interface Of {
  readonly reader: StudyReader;
  readonly instance: InstanceRecord;
  readonly ranges: readonly MediaRange[];
}

/** One way to give the frames. */
interface Choice {
  readonly form: Chosen['form'];
  readonly how: 'stored' | 'decoded' | 'encoded';
  readonly type: string;
  readonly syntax: string;
}

type FramesParts = Pick<HttpParts, 'pixels' | 'random'>;

/**
 * The frames (0 is the first) in the way that the client likes best of those that there are.
 * @throws PeerError http/frames, http/not-acceptable, pixels/*
 */
export async function framesAs(parts: FramesParts, of: Of, frames: readonly number[]): Promise<WadoResponse> {
  const { instance } = of;
  await mustHave(of, frames);
  let refused = new PeerError('http/not-acceptable', {
    message: `It is stored as transfer syntax ${instance.transferSyntax}.`,
  });
  for (const choice of choices(of, frames.length)) {
    try {
      return await framesSo(parts, of, frames, choice);
    } catch (error) {
      if (!(error instanceof PeerError) || !notSo.has(error.code)) throw error;
      refused = error;
    }
  }
  throw refused;
}

const notSo: ReadonlySet<string> = new Set(['pixels/cannot-encode', 'pixels/not-lossless']);

async function mustHave({ reader, instance }: Of, frames: readonly number[]): Promise<void> {
  if (frameCount(instance.frames) > 0 || instance.frames.kind === 'none')
    return mustHaveFrames(instance.frames, frames);
  const stored = await storedInstance(reader, instance);
  mustHaveFrames(storedFrames(stored, pixelShape(stored.header)), frames);
}

function* choices({ instance, ranges }: Of, count: number): Generator<Choice> {
  const single = count === 1;
  const form = frameForm(instance);
  const decodes = decodable(instance.transferSyntax);
  for (const range of ranges) {
    const named = range.parameters['transfer-syntax'];
    const any = named === undefined || named === '*';
    const asStored = formOf(range, { type: form.type, also: [octets, ...oldNames(form.type)], single });
    // octets alone mean decoded ones, and say so with a transfer syntax; what can't be decoded comes as it is
    const decodedFirst = named === undefined && decodes && onlyOctets(range);
    const takes = any || named === form.syntax || form.also.includes(named);
    if (asStored !== undefined && takes && !decodedFirst) {
      yield { form: asStored, how: 'stored', type: form.type, syntax: form.syntax };
    }
    if (!decodes || named === '*') continue;
    yield* made(range, named, single);
  }
}

const onlyOctets = ({ type, parameters }: MediaRange): boolean =>
  type === octets || parameters.type?.toLowerCase() === octets;

function* made(range: MediaRange, named: string | undefined, single: boolean): Generator<Choice> {
  const raw = formOf(range, { type: octets, single });
  if (raw !== undefined && (named ?? uids.explicitLittleEndian) === uids.explicitLittleEndian) {
    yield { form: raw, how: 'decoded', type: octets, syntax: uids.explicitLittleEndian };
  }
  for (const syntax of encodable) {
    const type = frameType(syntax);
    const form = formOf(range, { type, also: oldNames(type), single });
    if (form !== undefined && (named ?? usualSyntax[type]) === syntax) yield { form, how: 'encoded', type, syntax };
  }
}

/** What media types were called before they were registered. */
const oldNames = (type: string): string[] =>
  type === 'image/jphc' ? ['image/jhc'] : [type.replace(/\/(dicom-)?/, '/x-$1')];

type Read = (frame: number) => Promise<SizedBody>;

async function framesSo(parts: FramesParts, of: Of, frames: readonly number[], choice: Choice): Promise<WadoResponse> {
  const { form, type, syntax } = choice;
  const contentType = `${type}; transfer-syntax=${syntax}`;
  const read = await reading(parts, of, choice);
  const first = await read(frames[0]!);
  if (form === 'single') {
    const etag = `"${of.instance.digest}-${frames[0]}-${syntax}"`;
    return { contentType, etag, ...first };
  }
  const each = async function* (): AsyncGenerator<Part> {
    for (const [at, frame] of frames.entries())
      yield { contentType, body: (at === 0 ? first : await read(frame)).body };
  };
  const boundary = hex(parts.random(16));
  return { contentType: `multipart/related; type="${type}"; boundary=${boundary}`, body: multipart(each(), boundary) };
}

async function reading({ pixels }: FramesParts, { reader, instance }: Of, { how, syntax }: Choice): Promise<Read> {
  const raw = how === 'stored' || (how === 'decoded' && !transferSyntax(instance.transferSyntax).encapsulated);
  if (raw && plainFrame(reader, instance, 0) !== undefined) {
    return async (frame) => {
      const bytes = plainFrame(reader, instance, frame);
      must(bytes !== undefined, 'http/frames');
      return bytes;
    };
  }
  const source = pixelSource(await storedInstance(reader, instance));
  if (raw) return async (frame) => whole(await source.frame(frame));
  if (how === 'decoded') return async (frame) => whole(await decoded(pixels, source, frame));
  const { shape, transferSyntax: from } = source;
  return async (frame) => {
    const bytes = await source.frame(frame);
    return whole((await pixels.run({ type: 'transcode', to: syntax, transferSyntax: from, shape, bytes })).bytes);
  };
}

const whole = (bytes: Uint8Array): SizedBody => ({
  length: bytes.length,
  body: (async function* () {
    yield bytes;
  })(),
});

/** Samples in the order that the metadata name. */
async function decoded(pixels: FramesParts['pixels'], source: PixelSource, frame: number): Promise<Uint8Array> {
  const { shape, transferSyntax: from } = source;
  const made = await pixels.run({ type: 'decode', transferSyntax: from, shape, bytes: await source.frame(frame) });
  if (shape.planar === made.shape.planar) return made.pixels;
  return byPlane(made.pixels, shape.samples, sampleBytes(shape));
}
