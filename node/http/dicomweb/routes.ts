// DICOMweb's routes. Each answer is made while it is sent: a slow client holds one chunk.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { dicomJsonText } from '../../dicom/json.ts';
import { errorFields } from '../../log.ts';
import { who } from '../auth.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { answersAs, closed, type Server, Uid } from '../typed.ts';
import { choose, mediaRanges } from './accept.ts';
import type { SeriesRow, StudyRow } from './columns.ts';
import { jsonArray, primed } from './multipart.ts';
import { parseSearch, type SearchQuery } from './query.ts';
import {
  type Answer,
  dicom,
  dicomJson,
  retrieveBulkData,
  retrieveFiles,
  retrieveFrames,
  retrieveMetadata,
  type Selection,
} from './retrieve.ts';
import { type Scope, searchInstances, searchSeries, searchStudies, shownSeries, shownStudy } from './search.ts';

const config = { needs: 'view' } as const;
const tags = ['DICOMweb'];
const related = 'multipart/related';

const inStudy = closed({ study: Uid });
const inSeries = closed({ study: Uid, series: Uid });
const inInstance = closed({ study: Uid, series: Uid, instance: Uid });
const Digits = Type.String({ pattern: '^[0-9]{1,15}$' });
const bulk = closed({ study: Uid, series: Uid, instance: Uid, offset: Digits, length: Digits });
const Frames = Type.String({ pattern: '^[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*$', maxLength: limits.httpParamBytes });
const frames = closed({ study: Uid, series: Uid, instance: Uid, frames: Frames });

const Query = Type.Object({
  limit: Type.Optional(Type.Unknown()),
  offset: Type.Optional(Type.Unknown()),
  fuzzymatching: Type.Optional(Type.Unknown()),
  includefield: Type.Optional(Type.Unknown({ description: 'Tags or keywords, or all.' })),
});

export function dicomWebRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  searchRoutes(server, options, parts);
  const web = new Retrieving(options, parts);
  const levels = [
    ['/studies/:study', inStudy],
    ['/studies/:study/series/:series', inSeries],
    ['/studies/:study/series/:series/instances/:instance', inInstance],
  ] as const;
  for (const [url, params] of levels) {
    const whole = { summary: 'The files as they are stored.', tags, params };
    server.get(
      url,
      { schema: { ...whole, response: answersAs('Instances', related, dicom) }, config },
      (request, reply) => web.answer(request, reply, retrieveFiles(parts, web.asked(request, request.params))),
    );
    const headers = { summary: 'The headers.', tags, params, response: answersAs('DICOM JSON', dicomJson) };
    server.get(`${url}/metadata`, { schema: headers, config }, (request, reply) =>
      web.answer(request, reply, retrieveMetadata(parts, web.asked(request, request.params))),
    );
  }

  const url = levels[2][0];
  const pixels = { summary: 'Frames, 1 is the first.', tags, params: frames, response: answersAs('Frames', related) };
  server.get(`${url}/frames/:frames`, { schema: pixels, config }, (request, reply) => {
    const numbers = request.params.frames.split(',').map(Number);
    return web.answer(request, reply, retrieveFrames(parts, web.asked(request, request.params), numbers));
  });

  const octets = answersAs('A value', 'application/octet-stream', related);
  const value = { summary: 'A long value, by the URI in the metadata.', tags, params: bulk, response: octets };
  server.get(`${url}/bulkdata/:offset/:length`, { schema: value, config }, (request, reply) => {
    const { offset, length } = request.params;
    const asked = web.asked(request, request.params);
    return web.answer(request, reply, retrieveBulkData(parts, asked, Number(offset), Number(length)));
  });
}

function searchRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  const response = answersAs('DICOM JSON', dicomJson);
  const web = new Retrieving(options, parts);
  const route = (url: string, params: typeof inStudy | typeof inSeries | undefined, level: Level) => {
    const schema = { summary: `Searches ${level}.`, tags, querystring: Query, response };
    const described = params === undefined ? schema : { ...schema, params };
    server.get(url, { schema: described, config }, async (request, reply) => {
      choose(mediaRanges(request.headers.accept), {
        type: dicomJson,
        also: ['application/json'],
        single: true,
        bare: true,
      });
      const query = parseSearch(request.url);
      const scope = request.params as Scope;
      await audited(parts, request, level, scope, query);
      const found = search(parts, web.base(request), level, scope, query);
      if (found.cut) reply.header('warning', `299 dicomnet "at most ${limits.qidoMatches} results; ask with offset"`);
      return web.answer(request, reply, Promise.resolve({ contentType: dicomJson, body: jsonArray(found.texts) }));
    });
  };
  route('/studies', undefined, 'studies');
  route('/series', undefined, 'series');
  route('/instances', undefined, 'instances');
  route('/studies/:study/series', inStudy, 'series');
  route('/studies/:study/instances', inStudy, 'instances');
  route('/studies/:study/series/:series/instances', inSeries, 'instances');
}

type Level = 'studies' | 'series' | 'instances';

/** Who searched for what is written down before anything is answered. */
function audited({ audit, index }: HttpParts, request: FastifyRequest, level: Level, scope: Scope, query: SearchQuery) {
  const study = scope.study === undefined ? undefined : index.study(scope.study);
  const about = study === undefined ? {} : { study: study.uid, patient: study.patient };
  const detail = { level, query: query.text.slice(0, 1000) };
  return audit.append({ kind: 'query', outcome: 'success', person: who(request), ...about, detail });
}

/** The page that was asked for, as texts. `cut`: there is, or for instances there may be, more than one answer holds. */
function search({ index }: HttpParts, base: string, level: Level, scope: Scope, query: SearchQuery) {
  const { offset, limit = Number.POSITIVE_INFINITY } = query;
  const most = level === 'instances' && scope.study !== undefined ? limits.manifestInstances : limits.qidoMatches;
  const count = Math.min(limit, most);
  const text = (json: Parameters<typeof dicomJsonText>[0], url = '') =>
    dicomJsonText(json, (_tag, placeholder) => `${url}/bulkdata/${placeholder}`);
  const place = { index, base };
  if (level === 'instances') {
    const urlOf = (json: Parameters<typeof dicomJsonText>[0]) => String(json['00081190']!.Value![0]);
    const texts = page(searchInstances(place, scope, query), offset, count, (json) => text(json, urlOf(json)));
    return { texts, cut: limit > most && scope.study === undefined };
  }
  const rows = level === 'studies' ? searchStudies(place, query) : searchSeries(place, scope, query);
  const cut = limit > most && rows.length > offset + most;
  const shown = rows.slice(offset, offset + count);
  const texts = shown.map((row) => text(isSeries(row) ? shownSeries(row, scope) : shownStudy(row)));
  return { texts, cut };
}

const isSeries = (row: StudyRow): row is SeriesRow => 'series' in row;

async function* page<T>(all: AsyncIterable<T>, offset: number, count: number, text: (each: T) => string) {
  if (count === 0) return;
  let at = 0;
  for await (const each of all) {
    if (at >= offset) yield text(each);
    at += 1;
    if (at >= offset + count) return;
  }
}

class Retrieving {
  readonly #options: HttpOptions;
  readonly #parts: HttpParts;

  constructor(options: HttpOptions, parts: HttpParts) {
    this.#options = options;
    this.#parts = parts;
  }

  asked(request: FastifyRequest, selection: Selection) {
    const ranges = mediaRanges(request.headers.accept);
    return { selection, ranges, by: who(request), base: this.base(request) };
  }

  /** URL of the DICOMweb service as the client reaches it. */
  base(request: FastifyRequest): string {
    return `${this.#options.publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${request.host}`}/dicom-web`;
  }

  async answer(request: FastifyRequest, reply: FastifyReply, answering: Promise<Answer>): Promise<FastifyReply> {
    const { contentType, length, body } = await answering;
    const stream = await primed(body);
    stream.once('error', (error: NodeJS.ErrnoException) => {
      // the client sees a body that ends too early; one that left by itself is no news
      if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || request.raw.destroyed) return;
      this.#parts.log.error({ route: request.routeOptions.url, ...errorFields(error) }, 'an answer broke off');
    });
    if (length !== undefined) reply.header('content-length', length);
    return reply.type(contentType).send(stream);
  }
}
