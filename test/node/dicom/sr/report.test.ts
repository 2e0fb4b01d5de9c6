// Structured reports: every sample against what dsrdump finds in it, and how they read.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Language } from '../../../../node/api/texts/language.ts';
import { text } from '../../../../node/api/texts/texts.ts';
import { attribute, sequence, sequenceOf } from '../../../../node/dicom/model/attributes.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { type ContentItem, isReport, readReport } from '../../../../node/dicom/sr/report.ts';
import { reportHtml } from '../../../../node/dicom/sr/report-html.ts';
import { reportText } from '../../../../node/dicom/sr/report-text.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { requires } from '../../../programs.ts';
import { samples } from '../samples.ts';

const english = text('en');

const all = samples();
const reports = all.filter(({ modality, path }) => modality === 'SR' || path.endsWith('test-SR.dcm'));

const words = (text: string): string => text.replace(/\s+/g, ' ').trim();

function* everyItem(item: ContentItem): Generator<ContentItem> {
  yield item;
  for (const child of item.children) yield* everyItem(child);
}

interface Dumped {
  readonly type: string;
  readonly value: string;
  readonly unit?: string;
}

/** Values that dsrdump prints, its escapes undone. */
function dumped(text: string): Dumped[] {
  return text.split('\n').flatMap((line): Dumped[] => {
    const number = /<(?:[a-z ]+ )?NUM:.*?="(.*?)" \(.*"(.*)"\)>/.exec(line);
    if (number !== null) return [{ type: 'NUM', value: number[1]!, unit: number[2]! }];
    const code = /<(?:[a-z ]+ )?CODE:.*?=\(.*?,"(.*)"\)>/.exec(line);
    if (code !== null) return [{ type: 'CODE', value: code[1]! }];
    const plain = /<(?:[a-z ]+ )?(TEXT|UIDREF):.*?="(.*)">/.exec(line);
    if (plain === null) return [];
    return [{ type: plain[1]!, value: plain[2]!.replaceAll('\\r', '\r').replaceAll('\\n', '\n') }];
  });
}

describe.runIf(all.length > 0)('sample reports', () => {
  const dsrdump = requires('dsrdump');
  if (dsrdump) {
    test('every text, code and number that dsrdump finds stands in our text', () => {
      let compared = 0;
      for (const sample of reports) {
        const bytes = sample.read();
        const args = ['-q', '+U8', '+Pl', '-Ec', '-Er', '-Ev', '-Ee', '-Dv', '-'];
        const { stdout } = spawnSync(dsrdump, args, { input: bytes, encoding: 'utf8' });
        const text = words(reportText(readReport(readPart10(bytes).json), english));
        for (const { type, value, unit } of dumped(stdout)) {
          const number = type === 'NUM' ? String(Number(value)) : value;
          expect(text, sample.path).toContain(words(number));
          if (unit !== undefined && unit !== 'no units') expect(text, sample.path).toContain(words(unit));
          compared += 1;
        }
      }
      expect(compared).toBeGreaterThan(110);
    });
  }

  test('the kinds of content are read, with measurements, codes and references by identifier', () => {
    const sample = reports.find(({ path }) => path.endsWith('test-SR.dcm'))!;
    const report = readReport(readPart10(sample.read()).json);
    expect(report).toMatchObject({ title: 'Diagnosis', completion: 'COMPLETE', verified: true });
    expect(report.verifiers.map(({ name }) => name)).toEqual(['Riesmeier^Jörg', 'Observer^Verifying']);
    const items = [...everyItem(report.root)];
    const types = new Set(items.map(({ value }) => value.type));
    for (const type of [
      'TEXT',
      'CODE',
      'NUM',
      'DATE',
      'TIME',
      'DATETIME',
      'UIDREF',
      'IMAGE',
      'COMPOSITE',
      'WAVEFORM',
      'SCOORD',
      'TCOORD',
      'REFERENCE',
    ])
      expect(types, type).toContain(type);
    expect(reportText(report, english)).toMatch(/Diameter: 3 Length Unit\n/);
    expect(reportText(report, english)).toMatch(/Verified by: Jörg Riesmeier, OFFIS e\.V\., 2001-02-13 18:47:46/);
    expect(items.find(({ value }) => value.type === 'REFERENCE')?.value).toEqual({ type: 'REFERENCE', to: [1, 3, 2] });
  });

  test('what is no report is refused', () => {
    const image = all.find(({ modality }) => modality === 'CT')!;
    const { json } = readPart10(image.read());
    expect(isReport(json)).toBe(false);
    expect(() => readReport(json)).toThrow(new PeerError('report/none'));
  });
});

