import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { ErrorSentences } from '../../../node/api/texts/errors/families.ts';
import { acceptedLanguage, languages, localeLanguage } from '../../../node/api/texts/language.ts';
import { said } from '../../../node/api/texts/said.ts';
import { errorText, type TextKey, text, texts, wordText } from '../../../node/api/texts/texts.ts';
import { silentProgram } from '../../../node/docs/make-manual.ts';
import { catalogue, type ErrorCode } from '../../../protocol/errors.ts';

const keys = Object.keys(texts) as TextKey[];
const codes = Object.keys(catalogue) as ErrorCode[];
const others = ['ro', 'ru'] as const;

describe('texts', () => {
  it('with a language missing, unknown, or with other names do not compile', () => {
    said({ en: '{files} in {out}', ro: 'în {out}: {files}', ru: '{files} в {out}' });
    // @ts-expect-error one is missing
    said({ en: 'Nothing.', ro: 'Nimic.' });
    // @ts-expect-error one is unknown
    said({ en: 'Nothing.', ro: 'Nimic.', ru: 'Ничего.', xx: 'x' });
    // @ts-expect-error {dir} is not {out}
    said({ en: '{files} in {out}', ro: 'în {dir}: {files}', ru: '{files} в {out}' });
    // @ts-expect-error {out} is missing
    said({ en: '{files} in {out}', ro: 'în {out}: {files}', ru: '{files}' });
    // @ts-expect-error a code of the families is missing
    const errors: ErrorSentences<'exchange'> = { 'audit/busy': { ro: 'x', ru: 'x' } };
    expect(errors).toBeDefined();
  });

  it('are not given without what they name', () => {
    const t = text('en');
    expect(t('find.complete', { ms: 12 })).toBe('Everybody was reached (12 ms).');
    // @ts-expect-error ms is missing
    expect(t('find.complete', {})).toContain('undefined');
    // @ts-expect-error no facts at all
    expect(() => t('find.complete')).toThrow();
    // @ts-expect-error no such text
    expect(() => t('find.nothing')).toThrow();
  });

  it('are there in all languages, with the same names and the same columns', () => {
    const names = (said: string) => (said.match(/\{\w+\}/g) ?? []).sort();
    for (const language of others) {
      for (const key of keys) {
        const { en, [language]: other } = texts[key];
        expect(names(other), `${language} ${key}`).toEqual(names(en));
        expect(other.split('|').length, `${language} ${key}`).toBe(en.split('|').length);
        expect(/\.$/.test(other), `${language} ${key} ends as the English does`).toBe(/\.$/.test(en));
      }
    }
  });

  it('take what is filled in as it is', () => {
    expect(text('ro')('user.add.done', { username: '{password}$&', password: 'x' })).toContain(
      '{password}$& cu parola x',
    );
  });

  it('say a word for a code, and a code of a newer peer as it is', () => {
    expect([wordText('ro', 'granted'), wordText('ru', 'granted'), wordText('en', 'granted')]).toEqual([
      ...['aprobat', 'разрешено', 'granted'],
    ]);
    expect(wordText('ro', 'unheard-of')).toBe('unheard-of');
  });
});

describe('sentences of errors', () => {
  it('are the catalogue’s in English, and whole sentences of their own in the others', () => {
    for (const code of codes) {
      const said = languages.map((language) => errorText(language, code));
      expect(errorText('en', code)).toBe(catalogue[code].text);
      expect(new Set(said).size, code).toBe(3);
      for (const each of said) expect(each, code).toMatch(/^\p{Lu}.*\.$/u);
      expect(errorText('ru', code), code).toMatch(/\p{Script=Cyrillic}/u);
    }
  });

  it('name the same commands, options and settings in each language', () => {
    const technical = (said: string) => (said.match(/--\w+|[a-z]+(?:\.[a-z]+)+|[A-Z]+_[A-Z]+|PS3\.\d+/gi) ?? []).sort();
    for (const code of codes) {
      for (const language of others)
        expect(technical(errorText(language, code)), code).toEqual(technical(catalogue[code].text));
    }
  });

  it('are in the letters of their language', () => {
    const allOf = (language: 'ro' | 'ru') =>
      [...codes.map((code) => errorText(language, code)), ...Object.values(texts).map((each) => each[language])].join(
        '\n',
      );
    expect(allOf('ro')).not.toMatch(/[şţŞŢ]|\p{Script=Cyrillic}/u); // comma below, not cedilla
    expect(allOf('ro')).toMatch(/[ș].*[ț]/s);
    expect(allOf('ru')).not.toMatch(/\p{Script=Cyrillic}[a-z]|[a-z]\p{Script=Cyrillic}/iu); // no look-alikes
  });
});

describe('the language', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'C' }, 'en'],
    [{ LANG: 'POSIX' }, 'en'],
    [{ LANG: 'ro_MD.UTF-8' }, 'ro'],
    [{ LANG: 'ro-MD' }, 'ro'],
    [{ LANG: 'ru_RU.UTF-8' }, 'ru'],
    [{ LANG: 'ru' }, 'ru'],
    [{ LANG: 'ro@euro' }, 'ro'],
    [{ LANG: 'rom_RO' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'ro_MD', LC_MESSAGES: 'ru_RU' }, 'ru'],
    [{ LANG: 'ro_MD', LC_MESSAGES: 'ru_RU', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'ro_MD', LC_MESSAGES: '', LC_ALL: '' }, 'ro'],
  ])('of the environment %j is %s', (env, language) => {
    expect(localeLanguage(env)).toBe(language);
  });

  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['ro', 'ro'],
    ['ro-MD', 'ro'],
    ['RU-ru, en;q=0.5', 'ru'],
    ['en;q=0.5, ru;q=0.9, ro;q=0.8', 'ru'],
    ['de, fr;q=0.9, ro;q=0.1', 'ro'],
    ['ro, ru', 'ro'],
    ['ro;q=0, ru;q=0.1', 'ru'],
    ['de', 'en'],
    ['*', 'en'],
    ['ru;q=0.5, *', 'en'],
    ['en;q=0, *', 'ro'],
    ['ro;q=high, ru;q=0.2', 'ru'],
    [';;;,,q=,', 'en'],
  ])('that Accept-Language %j prefers is %s', (header, language) => {
    expect(acceptedLanguage(header)).toBe(language);
  });
});

it('no sentence advises a command that there is not', () => {
  const names = new Set<string>();
  const walk = (command: Command): void => {
    for (const each of command.commands) {
      names.add(each.name());
      walk(each);
    }
  };
  walk(silentProgram());
  const said = {
    en: /\b[Rr]un (?!it |npm |the |again|or )([a-z]+)/g,
    ro: /\b[Rr]ulați (?:mai întâi )?(?!din |npm )([a-z]+)/g,
    ru: /ыполните ([a-z]+)/g,
  };
  const advised = languages.flatMap((language) => {
    const sentences = codes.map((code) => errorText(language, code));
    const shown = keys.map((key) => texts[key][language]);
    return [...sentences, ...shown].flatMap((text) => [...text.matchAll(said[language])].map(([, name]) => name!));
  });
  expect(advised).toContain('init');
  expect(advised).toContain('join');
  expect(advised.filter((name) => !names.has(name))).toEqual([]);
});
