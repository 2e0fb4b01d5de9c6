import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson, JsonAttribute } from '../../../node/dicom/model/json.ts';
import { attributeNamed } from '../../../node/dicom/model/keywords.ts';
import { jsonOf } from '../../../node/query/attributes.ts';
import { inAnySpelling, matches } from '../../../node/query/matching.ts';

const json = (name: string, ...values: string[]): DicomJson => {
  const { tag, vr } = attributeNamed(name)!;
  return { [tag]: jsonOf(vr, values) };
};

/** Attribute, query, stored values, whether they match, fuzzy. */
const table: readonly [name: string, query: string | string[], stored: string[], matches: boolean, fuzzy?: boolean][] =
  [
    // universal
    ['PatientName', '', [], true],
    ['PatientName', '*', [], true],
    ['PatientID', '?', [], false],
    // names: case, diacritics (comma and cedilla), scripts, components
    ['PatientName', 'ȘTEFĂNESCU^ION', ['Ştefănescu^Ion'], true],
    ['PatientName', 'stefanescu*', ['Ștefănescu^Ion'], true],
    ['PatientName', 'Covalciuc*', ['Ковальчук^Сергей'], true],
    ['PatientName', 'Ковальчук^Serghei', ['Covalciuc^Сергей'], true],
    ['PatientName', 'Stefanescu', ['Ștefănescu^Ion'], false],
    ['PatientName', '*ion*', ['Ștefănescu^Ion'], true],
    ['PatientName', '*i?n', ['Ștefănescu^Ion'], true],
    ['PatientName', 'Yamada^Tarou', ['Yamada^Tarou=山田^太郎'], true],
    ['PatientName', '山田*', ['Yamada^Tarou=山田^太郎'], true],
    ['PatientName', 'ion stef', ['Ștefănescu^Ion'], true, true],
    ['PatientName', '*escu*', ['Ștefănescu^Ion'], true, true],
    ['PatientName', '*escul*', ['Ștefănescu^Ion'], false, true],
    ['PatientName', 'ion stef x', ['Ștefănescu^Ion'], false, true],
    ['PatientName', 'nescu', ['Ștefănescu^Ion'], false, true],
    ['PatientName', 'Yamada^Tarou=山田*', ['Yamada^Tarou=山田^太郎'], true],
    ['PatientName', '=山田*', ['Yamada^Tarou=山田^太郎'], true],
    ['PatientName', 'Yamada^Tarou=鈴木*', ['Yamada^Tarou=山田^太郎'], false],
    ['PatientName', 'Ionescu^*', ['Ionescu'], true],
    ['PatientName', 'Ionescu^*', ['Ionescus'], false],
    ['PatientName', 'Ionescu^Ana^^', ['Ionescu^Ana'], true],
    // empty values
    ['AccessionNumber', '""', [], true],
    ['AccessionNumber', '""', ['1'], false],
    ['AccessionNumber', ['""', '1'], ['1'], true],
    ['StudyDate', '""', [], true],
    // identifiers and text
    ['PatientID', '2000000000008', ['1', '2000000000008'], true],
    ['PatientID', '200000000000', ['2000000000008'], false],
    ['PatientID', '2*8', ['2000000000008'], true],
    ['PatientID', '11-05-25 a.7', ['110525A7'], false],
    ['PatientID', '1-23', ['12-3', '123'], false],
    ['PatientID', '11-05-25 a.7', [inAnySpelling('110525A7')], true],
    ['PatientID', '11-05-*', [inAnySpelling('110525A7')], true],
    ['PatientID', '11-05', ['11-05', '1-1'], true],
    ['PatientID', '11-05', ['11-0', '1106'], false],
    ['StudyDescription', 'ct torace*', ['CT Torace cu contrast'], true],
    ['StudyDescription', 'a.c', ['abc'], false],
    ['00081030', '*[x]*', ['CT [X]'], true],
    // code strings, lists
    ['ModalitiesInStudy', 'CT', ['SR', 'CT'], true],
    ['ModalitiesInStudy', ['MR', 'CT'], ['SR', 'CT'], true],
    ['StudyDescription', ['x*', 'ct*'], ['CT'], true],
    ['PatientID', ['1', '*'], [], true],
    ['ModalitiesInStudy', 'MR', ['SR', 'CT'], false],
    // UIDs
    ['StudyInstanceUID', ['1.2', '1.3'], ['1.3'], true],
    ['0020000d', '1.2', ['1.2.3'], false],
    // dates and times
    ['StudyDate', '20260115', ['20260115'], true],
    ['StudyDate', '20260101-20260115', ['20260115'], true],
    ['StudyDate', '20260101-20260114', ['20260115'], false],
    ['StudyDate', '20260116-', ['20260115'], false],
    ['StudyDate', '-20260115', ['20260115'], true],
    ['StudyDate', '-20260115', [], false],
    ['StudyDate', '20260115', ['2026.01.15'], true],
    ['StudyTime', '0930', ['093012.5'], true],
    ['StudyTime', '09-10', ['105959'], true],
    ['StudyTime', '1000-1030', ['093012'], false],
    ['AcquisitionDateTime', '202601', ['20260115093000+0200'], true],
    ['AcquisitionDateTime', '20260115-20260116', ['20260116235959'], true],
    ['AcquisitionDateTime', '20260115093000-0500', ['20260115093000'], true],
    ['AcquisitionDateTime', '20260114-0500-20260115-0500', ['20260115093000'], true],
    ['AcquisitionDateTime', '20260116-0500-', ['20260115093000'], false],
    ['AcquisitionDateTime', '-2026', ['20260115093000'], true],
    ['StudyDate', ['20260101', '20260115-'], ['20260116'], true],
    // numbers
    ['InstanceNumber', '7', ['7'], true],
    ['InstanceNumber', '07', ['7'], true],
    ['Rows', '512', ['256'], false],
  ];

