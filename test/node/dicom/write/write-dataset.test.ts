// What is written reads back the same: every sample, made-up data sets, and dcmtk's own reader.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { DicomJson, JsonAttribute } from '../../../../node/dicom/model/json.ts';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { isUid } from '../../../../node/dicom/model/uid.ts';
import { readDataset, readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { newUid } from '../../../../node/dicom/write/new-uid.ts';
import { writeDataset } from '../../../../node/dicom/write/write-dataset.ts';
import { bulkOf, writePart10 } from '../../../../node/dicom/write/write-part10.ts';
import { decimalText } from '../../../../node/dicom/write/write-values.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { requires } from '../../../programs.ts';
import { type Sample, samples } from '../samples.ts';

const dir = mkdtempSync(join(tmpdir(), 'dicomnet-write-'));
afterAll(() => rmSync(dir, { recursive: true }));

type Whole = ReturnType<typeof readPart10>;

// Those that samples.test.ts knows as unreadable.
function read(sample: Sample): Whole | undefined {
  try {
    return readPart10(sample.read());
  } catch (error) {
    if (error instanceof PeerError && error.code.startsWith('dicom/')) return undefined;
    throw error;
  }
}

// Compares by value: byte ranges by their bytes, numbers as written, character sets as UTF-8.
function comparable(json: DicomJson, bytes: Uint8Array): Record<string, unknown> {
  const entries = Object.entries(json).filter(([tag]) => tag !== '00080005');
  return Object.fromEntries(entries.map(([tag, attribute]) => [tag, comparableAttribute(attribute, bytes)]));
}

function comparableAttribute({ vr, Value, InlineBinary, BulkDataURI }: JsonAttribute, bytes: Uint8Array): unknown {
  if (vr === 'SQ') return { vr, Value: Value?.map((item) => comparable(item as DicomJson, bytes)) ?? [] };
  if (BulkDataURI !== undefined) return binary(bulkOf(bytes)(BulkDataURI));
  if (InlineBinary !== undefined) return binary(Buffer.from(InlineBinary, 'base64'));
  if (vr === 'DS')
    return { vr, Value: Value?.map((value) => (typeof value === 'number' ? decimalText(value) : value)) };
  return { vr, Value: Value?.map((value) => (value === 0 ? 0 : value)) };
}

// By length and hash, padded to even: pixels don't belong in a failure's text.
function binary(value: Uint8Array): { length: number; hash: string } {
  const padded = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
  return { length: padded.length, hash: createHash('sha256').update(padded).digest('hex') };
}

const all = samples();
const readable = all.flatMap((sample) => {
  const whole = read(sample);
  return whole ? [{ path: sample.path, ...whole }] : [];
});

// The file says big endian or deflated: written as explicit VR little endian instead.
const written = (syntax: string): string =>
  syntax === uids.explicitBigEndian || syntax === uids.deflatedLittleEndian ? uids.explicitLittleEndian : syntax;

describe.runIf(all.length > 0)('sample files', () => {
  test('each reads back as it was written, in explicit VR and in its own transfer syntax', () => {
    for (const { path, json, dataset, transferSyntax } of readable) {
      const expected = comparable(json, dataset);
      const explicit = writeDataset(json, { encoding: 'explicit-le', bulk: bulkOf(dataset) });
      expect(comparable(readDataset(explicit, uids.explicitLittleEndian), explicit), path).toEqual(expected);
      if (transferSyntax === uids.implicitLittleEndian) {
        const implicit = writeDataset(json, { encoding: 'implicit-le', bulk: bulkOf(dataset) });
        expect(comparable(readDataset(implicit, uids.implicitLittleEndian), implicit), path).toEqual(expected);
      }
    }
    expect(readable.length).toBeGreaterThan(280);
  });

  const dcmdump = requires('dcmdump');
  if (dcmdump)
    test('dcmdump reads them all, fragments and sequences to their ends', () => {
      const paths = readable.filter(hasIdentity).map(({ json, dataset, transferSyntax }, i) => {
        const path = join(dir, `${i}.dcm`);
        writeFileSync(path, writePart10(json, { transferSyntax: written(transferSyntax), bulk: bulkOf(dataset) }));
        return path;
      });
      expect(paths.length).toBeGreaterThan(260);
      const text = execFileSync(dcmdump, ['-q', '-M', ...paths], { encoding: 'utf8', maxBuffer: 2 ** 28 });
      expect(text.match(/^\(0008,0018\) UI/gm)).toHaveLength(paths.length);
    });
});

const hasIdentity = ({ json }: { json: DicomJson }): boolean =>
  ['00080016', '00080018'].every((tag) => typeof json[tag]?.Value?.[0] === 'string');

const word = fc.string({ unit: fc.constantFrom(...'abcÄß東京 é'), maxLength: 10 }).map((text) => text.trim());
const values = (vr: string, one: fc.Arbitrary<unknown>): fc.Arbitrary<JsonAttribute> =>
  fc.array(one, { minLength: 1, maxLength: 4 }).map((Value) => ({ vr, Value }) as JsonAttribute);
const nonEmpty = word.filter((text) => text !== '');
const attribute: fc.Arbitrary<JsonAttribute> = fc.oneof(
  values('LO', nonEmpty),
  values('PN', fc.record({ Alphabetic: nonEmpty.filter((text) => !text.endsWith('^')) })),
  values('US', fc.integer({ min: 0, max: 0xffff })),
  values('SL', fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  values('FD', fc.double({ noNaN: true, noDefaultInfinity: true })),
  values('IS', fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  values('AT', fc.constantFrom('00100010', 'FFFEE000', '7FE00010')),
  values('SV', fc.constantFrom('-9223372036854775808', 5, '9223372036854775807')),
  nonEmpty.map((text) => ({ vr: 'UT', Value: [`${text}\\${text}`] })),
  fc.uint8Array({ minLength: 2, maxLength: 8 }).map((part) => {
    return { vr: 'OB', InlineBinary: Buffer.from(part.subarray(0, part.length & ~1)).toString('base64') };
  }),
  fc.constant({ vr: 'CS' }),
);
const json: fc.Arbitrary<DicomJson> = fc.letrec<{ json: DicomJson; any: JsonAttribute }>((tie) => ({
  json: fc.dictionary(
    fc.integer({ min: 0x00080010, max: 0x0008ffff }).map((tag) => tag.toString(16).toUpperCase().padStart(8, '0')),
    tie('any'),
    { maxKeys: 5 },
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    attribute,
    fc.array(tie('json'), { maxLength: 3 }).map((Value) => ({ vr: 'SQ', Value })),
  ),
})).json;

test('any data set reads back as it was written, and is of even length', () => {
  fc.assert(
    fc.property(json, (made) => {
      const bytes = writeDataset(made, { encoding: 'explicit-le' });
      expect(bytes.length % 2).toBe(0);
      expect(comparable(readDataset(bytes, uids.explicitLittleEndian), bytes)).toEqual(comparable(made, bytes));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('DS never takes more than 16 characters, and is exact or nearest', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (number) => {
      const text = decimalText(number);
      expect(text.length).toBeLessThanOrEqual(16);
      expect(text).toMatch(/^-?\d+(\.\d+)?(e-?\d+)?$/);
      expect(Math.abs(Number(text) - number)).toBeLessThanOrEqual(Math.abs(number) * 1e-8);
    }),
    { seed: 3, numRuns: 2000 },
  );
  expect(decimalText(1.5)).toBe('1.5');
  expect(decimalText(-0.12345678901234568)).toBe('-0.1234567890123');
});

const code = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error instanceof PeerError ? [error.code, error.data.reason] : error;
  }
  return 'none';
};

test('what DICOM cannot hold is refused, never bent', () => {
  const write = (made: DicomJson) => code(() => writeDataset(made, { encoding: 'explicit-le' }));
  expect(write({ '00200013': { vr: 'IS', Value: [1e15] } })).toEqual(['dicom/unwritable', 'not an IS']);
  expect(write({ '00280010': { vr: 'US', Value: [70000] } })).toEqual(['dicom/unwritable', 'out of range']);
  expect(write({ '00080060': { vr: 'CS', Value: ['東'] } })).toEqual([
    'dicom/unwritable',
    'text outside its repertoire',
  ]);
  expect(write({ '00081030': { vr: 'LO', Value: ['a\\b'] } })).toEqual(['dicom/unwritable', 'a backslash in a value']);
  expect(write({ '7FE00010': { vr: 'OW', BulkDataURI: '0/4' } })).toEqual([
    'dicom/unwritable',
    'a value that is elsewhere',
  ]);
  expect(write({ '0008103e': { vr: 'LO', Value: ['a'] } })).toEqual(['dicom/unwritable', 'not a tag']);
  expect(write({ '00420011': { vr: 'OB', InlineBinary: 'AA*=' } })).toEqual(['dicom/unwritable', 'not base64']);
  expect(write({ FFFEE00D: { vr: 'UN' } })).toEqual(['dicom/unwritable', 'a delimiter']);
  let deep: DicomJson = {};
  for (let i = 0; i < 100; i += 1) deep = { '0040A730': { vr: 'SQ', Value: [deep] } };
  expect(write(deep)).toEqual(['dicom/too-deep', undefined]);
});

test('JSON that has the shape by name only is refused, however deep', () => {
  const nested = (attribute: unknown) => ({ '0040A730': { vr: 'SQ', Value: [{ '0040A160': attribute }] } });
  const arrays = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
  const wrong = [
    ...[null, 1, [], { vr: 'LO', Value: 'x' }, { vr: 'LO', Value: { length: 1 } }, { vr: 'OB', InlineBinary: 7 }],
    ...[
      { vr: 'UN', BulkDataURI: {} },
      { vr: 'LO', Value: [arrays] },
      { vr: 'PN', Value: [{ Alphabetic: [] }] },
    ],
    ...[
      { vr: 'SQ', Value: ['x'] },
      { vr: 'SQ', Value: [null] },
      { vr: 'SQ', Value: [[]] },
    ],
  ];
  for (const attribute of wrong) {
    expect(() => writeDataset(nested(attribute) as DicomJson, { encoding: 'explicit-le' })).toThrow(
      expect.objectContaining({ code: 'dicom/unwritable' }),
    );
  }
});

test('a long text in a short VR is written as UN; UTF-8 is declared only when it is needed', () => {
  const long = writeDataset({ '00204000': { vr: 'LT', Value: ['x'.repeat(70_000)] } }, { encoding: 'explicit-le' });
  expect(Buffer.from(long.subarray(4, 6)).toString()).toBe('UN');
  const reread = (made: DicomJson) =>
    readDataset(writeDataset(made, { encoding: 'explicit-le' }), uids.explicitLittleEndian);
  expect(reread({ '00081030': { vr: 'LO', Value: ['Knie'] } })['00080005']).toBeUndefined();
  const nested: DicomJson = {
    '00081140': { vr: 'SQ', Value: [{ '00080005': { vr: 'CS' }, '00081030': { vr: 'LO', Value: ['Füße'] } }] },
  };
  expect(reread(nested)).toEqual({
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00081140': {
      vr: 'SQ',
      Value: [{ '00080005': { vr: 'CS', Value: ['ISO_IR 192'] }, '00081030': { vr: 'LO', Value: ['Füße'] } }],
    },
  });
});

test('new UIDs are UIDs of random UUIDs', () => {
  const uid = newUid((length) => new Uint8Array(length).fill(0xff));
  expect(uid).toBe(`2.25.${BigInt('0xffffffffffff4fffbfffffffffffffff')}`);
  expect(isUid(uid)).toBe(true);
});
