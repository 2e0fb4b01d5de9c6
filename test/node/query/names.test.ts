// Names are found in whatever spelling they were written and are asked for.
import { expect, test } from 'vitest';
import { matches } from '../../../node/query/matching.ts';

const named = (name: string) => ({ '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] } });
const finds = (asked: string, name: string, fuzzy = false) => matches(named(name), named(asked), { fuzzy });

test('across Cyrillic and Latin, with or without diacritics, whole or by wildcard', () => {
  for (const [asked, name] of [
    ['Kovalchuk^Sergei', 'Ковальчук^Сергей'],
    ['Covalciuc*', 'Ковальчук^Сергей'],
    ['Ковальчук*', 'KOVALCHUK^SERGEY'],
    ['Turcanu*', 'Ţurcanu^Ştefan'],
    ['*tefan', 'Țurcanu^Ștefan'],
    ['Мунтян*', 'Munteanu^Ion'],
    ['Mîță*', 'Mâţă^Ana'],
    ['Жуков^*', 'Zhukov'],
    ['K?valchuk', 'Kovalchuk'],
  ] as const) {
    expect(finds(asked, name), `${asked} ${name}`).toBe(true);
  }
});

test('other names are not found', () => {
  for (const [asked, name] of [
    ['Covalciuc', 'Ковальский'],
    ['Popa', 'Popov'],
    ['Ivanov', 'Ivanova^Ana'],
    ['Pop*', 'Papuc'],
    ['?', 'CC'],
    ['12', '1'],
  ] as const) {
    expect(finds(asked, name), `${asked} ${name}`).toBe(false);
  }
});

test('fuzzy: words in any order, by their beginnings', () => {
  expect(finds('sergei koval', 'Ковальчук^Сергей', true)).toBe(true);
  expect(finds('Stef Tsurc', 'Țurcanu^Ștefan', true)).toBe(true);
  expect(finds('Stef Popa', 'Țurcanu^Ștefan', true)).toBe(false);
});