it.each(table)('%s=%s against %j: %s', (name, query, stored, expected, fuzzy = false) => {
  const keys = json(name, ...[query].flat());
  expect(matches(json(name, ...stored), keys, { fuzzy })).toBe(expected);
});

it.each([
  ['StudyDate', '2026-01-15'],
  ['StudyDate', '-'],
  ['StudyDate', '202601'],
  ['StudyTime', '9'],
  ['StudyInstanceUID', '1.2*'],
  ['Rows', 'many'],
  ['Rows', ' '],
  ['PixelData', 'x'],
  ['00091001', 'x'],
])('refuses %s=%s', (name, query) => {
  expect(() => matches({}, json(name, query))).toThrow(expect.objectContaining({ code: 'query/key' }));
});

it('refuses binary values and sequences of several items', () => {
  const keys: [string, JsonAttribute][] = [
    ['7FE00010', { vr: 'OW', InlineBinary: 'AAA=' }],
    ['00400275', { vr: 'SQ', Value: [{}, {}] }],
  ];
  for (const [tag, key] of keys)
    expect(() => matches({}, { [tag]: key })).toThrow(
      expect.objectContaining({ data: { at: tag, message: expect.any(String) } }),
    );
});

it('knows attributes by keyword and by tag, and no others', () => {
  expect(attributeNamed('PatientName')).toEqual({ tag: '00100010', vr: 'PN' });
  expect(attributeNamed('0020000d')).toEqual({ tag: '0020000D', vr: 'UI' });
  for (const name of ['Patientname', '0010001', '__proto__', 'constructor'])
    expect(attributeNamed(name)).toBeUndefined();
});

describe('sequences', () => {
  const item = (step: string, code: string): DicomJson => ({
    ...json('ScheduledProcedureStepID', step),
    '00400008': { vr: 'SQ', Value: [json('CodeValue', code)] },
  });
  const order: DicomJson = { '00400275': { vr: 'SQ', Value: [item('S1', 'A'), item('S2', 'B')] } };
  const asked = (...items: DicomJson[]): DicomJson => ({ '00400275': { vr: 'SQ', Value: items } });

  it.each([
    ['no item', asked(), true],
    ['an empty item', asked({}), true],
    ['an item of empty keys', asked(json('ScheduledProcedureStepID')), true],
    ['one item that has it', asked(json('ScheduledProcedureStepID', 'S2')), true],
    ['one item that has all', asked(item('S2', 'B')), true],
    ['items that have each a part', asked(item('S1', 'B')), false],
    ['none that has it', asked(json('ScheduledProcedureStepID', 'S3')), false],
  ])('match by %s', (_, keys, expected) => {
    expect(matches(order, keys)).toBe(expected);
  });

  it('match what has no sequence only without a condition', () => {
    expect(matches({}, asked({}))).toBe(true);
    expect(matches({}, asked(json('ScheduledProcedureStepID', '*')))).toBe(true);
    expect(matches({}, asked(json('ScheduledProcedureStepID', 'S1')))).toBe(false);
  });
});

describe('dates and times', () => {
  const study = { ...json('StudyDate', '20060706'), ...json('StudyTime', '0900') };
  const asked = { ...json('StudyDate', '20060705-20060707'), ...json('StudyTime', '1000-1800') };

  it('are two ranges, or together one of moments', () => {
    expect(matches(study, asked)).toBe(false);
    expect(matches(study, asked, { combined: true })).toBe(true);
    const early = { ...json('StudyDate', '20060705'), ...json('StudyTime', '0959') };
    expect(matches(early, asked, { combined: true })).toBe(false);
    const late = { ...json('StudyDate', '20060707'), ...json('StudyTime', '180059') };
    expect(matches(late, asked, { combined: true })).toBe(true);
    expect(matches(json('StudyTime', '1200'), asked, { combined: true })).toBe(false);
    const open = { ...json('StudyDate', '20060706-'), ...json('StudyTime', '1000-') };
    expect([study, late].map((each) => matches(each, open, { combined: true }))).toEqual([false, true]);
  });

  it('stay apart where one is a single value', () => {
    const keys = { ...json('StudyDate', '20060706'), ...json('StudyTime', '1000-1800') };
    expect(matches(study, keys, { combined: true })).toBe(false);
  });
});

it('leaves out what a query says of itself', () => {
  const keys = { ...json('SpecificCharacterSet', 'ISO_IR 144'), ...json('QueryRetrieveLevel', 'STUDY') };
  expect(matches({}, { ...keys, '00080000': { vr: 'UL', Value: [12] } })).toBe(true);
});

it('matches wildcards like a regular expression would, in bounded time', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 12 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(letters, text, (pattern, value) => {
      fc.pre(pattern !== '');
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value);
      expect(matches(json('StudyDescription', value), json('StudyDescription', pattern))).toBe(expected);
    }),
    { seed: 7, numRuns: 2000 },
  );
  const hard = json('StudyDescription', `${'*a'.repeat(1000)}*b`);
  expect(matches(json('StudyDescription', 'a'.repeat(10_000)), hard)).toBe(false);
});

it('matches ranges like numbers would', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((n) => `202601${String(n).padStart(2, '0')}`);
  fc.assert(
    fc.property(day, day, day, fc.constantFrom('both', 'from', 'to'), (low, high, value, kind) => {
      const keys = json('StudyDate', `${kind === 'to' ? '' : low}-${kind === 'from' ? '' : high}`);
      const expected = (kind === 'to' || +low <= +value) && (kind === 'from' || +value <= +high);
      expect(matches(json('StudyDate', value), keys)).toBe(expected);
    }),
    { seed: 8 },
  );
});
