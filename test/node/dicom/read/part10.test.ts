import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUid } from '../../../../node/dicom/model/uid.ts';
import { Part10Splitter, readFileHead } from '../../../../node/dicom/read/part10.ts';
import { fileImplementationClassUid, writePart10Header } from '../../../../node/dicom/write/part10-header.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { bytes, codeOf, cut, dataset, plainHeader, readFile } from '../helpers.ts';

const fields = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
  sopInstanceUid: '1.2.3.4',
  transferSyntax: '1.2.840.10008.1.2.1',
  sourceAe: 'CT1',
};
const header = writePart10Header(fields);

describe('the meta header that we write', () => {
  test('is what the reader reads, with a right group length and even values', () => {
    const head = readFileHead(header, true)!;
    const writer = { implementationClassUid: fileImplementationClassUid };
    expect(head).toMatchObject({ ...fields, form: 'part10', datasetOffset: header.length, ...writer });
    const view = new DataView(header.buffer);
    expect(view.getUint32(140, true)).toBe(header.length - 144);
    expect(header.length % 2).toBe(0);
    expect(header.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
  });

  test('takes no UID that is none', () => {
    expect(() => writePart10Header({ ...fields, sopInstanceUid: '../../etc' })).toThrow(/dicom\/uid-invalid/);
    expect(() => writePart10Header({ ...fields, transferSyntax: '' })).toThrow(/dicom\/transfer-syntax/);
    expect(() => writePart10Header({ ...fields, sourceAe: 'A\\B' })).toThrow(/dicom\/meta/);
  });

  test('only digits and dots make a UID', () => {
    expect(['1', '1.2.3', '1.02', `1.${'3'.repeat(62)}`].map(isUid)).toEqual([true, true, true, true]);
    const wrong = ['', '.', '1.', '.1', '1..2', '1.a', '../1', '1 ', '1\n', `1.${'3'.repeat(63)}`];
    expect(wrong.map(isUid)).toEqual(wrong.map(() => false));
  });
});

describe('the head of a file', () => {
  test('is told in every form', async () => {
    const whole = dataset();
    const meta = header.subarray(132);
    const forms = await Promise.all(
      [bytes(header, whole), bytes('DICM', meta, whole), bytes(meta, whole), whole].map((file) => readFile(file)),
    );
    expect(forms.map(({ head }) => head.form)).toEqual(['part10', 'meta', 'meta', 'dataset']);
    expect(forms.map(({ head }) => head.guessedSyntax)).toEqual([false, false, false, true]);
    for (const { head, summary } of forms) {
      expect(head.transferSyntax).toBe(fields.transferSyntax);
      expect(summary.header.sopInstanceUid).toBe('1.2.3.4');
    }
  });

  test('a missing transfer syntax is told from the data set, a wrong group length does not matter', async () => {
    const nameless = bytes('\0'.repeat(128), 'DICM', [2, 0, 1, 0], 'OB', [0, 0, 2, 0, 0, 0, 0, 1], dataset());
    expect((await readFile(nameless)).head).toMatchObject({
      guessedSyntax: true,
      transferSyntax: fields.transferSyntax,
    });
    const wrong = bytes(header, dataset());
    wrong.fill(0xff, 140, 144);
    expect((await readFile(wrong)).head.datasetOffset).toBe(header.length);
  });

  test('what is no DICOM is refused', async () => {
    for (const file of [bytes(), bytes('DIC'), bytes('hello world, this is text'), new Uint8Array(5000)]) {
      expect(await codeOf(readFile(file))).toBe('dicom/not-dicom');
    }
    const endless = bytes(header, [2, 0, 0x02, 0x01], 'OB', [0, 0, 0xfe, 0xff, 0xff, 0xff], new Uint8Array(100));
    expect(await codeOf(readFile(endless))).toBe('dicom/meta');
    const broken = bytes(header.subarray(0, 150), [0xff, 0xff], header.subarray(152));
    expect(await codeOf(readFile(broken))).toMatch(/^dicom\//);
    expect(await codeOf(readFile(header.subarray(0, 170)))).toBe('dicom/truncated');
  });

  test('compressed pixels without a transfer syntax are refused', async () => {
    const jpeg = bytes(dataset(), plainHeader(0x7fe00010, 0).slice(0, 4), 'OB', [0, 0, 255, 255, 255, 255]);
    expect(await codeOf(readFile(jpeg))).toBe('dicom/transfer-syntax');
  });

  test('any bytes in any pieces: a head or a coded error, and the data set to the byte', () => {
    const start = fc.constantFrom(bytes(), header, header.subarray(132), bytes('\0'.repeat(128), 'DICM'));
    const split = fc.property(start, fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(60)), (first, rest, sizes) => {
      const whole = bytes(first, rest);
      const splitter = new Part10Splitter();
      try {
        const parts = [...cut(whole, sizes.length > 0 ? sizes : [9])].map((chunk) => splitter.push(chunk));
        const joined = bytes(...[...parts, splitter.end()].flatMap((part) => part ?? []));
        expect(joined).toEqual(whole.slice(splitter.head!.datasetOffset));
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
      }
    });
    fc.assert(split, { seed: 1, numRuns: 1000 });
  });
});
