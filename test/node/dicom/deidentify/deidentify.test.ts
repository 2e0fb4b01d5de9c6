// Data sets made by hand for every rule, and random ones into which a name is planted.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deidentify } from '../../../../node/dicom/deidentify/deidentify.ts';
import { optionNames, parseProfile } from '../../../../node/dicom/deidentify/rules/profile.ts';
import { listed } from '../../../../node/dicom/deidentify/rules/table.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import type { Attributes } from '../../../../sim/studies/dataset-writer.ts';
import { bytes, codeOf, dataset, encapsulated, item, plainHeader, readFile, sequenceEnd, u32 } from '../helpers.ts';
import { deidentified, deidentifiedFile, key, sourceOf } from './kit.ts';
import { leaks, secretsOf, wordsOf } from './scan.ts';

const name = 'ZYWICKA^ALDONA';
const person: Attributes = [
  [0x00080005, 'CS', 'ISO_IR 192'],
  [0x00100010, 'PN', name],
  [0x00100020, 'LO', '2791234567890'],
];

async function headerOf(whole: Uint8Array, profile = 'basic', transferSyntax?: string): Promise<DicomJson> {
  const { file } = await deidentified(sourceOf(whole, transferSyntax), { profile });
  return (await readFile(file)).summary.json;
}

const value = (json: DicomJson, tag: string): unknown => json[tag]?.Value?.[0];
const codesOf = (json: DicomJson): unknown[] =>
  (json['00120064']?.Value ?? []).map((code) => value(code as DicomJson, '00080100'));
const says = (file: Uint8Array, text: string): boolean =>
  Buffer.from(file).toString('latin1').toLowerCase().includes(text.toLowerCase());

describe('the table', () => {
  test('holds all of Table E.1-1', () => {
    expect(listed.size).toBe(617); // 621 rows, but private, curves and two of overlays, which are patterns
  });

  test('every listed attribute loses its value under the basic profile, at the top and in a sequence', async () => {
    // of those that may stand in a data set and hold text
    const texts = [...listed.keys()]
      .filter((tag) => tag > 0x0008ffff && tag >>> 16 !== 0x7fe0 && tag !== 0x00420011)
      .slice(0, 600);
    for (const tag of texts) {
      const attributes: Attributes = [...person, [tag, 'LO', 'Quaxolotl']];
      for (const more of [attributes, [[0x00081199, 'SQ', [attributes]]] as Attributes]) {
        const { file } = await deidentified(sourceOf(dataset(...more)));
        expect(says(file, 'quaxolotl'), tag.toString(16)).toBe(false);
        expect(says(file, 'aldona'), tag.toString(16)).toBe(false);
      }
    }
  });
});

describe('profiles', () => {
  test('are the basic one and options, in any order', () => {
    expect(parseProfile('basic dates,characteristics').name).toBe('basic+characteristics+dates');
    expect([...parseProfile(`basic+${optionNames.filter((each) => each !== 'dates').join('+')}`).options]).toHaveLength(
      9,
    );
  });

  test.each(['', 'dates', 'basic+everything', 'basic+dates+full-dates', 'basic+__proto__'])('%s is none', (text) => {
    expect(() => parseProfile(text)).toThrow('deid/profile');
  });

  test('the result says what was done', async () => {
    const json = await headerOf(dataset(...person), 'basic+inspected+dates+uids');
    const codes = codesOf(json);
    expect(codes).toEqual(['113100', '113107', '113110']);
    expect(value(json, '00120062')).toBe('YES');
    expect(value(json, '00280303')).toBe('MODIFIED');
    expect(value(json, '00080018')).toBe('1.2.3.4');
    const bare = await headerOf(dataset(...person), 'basic');
    expect(value(bare, '00280303')).toBe('REMOVED');
    expect(value(bare, '00080018')).toMatch(/^2\.25\.\d{10,39}$/);
  });
});

