// WADO-RS (PS3.18 10.4): studies, series and instances, their metadata, frames and bulk data. Every
// read goes through the guard, which writes it down first.
import { hex } from '../../../../protocol/bytes.ts';
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import type { DicomJson } from '../../../dicom/model/json.ts';
import { storedInstance } from '../../../dicom/pixels/source.ts';
import { asTransferSyntax, part10Of } from '../../../dicom/pixels/transcode.ts';
import type { InstanceRecord } from '../../../store/records.ts';
import { errorFields } from '../../../system/log.ts';
import type { HttpParts } from '../../parts.ts';
import { type Chosen, choose } from '../accept.ts';
import { multipart, type Part } from '../multipart.ts';
import { bulkAttribute, bulkBytes } from './bulk-data.ts';
import { type DataSet, dataSetsAs } from './data-sets.ts';
import { octets } from './frame-bytes.ts';
import { framesAs } from './frames.ts';
import type { WadoRequest, WadoResponse } from './response.ts';

export const dicomType = 'application/dicom';

export type WadoParts = Pick<HttpParts, 'guard' | 'index' | 'random' | 'pixels' | 'log'>;

/**
 * The files: as they are stored, or in a transfer syntax that is asked for. Of several, one that cannot be had in it
 * comes as it is stored, under its own name.
 * @throws PeerError http/not-found, http/not-acceptable, pixels/*
 */
export async function retrieveFiles(parts: WadoParts, asked: WadoRequest): Promise<WadoResponse> {
  const single = asked.selection.instance !== undefined;
  const chosen = choose(asked.ranges, { type: dicomType, single });
  const { reader, instances } = await selectInstances(parts, asked);
  if (chosen.form === 'multipart' && !single) {
    if (chosen.syntaxes !== 'any') await mustHaveOne(parts, reader, chosen, instances());
    return multipartRelated(parts, dicomType, files(parts, asked.base, chosen, reader, instances()));
  }
  const instance = await onlyInstance(instances());
  const file = await fileAs(parts, reader, instance, chosen);
  if (chosen.form === 'single') return file;
  const location = instanceUrl(asked.base, reader.study.uid, instance);
  return multipartRelated(parts, dicomType, one({ contentType: file.contentType, location, body: file.body }));
}

/** Before anything is sent: that the first instance of some series can be had as it is asked for. */
async function mustHaveOne(
  parts: WadoParts,
  reader: StudyReader,
  chosen: Chosen,
  instances: AsyncIterable<InstanceRecord>,
): Promise<void> {
  const tried = new Set<string>();
  let refused: unknown;
  for await (const instance of instances) {
    if (tried.has(instance.seriesUid)) continue;
    tried.add(instance.seriesUid);
    try {
      await fileAs(parts, reader, instance, chosen);
      return;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      refused ??= error;
    }
  }
  if (refused !== undefined) throw refused;
}

async function fileAs(
  parts: WadoParts,
  reader: StudyReader,
  instance: InstanceRecord,
  { syntaxes }: Chosen,
): Promise<WadoResponse> {
  const { transferSyntax: stored, plainLength: length, digest } = instance;
  if (syntaxes === 'any' || syntaxes.has(stored)) {
    return {
      ...{ contentType: `${dicomType}; transfer-syntax=${stored}`, length, etag: `"${digest}"` },
      body: reader.read(instance),
      part: (from, to) => reader.read(instance, from, to),
    };
  }
  const source = await storedInstance(reader, instance);
  const made = await asTransferSyntax(source, [...syntaxes], parts).catch((error: unknown) => {
    if (!(error instanceof PeerError) || error.code !== 'pixels/cannot-encode') throw error;
    const message = `It is stored as transfer syntax ${stored}.`;
    throw new PeerError('http/not-acceptable', { message }, { cause: error });
  });
  return { contentType: `${dicomType}; transfer-syntax=${made.transferSyntax}`, body: part10Of(source, made) };
}

