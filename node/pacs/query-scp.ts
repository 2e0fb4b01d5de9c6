// C-FIND of query/retrieve over what is kept here (PS3.4 C.4.1).
import { PeerError } from '../../protocol/errors.ts';
import type { Acts } from '../audit/acts.ts';
import type { FindRequest, FindService } from '../dicom/dimse/services.ts';
import { depth, type Level } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { levelOf } from '../query/levels.ts';
import { isKey, keysOf } from '../query/matching.ts';
import { queryPlan } from '../query/plan.ts';
import type { QueryIndex } from '../query/rows.ts';
import { search } from '../query/search.ts';
import { modelsOf, queryRetrieveLevel } from './query-levels.ts';

interface QueryScpParts {
  readonly index: QueryIndex;
  readonly acts: Pick<Acts, 'searchedByNode'>;
}

export class QueryScp implements FindService {
  readonly sopClassUids = modelsOf('find');
  readonly needs = 'query';
  readonly #parts: QueryScpParts;

  constructor(parts: QueryScpParts) {
    this.#parts = parts;
  }

  /** Keys that cannot be matched at this level, and keys of levels below, which are not answered. */
  ignores({ sopClassUid, identifier }: FindRequest): boolean {
    const { level } = queryRetrieveLevel(sopClassUid, identifier);
    return Object.entries(identifier).some(
      ([tag, key]) => isKey(tag) && (isBelow(tag, level) || !isMatched(level, { [tag]: key })),
    );
  }

  async *find(request: FindRequest): AsyncGenerator<DicomJson> {
    const { identifier, sopClassUid, relational, fuzzy, combined, signal, caller } = request;
    const { root, level, name } = queryRetrieveLevel(sopClassUid, identifier);
    const keys = supported(level, identifier);
    await this.#note(request, name);
    const wanted = { level, keys, root, relational, fuzzy, combined, signal };
    for await (const match of search(this.#parts, wanted)) {
      match['00080052'] = { vr: 'CS', Value: [name] };
      match['00080054'] = { vr: 'AE', Value: [caller.calledAe] };
      match['00080056'] = { vr: 'CS', Value: ['ONLINE'] };
      yield match;
    }
  }

  /** Durable before anything is answered. */
  #note({ caller, identifier }: FindRequest, level: string): Promise<void> {
    const { index, acts } = this.#parts;
    const study = index.study(String(identifier['0020000D']?.Value?.[0] ?? ''));
    const search = { level, from: caller.remoteAddress, query: JSON.stringify(identifier) };
    return acts.searchedByNode(search, caller.aeTitle, study);
  }
}

const isBelow = (tag: string, level: Level): boolean => tag !== '00080056' && depth(levelOf(tag)) > depth(level);

/** Whether one key can be compared at a level. One that is malformed is: the search tells. */
function isMatched(level: Level, key: DicomJson): boolean {
  try {
    queryPlan(level, keysOf(key));
  } catch (error) {
    if (error instanceof PeerError && error.code === 'query/key') return isMalformed(key);
    throw error;
  }
  return true;
}

function isMalformed(key: DicomJson): boolean {
  try {
    keysOf(key);
  } catch (error) {
    if (error instanceof PeerError) return true;
    throw error;
  }
  return false;
}

/** Optional keys that are not supported are answered, but not matched (C.4.1.1.3.1): without their value. */
function supported(level: Level, identifier: DicomJson): DicomJson {
  const keys = Object.entries(identifier).map(([tag, key]) => {
    const matched = !isKey(tag) || isMatched(level, { [tag]: key });
    return [tag, matched ? key : { vr: key.vr }] as const;
  });
  return Object.fromEntries(keys);
}
