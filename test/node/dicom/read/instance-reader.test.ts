// Header, DICOM JSON and frames of one instance.
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bulkRange, type DicomJson, dicomJsonText } from '../../../../node/dicom/model/json.ts';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { type Frames, frameRanges } from '../../../../node/dicom/read/frames.ts';
import { mustBeInstance } from '../../../../node/dicom/read/instance-reader.ts';
import { catalogue, PeerError } from '../../../../protocol/errors.ts';
import { type Attributes, elementHeader, writeDataset } from '../../../../sim/studies/dataset-writer.ts';
import * as by from '../helpers.ts';

const jpeg = '1.2.840.10008.1.2.4.50';
const image = (rows: number, columns: number, bits: number, frames: number): Attributes => [
  [0x00280002, 'US', [1]],
  [0x00280004, 'CS', 'MONOCHROME2'],
  [0x00280008, 'IS', String(frames)],
  [0x00280010, 'US', [rows]],
  [0x00280011, 'US', [columns]],
  [0x00280100, 'US', [bits]],
];

describe('header', () => {
  test('what the peer asks of an instance', async () => {
    const whole = by.dataset(
      ...([
        [0x00080005, 'CS', 'ISO_IR 192'],
        [0x00080008, 'CS', 'ORIGINAL\\PRIMARY'],
        [0x00080020, 'DA', '20260115'],
        [0x0008002a, 'DT', '20260116101112.5+0200'],
        [0x00080060, 'CS', 'CT'],
        [0x00100010, 'PN', 'Țurcanu^Ștefan'],
        [0x00100020, 'LO', ' 2002004123456 '],
        [0x00200013, 'IS', '7'],
      ] satisfies Attributes),
    );
    const { header, json } = await by.readDataset(whole);
    expect(header.patient).toEqual({ id: '2002004123456', name: 'Țurcanu^Ștefan' });
    expect(header.study).toEqual({
      ...{ date: '20260115', patientId: '2002004123456', patientName: 'Țurcanu^Ștefan' },
    });
    expect(header.series).toEqual({ modality: 'CT' });
    const acquired = { acquisitionDate: '20260116', acquisitionTime: '101112.5' };
    expect(header.instance).toEqual({ number: 7, imageType: ['ORIGINAL', 'PRIMARY'], ...acquired });
    expect(header).not.toHaveProperty('guessedCharset');
    expect(json['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] });
  });

  test('identity is demanded and checked', async () => {
    for (const tag of [0x00080016, 0x00080018, 0x0020000d, 0x0020000e]) {
      expect(await by.codeOf(by.readDataset(by.dataset([tag, 'UI', ''])))).toBe('dicom/uid-missing');
      expect(await by.codeOf(by.readDataset(by.dataset([tag, 'UI', '../../x'])))).toBe('dicom/uid-invalid');
      expect(await by.codeOf(by.readDataset(by.dataset([tag, 'UI', `1.${'2'.repeat(70)}`])))).toBe('dicom/uid-invalid');
    }
    expect(await by.codeOf(by.readDataset(by.dataset(), { transferSyntax: '../x' }))).toBe('dicom/transfer-syntax');
    const { header } = await by.readDataset(by.dataset());
    mustBeInstance(header, header);
    expect(() => mustBeInstance(header, { ...header, sopInstanceUid: '1.2' })).toThrow(/dicom\/sop-mismatch/);
    expect(catalogue['dicom/sop-mismatch'].dimse).toBe(0xa900);
  });

  test('the first of two same elements counts, text by guess is marked', async () => {
    const twice = by.bytes(by.dataset([0x00100010, 'PN', 'A']), writeDataset([[0x00080018, 'UI', '6.6.6']]));
    expect((await by.readDataset(twice)).header.sopInstanceUid).toBe('1.2.3.4');
    const foreign = by.dataset([0x00100010, 'PN', Buffer.from('J\xe9r\xf4me', 'latin1')]);
    expect((await by.readDataset(foreign)).header).toMatchObject({ patient: { name: 'Jérôme' }, guessedCharset: true });
  });
});

describe('DICOM JSON', () => {
  test('values by VR', async () => {
    const { json } = await by.readDataset(
      by.dataset(
        [0x00090010, 'LO', 'ACME'],
        [0x00091001, 'UN', Uint8Array.of(1, 2, 3, 4)],
        [0x00100010, 'PN', 'A^B=山=や'],
        [0x00101010, 'AS', ''],
        [0x00181088, 'IS', '60\\ x\\'],
        [0x00280009, 'AT', [0x10630018]],
        [0x00280030, 'DS', '0.50\\1e-3'],
        [0x00280106, 'SS', [-5]],
        [0x00280107, 'US', [5, 65535]],
      ),
    );
    expect(json['00091001']).toEqual({ vr: 'UN', InlineBinary: 'AQIDBA==' });
    expect(json['00100010']!.Value).toEqual([{ Alphabetic: 'A^B', Ideographic: '山', Phonetic: 'や' }]);
    expect(json['00101010']).toEqual({ vr: 'AS' });
    expect(json['00181088']).toEqual({ vr: 'IS', Value: [60, 'x', null] });
    expect(json['00280009']!.Value).toEqual(['00181063']);
    expect(json['00280030']!.Value).toEqual([0.5, 0.001]);
    expect(json['00280106']!.Value).toEqual([-5]);
    expect(json['00280107']!.Value).toEqual([5, 65535]);
  });

  test('sequences, and items with a character set of their own', async () => {
    const greek = writeDataset([
      [0x00080005, 'CS', 'ISO_IR 126'],
      [0x00080104, 'LO', Uint8Array.of(0xc4, 0xe9)],
    ]);
    const plain = writeDataset([[0x00080104, 'LO', 'Δ']]);
    const items = by.bytes(by.item(greek.length), greek, by.item(plain.length), plain, by.item(0));
    const codes = by.bytes(by.sequence(0x00081032, items.length), items);
    const utf8 = writeDataset([[0x00080005, 'CS', 'ISO_IR 192']]);
    const { json } = await by.readDataset(by.bytes(utf8, codes, by.dataset()));
    const [first, second, third] = json['00081032']!.Value as DicomJson[];
    expect(first!['00080104']!.Value).toEqual(['Δι']);
    expect(second!['00080104']!.Value).toEqual(['Δ']);
    expect(third).toEqual({});
  });

  test('long values and pixels are ranges', async () => {
    const text = 'x'.repeat(1026);
    const whole = by.dataset(
      [0x00080300, 'UT', 'y'.repeat(65_538)],
      [0x00204000, 'LT', text],
      [0x00281201, 'OW', Buffer.from(text)],
      [0x7fe00010, 'OW', Uint8Array.of(1, 2)],
    );
    const { json, jsonWhole } = await by.readDataset(whole);
    expect(json['00204000']).toEqual({ vr: 'LT', Value: [text] });
    const { offset, length } = bulkRange(json['00281201']!.BulkDataURI!)!;
    expect(Buffer.from(whole.subarray(offset, offset + length)).toString()).toBe(text);
    expect(bulkRange(json['00080300']!.BulkDataURI!)!.length).toBe(65_538);
    expect(json['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: `${whole.length - 2}/2` });
    expect(jsonWhole).toBe(true);
    expect(bulkRange('http://x/1')).toBeUndefined();
  });

  test('as text is in ascending order, with URIs', async () => {
    const inner = writeDataset([[0x00080100, 'SH', 'A']]);
    const codes = by.bytes(by.sequence(0x00081032, inner.length + 8), by.item(inner.length), inner);
    const own = writeDataset([
      [0x20010010, 'LO', 'ACME'],
      [0x7fe00010, 'OB', Uint8Array.of(1, 2)],
    ]);
    const { json } = await by.readDataset(by.bytes(codes, by.dataset(), own));
    const text = dicomJsonText(json, (tag, placeholder) => `https://x/${tag}/${placeholder}`);
    const { '7FE00010': pixels, ...rest } = JSON.parse(text) as DicomJson;
    const { '7FE00010': range, ...same } = json;
    expect(rest).toEqual(same);
    expect(pixels!.BulkDataURI).toBe(`https://x/7FE00010/${range!.BulkDataURI}`);
    const order = [...text.matchAll(/"([0-9A-F]{8})":/g)].map(([, tag]) => tag).filter((tag) => tag !== '00080100');
    expect(order).toEqual([...order].sort());
  });

  test('is bounded: the largest become ranges, also while still open, the header stays', async () => {
    const one = writeDataset([[0x00081155, 'UI', '1.2.3.4.5.6.7.8']]);
    const items = by.bytes(...Array.from({ length: 3000 }, () => by.bytes(by.item(one.length), one)));
    const small = by.bytes(by.sequence(0x00081110, one.length + 8), by.item(one.length), one);
    const big = by.bytes(by.sequence(0x00081140), items, by.sequenceEnd);
    const whole = by.bytes(small, big, by.dataset([0x00100010, 'PN', 'A']));
    const { json, jsonWhole, header } = await by.readDataset(whole, { jsonBytes: 8192 });
    expect(JSON.stringify(json).length).toBeLessThan(8192);
    expect(jsonWhole).toBe(false);
    expect(header.patient.name).toBe('A');
    expect(json['00081110']!.Value).toHaveLength(1);
    expect(bulkRange(json['00081140']!.BulkDataURI!)).toEqual({ offset: small.length + 12, length: items.length });
    const many = by.bytes(...Array.from({ length: 4000 }, (_, i) => elementHeader(0x00091000 + i, 'LO', 0)));
    expect(await by.codeOf(by.readDataset(by.bytes(many, by.dataset()), { jsonBytes: 8192 }))).toBe('dicom/too-many');
  });

  test('is valid, and within its bound, for anything that can be read', async () => {
    const attribute = fc.tuple(
      fc.integer({ min: 0x00090000, max: 0x0fffffff }),
      fc.constantFrom(...'AE AS AT CS DS FD FL IS LO LT OB PN SH SL UI UN US UT'.split(' ')),
      fc.uint8Array({ maxLength: 80 }).map((value) => value.subarray(0, value.length & ~7)),
    );
    const any = fc.asyncProperty(fc.array(attribute, { maxLength: 40 }), async (attributes) => {
      const own = attributes.filter(([tag]) => tag >>> 16 !== 0x0020);
      const { json } = await by.readDataset(by.bytes(by.dataset(), writeDataset(own)), { jsonBytes: 4096 });
      expect(Buffer.byteLength(JSON.stringify(json))).toBeLessThanOrEqual(4096);
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    });
    await fc.assert(any, { seed: 1, numRuns: 300 });
  });
});

describe('frames', () => {
  const pixels = (length: number): Attributes[number] => [0x7fe00010, 'OW', new Uint8Array(length)];
  const framesOf = async (whole: Uint8Array, transferSyntax: string = uids.explicitLittleEndian) =>
    (await by.readDataset(whole, { transferSyntax })).frames;
  const ranges = (frames: Frames, index: number) => frameRanges(frames, index)?.ranges;

  test('native, one after the other; too short is not guessed', async () => {
    const whole = by.dataset(...image(4, 3, 16, 2), pixels(48));
    const frames = await framesOf(whole);
    const start = whole.length - 48;
    expect(ranges(frames, 1)).toEqual([{ offset: start + 24, length: 24 }]);
    expect(frameRanges(frames, 2)).toBeUndefined();
    expect(await framesOf(by.dataset(...image(4, 3, 16, 2), pixels(46)))).toEqual({
      kind: 'unknown',
      reason: 'length',
    });
    expect(await framesOf(by.dataset())).toEqual({ kind: 'none' });
  });

  test('bit-packed frames start inside a byte', async () => {
    const whole = by.dataset(...image(3, 3, 1, 4), pixels(6));
    const start = whole.length - 6;
    const frames = await framesOf(whole);
    expect(frameRanges(frames, 1)).toEqual({ ranges: [{ offset: start + 1, length: 2 }], bitOffset: 1 });
    expect(frameRanges(frames, 3)).toEqual({ ranges: [{ offset: start + 3, length: 2 }], bitOffset: 3 });
  });

  test('encapsulated: offset tables, a fragment a frame, all for one, markers', async () => {
    const start = [0xff, 0xd8, 0, 0];
    const more = [1, 2];
    const lengths = async (count: number, ...fragments: number[][]) => {
      const frames = await framesOf(
        by.bytes(by.dataset(...image(4, 4, 8, count)), by.encapsulated(...fragments)),
        jpeg,
      );
      if (frames.kind !== 'fragments') return frames;
      return frames.starts.map((_, index) => ranges(frames, index)!.map(({ length }) => length));
    };
    expect(await lengths(2, [...by.u32(0), ...by.u32(22)], [0, 0, 0, 0], more, [0, 0])).toEqual([[4, 2], [2]]);
    expect(await lengths(2, [], start, more)).toEqual([[4], [2]]);
    expect(await lengths(1, [], start, more, more)).toEqual([[4, 2, 2]]);
    expect(await lengths(2, [], start, more, start)).toEqual([[4, 2], [4]]);
    expect(await lengths(2, [], [0, 0], more, [0, 0])).toEqual({ kind: 'unknown', reason: 'fragments' });
    // a table that is wrong is not followed
    expect(await lengths(2, [...by.u32(0), ...by.u32(21)], start, more, start)).toEqual([[4, 2], [4]]);
    expect(await lengths(2, [...by.u32(0), ...by.u32(0)], start, start)).toEqual([[4], [4]]);
  });

  test('the Extended Offset Table', async () => {
    const table = Uint8Array.from([...by.u32(0), ...by.u32(0), ...by.u32(10), ...by.u32(0)]);
    const head = by.bytes(by.dataset(...image(4, 4, 8, 2)), by.plainHeader(0x7fe00001, 0).slice(0, 4), 'OV', [0, 0]);
    const whole = by.bytes(head, by.u32(table.length), table, by.encapsulated([], [1, 2], [3, 4], [5, 6]));
    expect(await framesOf(whole, jpeg)).toMatchObject({ kind: 'fragments', starts: [0, 1] });
  });

  test("video has no frames of its own, and an icon's pixels are not the image's", async () => {
    const whole = by.bytes(by.dataset(...image(4, 4, 8, 9)), by.encapsulated([], [1, 2]));
    expect(await framesOf(whole, '1.2.840.10008.1.2.4.102')).toEqual({ kind: 'unknown', reason: 'video' });
    const icon = by.encapsulated([], [1, 2], [3, 4]);
    const nested = by.bytes(by.sequence(0x00880200), by.item(by.undefinedLength), icon, by.itemEnd, by.sequenceEnd);
    expect(await framesOf(by.bytes(by.dataset(), nested), jpeg)).toEqual({ kind: 'none' });
  });
});

describe('deflated', () => {
  const transferSyntax = uids.deflatedLittleEndian;
  const whole = by.dataset(...image(64, 64, 8, 1), [0x7fe00010, 'OB', new Uint8Array(4096)]);

  test('is inflated while it arrives; frames have no ranges', async () => {
    const packed = by.bytes(deflateRawSync(whole), [0]);
    const plain = await by.readDataset(whole);
    const read = await by.readDataset(packed, { transferSyntax }, [1, 5, 300]);
    expect(read.json).toEqual(plain.json);
    expect(read).toMatchObject({
      length: whole.length,
      deflated: true,
      frames: { kind: 'unknown', reason: 'deflated' },
    });
  });

  test('cut, garbled or never ending is refused by its code', async () => {
    const packed = deflateRawSync(whole);
    for (let length = 0; length < packed.length - 1; length += 1) {
      expect(await by.codeOf(by.readDataset(packed.subarray(0, length), { transferSyntax }))).toBe('dicom/truncated');
    }
    const bad = by.bytes([0xff], packed);
    expect(await by.codeOf(by.readDataset(bad, { transferSyntax }, [7]))).toBe('dicom/deflate');
    const deep = by.bytes(
      ...Array.from({ length: 70 }, () => [...by.sequence(0x00081032), ...by.item(by.undefinedLength)]),
    );
    expect(await by.codeOf(by.readDataset(deflateRawSync(deep), { transferSyntax }))).toBe('dicom/too-deep');
  });

  test('a bomb goes off in nobody’s memory', async () => {
    const zeros = Buffer.alloc(200 * 1024 * 1024);
    const bomb = deflateRawSync(Buffer.concat([by.dataset(), elementHeader(0x7fe00010, 'OB', zeros.length), zeros]));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const before = process.memoryUsage.rss();
    expect(await by.codeOf(by.readDataset(bomb, { transferSyntax }, [65536]))).toBe('dicom/inflates-too-far');
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });
});

test('any bytes in any transfer syntax: a summary or a coded error', async () => {
  const syntax = fc.constantFrom(...Object.values(uids), jpeg);
  const start = fc.constantFrom(by.dataset(), by.bytes(), deflateRawSync(by.dataset()));
  const anything = fc.asyncProperty(
    start,
    fc.uint8Array({ maxLength: 120 }),
    syntax,
    fc.nat(30),
    async (first, rest, ts, size) => {
      try {
        const summary = await by.readDataset(by.bytes(first, rest), { transferSyntax: ts }, [size + 1]);
        expect(summary.header.sopInstanceUid).toBe('1.2.3.4');
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        expect(error.code).toMatch(/^dicom\//);
      }
    },
  );
  await fc.assert(anything, { seed: 1, numRuns: 600 });
});
