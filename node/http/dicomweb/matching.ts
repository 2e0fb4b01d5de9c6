// How QIDO-RS compares (PS3.18 8.3.4, PS3.4 C.2.2.2): single values, lists, wildcards, ranges; text and names by how they
// are pronounced and written here, not letter by letter.
import { must, PeerError } from '../../../protocol/errors.ts';
import { foldForSearch } from '../../dicom/fold.ts';
import { isUid } from '../../dicom/uid.ts';
import type { Vr } from '../../dicom/vr.ts';
import { type Attribute, isNumeric } from './attributes.ts';

/** Whether any of an attribute's values matches. */
export type Matcher = (values: readonly string[]) => boolean;

const unmatchable = new Set<Vr>(['SQ', 'OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const everything: Matcher = () => true;

/** @throws PeerError http/invalid naming the attribute, when it can't be matched or not by this value */
export function matcher({ tag, vr }: Attribute, text: string, fuzzy: boolean): Matcher {
  must(!unmatchable.has(vr), 'http/invalid', { at: tag, message: 'cannot be matched' });
  if (text === '' || text === '*') return everything;
  if (vr === 'UI') return anyOf(uidList(tag, text));
  if (vr === 'DA' || vr === 'TM' || vr === 'DT') return range(tag, vr, text);
  if (isNumeric(vr)) return numbers(tag, text);
  if (vr === 'PN') return name(text, fuzzy);
  return textual(text.split(vr === 'CS' ? /[\\,]/ : '\\'));
}

/** UIDs separated by commas or backslashes. @throws PeerError http/invalid */
export function uidList(tag: string, text: string): string[] {
  const uids = text.split(/[\\,]/).map((each) => each.trim());
  must(uids.every(isUid), 'http/invalid', { at: tag, message: 'is not a list of UIDs' });
  return uids;
}

function anyOf(wanted: readonly string[]): Matcher {
  const set = new Set(wanted);
  return (values) => values.some((value) => set.has(value));
}

function numbers(tag: string, text: string): Matcher {
  const wanted = new Set(text.split('\\').map((each) => (each.trim() === '' ? Number.NaN : Number(each))));
  must(![...wanted].some(Number.isNaN), 'http/invalid', { at: tag, message: 'is not a number' });
  return (values) => values.some((value) => wanted.has(Number(value)));
}

// Searches fold the same names again and again; folding one takes longer than comparing it.
const folds = new Map<string, string>();
const foldsKept = 65_536;

function folded(text: string): string {
  const known = folds.get(text);
  if (known !== undefined) return known;
  if (folds.size >= foldsKept) folds.clear();
  const fold = foldForSearch(text);
  // long texts are few, and would make the bound on their number none on their size
  if (text.length <= 128) folds.set(text, fold);
  return fold;
}

/** Each pattern folded; `*` any run of characters, `?` any one. */
function textual(patterns: readonly string[]): Matcher {
  const wanted = patterns.map(foldForSearch);
  return (values) => values.some((value) => wanted.some((pattern) => glob(pattern, folded(value))));
}

/** Fuzzy: every word of the query begins some word of the name, in any order. */
function name(text: string, fuzzy: boolean): Matcher {
  if (!fuzzy) return (values) => textual([text])(values.flatMap((value) => value.split('=')));
  const wanted = words(text.replace(/[*?]/g, ' '));
  return (values) =>
    values.some((value) => {
      const known = words(value.replaceAll('=', ' '));
      return wanted.every((word) => known.some((each) => each.startsWith(word)));
    });
}

const words = (text: string): string[] =>
  folded(text)
    .split(/[\s,.-]+/)
    .filter((word) => word !== '');

/** Steps back only to the last `*`: never more than length times length. */
function glob(pattern: string, text: string): boolean {
  let [p, t, star, from] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') [star, from, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star < 0) return false;
    else [p, t, from] = [star + 1, from + 1, from + 1];
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Digits of each form when nothing is left out; what is left out of a query matches whatever stands there. */
const forms = {
  DA: { digits: 8, pattern: /^\d{8}$/ },
  TM: { digits: 12, pattern: /^\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?$/ },
  DT: { digits: 20, pattern: /^\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?$/ },
} as const;

function range(tag: string, vr: keyof typeof forms, text: string): Matcher {
  const { digits, pattern } = forms[vr];
  const [first = '', last = first, ...more] = text.split('-').map((each) => each.trim());
  const sound =
    more.length === 0 && `${first}${last}` !== '' && [first, last].every((x) => x === '' || pattern.test(x));
  if (!sound) throw new PeerError('http/invalid', { at: tag, message: `is not a ${vr} value or range` });
  const [low, high] = [whole(first, digits, '0'), last === '' ? '9'.repeat(digits) : whole(last, digits, '9')];
  return (values) =>
    values.some((value) => {
      // an offset from UTC (DT) doesn't take part, separators of old files (DA 1993.08.22, TM 10:15) neither
      const known = whole(vr === 'DT' ? value.replace(/[+-]\d{4}$/, '') : value, digits, '0');
      return /^\d+$/.test(known) && low <= known && known <= high;
    });
}

const whole = (text: string, digits: number, filler: string): string =>
  text.replace(/[.:]/g, '').padEnd(digits, filler);
