// Text whose character set nobody declared, or somebody declared wrongly.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guessCharset } from '../../../../node/dicom/text/charset-guess.ts';
import { dataset, readDataset } from '../helpers.ts';

/** Text in a single-byte set, by turning its decoder around. */
function encode(label: string, text: string): Uint8Array {
  if (label === 'utf-8') return new TextEncoder().encode(text);
  const decoder = new TextDecoder(label);
  const all = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const));
  return Uint8Array.from(text, (letter) => {
    const byte = all.get(letter);
    if (byte === undefined) throw new Error(`${label} has no ${letter}`);
    return byte;
  });
}

const cyrillicSets = ['windows-1251', 'koi8-u', 'iso-8859-5', 'ibm866', 'utf-8'];
const russian = [
  'Иванов^Иван',
  'ИВАНОВ^ИВАН',
  'Ковальчук^Сергей',
  'Грудная клетка',
  'МРТ головного мозга',
  'Щербань^Юлия',
];
const romanian = ['Ştefan', 'Ţurcanu^Ştefan', 'Mâţă', 'Petraşcu^Guţu', 'BĂLŢI'];
const western = [
  'Jérôme',
  'Müller',
  'João',
  'Ångström',
  'Çelik',
  'ÄÖÜ',
  'François',
  'Núñez',
  'Þórarinn Jónsson',
  'É',
  '40° C',
];

const reads = (bytes: Uint8Array, declared: string | undefined) =>
  new TextDecoder(guessCharset([bytes], declared) ?? declared ?? 'windows-1252').decode(bytes);
const commas = (text: string) =>
  text.replaceAll('ş', 'ș').replaceAll('Ş', 'Ș').replaceAll('ţ', 'ț').replaceAll('Ţ', 'Ț');

describe('guessing a character set', () => {
  test('Cyrillic, undeclared, declared as Latin 1 or as UTF-8', () => {
    for (const text of russian) {
      for (const label of cyrillicSets) {
        for (const declared of [undefined, 'iso-8859-1', 'iso-8859-2', 'utf-8']) {
          expect(reads(encode(label, text), declared), `${label} as ${declared}`).toBe(text);
        }
      }
    }
  });

  test('one Cyrillic set declared as another, with some words to tell by', () => {
    const header = 'ИВАНОВ^ИВАН Ковальчук Сергей Грудная клетка';
    for (const label of cyrillicSets) expect(reads(encode(label, header), 'iso-8859-5')).toBe(header);
  });

  test('Romanian, undeclared or declared as Latin 1', () => {
    for (const text of romanian) {
      for (const label of ['windows-1250', 'iso-8859-2', 'utf-8']) {
        for (const declared of [undefined, 'iso-8859-1']) {
          expect(commas(reads(encode(label, text), declared)), `${label} as ${declared}`).toBe(commas(text));
        }
      }
    }
  });

  test('what is plausible as declared stays, however short or rare', () => {
    for (const text of western)
      expect(guessCharset([encode('windows-1252', text)], 'iso-8859-1'), text).toBeUndefined();
    for (const text of [...russian, 'Ян', 'Щукин', 'Эшпай', 'УЗИ', 'Жук', 'Їжак']) {
      expect(guessCharset([encode('iso-8859-5', text)], 'iso-8859-5'), text).toBeUndefined();
    }
    for (const text of ['Ştefan', 'Łódź', 'Škvorecký', 'Őrsi', 'Dvořák^Antonín']) {
      expect(guessCharset([encode('iso-8859-2', text)], 'iso-8859-2'), text).toBeUndefined();
    }
    for (const text of western) expect(guessCharset([encode('utf-8', text)], 'utf-8'), text).toBeUndefined();
  });
});

describe('in a data set', () => {
  const pn = 0x00100010;
  const description = 0x00081030;
  const short = encode('windows-1251', 'Ян');
  const long = encode('windows-1251', 'Рентгенография грудной клетки');

  test('the whole header tells what one short name cannot, and what was read is marked', async () => {
    const { header } = await readDataset(
      dataset([0x00080005, 'CS', 'ISO_IR 100'], [pn, 'PN', short], [description, 'LO', long]),
    );
    expect(header).toMatchObject({
      patient: { name: 'Ян' },
      study: { description: 'Рентгенография грудной клетки' },
      guessedCharset: true,
    });
    const alone = await readDataset(dataset([0x00080005, 'CS', 'ISO_IR 100'], [pn, 'PN', short]));
    expect(alone.header.patient.name).toBe('ßí');
    expect(alone.header).not.toHaveProperty('guessedCharset');
  });

  test('a long text is judged before it ends, and what follows is read alike', async () => {
    const much = encode('koi8-u', 'Заключение без патологии. '.repeat(900));
    const set = dataset([0x00100010, 'PN', encode('koi8-u', 'Рошка^Ион')], [0x00104000, 'LT', much]);
    const { header, json } = await readDataset(set, { inlineBytes: 65_536 });
    expect(header.patient.name).toBe('Рошка^Ион');
    const text = String(json['00104000']!.Value![0]);
    expect(text.slice(0, 26).repeat(900).trim()).toBe(text);
    expect(text.slice(0, 10)).toBe('Заключение');
  });

  test('whatever the bytes and whatever is declared: text, the same however it is cut', async () => {
    const terms = fc.constantFrom(
      'ISO_IR 100',
      'ISO_IR 101',
      'ISO_IR 144',
      'ISO_IR 192',
      'ISO_IR 13',
      'GB18030',
      '',
      'x',
    );
    const property = fc.asyncProperty(
      terms,
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      async (term, values) => {
        const texts = values.map(
          (value, i) => [0x00081030 + 2 * i, 'LO', value.length % 2 ? value.slice(1) : value] as const,
        );
        const set = dataset([0x00080005, 'CS', term], ...texts);
        const whole = await readDataset(set);
        expect(await readDataset(set, {}, [3, 1])).toEqual(whole);
      },
    );
    await fc.assert(property, { seed: 5, numRuns: 300 });
  });

  test('code extensions and scripts that no guess knows are taken at their word', async () => {
    const greek = encode('iso-8859-7', 'Διονυσιος');
    const { header } = await readDataset(dataset([0x00080005, 'CS', 'ISO_IR 126'], [pn, 'PN', greek]));
    expect(header.patient.name).toBe('Διονυσιος');
    expect(header).not.toHaveProperty('guessedCharset');
  });
});
