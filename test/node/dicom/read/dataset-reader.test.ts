// The push reader by itself: every layout, any split, hostile input.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DatasetHandler } from '../../../../node/dicom/model/dataset-events.ts';
import type { Encoding } from '../../../../node/dicom/model/transfer-syntax.ts';
import { DatasetReader } from '../../../../node/dicom/read/dataset-reader.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { elementHeader, writeDataset } from '../../../../sim/studies/dataset-writer.ts';
import * as by from '../helpers.ts';

const explicit: Encoding = { explicit: true, littleEndian: true };
const implicit: Encoding = { explicit: false, littleEndian: true };
const big: Encoding = { explicit: true, littleEndian: false };

// Everything that is told, as lines: easy to compare and to read.
function recorder(): { lines: string[]; handler: DatasetHandler } {
  const lines: string[] = [];
  const hex = (tag: number) => tag.toString(16).padStart(8, '0');
  const open = (what: string) => (event: { tag: number; offset: number; length: number | undefined }) =>
    lines.push(`${what} ${hex(event.tag)} @${event.offset}+${event.length ?? '?'}`);
  const handler: DatasetHandler = {
    element: ({ tag, vr, offset, length, value }) =>
      lines.push(`${hex(tag)} ${vr} @${offset}+${length} ${value ? Buffer.from(value).toString('latin1') : '-'}`),
    sequenceStart: open('sequence'),
    sequenceEnd: (end) => lines.push(`end sequence @${end}`),
    itemStart: open('item'),
    itemEnd: (end) => lines.push(`end item @${end}`),
    fragmentsStart: open('fragments'),
    fragment: ({ index, offset, length, value, head }) =>
      lines.push(`fragment ${index} @${offset}+${length} ${value?.length ?? '-'} ${head}`),
    fragmentsEnd: (end) => lines.push(`end fragments @${end}`),
  };
  return { lines, handler };
}

function read(whole: Uint8Array, encoding = explicit, sizes = [whole.length], valueBytes = 64): string[] {
  const { lines, handler } = recorder();
  const reader = new DatasetReader({ encoding, valueBytes }, handler);
  try {
    for (const chunk of by.cut(whole, sizes)) reader.push(chunk);
    reader.end();
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    lines.push(error.code);
  }
  return lines;
}

const last = (whole: Uint8Array, encoding = explicit) => read(whole, encoding).at(-1);