describe('elements', () => {
  test('unknown, private and unsearchable ones go, wherever they are', async () => {
    const secrets: Attributes = [
      ...person,
      [0x00090010, 'LO', 'ACME 1.1'],
      [0x00091001, 'LO', 'Quaxolotl'],
      [0x00091002, 'SQ', [[[0x00100010, 'PN', 'Quaxolotl']]]],
      [0x00181402, 'LO', 'Quaxolotl'], // known, but not as text
      [0x00186fff, 'LO', 'Quaxolotl'], // unknown
      [0x00142006, 'PN', 'Quaxolotl'], // not listed, but a person
      [0x00700006, 'ST', 'Quaxolotl'],
      [0x00081190, 'UT', 'http://quaxolotl'],
      [0x0008103f, 'LO', 'Quaxolotl'], // a sequence by the dictionary
      [0x00281351, 'ST', 'Quaxolotl'], // free text
      [0x0040a160, 'UT', 'Quaxolotl'],
      [0x00280010, 'LO', 'Quaxolotl'], // rows are no text
      [0x00181152, 'IS', 'Quaxolotl'], // nor is exposure
    ];
    const { file } = await deidentified(
      sourceOf(dataset(...secrets, [0x00400275, 'SQ', [secrets]], [0x00081199, 'SQ', [secrets]])),
    );
    expect(says(file, 'quaxolotl')).toBe(false);
    expect(says(file, 'acme')).toBe(false);
  });

  test('sequences that come as UN are looked into', async () => {
    const content = bytes(plainHeader(0x00100010, 8), 'QUAXOLOT', plainHeader(0x00100040, 2), 'F ');
    const items = bytes(item(content.length), content);
    const known = bytes([8, 0, 0x99, 0x11], 'UN', [0, 0], u32(items.length), items);
    const open = bytes([8, 0, 0x99, 0x11], 'UN', [0, 0], u32(0xffffffff), items, sequenceEnd);
    const spoilt = bytes([8, 0, 0x99, 0x11], 'UN', [0, 0], u32(8), 'QUAXOLOT');
    for (const each of [known, open, spoilt]) {
      const whole = dataset();
      const at = Buffer.from(whole).indexOf(Buffer.from([0x20, 0, 0x0d, 0]));
      const { file } = await deidentified(sourceOf(bytes(whole.subarray(0, at), each, whole.subarray(at))));
      expect(says(file, 'quaxolot')).toBe(false);
      expect((await readFile(file)).summary.json['00081199']?.vr).toBe(each === spoilt ? undefined : 'SQ');
    }
  });

  test('a name goes wherever it is repeated, in any letter case', async () => {
    const code: Attributes = [
      [0x00080100, 'SH', '121106'],
      [0x00080102, 'SH', 'DCM'],
      [0x00080104, 'LO', 'Comment of Zywicka'],
    ];
    const json = await headerOf(
      dataset(
        ...person,
        [0x00081032, 'SQ', [code]],
        [0x00181020, 'LO', 'v1 zywicka copy'],
        [0x00180015, 'CS', 'ALDONA'],
        [0x00180024, 'SH', 'fl3d'],
      ),
    );
    expect(value(json, '00181020')).toBe('REMOVED');
    expect(value(json, '00180015')).toBe('REMOVED');
    const kept = json['00081032']?.Value?.[0] as DicomJson;
    expect([value(kept, '00080100'), value(kept, '00080104')]).toEqual(['121106', 'REMOVED']);
    expect(value(json, '00180024')).toBe('fl3d');
  });

  test('a name in the disguise of numbers goes, numbers stay', async () => {
    const numbers: Attributes = [
      [0x00281101, 'US', bytes('ZYWICKA ')],
      [0x00281102, 'US', bytes('abcdefgh')],
    ];
    const { file } = await deidentified(sourceOf(dataset(...person, ...numbers)));
    expect(says(file, 'zywicka')).toBe(false);
    expect(says(file, 'abcdefgh')).toBe(true);
  });

  test('what is kept keeps its bytes; commands, file meta and what follows the pixels go', async () => {
    const raw = bytes('1\\2\\', ' 3.50 ');
    const pixels: Attributes = [
      [0x00280010, 'US', [1]],
      [0x00280011, 'US', [2]],
      [0x7fe00010, 'OB', Uint8Array.of(1, 2)],
      [0xfffcfffc, 'OB', bytes('Quaxolotl ')],
    ];
    const { file } = await deidentified(sourceOf(dataset([0x00000900, 'US', [0]], [0x00200032, 'DS', raw], ...pixels)));
    expect(says(file, '1\\2\\ 3.50 ')).toBe(true);
    expect(says(file, 'quaxolotl')).toBe(false);
    expect((await readFile(file)).summary.json['00000900']).toBeUndefined();
  });

  test('safe private attributes stay with their creator, if asked for', async () => {
    const own: Attributes = [
      [0x00190010, 'LO', 'SIEMENS MR HEADER'],
      [0x0019100c, 'IS', '1000'],
      [0x00191015, 'LO', 'Quaxolotl'],
    ];
    const json = await headerOf(dataset(...own), 'basic+safe-private');
    expect(value(json, '00190010')).toBe('SIEMENS MR HEADER');
    expect(json['0019100C']).toBeDefined();
    expect(json['00191015']).toBeUndefined();
    const unlisted: Attributes = [
      [0x00250010, 'LO', 'GEMS_SERS_01'],
      [0x00251007, 'SL', bytes('abcd')],
    ];
    expect((await headerOf(dataset(...unlisted), 'basic+safe-private'))['00251007']).toBeUndefined();
    expect((await headerOf(dataset(...own)))['0019100C']).toBeUndefined();
  });

  test('descriptions keep the words that describe', async () => {
    const json = await headerOf(
      dataset(...person, [0x0008103e, 'LO', 'T2 axial for Mrs Kowalska'], [0x00081030, 'LO', 'CT Head 5.0mm']),
      'basic+descriptors',
    );
    expect(value(json, '0008103E')).toBe('T2 axial for');
    expect(value(json, '00081030')).toBe('CT Head 5.0mm');
  });

  test('the ages of the very old are one age', async () => {
    const profile = 'basic+characteristics';
    expect(value(await headerOf(dataset([0x00101010, 'AS', '095Y']), profile), '00101010')).toBe('090Y');
    expect(value(await headerOf(dataset([0x00101010, 'AS', '045Y']), profile), '00101010')).toBe('045Y');
    expect((await headerOf(dataset([0x00101010, 'AS', '045Y'])))['00101010']).toBeUndefined();
  });
});