const named = (meaning: string) =>
  sequence({
    '00080100': attribute('SH', 'x'),
    '00080102': attribute('SH', '99X'),
    '00080104': attribute('LO', meaning),
  });
const root = (...children: DicomJson[]): DicomJson => ({
  '0040A040': attribute('CS', 'CONTAINER'),
  '0040A043': named('<b>Report</b>'),
  '0040A730': sequenceOf(children),
});

test('nothing that a report says becomes markup', () => {
  const evil = `<script>alert('x')</script>"&\0`;
  const html = reportHtml(
    readReport({
      ...root(
        {
          '0040A040': attribute('CS', 'TEXT'),
          '0040A043': named(evil),
          '0040A160': attribute('UT', `${evil}\r\nnext`),
        },
        { '0040A040': attribute('CS', 'CODE'), '0040A168': named(evil) },
      ),
      '00100010': attribute('PN', { Alphabetic: evil }),
    }),
    english,
  );
  expect(html).not.toMatch(/<script|<b>|'x'|\0/);
  expect(html).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;<br>next');
});

test('a table is shown as one, and values of later editions are named', () => {
  const cell = (row: number, column: number, text: string): DicomJson => ({
    '0040A804': attribute('UL', row),
    '0040A805': attribute('UL', column),
    '0040A160': attribute('UT', text),
  });
  const table: DicomJson = {
    '0040A040': attribute('CS', 'TABLE'),
    '0040A801': sequence({
      '0040A807': sequence(
        { '0040A805': attribute('UL', 1), '0040A043': named('Site') },
        { '0040A805': attribute('UL', 2), '0040A043': named('Size') },
      ),
      '0040A808': sequence(cell(1, 1, 'left'), cell(1, 2, '3'), cell(2, 1, 'right')),
    }),
  };
  const text = reportText(readReport(root(table, { '0040A040': attribute('CS', 'HOLOGRAM') })), english);
  expect(text).toContain('  Site | Size\n  left | 3\n  right |');
  expect(text).toContain('[HOLOGRAM]');
});

test('a tree deeper or larger than any template is refused', () => {
  let deep: DicomJson = { '0040A040': attribute('CS', 'TEXT') };
  for (let i = 0; i < 80; i += 1) deep = root(deep);
  expect(() => readReport(deep)).toThrow('dicom/too-deep');
  const many = Array.from({ length: 100_001 }, () => ({ '0040A040': attribute('CS', 'TEXT') }));
  const wide = { ...root(), '0040A730': sequenceOf(many) };
  expect(() => readReport(wide)).toThrow('dicom/too-many');
});

test('what stands around the content is in the language of the reader', () => {
  const image = { '0040A040': attribute('CS', 'IMAGE'), '00081199': sequence({ '00081155': attribute('UI', '1.2') }) };
  const report = readReport({
    ...root(image),
    '00100010': attribute('PN', { Alphabetic: 'Ceban^Ion' }),
    '0040A491': attribute('CS', 'COMPLETE'),
    '0040A493': attribute('CS', 'UNVERIFIED'),
  });
  const lines = (language: Language) => reportText(report, text(language)).split('\n').slice(2);
  expect(lines('en')).toEqual(['Patient: Ion Ceban', 'State: COMPLETE, UNVERIFIED', '', 'Image: 1.2', '']);
  expect(lines('ro')).toEqual(['Pacient: Ion Ceban', 'Stare: COMPLET, NEVERIFICAT', '', 'Imagine: 1.2', '']);
  expect(reportHtml(report, text('ru'))).toContain('<dt>Состояние</dt><dd>ЗАВЕРШЕНО, НЕ ПОДТВЕРЖДЕНО</dd>');
});
