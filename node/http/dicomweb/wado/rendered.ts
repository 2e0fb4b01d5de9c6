// Pictures of instances (PS3.18 10.4.1.1.3, 10.4.1.1.4): rendered as the instance wants to be seen or as is asked for.
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import { recipe } from '../../../dicom/pixels/recipe.ts';
import type { PictureType, RenderedFrame } from '../../../dicom/pixels/render.ts';
import { type PixelSource, pixelSource, type StoredInstance, storedInstance } from '../../../dicom/pixels/source.ts';
import { frameCount } from '../../../dicom/read/frames.ts';
import type { InstanceRecord } from '../../../store/records.ts';
import { errorFields } from '../../../system/log.ts';
import { choose, chooseOf, mediaRanges, type Offer } from '../accept.ts';
import type { Part } from '../multipart.ts';
import { type Document, documentOf } from './documents.ts';
import type { PictureQuery } from './rendered-query.ts';
import type { WadoRequest, WadoResponse } from './response.ts';
import { multipartRelated, selectInstances, type WadoParts } from './retrieve.ts';

const jpeg: Offer = { type: 'image/jpeg', also: ['image/jpg'], single: true, bare: true };
const png: Offer = { type: 'image/png', single: true, bare: true };
const thumbnailSize = 128;

/** @param frames of an instance, 1 is the first; absent: the one that stands for it, or in a multipart all */
export async function retrieveRendered(
  parts: WadoParts,
  asked: WadoRequest,
  query: PictureQuery,
  frames?: readonly number[],
): Promise<WadoResponse> {
  const ranges = query.accept === undefined ? asked.ranges : mediaRanges(query.accept);
  const { reader, instances } = await selectInstances(parts, asked);
  const shown = await imagesOf(instances());
  const document = asked.selection.instance === undefined ? undefined : documentOf(reader, shown.first);
  if (document !== undefined) return documentAs(parts, { ...asked, ranges }, document);
  const { offer, form } = chooseOf(ranges, frames === undefined || frames.length === 1 ? [jpeg, png] : several);
  const type = offer.type as PictureType;
  const renderer = new Renderer(parts, reader, { ...query, type });
  if (form === 'single') {
    const source = await renderer.open(shown.representative);
    return single(await renderer.picture(source, frames === undefined ? representative(source) : frames[0]! - 1));
  }
  if (frames !== undefined) {
    const source = await renderer.open(shown.first);
    const first = await renderer.picture(source, frames[0]! - 1);
    return multipartRelated(
      parts,
      type,
      renderer.frames(
        source,
        frames.map((frame) => frame - 1),
        first,
      ),
    );
  }
  return multipartRelated(
    parts,
    type,
    renderer.all(asked.selection.instance === undefined ? instances() : [shown.first]),
  );
}

const several: readonly Offer[] = [
  { ...jpeg, single: false },
  { ...png, single: false },
];

/** A small picture that stands for all that is selected. */
export async function retrieveThumbnail(
  parts: WadoParts,
  asked: WadoRequest,
  query: PictureQuery,
  frame?: number,
): Promise<WadoResponse> {
  const ranges = query.accept === undefined ? asked.ranges : mediaRanges(query.accept);
  const { reader, instances } = await selectInstances(parts, asked);
  const { offer } = chooseOf(ranges, [jpeg, png]);
  const view = query.view ?? { width: thumbnailSize, height: thumbnailSize };
  const renderer = new Renderer(parts, reader, { ...query, view, type: offer.type as PictureType });
  const { representative: chosen } = await imagesOf(instances());
  const source = await renderer.open(chosen);
  return single(await renderer.picture(source, frame === undefined ? representative(source) : frame - 1));
}

