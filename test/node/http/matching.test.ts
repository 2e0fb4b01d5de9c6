import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attributeNamed } from '../../../node/http/dicomweb/attributes.ts';
import { matcher } from '../../../node/http/dicomweb/matching.ts';
import { PeerError } from '../../../protocol/errors.ts';

/** Attribute, query, stored values, whether they match, fuzzy. */
const table: readonly [name: string, query: string, stored: string[], matches: boolean, fuzzy?: boolean][] = [
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
  ['PatientName', 'ion stef x', ['Ștefănescu^Ion'], false, true],
  ['PatientName', 'nescu', ['Ștefănescu^Ion'], false, true],
  // identifiers and text
  ['PatientID', '2000000000008', ['1', '2000000000008'], true],
  ['PatientID', '200000000000', ['2000000000008'], false],
  ['PatientID', '2*8', ['2000000000008'], true],
  ['StudyDescription', 'ct torace*', ['CT Torace cu contrast'], true],
  ['StudyDescription', 'a.c', ['abc'], false],
  ['00081030', '*[x]*', ['CT [X]'], true],
  // code strings, lists
  ['ModalitiesInStudy', 'CT', ['SR', 'CT'], true],
  ['ModalitiesInStudy', 'MR\\CT', ['SR', 'CT'], true],
  ['ModalitiesInStudy', 'MR,CT', ['SR', 'CT'], true],
  ['ModalitiesInStudy', 'MR', ['SR', 'CT'], false],
  // UIDs
  ['StudyInstanceUID', '1.2,1.3', ['1.3'], true],
  ['StudyInstanceUID', '1.2\\1.3', ['1.2'], true],
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
  // numbers
  ['InstanceNumber', '7', ['7'], true],
  ['InstanceNumber', '07', ['7'], true],
  ['Rows', '512', ['256'], false],
];

it.each(table)('%s=%s against %j: %s', (name, query, stored, matches, fuzzy = false) => {
  expect(matcher(attributeNamed(name)!, query, fuzzy)(stored)).toBe(matches);
});

it.each([
  ['StudyDate', '2026-01-15'],
  ['StudyDate', '-'],
  ['StudyDate', '202601'],
  ['StudyTime', '9'],
  ['StudyInstanceUID', '1.2*'],
  ['Rows', 'many'],
  ['Rows', '\\'],
  ['PixelData', 'x'],
  ['ReferencedStudySequence', 'x'],
])('refuses %s=%s', (name, query) => {
  expect(() => matcher(attributeNamed(name)!, query, false)).toThrow(PeerError);
});

it('knows attributes by keyword and by tag, and no others', () => {
  expect(attributeNamed('PatientName')).toEqual({ tag: '00100010', vr: 'PN' });
  expect(attributeNamed('0020000d')).toEqual({ tag: '0020000D', vr: 'UI' });
  for (const name of ['Patientname', '0010001', '__proto__', 'constructor'])
    expect(attributeNamed(name)).toBeUndefined();
});

it('matches wildcards like a regular expression would, in bounded time', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 12 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(letters, text, (pattern, value) => {
      fc.pre(pattern !== '');
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value);
      expect(matcher({ tag: '00081030', vr: 'LO' }, pattern, false)([value])).toBe(expected);
    }),
    { seed: 7, numRuns: 2000 },
  );
  const hard = matcher({ tag: '00081030', vr: 'LO' }, `${'*a'.repeat(1000)}*b`, false);
  expect(hard(['a'.repeat(10_000)])).toBe(false);
});