describe('dates', () => {
  const dated = (day: string, patient = '1'): Uint8Array =>
    dataset([0x00080020, 'DA', day], [0x0008002a, 'DT', `${day}101112.5`], [0x00100020, 'LO', patient]);

  test('move by as many days for all of a patient, and by others for another', async () => {
    const [a, b, c] = await Promise.all(
      [dated('20240301'), dated('20240228'), dated('20240301', '2')].map((each) => headerOf(each, 'basic+dates')),
    );
    const day = (json: DicomJson | undefined): number => {
      const text = String(value(json!, '00080020'));
      return Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4, 6)) - 1, Number(text.slice(6))) / 86_400_000;
    };
    expect(day(a) - day(b)).toBe(2); // over a 29 February
    expect(day(a)).toBeLessThan(Date.UTC(2024, 2, 1) / 86_400_000);
    expect(day(c)).not.toBe(day(a));
    expect(value(a!, '0008002A')).toBe(`${value(a!, '00080020')}101112.5`);
  });

  test('that are none are taken out', async () => {
    const json = await headerOf(dated('20240231'), 'basic+dates');
    expect(value(json, '00080020')).toBeUndefined();
  });
});

describe('pixels', () => {
  const image = (more: Attributes, pixels: Uint8Array, bits = 8): Uint8Array =>
    dataset(
      [0x00280002, 'US', [1]],
      [0x00280004, 'CS', 'MONOCHROME2'],
      [0x00280010, 'US', [4]],
      [0x00280011, 'US', [4]],
      [0x00280100, 'US', [bits]],
      [0x00280101, 'US', [bits === 16 ? 12 : bits]],
      [0x00280102, 'US', [bits === 16 ? 11 : bits - 1]],
      ...more,
      [0x7fe00010, bits === 16 ? 'OW' : 'OB', pixels],
    );
  const refused = (whole: Uint8Array) => codeOf(deidentified(sourceOf(whole), { profile: 'basic' }));
  const pixelsAfter = async (whole: Uint8Array, options: object, sizes = [4096]): Promise<number[]> => {
    const { file } = await deidentified(sourceOf(whole, undefined, sizes), { profile: 'basic', ...options });
    const { summary } = await readFile(file);
    return [...file.subarray(-summary.pixelBytes)];
  };

  test('text is suspected by what an object is and says', async () => {
    const ct: Attributes = [[0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2']];
    const of = (...more: Attributes) => refused(image(more, new Uint8Array(16)));
    expect(await of()).toBe('deid/burned-in'); // secondary capture
    expect(await of([0x00280301, 'CS', 'NO'])).toBe('none');
    expect(await of(...ct)).toBe('none');
    expect(await of(...ct, [0x00280301, 'CS', 'YES'])).toBe('deid/burned-in');
    expect(await of(...ct, [0x00080008, 'CS', 'DERIVED\\SECONDARY\\SCREEN SAVE'])).toBe('deid/burned-in');
    expect(await of(...ct, [0x00080064, 'CS', 'WSD'])).toBe('deid/burned-in');
    expect(await of(...ct, [0x00186011, 'SQ', [[[0x00186012, 'US', [1]]]]])).toBe('deid/burned-in');
    expect(await of([0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'])).toBe('deid/burned-in');
    expect(await of([0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.12.1'], [0x00080008, 'CS', 'DERIVED\\PRIMARY'])).toBe(
      'deid/burned-in',
    );
    expect(await of([0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.12.1'], [0x00080008, 'CS', 'ORIGINAL\\PRIMARY'])).toBe(
      'none',
    );
    expect(await refused(dataset())).toBe('none'); // nothing to burn it into
  });

  test('a document is refused, inspected or not: nothing can clean it', async () => {
    const pdf = (bytes: Uint8Array) => sourceOf(dataset(...person, [0x00420011, 'OB', bytes]));
    expect(await codeOf(deidentified(pdf(bytes('%PDF-1.4'))))).toBe('deid/document');
    expect(await codeOf(deidentified(pdf(new Uint8Array(0))))).toBe('none');
  });

  test('regions are blanked in every frame, whatever the pieces', async () => {
    const two: Attributes = [[0x00280008, 'IS', '2']];
    const whole = image(two, new Uint8Array(32).fill(9));
    const frame = [9, 9, 9, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 9, 9, 9];
    const regions = [{ x: 1, y: 1, width: 2, height: 2 }];
    for (const sizes of [[1], [3], [7, 2], [4096]]) {
      expect(await pixelsAfter(whole, { regions }, sizes)).toEqual([...frame, ...frame]);
    }
    const made = await deidentified(sourceOf(whole), { profile: 'basic', regions });
    expect(made.burnedIn).toBe('blanked');
    const json = (await readFile(made.file)).summary.json;
    expect(value(json, '00280301')).toBe('NO');
    expect(codesOf(json)).toEqual(['113100', '113101']);
  });

  test('planes by themselves are blanked each', async () => {
    const planes: Attributes = [
      [0x00280002, 'US', [3]],
      [0x00280004, 'CS', 'RGB'],
      [0x00280006, 'US', [1]],
    ];
    const regions = [{ x: 0, y: 0, width: 4, height: 3 }];
    const plane = [...Array(12).fill(0), 5, 5, 5, 5];
    expect(await pixelsAfter(image(planes, new Uint8Array(48).fill(5)), { regions })).toEqual([
      ...plane,
      ...plane,
      ...plane,
    ]);
  });

  test('an overlay in unused bits goes', async () => {
    const overlay: Attributes = [
      [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
      [0x60000100, 'US', [16]],
      [0x60000102, 'US', [12]],
    ];
    expect(await pixelsAfter(image(overlay, new Uint8Array(32).fill(0xff), 16), {})).toEqual(
      Array(16).fill([0xff, 0x0f]).flat(),
    );
  });

  test('comments in compressed frames go, whatever the pieces; the rest stays', async () => {
    const soi = [0xff, 0xd8, 0xff, 0xe0, 0, 6, 0x4a, 0x46, 0x49, 0x46];
    const segment = (marker: number, text: string) => [0xff, marker, 0, text.length + 2, ...Buffer.from(text)];
    const scan = [0xff, 0xda, 0, 2, ...Buffer.from('Zywicka')];
    const stream = [...soi, ...segment(0xe1, 'Exif Zywicka'), ...segment(0xfe, 'Aldona'), ...scan, 0];
    const codestream = [0xff, 0x4f, 0xff, 0x64, 0, 10, 0, 1, ...Buffer.from('Aldona'), 0xff, 0x90];
    const head = image([[0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2']], new Uint8Array(0));
    const whole = bytes(head.subarray(0, head.length - 12), encapsulated([], stream, codestream, stream));
    const at = Buffer.from(whole).indexOf('JFIF') - 6;
    for (const sizes of [[1], [5, 3], [4096]]) {
      const { file } = await deidentified(sourceOf(whole, '1.2.840.10008.1.2.4.50', sizes));
      expect(says(file, 'aldona')).toBe(false);
      expect(says(file, 'exif')).toBe(false);
      const pixels = file.subarray(-(whole.length - at));
      const changed = [...whole.subarray(at)].filter((byte, i) => byte !== pixels[i]);
      expect(Buffer.from(changed).toString()).toBe('ExifZywickaAldonaAldonaExifZywickaAldona');
    }
  });

  test('what cannot be blanked is refused', async () => {
    const code = (whole: Uint8Array, region: object) =>
      codeOf(
        deidentified(sourceOf(whole), { profile: 'basic', regions: [{ x: 0, y: 0, width: 1, height: 1, ...region }] }),
      );
    const whole = image([], new Uint8Array(16));
    expect(await code(whole, { width: 5 })).toBe('deid/regions');
    expect(await code(whole, { x: -1 })).toBe('deid/regions');
    expect(await code(whole, { height: 0.5 })).toBe('deid/regions');
    expect(await code(image([[0x00280004, 'CS', 'YBR_FULL_422']], new Uint8Array(16)), {})).toBe('deid/pixels');
    expect(await code(image([], new Uint8Array(8)), {})).toBe('dicom/truncated');
  });

  test('long ones flow by: nothing of them is read before it is asked for', async () => {
    const length = 1 << 30;
    const head = image([[0x00280008, 'IS', '67108864']], new Uint8Array(0));
    const whole = bytes(head.subarray(0, head.length - 4), u32(length));
    let given = 0;
    const source = {
      transferSyntax: uids.explicitLittleEndian,
      read: async function* (from: number, to = whole.length + length) {
        for (let at = from; at < to; ) {
          const piece = at < whole.length ? whole.subarray(at, to) : new Uint8Array(Math.min(65_536, to - at));
          given += piece.length;
          at += piece.length;
          yield piece;
        }
      },
    };
    const made = await deidentify(source, { profile: 'basic+inspected', key });
    expect(given).toBeLessThan(200_000);
    let total = 0;
    for await (const piece of made.bytes) {
      expect(piece.length).toBeLessThanOrEqual(131_072);
      total += piece.length;
    }
    expect(total).toBeGreaterThan(length);
  });
});

test('directories and objects without an identity are refused', async () => {
  const of = (...more: Attributes) => codeOf(deidentified(sourceOf(dataset(...more))));
  expect(await of([0x00080016, 'UI', uids.mediaDirectory])).toBe('dicom/directory');
  expect(await of([0x00080018, 'UI', ''])).toBe('dicom/uid-missing');
});

describe('anything', () => {
  const secret = 'QUAXOLOTL';
  // what tells the instance, and the document in one, which is refused as a whole
  const apart = new Set([0x0020000d, 0x0020000e, 0x00420011]);
  const tags = [...listed.keys()].filter((tag) => tag > 0x0008ffff && !apart.has(tag));
  // private, unknown, free text, links, people, numbers: what the table does not list
  const others = [0x00091001, 0x00186fff, 0x0040a160, 0x00700006, 0x00081190, 0x00142006, 0x00181152, 0x00281351];
  const vrs = ['LO', 'SH', 'PN', 'LT', 'UT', 'UN', 'CS', 'OB', 'ST'];
  const leaf = fc.tuple(
    fc.oneof(fc.constantFrom(...tags), fc.constantFrom(...others)),
    fc.constantFrom(...vrs),
    fc.constant(secret),
  );
  const containers = [0x00081199, 0x00400275, 0x0040a730, 0x00400555, 0x00081032, 0x00091002, 0x00700001, 0x00101002];
  const { nested } = fc.letrec<{ nested: Attributes; one: Attributes[number] }>((tie) => ({
    nested: fc
      .uniqueArray(tie('one'), { selector: ([tag]) => tag, minLength: 1, maxLength: 4 })
      .map((all) => [...all].sort(([a], [b]) => a - b)),
    one: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(fc.constantFrom(...containers), fc.constant('SQ'), fc.array(tie('nested'), { maxLength: 3 })),
    ) as fc.Arbitrary<Attributes[number]>,
  }));
  const profile = fc.subarray(
    optionNames.filter((each) => !/full-dates|uids|device|institution|characteristics|safe/.test(each)),
  );

  test('a name planted in any listed or unknown element, at any depth, is not in the file', async () => {
    await fc.assert(
      fc.asyncProperty(nested, profile, async (attributes, options) => {
        const whole = dataset(...person, ...attributes);
        const made = await deidentified(sourceOf(whole, undefined, [17]), { profile: ['basic', ...options].join('+') });
        expect(says(made.file, secret)).toBe(false);
        await readFile(made.file);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('spoilt bytes are refused by a code, or lose the name all the same', async () => {
    const whole = dataset(
      ...person,
      [0x0040a730, 'SQ', [[...person], [[0x0040a160, 'UT', name]]]],
      [0x00091001, 'LO', name],
    );
    const spoil = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    let read = 0;
    await fc.assert(
      fc.asyncProperty(spoil, async (changes) => {
        const spoilt = Uint8Array.from(whole);
        for (const [at, byte] of changes) spoilt[at] = byte;
        try {
          const { file } = await deidentified(sourceOf(spoilt));
          expect(says(file, 'aldona')).toBe(false);
          read += 1;
        } catch (error) {
          if (!(error instanceof PeerError)) throw error;
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

test('the scanner finds what is planted', async () => {
  const whole = dataset(...person, [0x00081155, 'UI', '1.2.3.4.5.6.7']);
  const file = bytes(
    new Uint8Array(128),
    'DICM',
    [2, 0, 0x10, 0],
    'UI',
    [20, 0],
    `${uids.explicitLittleEndian}\0`,
    whole,
  );
  const secrets = await secretsOf(file, 'basic');
  expect(secrets.map(({ text }) => text)).toEqual(
    expect.arrayContaining([name, 'ALDONA', '2791234567890', '1.2.3.4.5.6.7']),
  );
  const { file: made } = await deidentifiedFile(file);
  const words = await wordsOf(made);
  expect(leaks(secrets, words)).toEqual([]);
  for (const planted of [Buffer.from('x aldona x'), Buffer.from('ALDONA', 'utf16le'), Buffer.from('(1.2.3.4.5.6.7)')]) {
    expect(leaks(secrets, { ...words, bytes: Buffer.concat([words.bytes, planted]) })).toHaveLength(1);
  }
});
