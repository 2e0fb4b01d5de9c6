// Who can be one person and who can't, with names as Moldova's papers write them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contradicts, type Demographics } from '../../../protocol/person/demographics.ts';
import { nameVariants } from '../../../protocol/person/name-variants.ts';

const who = (name?: string, birthDate?: string, sex?: string): Demographics => ({ name, birthDate, sex });

describe('one person', () => {
  test.each([
    ['the same', who('Popescu^Ion', '19510203', 'M'), who('Popescu^Ion', '19510203', 'M')],
    ['Romanian with and without diacritics', who('Țurcanu^Ștefan'), who('TURCANU^STEFAN')],
    ['comma and cedilla', who('Țurcanu^Ștefan'), who('Ţurcanu^Ştefan')],
    ['Romanian and Russian', who('Ковальчук^Сергей', '19800101'), who('Covalciuc^Serghei', '19800101')],
    ['Russian and English', who('Шевченко^Наталья'), who('Shevchenko^Natalia')],
    ['Ion and Ivan', who('Rusu^Ion'), who('Русу^Иван')],
    ['married', who('Popescu^Maria', '19700512', 'F'), who('Ionescu^Maria', '19700512', 'F')],
    ['both names after marriage', who('Popescu^Maria'), who('Popescu-Ionescu^Maria')],
    ['reversed', who('Popescu^Ion'), who('Ion^Popescu')],
    ['free text', who('Popescu^Ion'), who('Ion Popescu')],
    ['with a patronymic', who('Иванов^Пётр^Сергеевич'), who('Ivanov^Piotr')],
    ['an initial', who('Popescu^I'), who('Popescu^Ion')],
    ['initials and dots', who('Popescu^I.V.'), who('Popescu^Ion^Vasile')],
    ['no given name', who('Popescu'), who('Popescu^Ion')],
    ['no name', who(undefined, '19510203'), who('Popescu^Ion', '19510203')],
    ['no birth date', who('Popescu^Ion'), who('Popescu^Ion', '19510203')],
    ['an impossible birth date', who('Popescu^Ion', '00000000'), who('Popescu^Ion', '19510203')],
    ['a stand-in for a birth date', who('Popescu^Ion', '19000101'), who('Popescu^Ion', '19510203')],
    ['a date that is none', who('Popescu^Ion', '19510230'), who('Popescu^Ion', '19510203')],
    ['an older way to write a date', who('Popescu^Ion', '1951.02.03'), who('Popescu^Ion', '19510203')],
    ['a placeholder', who('ANONYMOUS', undefined), who('Popescu^Ion')],
    ['two placeholders', who('UNKNOWN^PATIENT'), who('Test^Test')],
    ['another sex alone', who('Popescu^Ion', '19510203', 'F'), who('Popescu^Ion', '19510203', 'M')],
    ['in two scripts', who('Wang^XiaoDong=王^小東'), who('王^小東')],
  ])('%s', (_, a, b) => {
    expect([contradicts(a, b), contradicts(b, a)]).toEqual([false, false]);
  });
});

describe('two persons', () => {
  test.each([
    ['other names', who('First^Anna'), who('Second^Boris')],
    ['other names and birth dates', who('First^Anna', '19500101', 'F'), who('Second^Boris', '19800202', 'M')],
    ['the same name, born on other days', who('Popescu^Ion', '19510203'), who('Popescu^Ion', '19840506')],
    ['a birth date alone', who(undefined, '19510203'), who(undefined, '19840506')],
    ['twins', who('Popescu^Andreea', '20010304', 'F'), who('Popescu^Mihaela', '20010304', 'F')],
    ['twins, brother and sister', who('Попеску^Виктор', '20010304', 'M'), who('Popescu^Doina', '20010304', 'F')],
    ['father and son', who('Popescu^Ion', '19510203'), who('Popescu^Victor', '19810203')],
    ['mother and daughter without dates', who('Popescu^Maria'), who('Popescu^Doina')],
    ['an initial of another name', who('Popescu^V'), who('Popescu^Ion')],
    ['Hîncu and Munteanu', who('Hîncu^Ana'), who('Мунтяну^Виктория')],
  ])('%s', (_, a, b) => {
    expect([contradicts(a, b), contradicts(b, a)]).toEqual([true, true]);
  });
});

const part = fc.constantFrom('Popescu', 'Русу', 'Țurcanu', 'Ion', 'Ana', 'Мария', 'V', 'X', '', 'ANONYMOUS', '王');
const name = fc.oneof(
  fc.tuple(part, part, part).map((parts) => parts.join('^')),
  fc.tuple(part, part).map((parts) => parts.join(' ')),
  fc.string({ maxLength: 40 }),
  fc.constant(undefined),
);
const date = fc.constantFrom('19510203', '19840506', '19000101', '', '1951', '99999999', undefined);
const anybody = fc.record({ name, birthDate: date, sex: fc.constantFrom('M', 'F', 'O', '', undefined) });

describe('always', () => {
  const runs = { numRuns: 2_000, seed: 20_261_129 };

  test('it says the same both ways, and nobody contradicts himself', () => {
    fc.assert(
      fc.property(anybody, anybody, (a, b) => {
        expect(contradicts(a, b)).toBe(contradicts(b, a));
        expect(contradicts(a, a)).toBe(false);
      }),
      runs,
    );
  });

  test('what is not said contradicts nothing', () => {
    fc.assert(
      fc.property(anybody, (a) => {
        expect(contradicts(a, {})).toBe(false);
        expect(contradicts(a, { name: '', birthDate: '', sex: '' })).toBe(false);
      }),
      runs,
    );
  });

  test('saying less of somebody never makes two of one', () => {
    fc.assert(
      fc.property(anybody, anybody, fc.constantFrom('name', 'birthDate'), (a, b, less) => {
        if (!contradicts(a, b)) expect(contradicts({ ...a, [less]: undefined }, b)).toBe(false);
      }),
      runs,
    );
  });

  test('a name stands in one line of variants alone', () => {
    const all = nameVariants.flat();
    expect(all.filter((each, i) => all.indexOf(each) !== i && each !== 'Pașa')).toEqual([]);
  });
});
