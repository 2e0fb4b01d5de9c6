// Searching what is kept here, for QIDO-RS and C-FIND alike (PS3.4 C.4.1, PS3.18 10.6). Who asks writes it down first:
// nothing of this is shown before the audit log has it.
import { must } from '../../protocol/errors.ts';
import { depth, type Level, levels } from '../dicom/model/index-attributes.ts';
import type { DicomJson, JsonAttribute } from '../dicom/model/json.ts';
import { tagOfKeyword, vrOfTag } from '../dicom/model/keywords.ts';
import { columnLevel } from './columns.ts';
import { isKey, keysOf, type MatchOptions } from './matching.ts';
import { queryPlan } from './plan.ts';
import { type FoundRow, type QueryIndex, Rows } from './rows.ts';
import { constant, isOf, shown } from './shown.ts';

export interface Search extends MatchOptions {
  readonly level: Level;
  /** What is matched and, also without a value, what is answered. */
  readonly keys: DicomJson;
  /** False: the unique keys of all levels above must be there, one value each (C.4.1.2.2). Absent: anything goes. */
  readonly relational?: boolean | undefined;
  /** Where a search that isn't relational begins; the study if absent. */
  readonly root?: 'patient' | 'study' | undefined;
  /** Results left out at the beginning. */
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What matches, latest study first, with its own and upper unique keys and every attribute asked for: empty where it isn't
 * known, left out where it belongs to a level below. Values that are kept as bulk data are left out. The retrieve AE title
 * and the level are the caller's to add.
 * @throws PeerError query/key, query/hierarchy before the first result, query/too-broad; the signal's reason
 */
export async function* search(parts: { index: QueryIndex }, wanted: Search): AsyncGenerator<DicomJson> {
  mustNameAbove(wanted);
  const tags = returned(wanted.level, wanted.keys);
  for await (const found of find(parts, wanted)) yield answer(found, tags, wanted.keys, parts.index);
}

/**
 * The rows that match, for who answers in another form. `scope` must hold too.
 * @throws PeerError query/key, query/too-broad; the signal's reason
 */
export async function* find(
  { index }: { index: QueryIndex },
  wanted: Omit<Search, 'relational' | 'root'> & { readonly scope?: DicomJson },
): AsyncGenerator<FoundRow> {
  const { level, keys, scope = {}, offset = 0, limit = Number.POSITIVE_INFINITY, signal } = wanted;
  const plan = queryPlan(level, [...keysOf(scope), ...keysOf(keys, wanted)]);
  if (limit === 0) return;
  let count = 0;
  for await (const found of new Rows({ plan, skip: offset, signal }, index).all()) {
    yield found;
    count += 1;
    if (count >= limit) return;
  }
}

const uniqueKeys: Readonly<Record<Level, string>> = {
  patient: tagOfKeyword('PatientID'),
  study: tagOfKeyword('StudyInstanceUID'),
  series: tagOfKeyword('SeriesInstanceUID'),
  instance: tagOfKeyword('SOPInstanceUID'),
};

/** @throws PeerError query/hierarchy */
function mustNameAbove({ level, keys, relational = true, root = 'study' }: Search): void {
  if (relational) return;
  must(depth(level) >= depth(root), 'query/hierarchy', { level });
  for (const above of levels.slice(depth(root), depth(level))) {
    const [value, ...more] = keys[uniqueKeys[above]]?.Value ?? [];
    const isOne = typeof value === 'string' && !/[*?]/.test(value) && more.length === 0;
    must(isOne, 'query/hierarchy', { level, at: uniqueKeys[above] });
  }
}

/** The unique keys down to a level and what was asked for, in ascending order. */
function returned(level: Level, keys: DicomJson): string[] {
  const unique = levels.slice(0, depth(level) + 1).map((each) => uniqueKeys[each]);
  const asked = Object.keys(keys).filter((tag) => isKey(tag) && isOf(level, tag));
  return [...new Set([...unique, ...asked])].sort();
}

async function answer(
  found: FoundRow,
  tags: readonly string[],
  keys: DicomJson,
  index: QueryIndex,
): Promise<DicomJson> {
  const isStored = tags.some((tag) => columnLevel(tag) === undefined && constant[tag] === undefined);
  const known = shown(found.row, tags, isStored ? await found.header() : {}, keys, index);
  return Object.fromEntries(
    tags.map((tag) => [tag, isBulk(known[tag]) ? { vr: known[tag]!.vr } : (known[tag] ?? unknown(tag, keys))]),
  );
}

const isBulk = (attribute: JsonAttribute | undefined): boolean => attribute?.BulkDataURI !== undefined;
const unknown = (tag: string, keys: DicomJson): JsonAttribute => ({ vr: keys[tag]?.vr ?? vrOfTag(tag) });