describe('layouts', () => {
  test('explicit: short and long form, empty, odd, skipped values', () => {
    const whole = writeDataset([
      [0x00080060, 'CS', 'CT'],
      [0x00091001, 'UN', Buffer.from('odd')],
      [0x00100010, 'PN', ''],
      [0x7fe00010, 'OW', new Uint8Array(100)],
    ]);
    const lines = ['00080060 CS @8+2 CT', '00091001 UN @22+3 odd', '00100010 PN @33+0 ', '7fe00010 OW @45+100 -'];
    expect(read(whole)).toEqual(lines);
    expect(read(whole, explicit, [1])).toEqual(lines);
  });

  test('implicit: VR by dictionary, "US or SS" by Pixel Representation, private creators', () => {
    const whole = by.bytes(
      ...[by.plainHeader(0x00090010, 2), 'AB', by.plainHeader(0x00091001, 2), 'CD'],
      ...[by.plainHeader(0x00280103, 2), [1, 0], by.plainHeader(0x00280106, 2), [0, 0]],
      ...[by.plainHeader(0x60023000, 2), [0, 0]],
    );
    expect(read(whole, implicit).map((line) => line.slice(0, 11))).toEqual([
      ...['00090010 LO', '00091001 UN', '00280103 US', '00280106 SS', '60023000 OW'],
    ]);
  });

  test('big endian', () => {
    const whole = by.bytes([0, 8, 0, 0x60], 'CS', [0, 2], 'CT', [0x7f, 0xe0, 0, 0x10], 'OW', [0, 0, 0, 0, 0, 2, 1, 2]);
    expect(read(whole, big)).toEqual(['00080060 CS @8+2 CT', '7fe00010 OW @22+2 \x01\x02']);
  });

  test('a layout other than the named one is seen in the first element', () => {
    const whole = writeDataset([[0x00080060, 'CS', 'CT']]);
    expect(read(whole, implicit)).toEqual(read(whole, explicit));
    expect(read(by.bytes(by.plainHeader(0x00080060, 2), 'CT'), explicit)).toEqual(['00080060 CS @8+2 CT']);
  });

  test('sequences of defined and undefined length mean the same', () => {
    const inner = writeDataset([[0x00080100, 'SH', 'A ']]);
    const open = by.bytes(by.sequence(0x00081032), by.item(by.undefinedLength), inner, by.itemEnd, by.sequenceEnd);
    const closed = by.bytes(by.sequence(0x00081032, 8 + inner.length), by.item(inner.length), inner);
    const shape = (lines: string[]) => lines.map((line) => line.replace(/\+\S+|@\S+/g, ''));
    expect(shape(read(open))).toEqual(shape(read(closed)));
    expect(read(by.bytes(closed, inner)).slice(-3)).toEqual([
      'end item @30',
      'end sequence @30',
      '00080100 SH @38+2 A ',
    ]);
    expect(read(by.bytes(by.sequence(0x00081032, 0)))).toEqual(['sequence 00081032 @12+0', 'end sequence @12']);
  });

  test('UN of undefined length is an implicit sequence, also in big endian', () => {
    const content = by.bytes(
      by.item(by.undefinedLength),
      by.plainHeader(0x00080100, 2),
      'A ',
      by.itemEnd,
      by.sequenceEnd,
    );
    const little = by.bytes(
      elementHeader(0x00091001, 'UN', by.undefinedLength),
      content,
      elementHeader(0x00100010, 'PN', 0),
    );
    const bigger = by.bytes(
      [0, 9, 0x10, 1],
      'UN',
      [0, 0, 255, 255, 255, 255],
      content,
      [0, 0x10, 0, 0x10],
      'PN',
      [0, 0],
    );
    expect(read(little)).toContain('00080100 SH @28+2 A ');
    expect(read(bigger, big)).toEqual(read(little));
    expect(read(little).at(-1)).toBe('00100010 PN @54+0 ');
  });

  test('fragments with an offset table', () => {
    const whole = by.bytes(by.encapsulated(by.u32(0), [0xff, 0xd8, 1, 2], [9]));
    const lines = [
      'fragments 7fe00010 @12+?',
      'fragment 0 @20+4 4 -1',
      'fragment 1 @32+4 - 65496',
      'fragment 2 @44+1 - -1',
    ];
    expect(read(whole)).toEqual([...lines, 'end fragments @45']);
    expect(read(whole, explicit, [1])).toEqual([...lines, 'end fragments @45']);
  });
});

