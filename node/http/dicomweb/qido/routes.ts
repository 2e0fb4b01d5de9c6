// QIDO-RS's routes (PS3.18 10.6).
import { Type } from 'typebox';
import { limits } from '../../../../protocol/limits.ts';
import { closed, Uid } from '../../../api/schemas.ts';
import type { Level } from '../../../dicom/model/index-attributes.ts';
import type { DicomJson } from '../../../dicom/model/json.ts';
import type { FoundRow } from '../../../query/rows.ts';
import { find } from '../../../query/search.ts';
import { who } from '../../auth.ts';
import type { HttpParts } from '../../parts.ts';
import { answersAs, type Server } from '../../typed.ts';
import { mediaRanges } from '../accept.ts';
import { type DataSet, dataSetsAs, dicomJsonType } from '../wado/data-sets.ts';
import type { WadoResponder } from '../wado/responder.ts';
import { parseSearch } from './query.ts';
import { resultOf, type Scope, type SearchRequest, urlOf } from './results.ts';

const inStudy = closed({ study: Uid });
const inSeries = closed({ study: Uid, series: Uid });

const Query = Type.Object({
  limit: Type.Optional(Type.Unknown()),
  offset: Type.Optional(Type.Unknown()),
  fuzzymatching: Type.Optional(Type.Unknown()),
  includefield: Type.Optional(Type.Unknown({ description: 'Tags, keywords or paths of them, or all.' })),
});

type Plural = 'studies' | 'series' | 'instances';
const levels: Readonly<Record<Plural, Level>> = { studies: 'study', series: 'series', instances: 'instance' };

export function searchRoutes(server: Server, parts: HttpParts, web: WadoResponder): void {
  const response = answersAs('Data sets', dicomJsonType, 'multipart/related');
  const route = (url: string, params: typeof inStudy | typeof inSeries | undefined, name: Plural) => {
    const schema = { summary: `Searches ${name}.`, tags: ['DICOMweb'], querystring: Query, response };
    const described = params === undefined ? schema : { ...schema, params };
    server.get(url, { schema: described, config: { needs: 'view' } }, async (request, reply) => {
      const query = parseSearch(request.url);
      const answer = dataSetsAs(mediaRanges(query.accept ?? request.headers.accept), false, parts.random);
      const scope = request.params as Scope;
      const study = scope.study === undefined ? undefined : parts.index.study(scope.study);
      await parts.acts.searched({ level: name, query: query.text }, who(request), study);
      const asked = { level: levels[name], scope, query, base: web.base(request) };
      const { found, cut } = await page(parts, asked);
      if (cut) reply.header('warning', `299 dicomnet "at most ${limits.qidoMatches} results; ask with offset"`);
      return web.answer(request, reply, Promise.resolve(answer(results(parts, found, asked))));
    });
  };
  route('/studies', undefined, 'studies');
  route('/series', undefined, 'series');
  route('/instances', undefined, 'instances');
  route('/studies/:study/series', inStudy, 'series');
  route('/studies/:study/instances', inStudy, 'instances');
  route('/studies/:study/series/:series/instances', inSeries, 'instances');
}

/**
 * The page that was asked for. Of one study everything, as it is read; otherwise looked up before the answer begins, so
 * that it can say whether there is more, or that the search is too broad.
 */
async function page({ index }: HttpParts, { level, scope, query }: SearchRequest) {
  const { keys, fuzzy, offset, limit = Number.POSITIVE_INFINITY } = query;
  const most = scope.study === undefined ? limits.qidoMatches : limits.manifestInstances;
  const count = Math.min(limit, most);
  // one more tells whether there is more
  const wanted = { level, keys, scope: scopeKeys(scope), fuzzy, combined: true, offset };
  const rows = find({ index }, { ...wanted, limit: limit > most ? count + 1 : count });
  if (scope.study !== undefined) return { found: rows, cut: false };
  const found: FoundRow[] = [];
  for await (const each of rows) found.push(each);
  return { found: found.slice(0, count), cut: found.length > count };
}

const scopeKeys = ({ study, series }: Scope): DicomJson => ({
  ...(study !== undefined && { '0020000D': { vr: 'UI', Value: [study] } }),
  ...(series !== undefined && { '0020000E': { vr: 'UI', Value: [series] } }),
});

async function* results(
  { index }: HttpParts,
  found: Iterable<FoundRow> | AsyncIterable<FoundRow>,
  asked: SearchRequest,
): AsyncGenerator<DataSet> {
  for await (const each of found) yield { json: await resultOf(each, asked, index), url: urlOf(asked.base, each.row) };
}