async function documentAs(
  parts: WadoParts,
  { ranges }: WadoRequest,
  { type, open: read }: Document,
): Promise<WadoResponse> {
  const { form } = choose(ranges, { type, single: true, bare: true });
  const contentType = type === 'text/html' ? 'text/html; charset=utf-8' : type;
  const body = await read();
  if (form === 'single') return { contentType, body };
  const one = async function* (): AsyncGenerator<Part> {
    yield { contentType, body };
  };
  return multipartRelated(parts, type, one());
}

/** The first instance, and the one in the middle of the largest series of images. */
async function imagesOf(instances: AsyncIterable<InstanceRecord>) {
  const series = new Map<string, InstanceRecord[]>();
  let first: InstanceRecord | undefined;
  for await (const instance of instances) {
    first ??= instance;
    if (instance.frames.kind === 'none') continue;
    const same = series.get(instance.seriesUid) ?? [];
    same.push(instance);
    series.set(instance.seriesUid, same);
  }
  must(first !== undefined, 'http/not-found');
  const largest = [...series.values()].sort((a, b) => b.length - a.length)[0] ?? [first];
  largest.sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  return { first, representative: largest[largest.length >> 1]! };
}

/** The frame that stands for all (0028,6010), 0 is the first. */
function representative({ stored, source }: Opened): number {
  const named = stored.header['00286010']?.Value?.[0];
  return typeof named === 'number' && named >= 1 && named <= source.count ? named - 1 : 0;
}

interface Opened {
  readonly stored: StoredInstance;
  readonly source: PixelSource;
}

function single({ type, bytes }: RenderedFrame): WadoResponse {
  const body = async function* () {
    yield bytes;
  };
  return { contentType: type, length: bytes.length, body: body() };
}

class Renderer {
  readonly #parts: WadoParts;
  readonly #reader: StudyReader;
  readonly #asked: PictureQuery & { readonly type: PictureType };

  constructor(parts: WadoParts, reader: StudyReader, asked: PictureQuery & { readonly type: PictureType }) {
    this.#parts = parts;
    this.#reader = reader;
    this.#asked = asked;
  }

  async open(instance: InstanceRecord): Promise<Opened> {
    must(instance.frames.kind !== 'none', 'pixels/none');
    const stored = await storedInstance(this.#reader, instance);
    return { stored, source: pixelSource(stored) };
  }

  /** @throws PeerError http/frames, pixels/* */
  async picture({ stored, source }: Opened, frame: number): Promise<RenderedFrame> {
    must(frame >= 0 && frame < source.count, 'http/frames', { frames: source.count });
    const { shape, transferSyntax } = source;
    const how = await recipe(stored, shape, frame, this.#asked);
    const bytes = await source.frame(frame);
    return this.#parts.pixels.run({ type: 'render', recipe: how, shape, transferSyntax, bytes });
  }

  async *frames(opened: Opened, frames: readonly number[], first: RenderedFrame): AsyncGenerator<Part> {
    for (const [at, frame] of frames.entries()) yield part(at === 0 ? first : await this.picture(opened, frame));
  }

  /** Every frame of every image; what cannot be shown is left out. */
  async *all(instances: AsyncIterable<InstanceRecord> | Iterable<InstanceRecord>): AsyncGenerator<Part> {
    for await (const instance of instances) {
      for (let frame = 0; frame < Math.max(1, frameCount(instance.frames)); frame += 1) {
        const picture = await this.#shown(instance, frame);
        if (picture === undefined) break;
        yield part(picture);
      }
    }
  }

  async #shown(instance: InstanceRecord, frame: number): Promise<RenderedFrame | undefined> {
    try {
      return await this.picture(await this.open(instance), frame);
    } catch (error) {
      if (!(error instanceof PeerError) || error.row.http >= 500) throw error;
      this.#parts.log.warn(errorFields(error), 'an instance cannot be rendered and is left out');
      return undefined;
    }
  }
}

const part = ({ type, bytes }: RenderedFrame): Part => ({
  contentType: type,
  body: (async function* () {
    yield bytes;
  })(),
});
