// Sentences for people, in Romanian, Russian and English: of errors, and of the command line. One that is missing in a
// language, or has other `{names}` there, does not compile.
import { catalogue, type ErrorCode } from '../../../protocol/errors.ts';
import { en } from './en/en.ts';
import type { Language } from './language.ts';
import { errors as roErrors } from './ro/errors/errors.ts';
import { ro } from './ro/ro.ts';
import { errors as ruErrors } from './ru/errors/errors.ts';
import { ru } from './ru/ru.ts';
import type { Names, SameNames } from './types.ts';

type English = typeof en;

export type TextKey = keyof English;

const texts = {
  en,
  ro: ro satisfies SameNames<English, typeof ro>,
  ru: ru satisfies SameNames<English, typeof ru>,
} as const satisfies Record<Language, Readonly<Record<TextKey, string>>>;

/** The values for a text's `{names}`; none for a text without. */
type Facts<K extends TextKey> = [Names<English[K]>] extends [never]
  ? []
  : [facts: Readonly<Record<Names<English[K]>, unknown>>];

/** Texts without `{names}`. */
export type PlainKey = { [K in TextKey]: Facts<K> extends [] ? K : never }[TextKey];

/** Gives a text in one language, its `{names}` filled in. */
export type Translate = <K extends TextKey>(key: K, ...facts: Facts<K>) => string;

/** All texts of a language. */
export const text =
  (language: Language): Translate =>
  (key, ...[facts]) =>
    texts[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String((facts as Record<string, unknown>)[name]));

const errors: Readonly<Record<Exclude<Language, 'en'>, Readonly<Record<ErrorCode, string>>>> = {
  ro: roErrors,
  ru: ruErrors,
};

/** What an error says, in one sentence; the English one is the catalogue's. */
export const errorText = (language: Language, code: ErrorCode): string =>
  language === 'en' ? catalogue[code].text : errors[language][code];

/** The word for what the API names by a code (a state, a kind, a direction); a code that is new here stays as it is. */
export function wordText(language: Language, code: string): string {
  const words: Readonly<Record<string, string>> = texts[language];
  return words[`word.${code}`] ?? code;
}
