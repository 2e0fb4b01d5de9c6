// Patients by their names: the same answers as text.ts gives name by name, found in the texts that the index keeps of all.
import type { Lines, Names, PatientNames } from '../store/patient-names.ts';
import { soundsLike } from './sounding.ts';
import { folded, type Matcher, pattern, separators } from './text.ts';

export interface NamesWanted {
  /** Any of them; none has a `=`. */
  readonly texts: readonly string[];
  readonly fuzzy: boolean;
}

/** What a line has to contain, with the line feeds around it where it stands at an end, and what else holds then. */
interface Needle {
  readonly text: string;
  readonly whole?: Matcher;
  /** It begins a word. */
  readonly word?: true;
}

/** A patient matches by one of these lines. */
interface Sought {
  readonly plain: Needle;
  readonly keys: readonly Needle[];
}

/** Ids of the patients whose name is wanted. */
export function patientsNamed(names: PatientNames, { texts, fuzzy }: NamesWanted): Set<string> {
  const exact = texts.map(sought);
  const alike = fuzzy
    ? texts.map((text) =>
        text
          .split(separators)
          .filter((word) => word !== '')
          .map(beginning),
      )
    : [];
  const found = new Set<string>();
  for (const each of names.all) {
    const marks = new Uint8Array(each.ids.length);
    for (const one of exact) mark(each, one, marks);
    for (const words of alike) markAll(each, words, marks);
    for (let place = marks.indexOf(1); place >= 0; place = marks.indexOf(1, place + 1)) {
      const id = each.ids[place];
      if (id !== undefined) found.add(id);
    }
  }
  return found;
}

const sought = (text: string): Sought => ({ plain: needle(text), keys: (soundsLike(text) ?? []).map(needle) });

/** A word of the query begins a word of the name. */
function beginning(word: string): Sought {
  const keys = soundsLike(`${word}*`) ?? [];
  return {
    plain: { text: folded(word), word: true },
    keys: keys.map((key) => ({ text: key.slice(0, -1), word: true })),
  };
}

/** The longest part of the pattern that is written out; `pattern` says the rest, where there is any. */
function needle(text: string): Needle {
  const wanted = folded(text);
  const inner = wanted.replace(/^\*|\*$/g, '');
  if (wanted === '*' || /[*?]/.test(inner) || wanted.endsWith(' *')) {
    const parts = wanted.split(/[*?]/).map((part) => part.trim());
    const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
    return { text: longest, whole: pattern(text) };
  }
  return { text: `${wanted.startsWith('*') ? '' : '\n'}${inner}${wanted.endsWith('*') ? '' : '\n'}` };
}

function mark({ plain, keys }: Names, wanted: Sought, marks: Uint8Array): void {
  markLines(plain, wanted.plain, marks);
  for (const key of wanted.keys) markLines(keys, key, marks);
}

/** Marks who has all words. */
function markAll(names: Names, words: readonly Sought[], marks: Uint8Array): void {
  const all = new Uint8Array(marks.length).fill(1);
  for (const word of words) {
    const some = new Uint8Array(marks.length);
    mark(names, word, some);
    for (let i = 0; i < all.length; i += 1) all[i]! &= some[i]!;
  }
  for (let i = 0; i < all.length; i += 1) marks[i]! |= all[i]!;
}

function markLines(lines: Lines, wanted: Needle, marks: Uint8Array): void {
  const { text, starts, of } = lines;
  if (wanted.text === '') {
    markAny(lines, wanted.whole, marks);
    return;
  }
  const ahead = wanted.text.startsWith('\n') ? 1 : 0;
  let line = 0;
  for (let at = text.indexOf(wanted.text); at >= 0; ) {
    while (line + 1 < starts.length && starts[line + 1]! <= at + ahead) line += 1;
    const end = (starts[line + 1] ?? text.length) - 1;
    const holds = wanted.word
      ? startsWord(text, at)
      : wanted.whole === undefined || wanted.whole(text.slice(starts[line], end));
    if (holds) marks[of[line]!] = 1;
    // a whole line needs no second look; a word may begin further on
    at = text.indexOf(wanted.text, holds || !wanted.word ? end : at + 1);
  }
}

/** Nothing is written out: each line is looked at. */
function markAny({ text, starts, of }: Lines, whole: Matcher | undefined, marks: Uint8Array): void {
  for (const [line, start] of starts.entries()) {
    const end = (starts[line + 1] ?? text.length) - 1;
    if (whole === undefined || whole(text.slice(start, end))) marks[of[line]!] = 1;
  }
}

function startsWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before === 0x0a || before === 0x20 || before === 0x2c || before === 0x2e || before === 0x2d;
}
