// The examples of PS3.5 annexes H, I, J and K, the single-byte sets, and what files do that keep to none of it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charset, type TextKind } from '../../../../node/dicom/text/charset.ts';
import { foldForSearch } from '../../../../protocol/person/fold.ts';
import { bytes } from '../helpers.ts';

function decode(terms: string[], text: string, kind: TextKind = 'name') {
  const made = charset(terms);
  return { text: made.decode(bytes(text), kind), guessed: made.guessed };
}
const exact = (text: string) => ({ text, guessed: false });
const guess = (text: string) => ({ text, guessed: true });

describe('character sets', () => {
  test('Japanese, annex H.3.1 and H.3.2', () => {
    const names = '\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B';
    expect(decode(['', 'ISO 2022 IR 87'], `Yamada^Tarou=${names}`)).toEqual(
      exact('Yamada^Tarou=山田^太郎=やまだ^たろう'),
    );
    const kana = `\xd4\xcf\xc0\xde^\xc0\xdb\xb3=${names.replaceAll('(B', '(J')}`;
    expect(decode(['ISO 2022 IR 13', 'ISO 2022 IR 87'], kana)).toEqual(exact('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう'));
  });

  test('Korean, annex I.2; a delimiter takes the set away again', () => {
    const coded = 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf';
    expect(decode(['', 'ISO 2022 IR 149'], coded)).toEqual(exact('Hong^Gildong=洪^吉洞=홍^길동'));
    const two = 'a\x1b-L\xbb\\\xc4';
    expect(decode(['ISO 2022 IR 100', 'ISO 2022 IR 144'], two, 'values')).toEqual(exact('aЛ\\Ä'));
    expect(decode(['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'a\x1b-L\xbb\\\xbb', 'text')).toEqual(exact('aЛ\\Л'));
    expect(decode(['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'a\x1b-L\xbb\n\xc4', 'text')).toEqual(exact('aЛ\nÄ'));
  });

  test('Chinese, annexes J and K: GB18030, GBK, UTF-8, GB 2312 by escape', () => {
    expect(decode(['GB18030'], 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab')).toEqual(exact('Wang^XiaoDong=王^小东'));
    expect(decode(['GBK'], '\xcd\xf5^\x81\x5c')).toEqual(exact('王^乗'));
    expect(decode(['ISO_IR 192'], '\xe7\x8e\x8b^\xe5\xb0\x8f')).toEqual(exact('王^小'));
    const zhang = 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=';
    expect(decode(['', 'ISO 2022 IR 58'], zhang)).toEqual(exact('Zhang^XiaoDong=张^小东='));
  });

  test('Latin 2, Cyrillic, Greek, Arabic, Hebrew, Turkish, Thai, Latin 9', () => {
    expect(decode(['ISO_IR 101'], '\xaatefan \xdeurcanu')).toEqual(exact('Ştefan Ţurcanu'));
    expect(decode(['ISO_IR 144'], '\xbb\xee\xda')).toEqual(exact('Люк'));
    expect(decode(['ISO_IR 126'], '\xc4\xe9')).toEqual(exact('Δι'));
    expect(decode(['ISO_IR 127'], '\xe2\xc8')).toEqual(exact('قب'));
    expect(decode(['ISO_IR 138'], '\xf9\xf8')).toEqual(exact('שר'));
    expect(decode(['ISO_IR 148'], '\xdd\xfe')).toEqual(exact('İş'));
    expect(decode(['ISO_IR 166'], '\xa1')).toEqual(exact('ก'));
    expect(decode(['ISO_IR 203'], '\xa4')).toEqual(exact('€'));
    expect(decode(['ISO_IR 13'], 'a\x5cb\x7e', 'text')).toEqual(exact('a¥b‾'));
  });

  test('what no term allows is a guess and says so', () => {
    expect(decode([], 'Ion')).toEqual(exact('Ion'));
    expect(decode([], 'J\xe9r\xf4me')).toEqual(guess('Jérôme'));
    expect(decode([], '\xc8\x98tefan')).toEqual(guess('Ștefan'));
    expect(decode(['ISO-IR 100'], '\xe9')).toEqual(guess('é'));
    expect(decode(['ISO 8859-2'], '\xaa')).toEqual(guess('Ş'));
    expect(decode(['KLINGON'], '\xe9')).toEqual(guess('é'));
    expect(decode(['ISO_IR 192'], '\xff')).toEqual(guess('\ufffd'));
    expect(decode(['', 'ISO 2022 IR 87'], 'a\x1b%Gb')).toMatchObject({ guessed: true });
  });

  test('any bytes in any set give text', () => {
    const terms = fc.subarray([
      '',
      'ISO 2022 IR 13',
      'ISO 2022 IR 87',
      'ISO 2022 IR 159',
      'ISO 2022 IR 149',
      'GBK',
      'x',
    ]);
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((part) => [...part]),
      fc.constantFrom('\x1b$B', '\x1b$(D', '\x1b$)C', '\x1b(J', '\x1b)I').map((text) => [...Buffer.from(text)]),
    );
    const kind = fc.constantFrom<TextKind>('name', 'values', 'text');
    const text = fc.property(terms, fc.array(piece), kind, (names, pieces, which) => {
      const coded = Uint8Array.from(pieces.flat());
      expect(charset(names).decode(coded, which).length).toBeLessThanOrEqual(coded.length);
    });
    fc.assert(text, { seed: 1, numRuns: 500 });
  });
});

describe('names for matching', () => {
  test('Romanian with comma, cedilla or nothing is one spelling', () => {
    for (const name of ['Ștefan^Țurcanu', 'ŞTEFAN ŢURCANU', 'stefan  turcanu', 'S\u0326tefan T\u0327urcanu']) {
      expect(foldForSearch(name)).toBe('stefan turcanu');
    }
    expect(foldForSearch('Băsescu Mâță')).toBe('basescu mata');
    expect(foldForSearch('İstanbul ıßĐ')).toBe('istanbul issd');
  });

  test('Cyrillic as Romanian documents write it', () => {
    expect(foldForSearch('Сергей Ковальчук')).toBe('serghei covalciuc');
    expect(foldForSearch('Иванович')).toBe('ivanovici');
    expect(foldForSearch('Чебан Ион')).toBe('ceban ion');
    expect(foldForSearch('Герман Кирилл')).toBe('gherman chirill');
    expect(foldForSearch('Юлия Щербань')).toBe('iulia scerban');
  });

  test('folding twice changes nothing', () => {
    const again = fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = foldForSearch(text);
      expect(foldForSearch(once)).toBe(once);
    });
    fc.assert(again, { seed: 1, numRuns: 500 });
  });
});
