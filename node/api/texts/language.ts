// Which language somebody is spoken to in.

export const languages = ['ro', 'ru', 'en'] as const;

export type Language = (typeof languages)[number];

export const isLanguage = (text: string): text is Language => languages.some((each) => each === text);

/** What is spoken when nobody says otherwise. */
const usual: Language = 'en';

/** The language of a tag or locale: `ro-MD` (BCP 47) or `ru_RU.UTF-8` (POSIX); undefined if it is none of ours. */
const languageOf = (tag: string): Language | undefined =>
  languages.find((each) => each === /^[a-z]+(?![a-z0-9])/.exec(tag.toLowerCase())?.[0]);

/** The language of messages: the first of LC_ALL, LC_MESSAGES and LANG that is set and not empty (POSIX.1-2017, 8.2). */
export const localeLanguage = (env: Readonly<Record<string, string | undefined>>): Language =>
  languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ?? usual;

/** The language that an Accept-Language header prefers (RFC 9110, 12.5.4); of those liked equally the one named first. */
export function acceptedLanguage(header = ''): Language {
  const ranges = header.split(',').map(rangeOf);
  const named = ranges.map(({ tag }) => languageOf(tag));
  const wanted = ranges.filter(({ q }) => q > 0).sort((a, b) => b.q - a.q);
  for (const { tag } of wanted) {
    const found = tag === '*' ? [usual, ...languages].find((each) => !named.includes(each)) : languageOf(tag);
    if (found !== undefined) return found;
  }
  return usual;
}

/** One range with its weight; a weight that is none counts as 0. */
function rangeOf(text: string): { tag: string; q: number } {
  const [tag = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((each) => /^q=/i.test(each))?.slice(2) ?? '1';
  return { tag, q: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 };
}
