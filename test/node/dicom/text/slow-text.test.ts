// Text that was made to take forever: nobody who may send a small object, a report or an upload may stop the peer with it.
// What takes time that grows with the square runs for minutes here, and into the test's limit.
import { expect, it } from 'vitest';
import { text } from '../../../../node/api/texts/texts.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { readDataset } from '../../../../node/dicom/read/read-dataset.ts';
import { reportHtml } from '../../../../node/dicom/sr/report-html.ts';
import { reportText } from '../../../../node/dicom/sr/report-text.ts';
import { guessCharset } from '../../../../node/dicom/text/charset-guess.ts';
import { trimmedEnd, unpadded } from '../../../../node/dicom/text/trim.ts';
import { writeDataset } from '../../../../node/dicom/write/write-dataset.ts';
import { textual } from '../../../../node/query/text.ts';
import { utf8 } from '../../../../protocol/bytes.ts';

const english = text('en');

const many = 1_000_000;

it('takes padding off whatever stands before it', () => {
  expect(unpadded(`a ${'\0 '.repeat(3)}`)).toBe('a');
  expect(unpadded('')).toBe('');
  expect(trimmedEnd('a==b==', '=')).toBe('a==b');
  const text = `${' '.repeat(many)}x`;
  expect(unpadded(text)).toBe(text);
});

it('reads blanks, carets, digits and line breaks without end in a data set', () => {
  const blanks = `${' '.repeat(many)}x`;
  const digits = '1'.repeat(100_000);
  const json: DicomJson = {
    '00081030': { vr: 'LO', Value: ['x'] },
    '00104000': { vr: 'LT', Value: [blanks] },
    '00281052': { vr: 'DS', Value: ['1'] },
    '0040A160': { vr: 'UT', Value: [blanks] },
  };
  const bytes = writeDataset(json, { encoding: 'explicit-le' });
  const read = readDataset(bytes, '1.2.840.10008.1.2.1');
  expect(read['0040A160']!.Value).toEqual([blanks]);
  // as no writer of ours would write it
  const element = (vr: string, tag: number[], text: string) => {
    const length = Buffer.alloc(2);
    length.writeUInt16LE(text.length);
    return Buffer.concat([Uint8Array.from(tag), utf8(vr), length, utf8(text)]);
  };
  const odd = Buffer.concat([
    element('PN', [0x10, 0, 0x10, 0], `${'^'.repeat(60_000)}xx`),
    element('DS', [0x28, 0, 0x52, 0x10], `${digits.slice(0, 60_000)}xx`),
  ]);
  expect(readDataset(odd, '1.2.840.10008.1.2.1')['00100010']!.Value).toHaveLength(1);
});

it('shows a report of line breaks', () => {
  const text = `${'\r\n'.repeat(many / 2)}x`;
  const root = { relation: undefined, value: { type: 'TEXT', text }, children: [] };
  const report = {
    title: 't',
    verifiers: [],
    authors: [],
    root: { value: { type: 'CONTAINER' }, children: [root] },
  } as never;
  expect(reportHtml(report, english)).toContain('<br>x');
  expect(reportText(report, english)).toContain('x');
});

it('guesses the character set of one long word', () => {
  expect(guessCharset([Buffer.from(`${'a'.repeat(many)} \xba`, 'latin1')], undefined)).not.toBe('utf-8');
});

it('matches a pattern of many stars', () => {
  expect(textual('*a*a*a*a*a*b')('a'.repeat(20_000))).toBe(false);
});