async function* files(
  parts: WadoParts,
  base: string,
  chosen: Chosen,
  reader: StudyReader,
  instances: AsyncIterable<InstanceRecord>,
): AsyncGenerator<Part> {
  for await (const instance of instances) {
    const file = await fileAs(parts, reader, instance, chosen).catch((error: unknown) => {
      if (!(error instanceof PeerError)) throw error;
      parts.log.warn(errorFields(error), 'an instance is sent as it is stored, not as it was asked for');
      return fileAs(parts, reader, instance, { form: 'multipart', syntaxes: 'any' });
    });
    yield {
      contentType: file.contentType,
      location: instanceUrl(base, reader.study.uid, instance),
      body: file.body,
    };
  }
}

/** The headers as DICOM JSON or XML, with URIs for what isn't in them. @throws PeerError http/not-found, http/not-acceptable */
export async function retrieveMetadata(parts: WadoParts, asked: WadoRequest): Promise<WadoResponse> {
  const answer = dataSetsAs(asked.ranges, asked.selection.instance !== undefined, parts.random);
  const { reader, instances } = await selectInstances(parts, asked);
  const sets = async function* (): AsyncGenerator<DataSet> {
    for await (const instance of instances()) {
      yield { json: await headerOf(reader, instance), url: instanceUrl(asked.base, reader.study.uid, instance) };
    }
  };
  return answer(sets());
}

/** Some frames of an instance, 1 is the first. @throws PeerError http/not-found, http/not-acceptable, http/frames, pixels/* */
export async function retrieveFrames(
  parts: WadoParts,
  asked: WadoRequest,
  numbers: readonly number[],
): Promise<WadoResponse> {
  const { reader, instances } = await selectInstances(parts, asked);
  const instance = await onlyInstance(instances());
  const frames = numbers.map((number) => number - 1);
  return framesAs(parts, { reader, instance, ranges: asked.ranges }, frames);
}

/** One long value; compressed pixel data as their frames. @throws PeerError http/not-found, http/not-acceptable, pixels/* */
export async function retrieveBulkData(
  parts: WadoParts,
  asked: WadoRequest,
  offset: number,
  length: number,
): Promise<WadoResponse> {
  const { reader, instances } = await selectInstances(parts, asked);
  const instance = await onlyInstance(instances());
  const header = await headerOf(reader, instance);
  const attribute = bulkAttribute(header, offset, length);
  if (attribute === header['7FE00010'] && instance.frames.kind === 'fragments') {
    const frames = instance.frames.starts.map((_, frame) => frame);
    return framesAs(parts, { reader, instance, ranges: asked.ranges }, frames);
  }
  const { form } = choose(asked.ranges, { type: octets, single: true, bare: true });
  const body = bulkBytes(reader, instance, attribute, offset, length);
  if (form === 'single') return { contentType: octets, length, etag: `"${instance.digest}-${offset}-${length}"`, body };
  return multipartRelated(parts, octets, one({ contentType: octets, body }));
}

/** Lets the caller in, and gives what was selected, as often as it is asked for. @throws PeerError http/not-found */
export async function selectInstances(
  { guard, index }: Pick<WadoParts, 'guard' | 'index'>,
  { selection, by }: Pick<WadoRequest, 'selection' | 'by'>,
) {
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

async function* one<T>(single: T): AsyncGenerator<T> {
  yield single;
}

async function* inSeries(instances: AsyncIterable<InstanceRecord>, series: string | undefined) {
  for await (const instance of instances) if (series === undefined || instance.seriesUid === series) yield instance;
}

export async function onlyInstance(instances: AsyncIterable<InstanceRecord>): Promise<InstanceRecord> {
  for await (const instance of instances) return instance;
  throw new RangeError('a selected instance is always there');
}

const headerOf = async (reader: StudyReader, instance: InstanceRecord): Promise<DicomJson> =>
  JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson;

const instanceUrl = (base: string, study: string, { seriesUid, sopInstanceUid }: InstanceRecord): string =>
  `${base}/studies/${study}/series/${seriesUid}/instances/${sopInstanceUid}`;

export function multipartRelated(
  { random }: Pick<WadoParts, 'random'>,
  type: string,
  parts: AsyncIterable<Part>,
): WadoResponse {
  const boundary = hex(random(16));
  return { contentType: `multipart/related; type="${type}"; boundary=${boundary}`, body: multipart(parts, boundary) };
}
