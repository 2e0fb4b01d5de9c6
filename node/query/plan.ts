// A query sorted by what its keys have to be compared with.
import { must } from '../../protocol/errors.ts';
import { depth, type Level } from '../dicom/model/index-attributes.ts';
import { tagOfKeyword } from '../dicom/model/keywords.ts';
import { columnLevel } from './columns.ts';
import { levelOf } from './levels.ts';
import type { Key } from './matching.ts';
import type { ValueRange } from './range.ts';

export interface QueryPlan {
  readonly level: Level;
  /** Compared with the row's own records. */
  readonly own: Readonly<Record<Level, readonly Key[]>>;
  /** Of levels below: some of what is in the row matches. */
  readonly below: readonly Key[];
  /** Compared with what the headers say. */
  readonly header: readonly Key[];
  /** UIDs that the query names, so that they needn't be searched for. */
  readonly named: { readonly study?: ReadonlySet<string>; readonly instance?: ReadonlySet<string> };
  /** What lets studies be looked up: an accession number (folded), the dates that they lie between. */
  readonly accession: string | undefined;
  readonly dates: ValueRange | undefined;
}

const studyUid = tagOfKeyword('StudyInstanceUID');
const studyDate = tagOfKeyword('StudyDate');
const accessionNumber = tagOfKeyword('AccessionNumber');
const instanceUid = tagOfKeyword('SOPInstanceUID');

/** @throws PeerError query/key for an attribute that isn't searched by at this level */
export function queryPlan(level: Level, keys: readonly Key[]): QueryPlan {
  const own: Record<Level, Key[]> = { patient: [], study: [], series: [], instance: [] };
  const [below, header]: [Key[], Key[]] = [[], []];
  let named: QueryPlan['named'] = {};
  for (const key of keys) {
    const [of, kind] = placeOf(key);
    if (key.uids !== undefined && key.tags[0] === studyUid) named = { ...named, study: both(named.study, key.uids) };
    if (key.uids !== undefined && key.tags[0] === instanceUid) {
      named = { ...named, instance: both(named.instance, key.uids) };
      if (level !== 'instance') continue; // whoever holds such an instance
    }
    const isAbove = depth(of) <= depth(level);
    must(isAbove || (kind === 'column' && of !== 'instance'), 'query/key', {
      at: key.tags[0],
      message: 'is not searched by at this level',
    });
    if (kind === 'header') header.push(key);
    else if (isAbove) own[of].push(key);
    else below.push(key);
  }
  const accession = own.study.find(({ tags, exact }) => tags[0] === accessionNumber && exact !== undefined)?.exact;
  const dates = own.study.find(({ tags, range }) => tags[0] === studyDate && range !== undefined)?.range;
  return { level, own, below, header, named, accession, dates };
}

/** The lowest level that a key touches, and whether the index alone can tell. */
function placeOf({ tags }: Key): readonly [Level, 'column' | 'header'] {
  const all = tags.map(levelOf).sort((a, b) => depth(b) - depth(a));
  return [all[0]!, tags.every((tag) => columnLevel(tag) !== undefined) ? 'column' : 'header'];
}

const both = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): ReadonlySet<string> =>
  a === undefined ? b : new Set([...a].filter((uid) => b.has(uid)));
