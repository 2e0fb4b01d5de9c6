// C-GET and C-MOVE as dcmtk's getscu and movescu ask for them, to the byte.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { freePort } from '../../sim/ports.ts';
import { eventually } from '../node/hospitals.ts';
import { requires } from '../programs.ts';
import { type Archive, fileOf, type Instance, instances, run, startArchive } from './archive.ts';

const programs = {
  getscu: requires('getscu'),
  movescu: requires('movescu'),
  storescp: requires('storescp'),
  echoscu: requires('echoscu'),
};
const has = Object.values(programs).every((program) => program !== undefined);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'dicomnet-retrieve-'));
  folders.push(made);
  return made;
}

const digestOf = (file: Uint8Array) => createHash('sha256').update(readPart10(file).dataset).digest('hex');

/** The data sets in a folder, by SOP Instance UID. */
function received(dir: string): Record<string, string> {
  const files = readdirSync(dir).map((name) => readFileSync(join(dir, name)));
  const named = files.map((file) => [String(readPart10(file).json['00080018']!.Value![0]), digestOf(file)]);
  return Object.fromEntries(named);
}

const expected = (wanted: (instance: Instance) => boolean) =>
  Object.fromEntries(instances.filter(wanted).map((each) => [each.uid, digestOf(fileOf(each))]));

describe.runIf(has)('dcmtk', () => {
  let archive: Archive;
  let ports: { move: number; store: number };
  let storescp: ChildProcess;
  let stored: string;

  beforeAll(async () => {
    ports = { move: await freePort(), store: await freePort() };
    stored = mkdtempSync(join(tmpdir(), 'dicomnet-storescp-'));
    archive = await startArchive(
      {
        callers: [
          { aeTitle: 'GETSCU', may: ['retrieve'] },
          { aeTitle: 'MOVESCU', host: '127.0.0.1' },
        ],
      },
      {
        remotes: [
          { aeTitle: 'MOVESCU', host: '127.0.0.1', port: ports.move },
          { aeTitle: 'STORESCP', host: '127.0.0.1', port: ports.store },
          { aeTitle: 'NOBODY', host: '127.0.0.1', port: 1 },
        ],
      },
    );
    await archive.add(instances);
    const args = ['+B', '+xa', '--output-directory', stored, String(ports.store)];
    storescp = spawn(programs.storescp!, args, { stdio: 'ignore' });
    const echo = ['127.0.0.1', String(ports.store)];
    await eventually('storescp listens', async () => (await run(programs.echoscu!, echo)).code === 0);
  });
  afterAll(async () => {
    storescp.kill();
    rmSync(stored, { recursive: true });
    await archive.close();
  });

  const at = () => ['-aec', 'PEER', '127.0.0.1', String(archive.port)];
  const keysOf = (keys: string[]) => keys.flatMap((key) => ['-k', key]);

  async function get(root: string, keys: string[], more: string[] = ['+B']) {
    const dir = folder();
    const { output, code } = await run(programs.getscu!, [root, '-v', ...more, '-od', dir, ...keysOf(keys), ...at()]);
    return { output, code, files: received(dir) };
  }

  async function move(root: string, keys: string[], to: string[], dir?: string) {
    return run(programs.movescu!, [root, '-v', ...to, ...keysOf(keys), ...at()], dir);
  }

  const inStudy1 = ['StudyInstanceUID=1.2.826.0.1.1'];

  test('getscu: a study, a series, an instance, a patient', async () => {
    const study = await get('-S', ['0008,0052=STUDY', ...inStudy1]);
    expect(study.files, study.output).toEqual(expected((each) => each.study === '1.2.826.0.1.1'));
    const series = await get('-S', ['0008,0052=SERIES', ...inStudy1, 'SeriesInstanceUID=1.2.826.0.1.1.2']);
    expect(series.files).toEqual(expected((each) => each.series === '1.2.826.0.1.1.2'));
    const one = ['SeriesInstanceUID=1.2.826.0.1.1.2', 'SOPInstanceUID=1.2.826.0.1.1.2.3'];
    const image = await get('-S', ['0008,0052=IMAGE', ...inStudy1, ...one]);
    expect(image.files).toEqual(expected((each) => each.uid === '1.2.826.0.1.1.2.3'));
    const patient = await get('-P', ['0008,0052=PATIENT', 'PatientID=2003000000001']);
    expect(patient.files).toEqual(expected((each) => each.patientId === '2003000000001'));
  });

  test('each study that leaves is written down before', () => {
    expect(archive.audited).toContainEqual({
      kind: 'export',
      person: { name: 'GETSCU', role: 'device' },
      study: '1.2.826.0.1.1',
    });
  });

  test('getscu: missing and wild unique keys are A900H, what is not here is success without instances', async () => {
    for (const keys of [
      ['0008,0052=SERIES', 'SeriesInstanceUID=1.2.826.0.1.1.2'],
      ['0008,0052=STUDY'],
      ['0008,0052=STUDY', 'StudyInstanceUID=*'],
    ]) {
      const { output, files } = await get('-S', keys);
      expect(files).toEqual({});
      expect(output).toMatch(/DataSetDoesNotMatchSOPClass|0xa900/i);
    }
    const wild = await get('-P', ['0008,0052=PATIENT', 'PatientID=2003*']);
    expect(wild.files).toEqual({});
    const none = await get('-S', ['0008,0052=STUDY', 'StudyInstanceUID=1.2.3.4']);
    expect(none.files).toEqual({});
    expect(none.output).toMatch(/Success/);
  });

  test('getscu takes implicit VR only: converted', async () => {
    const { files, output } = await get('-S', ['0008,0052=STUDY', 'StudyInstanceUID=1.2.826.0.1.4'], ['-xi', '+B']);
    expect(Object.keys(files), output).toEqual(['1.2.826.0.1.4.1.1']);
  });

  test('movescu to itself and to storescp', async () => {
    const dir = folder();
    const self = ['+P', String(ports.move), '+B'];
    // it writes to where it runs when it preserves bits, whatever it is told
    const moved = await move('-S', ['0008,0052=STUDY', 'StudyInstanceUID=1.2.826.0.1.2'], self, dir);
    expect(received(dir), moved.output).toEqual(expected((each) => each.study === '1.2.826.0.1.2'));
    const other = await move('-P', ['0008,0052=PATIENT', 'PatientID=2003000000001'], ['-aem', 'STORESCP']);
    expect(other.code, other.output).toBe(0);
    expect(received(stored)).toEqual(expected((each) => each.patientId === '2003000000001'));
  });

  test('movescu: destinations that are unknown or do not answer', async () => {
    const study = ['0008,0052=STUDY', ...inStudy1];
    const before = archive.audited.length;
    const unknown = await move('-S', study, ['-aem', 'ELSEWHERE']);
    expect(unknown.output).toMatch(/MoveDestinationUnknown|0xa801/i);
    // nothing was looked up
    expect(archive.audited).toHaveLength(before);
    const silent = await move('-S', study, ['-aem', 'NOBODY']);
    expect(silent.output).toMatch(/0xa702|UnableToPerformSubOperations|OutOfResources/i);
  });
});
