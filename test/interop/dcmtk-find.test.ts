// C-FIND as dcmtk's findscu asks it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { requires } from '../programs.ts';
import { type Archive, instances, run, startArchive } from './archive.ts';

const findscu = requires('findscu');

describe.runIf(findscu)('findscu', () => {
  let archive: Archive;
  beforeAll(async () => {
    archive = await startArchive({ callers: [{ aeTitle: 'FINDSCU', may: ['query'] }, { aeTitle: 'SENDER' }] });
    await archive.add(instances);
  });
  afterAll(() => archive.close());

  const text = (json: DicomJson, tag: string) => json[tag]?.Value?.[0];

  async function find(root: '-P' | '-S', keys: string[], more: string[] = []) {
    const dir = mkdtempSync(join(tmpdir(), 'dicomnet-find-'));
    try {
      const wanted = keys.flatMap((key) => ['-k', key]);
      const at = ['-aet', 'FINDSCU', '-aec', 'PEER', '127.0.0.1', String(archive.port)];
      const { code, output } = await run(findscu!, [root, '-v', '-X', '-od', dir, ...more, ...wanted, ...at]);
      const files = readdirSync(dir).sort();
      const answers = files.map((file) => readPart10(readFileSync(join(dir, file))).json);
      return { code, output, answers };
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  const uids = async (root: '-P' | '-S', keys: string[], tag: string) =>
    (await find(root, keys)).answers.map((json) => text(json, tag)).sort();

  test('patients', async () => {
    const { answers } = await find('-P', [
      '0008,0052=PATIENT',
      'PatientName=Мунтяну*',
      'PatientID',
      'PatientBirthDate',
    ]);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({
      '00080005': { Value: ['ISO_IR 192'] },
      '00080052': { Value: ['PATIENT'] },
      '00080054': { Value: ['PEER'] },
      '00080056': { Value: ['ONLINE'] },
      '00100010': { Value: [{ Alphabetic: 'Мунтяну^Ион' }] },
      '00100020': { Value: ['2003000000002'] },
      '00100030': { Value: ['19800101'] },
    });
    expect(await uids('-P', ['0008,0052=PATIENT', 'PatientID'], '00100020')).toHaveLength(3);
  });

  test('studies: universal, wildcard, range, list, single', async () => {
    const studies = (keys: string[]) => uids('-S', ['0008,0052=STUDY', 'StudyInstanceUID', ...keys], '0020000D');
    expect(await studies([])).toHaveLength(4);
    expect(await studies(['PatientName=Pop?^M*'])).toEqual(['1.2.826.0.1.4']);
    expect(await studies(['StudyDate=20250101-20251231'])).toEqual(['1.2.826.0.1.2', '1.2.826.0.1.3']);
    expect(await studies(['StudyDate=20260101-'])).toEqual(['1.2.826.0.1.4']);
    expect(await studies(['StudyInstanceUID=1.2.826.0.1.1\\1.2.826.0.1.9\\1.2.826.0.1.3'])).toEqual([
      '1.2.826.0.1.1',
      '1.2.826.0.1.3',
    ]);
    expect(await studies(['AccessionNumber=A2'])).toEqual(['1.2.826.0.1.2']);
    expect(await studies(['ModalitiesInStudy=MR'])).toEqual(['1.2.826.0.1.2', '1.2.826.0.1.4']);
  });

  test('series and instances, both roots', async () => {
    const inStudy = ['StudyInstanceUID=1.2.826.0.1.1'];
    expect(await uids('-S', ['0008,0052=SERIES', ...inStudy, 'SeriesInstanceUID'], '0020000E')).toHaveLength(2);
    const inSeries = [...inStudy, 'SeriesInstanceUID=1.2.826.0.1.1.2'];
    expect(await uids('-S', ['0008,0052=IMAGE', ...inSeries, 'SOPInstanceUID'], '00080018')).toEqual([
      '1.2.826.0.1.1.2.1',
      '1.2.826.0.1.1.2.2',
      '1.2.826.0.1.1.2.3',
    ]);
    const ofPatient = ['PatientID=2003000000001', ...inSeries];
    expect(await uids('-P', ['0008,0052=IMAGE', ...ofPatient, 'InstanceNumber=2'], '00080018')).toEqual([
      '1.2.826.0.1.1.2.2',
    ]);
  });

  test('levels that a root lacks, upper keys that are missing, bad values: A900H and no answer', async () => {
    const refused = async (root: '-P' | '-S', keys: string[]) => {
      const { output, answers } = await find(root, keys);
      expect(answers).toEqual([]);
      return /DataSetDoesNotMatchSOPClass|0xa900/i.test(output) || output;
    };
    expect(await refused('-S', ['0008,0052=PATIENT', 'PatientID'])).toBe(true);
    expect(await refused('-S', ['0008,0052=NONSENSE'])).toBe(true);
    expect(await refused('-S', ['PatientID'])).toBe(true);
    expect(await refused('-S', ['0008,0052=SERIES', 'SeriesInstanceUID'])).toBe(true);
    expect(await refused('-P', ['0008,0052=STUDY', 'StudyInstanceUID'])).toBe(true);
    expect(await refused('-S', ['0008,0052=STUDY', 'StudyDate=nonsense'])).toBe(true);
  });

  test('an optional key that is not supported is told by FF01H', async () => {
    const supported = await find('-S', ['0008,0052=STUDY', 'StudyDate=20260101']);
    expect(supported.output).toMatch(/0xff00|Pending/i);
    expect(supported.output).not.toMatch(/0xff01|MatchesAreContinuingWithWarning|Warning/i);
    const other = await find('-S', ['0008,0052=STUDY', 'StudyDate=20260101', 'InstanceNumber=1']);
    expect(other.answers).toHaveLength(1);
    expect(other.output).toMatch(/0xff01|Warning/i);
  });

  test('findscu cancels after the first answer', async () => {
    const { code, answers } = await find('-S', ['0008,0052=STUDY', 'StudyInstanceUID'], ['--cancel', '1']);
    expect(code).toBe(0);
    expect(answers.length).toBeGreaterThanOrEqual(1);
  });

  test('every query is written down, and who may not ask is told so', async () => {
    const before = archive.audited.length;
    await find('-S', ['0008,0052=STUDY', 'StudyInstanceUID=1.2.826.0.1.4']);
    expect(archive.audited.slice(before)).toMatchObject([
      { kind: 'query', outcome: 'success', person: { name: 'FINDSCU', role: 'device' }, study: '1.2.826.0.1.4' },
    ]);
    const at = ['-aet', 'SENDER', '-aec', 'PEER', '127.0.0.1', String(archive.port)];
    const { output } = await run(findscu!, ['-S', '-v', '-k', '0008,0052=STUDY', ...at]);
    expect(output).toMatch(/No Acceptable Presentation Contexts/i);
    expect(archive.audited).toHaveLength(before + 1);
  });
});
