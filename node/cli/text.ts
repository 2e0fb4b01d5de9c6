// The language that this run of the program speaks: that of --lang, else the environment's.
import { isLanguage, type Language, localeLanguage } from '../api/texts/language.ts';
import { errorText, text, wordText } from '../api/texts/texts.ts';

/** What --lang says, wherever it stands before `--`; that it says something else is found with the other options. */
function named(args: readonly string[]): Language | undefined {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const values = options.map((each, i) => (each === '--lang' ? options[i + 1] : /^--lang=(.*)$/.exec(each)?.[1]));
  return values.filter((each) => each !== undefined).findLast(isLanguage);
}

export const language: Language = named(process.argv.slice(2)) ?? localeLanguage(process.env);

export const t = text(language);

export const sentence = (code: Parameters<typeof errorText>[1]): string => errorText(language, code);

/** The word for a state, a kind or a direction. */
export const word = (code: string): string => wordText(language, code);
