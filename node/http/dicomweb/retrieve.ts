// WADO-RS (PS3.18 10.4): studies, series and instances as they are stored, their metadata, frames and bulk data. Every
// read goes through the guard, which writes it down first.
import { hex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import type { Principal } from '../../access/accounts.ts';
import type { StudyReader } from '../../access/study-reader.ts';
import { type DicomJson, dicomJsonText } from '../../dicom/json.ts';
import type { InstanceRecord } from '../../store/records.ts';
import type { HttpParts } from '../parts.ts';
import { type Chosen, choose, type MediaRange, mustTake } from './accept.ts';
import { bulkAttribute, bulkBytes } from './bulk-data.ts';
import { frameBytes, frameForm, mustHaveFrames, octets } from './frame-bytes.ts';
import { jsonArray, multipart, type Part } from './multipart.ts';

export const dicom = 'application/dicom';
export const dicomJson = 'application/dicom+json';

/** What of a study: all, one series, one instance. */
export interface Selection {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** A body and what its header says. */
export interface Answer {
  readonly contentType: string;
  readonly length?: number;
  readonly body: AsyncIterable<Uint8Array>;
}

interface Asked {
  readonly selection: Selection;
  readonly ranges: readonly MediaRange[];
  readonly by: Principal;
  /** URL of the DICOMweb service. */
  readonly base: string;
}

type Parts = Pick<HttpParts, 'guard' | 'index' | 'random'>;

/** The stored files. @throws PeerError http/not-found, http/not-acceptable */
export async function retrieveFiles(parts: Parts, asked: Asked): Promise<Answer> {
  const single = asked.selection.instance !== undefined;
  const chosen = choose(asked.ranges, { type: dicom, single });
  const { reader, instances } = await open(parts, asked);
  if (chosen.syntaxes !== 'any') for await (const each of instances()) mustTake(chosen, each.transferSyntax);
  if (chosen.form === 'multipart') return related(parts, dicom, files(asked.base, reader, instances()));
  const instance = await only(instances());
  const contentType = `${dicom}; transfer-syntax=${instance.transferSyntax}`;
  return { contentType, length: instance.plainLength, body: reader.read(instance) };
}

async function* files(
  base: string,
  reader: StudyReader,
  instances: AsyncIterable<InstanceRecord>,
): AsyncGenerator<Part> {
  for await (const instance of instances) {
    yield {
      contentType: `${dicom}; transfer-syntax=${instance.transferSyntax}`,
      location: instanceUrl(base, reader.study.uid, instance),
      body: reader.read(instance),
    };
  }
}

/** The headers as DICOM JSON, with URIs for what isn't in them. @throws PeerError http/not-found, http/not-acceptable */
export async function retrieveMetadata(parts: Parts, asked: Asked): Promise<Answer> {
  choose(asked.ranges, { type: dicomJson, also: ['application/json'], single: true, bare: true });
  const { reader, instances } = await open(parts, asked);
  const texts = async function* () {
    for await (const instance of instances()) {
      const url = instanceUrl(asked.base, reader.study.uid, instance);
      yield dicomJsonText(await headerOf(reader, instance), (_tag, placeholder) => `${url}/bulkdata/${placeholder}`);
    }
  };
  return { contentType: dicomJson, body: jsonArray(texts()) };
}

/** Some frames of an instance, 1 is the first. @throws PeerError http/not-found, http/not-acceptable, http/frames */
export async function retrieveFrames(parts: Parts, asked: Asked, numbers: readonly number[]): Promise<Answer> {
  const { reader, instances } = await open(parts, asked);
  const instance = await only(instances());
  const frames = numbers.map((number) => number - 1);
  mustHaveFrames(instance, frames);
  const chosen = chooseFrames(asked, instance, frames.length);
  return framesAs(parts, reader, instance, frames, chosen);
}

function chooseFrames({ ranges }: Asked, instance: InstanceRecord, count: number): Chosen {
  const { type, syntax, also } = frameForm(instance);
  const chosen = choose(ranges, { type, also: [octets], single: count === 1 });
  mustTake(chosen, syntax, ...also);
  return chosen;
}

function framesAs(
  parts: Parts,
  reader: StudyReader,
  instance: InstanceRecord,
  frames: readonly number[],
  { form }: Chosen,
): Answer {
  const { type, syntax } = frameForm(instance);
  const contentType = `${type}; transfer-syntax=${syntax}`;
  if (form === 'single') return { contentType, body: frameBytes(reader, instance, frames[0]!) };
  const each = async function* (): AsyncGenerator<Part> {
    for (const frame of frames) yield { contentType, body: frameBytes(reader, instance, frame) };
  };
  return related(parts, type, each());
}

/** One long value; compressed pixel data as their frames. @throws PeerError http/not-found, http/not-acceptable */
export async function retrieveBulkData(parts: Parts, asked: Asked, offset: number, length: number): Promise<Answer> {
  const { reader, instances } = await open(parts, asked);
  const instance = await only(instances());
  const header = await headerOf(reader, instance);
  const attribute = bulkAttribute(header, offset, length);
  if (attribute === header['7FE00010'] && instance.frames.kind === 'fragments') {
    const frames = instance.frames.starts.map((_, frame) => frame);
    return framesAs(parts, reader, instance, frames, chooseFrames(asked, instance, frames.length));
  }
  const { form } = choose(asked.ranges, { type: octets, single: true, bare: true });
  const body = bulkBytes(reader, instance, attribute, offset, length);
  if (form === 'single') return { contentType: octets, length, body };
  const one = async function* (): AsyncGenerator<Part> {
    yield { contentType: octets, body };
  };
  return related(parts, octets, one());
}

/** Lets the caller in, and gives what was selected, as often as it is asked for. @throws PeerError http/not-found */
async function open({ guard, index }: Parts, { selection, by }: Asked) {
  const { study, series, instance } = selection;
  const reader = await guard.view(study, by, 'view');
  if (instance !== undefined) {
    const found = await index.instance(instance);
    must(found?.study === reader.study.id && found.seriesUid === series, 'http/not-found');
    return { reader, instances: () => one(found) };
  }
  must(series === undefined || reader.study.series.some(({ uid }) => uid === series), 'http/not-found');
  return { reader, instances: () => inSeries(reader.instances(), series) };
}

async function* one(instance: InstanceRecord): AsyncGenerator<InstanceRecord> {
  yield instance;
}

async function* inSeries(instances: AsyncIterable<InstanceRecord>, series: string | undefined) {
  for await (const instance of instances) if (series === undefined || instance.seriesUid === series) yield instance;
}

async function only(instances: AsyncIterable<InstanceRecord>): Promise<InstanceRecord> {
  for await (const instance of instances) return instance;
  throw new RangeError('a selected instance is always there');
}

const headerOf = async (reader: StudyReader, instance: InstanceRecord): Promise<DicomJson> =>
  JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson;

const instanceUrl = (base: string, study: string, { seriesUid, sopInstanceUid }: InstanceRecord): string =>
  `${base}/studies/${study}/series/${seriesUid}/instances/${sopInstanceUid}`;

function related({ random }: Parts, type: string, parts: AsyncIterable<Part>): Answer {
  const boundary = hex(random(16));
  return { contentType: `multipart/related; type="${type}"; boundary=${boundary}`, body: multipart(parts, boundary) };
}
