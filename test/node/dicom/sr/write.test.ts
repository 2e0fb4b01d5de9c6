// Conclusions and key object selections that we write: valid for dicom3tools and dcmtk, and readable.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { text } from '../../../../node/api/texts/texts.ts';
import { textOf } from '../../../../node/dicom/model/attributes.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { type ConclusionInput, conclusion } from '../../../../node/dicom/sr/conclusion.ts';
import type { Evidence } from '../../../../node/dicom/sr/evidence.ts';
import {
  type KeyObjectTitle,
  keyObjects,
  keyObjectTitles,
  readKeyObjects,
} from '../../../../node/dicom/sr/key-objects.ts';
import { readReport } from '../../../../node/dicom/sr/report.ts';
import { reportText } from '../../../../node/dicom/sr/report-text.ts';
import type { DocumentContext } from '../../../../node/dicom/write/new-document.ts';
import { writePart10 } from '../../../../node/dicom/write/write-part10.ts';
import { requires } from '../../../programs.ts';
import { samples } from '../samples.ts';
import { countingRandom, documentContext } from '../write/document-context.ts';

const english = text('en');

const dir = mkdtempSync(join(tmpdir(), 'dicomnet-sr-'));
afterAll(() => rmSync(dir, { recursive: true }));

const ct = '1.2.840.10008.5.1.4.1.1.2';
const observer = { name: 'Weber^Jana^^Dr.', organization: 'Klinikum Füssen' };
const image: Evidence = {
  studyUid: '1.2.3.4.5',
  seriesUid: '1.2.3.4.5.1',
  sopClassUid: ct,
  sopInstanceUid: '1.2.3.4.5.1.1',
  image: true,
};
const elsewhere: Evidence = { ...image, studyUid: '1.2.9', seriesUid: '1.2.9.1', sopInstanceUid: '1.2.9.1.1' };

const input = (more: Partial<ConclusionInput> = {}): ConclusionInput => ({
  ...documentContext(),
  findings: 'Scharf begrenzter Rundherd,\n8 mm, Segment 6.',
  impression: 'Wohl Granulom',
  conclusion: 'Kontrolle in 3 Monaten — 8 mm ≤ 1 cm',
  language: 'de-DE',
  observer,
  verified: true,
  references: [image],
  ...more,
});

function problems(program: string, json: DicomJson, ...args: string[]): string[] {
  const path = join(dir, 'one.dcm');
  writeFileSync(path, writePart10(json));
  const { stdout, stderr, status } = spawnSync(program, [...args, path], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).not.toBe('');
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => /^(Error|E:|F:)/.test(line));
  return status === 0 || program.endsWith('dciodvfy') ? lines : [`exit ${status}`, ...lines];
}

