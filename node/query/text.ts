// How text is compared (PS3.4 C.2.2.2.1, C.2.2.2.4): by how it is written and pronounced here, not letter by letter.
import { foldForSearch } from '../../protocol/person/fold.ts';
import { sounding } from './sounding.ts';

/** Whether one value matches. */
export type Matcher = (value: string) => boolean;

// Searches fold the same names again and again; folding one takes longer than comparing it.
const folds = new Map<string, string>();
const foldsKept = 131_072;

/** `foldForSearch`, quick for what searches look at most. */
export function folded(text: string): string {
  let [hasUpper, hasSpace] = [false, false];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return foldedOnce(text);
    hasUpper ||= code >= 0x41 && code <= 0x5a;
    hasSpace ||= code <= 0x20 || code === 0x5e;
  }
  // ASCII: nothing to decompose and nothing to transliterate
  const lower = hasUpper ? text.toLowerCase() : text;
  return hasSpace ? lower.replace(/[\s^]+/g, ' ').trim() : lower;
}

function foldedOnce(text: string): string {
  const known = folds.get(text);
  if (known !== undefined) return known;
  if (folds.size >= foldsKept) folds.clear();
  const fold = foldForSearch(text);
  // long texts are few, and would make the bound on their number none on their size
  if (text.length <= 128) folds.set(text, fold);
  return fold;
}

/** A text with wildcards: `*` any run of characters, `?` any one. */
export function textual(text: string): Matcher {
  const matches = pattern(text);
  return (value) => matches(folded(value));
}

/** A person's name: without `=` compared with any of its forms, with it form by form. */
export function personNameMatcher(text: string): Matcher {
  const forms = text.split('=').map((form) => (form === '' ? undefined : namePattern(form)));
  const only = forms.length === 1 ? forms[0] : undefined;
  if (only !== undefined) {
    return (value) => (value.includes('=') ? value.split('=').some(only) : only(value));
  }
  return (value) => {
    const known = value.split('=');
    return forms.every((matches, i) => matches === undefined || matches(known[i] ?? ''));
  };
}

/** One form of a name: as it is written, or as it sounds in another spelling. */
function namePattern(text: string): Matcher {
  const written = pattern(text);
  const heard = sounding(text, pattern);
  return (form) => written(folded(form)) || heard?.(form) === true;
}

const between = /[\s,.=^-]/;

/** Fuzzy: every word of the query begins some word of the name, in any order. */
export function fuzzyName(text: string): Matcher {
  const wanted = folded(text.replace(/[*?=]/g, ' '))
    .split(/[\s,.-]+/)
    .filter((word) => word !== '');
  const heard = text.split(separators).flatMap((word) => (word === '' ? [] : [namePattern(`${word}*`)]));
  return (value) => {
    const known = folded(value);
    if (wanted.every((word) => beginsWord(known, word))) return true;
    const words = value.split(separators);
    return heard.every((matches) => words.some(matches));
  };
}

/** What divides the words of a name. */
export const separators = /[\s,.=^*?-]+/;

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || between.test(text[at - 1]!)) return true;
  }
  return false;
}

/** What a folded text is compared with. */
export function pattern(text: string): Matcher {
  const wanted = folded(text);
  const inner = wanted.replace(/^\*|\*$/g, '');
  // components left out at the end are empty: IONESCU^* is also who has no given name
  if (wanted.endsWith(' *')) return (value) => glob(wanted, value) || glob(wanted, `${value} `);
  if (/[*?]/.test(inner) || wanted === '*') return (value) => glob(wanted, value);
  if (wanted === inner) return (value) => value === wanted;
  if (!wanted.endsWith('*')) return (value) => value.endsWith(inner);
  return wanted.startsWith('*') ? (value) => value.includes(inner) : (value) => value.startsWith(inner);
}

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