describe('what is wrong is refused by its code', () => {
  test('lengths that do not fit', () => {
    const inner = writeDataset([[0x00080100, 'SH', 'AB']]);
    expect(last(by.bytes(by.sequence(0x00081032, 8), by.item(inner.length), inner))).toBe('dicom/length');
    expect(last(by.bytes(by.sequence(0x00081032, 20), by.item(4), inner))).toBe('dicom/length');
    expect(last(by.bytes(by.sequence(0x00081032, 10), by.item(2), [0, 0], inner))).toBe('dicom/length');
    expect(last(by.bytes(elementHeader(0x7fe00010, 'OB', 0xfffffffe), [1, 2]))).toBe('dicom/truncated');
    expect(last(by.bytes(by.plainHeader(0x00080100, 0xfffffffe)), implicit)).toBe('dicom/truncated');
  });

  test('delimiters and headers where none may be', () => {
    expect(last(by.bytes(by.itemEnd))).toBe('dicom/malformed');
    expect(last(by.bytes(by.sequenceEnd))).toBe('dicom/malformed');
    expect(last(by.bytes(by.item(0)))).toBe('dicom/malformed');
    expect(last(by.bytes(by.sequence(0x00081032), by.itemEnd))).toBe('dicom/malformed');
    expect(last(by.bytes(by.sequence(0x00081032), writeDataset([[0x00080100, 'SH', 'AB']])))).toBe('dicom/malformed');
    expect(last(by.bytes(by.tagBytes(0x00081032), [1, 2, 3, 4]))).toBe('dicom/malformed');
    expect(last(by.bytes(elementHeader(0x7fe00010, 'OB', by.undefinedLength), by.item(by.undefinedLength)))).toBe(
      'dicom/malformed',
    );
  });

  test('50,000 deep, quickly', () => {
    const level = [...by.sequence(0x00081032), ...by.item(by.undefinedLength)];
    expect(last(by.bytes(Array.from({ length: 50_000 }, () => level).flat()))).toBe('dicom/too-deep');
    const allowed = by.bytes(Array.from({ length: 64 }, () => level).flat());
    expect(last(allowed)).toBe('dicom/truncated');
  });

  test('more elements or fragments than allowed', () => {
    const element = elementHeader(0x00091001, 'LO', 0);
    const million = new Uint8Array(1_000_001 * 8);
    for (let i = 0; i < 1_000_001; i += 1) million.set(element, i * 8);
    const reader = new DatasetReader({ encoding: explicit }, silent);
    expect(() => reader.push(million)).toThrow(/dicom\/too-many/);
    for (let i = 0; i < 1_000_001; i += 1) million.set(by.item(0), i * 8);
    const fragments = new DatasetReader({ encoding: explicit }, silent);
    fragments.push(elementHeader(0x7fe00010, 'OB', by.undefinedLength));
    fragments.push(million);
    expect(() => fragments.push(million)).toThrow(/dicom\/too-many/);
  });

  test('an error stays', () => {
    const reader = new DatasetReader({ encoding: explicit }, silent);
    expect(() => reader.push(by.bytes(by.itemEnd))).toThrow(/dicom\/malformed/);
    expect(() => reader.push(writeDataset([[0x00080060, 'CS', 'CT']]))).toThrow(/dicom\/malformed/);
    expect(() => reader.end()).toThrow(/dicom\/malformed/);
  });
});

const silent: DatasetHandler = {
  element: () => undefined,
  sequenceStart: () => undefined,
  sequenceEnd: () => undefined,
  itemStart: () => undefined,
  itemEnd: () => undefined,
  fragmentsStart: () => undefined,
  fragment: () => undefined,
  fragmentsEnd: () => undefined,
};

describe('any split, any bytes', () => {
  const nested = by.bytes(
    ...[writeDataset([[0x00080060, 'CS', 'CT']]), by.sequence(0x00081032), by.item(by.undefinedLength)],
    ...[writeDataset([[0x00080100, 'SH', 'AB']]), by.itemEnd, by.item(10), writeDataset([[0x00080100, 'SH', 'CD']])],
    ...[by.sequenceEnd, by.encapsulated(by.u32(0), [0xff, 0xd8, 3, 4], [5, 6])],
  );

  test('cut at every position: truncated, unless between two elements', () => {
    const complete = new Set([0, 10, 74]);
    for (let length = 0; length < nested.length; length += 1) {
      const code = read(nested.subarray(0, length)).at(-1);
      expect(code === 'dicom/truncated' || complete.has(length), `cut at ${length}: ${code}`).toBe(true);
    }
    expect(read(nested).at(-1)).toMatch(/^end fragments/);
  });

  test('pieces read as the whole does, garbled or not', () => {
    const garbled = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(nested.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([changes, tail]) => {
        const whole = by.bytes(nested, tail);
        for (const [at, byte] of changes) whole[at] = byte;
        return whole;
      });
    const encoding = fc.constantFrom(explicit, implicit, big);
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
    const input = fc.oneof(garbled, fc.uint8Array({ maxLength: 200 }));
    const same = fc.property(input, encoding, sizes, fc.nat(20), (whole, how, cuts, kept) => {
      expect(read(whole, how, cuts, kept)).toEqual(read(whole, how, [whole.length], kept));
    });
    fc.assert(same, { seed: 1, numRuns: 3000 });
  });
});