const variants: [string, Partial<ConclusionInput>][] = [
  ['verified with images of this study', {}],
  [
    'unverified, nothing but a conclusion',
    { verified: false, findings: undefined, impression: undefined, references: [] },
  ],
  ['with images of another study', { references: [image, elsewhere] }],
  [
    'comprehensive',
    { form: 'comprehensive', references: [{ ...image, sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1', frames: [1, 2] }] },
  ],
  [
    'with a report as evidence',
    { references: [{ ...image, sopClassUid: '1.2.840.10008.5.1.4.1.1.88.33', image: false }] },
  ],
];

const dciodvfy = requires('dciodvfy');
const dsrdump = requires('dsrdump');
describe.each(variants)('a conclusion, %s,', (_name, more) => {
  test('reads back whole', () => {
    const wanted = input(more);
    const json = readPart10(writePart10(conclusion(wanted))).json;
    const report = readReport(json);
    expect(report).toMatchObject({
      title: 'Diagnostic Imaging Report',
      completion: 'COMPLETE',
      verified: wanted.verified,
    });
    expect(report.verifiers.length).toBe(wanted.verified ? 1 : 0);
    const text = reportText(report, english);
    expect(text).toContain('Conclusion: Kontrolle in 3 Monaten — 8 mm ≤ 1 cm');
    if (wanted.findings) expect(text).toContain('Finding: Scharf begrenzter Rundherd,\n  8 mm, Segment 6.');
    for (const { sopInstanceUid } of wanted.references) expect(text).toContain(sopInstanceUid);
  });
  if (dciodvfy)
    test('has no error for dciodvfy', () => expect(problems(dciodvfy, conclusion(input(more)))).toEqual([]));
  if (dsrdump) test('has no error for dsrdump', () => expect(problems(dsrdump, conclusion(input(more)))).toEqual([]));
});

test('a conclusion without words is refused', () => {
  expect(() => conclusion(input({ conclusion: ' \n' }))).toThrow('dicom/unwritable');
  expect(() => conclusion(input({ language: 'not a language' }))).toThrow('dicom/unwritable');
});

const random = countingRandom();
const first: DocumentContext = { ...documentContext(), random };
const second: DocumentContext = {
  ...documentContext(),
  study: { ...first.study, '0020000D': { vr: 'UI', Value: ['1.2.9'] } },
  random,
};
const selection = (title: KeyObjectTitle) =>
  keyObjects({
    documents: [first, second],
    title,
    note: 'Siehe Segment 6',
    language: 'de',
    observer,
    references: [image, elsewhere],
  });

describe('key object selections', () => {
  test('one lies in each study, names the other, and reads back', () => {
    const [a, b] = selection('for-conference').map((json) => readPart10(writePart10(json)).json);
    expect([textOf(a!, '0020000D'), textOf(b!, '0020000D')]).toEqual(['1.2.3.4.5', '1.2.9']);
    expect(readKeyObjects(a!)).toMatchObject({
      title: { value: '113005', meaning: 'For Conference' },
      note: 'Siehe Segment 6',
      references: [image, elsewhere],
      identical: [{ studyUid: '1.2.9', sopInstanceUid: textOf(b!, '00080018') }],
    });
    expect(readKeyObjects(b!).identical).toMatchObject([{ sopInstanceUid: textOf(a!, '00080018') }]);
  });

  test('each selected study needs its document', () => {
    const one = { documents: [first], title: 'of-interest', references: [image, elsewhere] } as const;
    expect(() => keyObjects(one)).toThrow('dicom/unwritable');
    expect(() => keyObjects({ ...one, references: [] })).toThrow('dicom/unwritable');
  });

  const titles = Object.keys(keyObjectTitles) as KeyObjectTitle[];
  if (dciodvfy) {
    test.each(titles)('%s has no error for dciodvfy', (title) => {
      for (const json of selection(title)) expect(problems(dciodvfy, json)).toEqual([]);
    });
  }
  if (dsrdump) {
    test('dsrdump reads them', () => {
      for (const json of selection('of-interest')) expect(problems(dsrdump, json)).toEqual([]);
    });
  }
});

const all = samples();
describe.runIf(all.length > 0 && dciodvfy !== undefined)('for studies of the sample files', () => {
  const errorsOf = (path: string) =>
    spawnSync(dciodvfy!, [path], { encoding: 'utf8' })
      .stderr.split('\n')
      .filter((line) => line.startsWith('Error'));
  const wanted = /ct_image|dx_image|sr-example\/sr\.dcm|CT_small|MR_small|rtplan\.dcm|chrX1|chrGerm|ecg|pdf\.dcm/;
  const studies = all.filter(({ path }) => wanted.test(path));

  test('a conclusion has no error but those that the patient and study came with', () => {
    for (const sample of studies) {
      const path = join(dir, 'sample.dcm');
      writeFileSync(path, sample.read());
      const { json } = readPart10(sample.read());
      const [studyUid, seriesUid, sopClassUid, sopInstanceUid] = ['0020000D', '0020000E', '00080016', '00080018'].map(
        (tag) => textOf(json, tag) ?? '',
      ) as [string, string, string, string];
      const reference = { studyUid, seriesUid, sopClassUid, sopInstanceUid, image: json['00280010'] !== undefined };
      const made = conclusion(input({ patient: json, study: json, references: [reference] }));
      const inherited = errorsOf(path);
      expect(
        problems(dciodvfy!, made).filter((line) => !inherited.includes(line)),
        sample.path,
      ).toEqual([]);
    }
    expect(studies.length).toBeGreaterThan(8);
  });
});
