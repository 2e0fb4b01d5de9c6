// One key for all spellings of a name that Moldova's documents, scanners and clerks use: Romanian with and without
// diacritics, Russian, Ukrainian and Gagauz, and the English, French and scholarly transliterations of their Cyrillic.
import { foldForSearch } from './fold.ts';

// Cyrillic without its marks (й = и, ё = е, ї = і) to Latin; softness is settled by the rules below.
const cyrillic: Readonly<Record<string, string>> = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', ґ: 'g', д: 'd', е: 'e', є: 'e', ж: 'j', з: 'z', и: 'i', і: 'i', к: 'c' },
  ...{ л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'h', ц: 't', ч: 'c' },
  ...{ ш: 's', щ: 'sc', ъ: '', ы: 'i', ь: '', э: 'e', ю: 'iu', я: 'ia', ѕ: 'dz' },
  ...{ ђ: 'g', ј: 'i', љ: 'l', њ: 'n', ћ: 'c', џ: 'g' },
};
const latin: Readonly<Record<string, string>> = {
  ...{ k: 'c', q: 'c', w: 'v', y: 'i', j: 'i', x: 'cs', h: 'g' },
  ...{ đ: 'd', ð: 'd', ł: 'l', ø: 'o', æ: 'ae', œ: 'oe', ß: 's', ı: 'i', þ: 't' },
};

type Rule = readonly [RegExp, string];

const apply = (rules: readonly Rule[], text: string): string =>
  rules.reduce((so, [pattern, by]) => so.replace(pattern, by), text);

const inCyrillic: readonly Rule[] = [
  // Васильев is Vasiliev, Льовочкін Liovocikin
  [/[ьъ](?=[еиіо])/gu, 'и'],
  [/дж/gu, 'г'],
  // Мыцэ is Mâță: Russian itself has э behind a consonant only in a few foreign names
  [/(?<=[бвгджзклмнпрстфхцчшщ])э/gu, 'а'],
];

/** Digraphs, Latin letters as they came. */
const digraphs: readonly Rule[] = [
  [/sch(?=[bcdfglmnprtvw])/g, 's'],
  [/shch/g, 'sc'],
  [/tsch|tch/g, 'c'],
  [/kh/g, 'h'],
  [/zh/g, 'j'],
  [/ph/g, 'f'],
  [/dj|dzh/g, 'g'],
  [/ck/g, 'c'],
  [/([cgst])h/g, '$1'],
  [/t[sz]/g, 't'],
];

/** In the key's own letters; `|` is an end that a wildcard leaves open. */
const sounds: readonly Rule[] = [
  // Anna is Ana; of two letters both are needed
  [/([a-z])\1+(?=[a-z])|(?<=[a-z])([a-z])\2+/g, '$1$2'],
  [/(?<=[oe])f(?= |$)/g, 'v'],
  [/(?<= |^)ie/g, 'e'],
  [/(?<=[aeou])i(?=[aeou])/g, ''],
  [/ee+/g, 'e'],
  // Munteanu is Мунтяну, Ceaicovschi Чайковский, Covalciuc Ковальчук, Giurgiu Джурджу; but Lucia isn't Luca
  [/cea/g, 'ca'],
  [/ea/g, 'ia'],
  [/(?<=[cg])i(?=[eou]|a(?! |$))/g, ''],
  [/liu/g, 'lu'],
  // Semion is Семён, Grigoriev Григорьев
  [/(?<=[bdflmnprstvz])i[oe](?=[bcdfglmnprstvz])/g, 'e'],
  // Ivanovici is Иванович, Cebotari Чеботарь, Anatolie Анатолий
  [/ie(?= |$)/g, 'i'],
  [/(?<=[a-z][bcdfglmnprstvz])i(?= |$)/g, ''],
];

/**
 * What all usual spellings of a name share: Ковальчук, Kovalchuk and Covalciuc are `covalcuc`. Words in their order, a
 * space between. For comparing only: different names may have one key (Hîncu and Ghincu). `*` and `?` stay, and what
 * stands before a wildcard is shortened where the next letter could change it.
 */
export function nameKey(text: string): string {
  const plain = foldedLetters(text);
  if (!/[*?]/.test(plain)) return plain.split(' ').map(wordKey).join(' ').trim();
  return plain
    .split(/([*?]+)/)
    .map((part, i, { length }) => (i % 2 === 1 ? part : segment(part, i > 0, i < length - 1)))
    .join('')
    .trim();
}

/** All that a name is searched by, patterns and names alike. */
export interface NameForms {
  /** Its plain fold: what reads the same is never missed, and `?` is one letter. */
  readonly plain: string;
  /** Its key, and, where it has â, its key with î. Two names match when they share one. */
  readonly keys: readonly string[];
}

export function nameForms(text: string): NameForms {
  const [plain, key] = [foldForSearch(text), nameKey(text)];
  if (!/[âÂ]|\u0302/.test(text)) return { plain, keys: [key] };
  return { plain, keys: [key, nameKey(text.normalize('NFC').replace(/[âÂ]/g, 'i'))] };
}

const separators = /[\s^=.,_/-]+/gu;
const ascii = /^[ -&(-_a-~]*$/;

function foldedLetters(text: string): string {
  if (ascii.test(text)) return text.toLowerCase().replace(separators, ' ');
  return text
    .normalize('NFKD')
    .replace(/([zZ])\u030c/gu, 'j')
    .replace(/\p{M}+|['`´‘’ʹʼ′]/gu, '')
    .toLowerCase()
    .replace(separators, ' ');
}

// People share their names' words, and the rules cost more than looking one up.
const words = new Map<string, string>();
const wordsKept = 65_536;

function wordKey(word: string): string {
  // what has digits is a number or a code, and is written in one way
  if (word === '' || /[0-9]/.test(word)) return word;
  const known = words.get(word);
  if (known !== undefined) return known;
  const key = keyOf(word);
  if (words.size >= wordsKept) words.clear();
  if (word.length <= 32) words.set(word, key);
  return key;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what isn't ASCII is what is asked for
const foreign = /[^\x00-\x7f]/;

function keyOf(plain: string): string {
  let text = plain;
  if (foreign.test(text))
    text = apply(inCyrillic, text).replace(/[^\0-\x7f]/gu, (letter) => cyrillic[letter] ?? letter);
  const each = apply(digraphs, text).replace(/[kqwyjxh]|[^\0-\x7f]/gu, (letter) => latin[letter] ?? letter);
  return apply(sounds, each);
}

// At an open end no rule for a word's end may apply, and a vowel or h there may belong to what follows.
function segment(part: string, openBefore: boolean, openAfter: boolean): string {
  if (part === '') return '';
  const key = keyOf(`${openBefore ? '|' : ''}${part}${openAfter ? '|' : ''}`);
  return key.replace(/(?<=[a-z])[ei]+\|$/, '').replaceAll('|', '');
}
