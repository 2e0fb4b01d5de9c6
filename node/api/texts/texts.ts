// Sentences for people, in Romanian, Russian and English: of errors, and of the command line. One that is missing in a
// language, or has other `{names}` there, does not compile.
import { catalogue, type ErrorCode } from '../../../protocol/errors.ts';
import { dicom } from './dicom.ts';
import { sentences } from './errors/errors.ts';
import { federation } from './federation.ts';
import type { Language } from './language.ts';
import { peer } from './peer.ts';
import { program } from './program.ts';
import { report } from './report.ts';
import type { Names } from './said.ts';
import { studies } from './studies.ts';
import { words } from './words.ts';

/** All texts but errors' sentences, by key. */
export const texts = { ...program, ...words, ...peer, ...studies, ...report, ...dicom, ...federation };

export type TextKey = keyof typeof texts;

/** The values for a text's `{names}`; none for a text without. */
type Facts<K extends TextKey> = [Names<(typeof texts)[K]['en']>] extends [never]
  ? []
  : [facts: Readonly<Record<Names<(typeof texts)[K]['en']>, unknown>>];

/** Texts without `{names}`. */
export type PlainKey = { [K in TextKey]: Facts<K> extends [] ? K : never }[TextKey];

/** Gives a text in one language, its `{names}` filled in. */
export type Translate = <K extends TextKey>(key: K, ...facts: Facts<K>) => string;

/** All texts of a language. */
export const text =
  (language: Language): Translate =>
  (key, ...[facts]) =>
    texts[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String((facts as Record<string, unknown>)[name]));

/** What an error says, in one sentence; the English one is the catalogue's. */
export const errorText = (language: Language, code: ErrorCode): string =>
  language === 'en' ? catalogue[code].text : sentences[code][language];

/** The word for what the API names by a code (a state, a kind, a direction); a code that is new here stays as it is. */
export function wordText(language: Language, code: string): string {
  const known: Readonly<Record<string, Readonly<Record<Language, string>>>> = words;
  return known[`word.${code}`]?.[language] ?? code;
}
