// The made-up studies: the same for a seed, valid by dciodvfy, not compressible, quick.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { frameCount } from '../../../node/dicom/read/frames.ts';
import { hugeInstance } from '../../../sim/studies/huge.ts';
import type { SyntheticPatient } from '../../../sim/studies/modules.ts';
import { markedStudy, syntheticStudies } from '../../../sim/studies/studies.ts';
import { readDataset, readFile } from '../../node/dicom/helpers.ts';
import { requires } from '../../programs.ts';

const patient: SyntheticPatient = {
  id: '2002004123456',
  name: 'Țurcanu^Ștefan',
  birthDate: '19700101',
  sex: 'M',
  issuer: 'IDNP',
};
const slices = { ct: 3, mr: 2, cr: 2 };

describe('studies', () => {
  test('are read as what they are', async () => {
    const studies = new Map<string, number>();
    for (const made of syntheticStudies({ seed: 1, patient, slices })) {
      const { head, summary } = await readFile(made.part10);
      expect(head.form).toBe('part10');
      expect(summary.header).toMatchObject({ patient, sopInstanceUid: made.sopInstanceUid, studyUid: made.studyUid });
      expect(summary.header.series.modality).toBe(made.modality);
      expect(frameCount(summary.frames)).toBe(1);
      expect(summary.pixelBytes * 0.25).toBeLessThan(deflateRawSync(made.dataset).length);
      studies.set(made.studyUid, (studies.get(made.studyUid) ?? 0) + 1);
    }
    expect([...studies.values()]).toEqual([3, 2, 2]);
  });

  test('are the same for a seed and others for another', () => {
    const all = (seed: number) => [...syntheticStudies({ seed, patient, slices: { ct: 2, mr: 1, cr: 0 } })];
    const bytes = (seed: number) => all(seed).map(({ part10 }) => Buffer.from(part10).toString('latin1'));
    expect(bytes(1)).toEqual(bytes(1));
    const [one, two] = [all(1), all(2)].map((made) => made.map(({ sopInstanceUid }) => sopInstanceUid));
    expect(new Set([...one!, ...two!]).size).toBe(6);
  });

  test('all of the default size take under 3 s', () => {
    let instances = 0;
    for (const { part10 } of syntheticStudies({ seed: 1, patient })) instances += part10.length > 0 ? 1 : 0;
    expect(instances).toBe(146);
  });

  test('marked studies have the size that was asked for, and the marker', () => {
    const marked = [
      ...markedStudy({ seed: 1, patient: { ...patient, name: 'MARKER^X' }, instances: 3, bytesEach: 512 * 1024 }),
    ];
    expect(new Set(marked.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(3);
    for (const { dataset } of marked) {
      expect(dataset.length - 512 * 1024).toBeLessThan(2048);
      expect(Buffer.from(dataset).includes('MARKER^X')).toBe(true);
    }
  });

  test('a huge instance says its length and frames truly, up to 4 GiB', async () => {
    const huge = hugeInstance({ seed: 1, patient, bytes: 3 * 512 * 1024 });
    const whole = Buffer.concat([...huge.chunks()].map((chunk) => Buffer.from(chunk)));
    expect(whole.length).toBe(huge.length);
    expect(frameCount((await readDataset(whole)).frames)).toBe(3);
    expect(hugeInstance({ seed: 1, patient, bytes: 2 ** 33 }).frames).toBe(8191);
  });
});

const dciodvfy = requires('dciodvfy');

test.runIf(dciodvfy)('dciodvfy finds no error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'studies-'));
  const huge = hugeInstance({ seed: 1, patient, bytes: 2 ** 20 });
  const files = [
    ...[...syntheticStudies({ seed: 1, patient, slices })].map(({ part10 }) => part10),
    ...[...markedStudy({ seed: 1, patient, instances: 2, bytesEach: 100_000 })].map(({ part10 }) => part10),
    Buffer.concat([huge.part10Header, ...[...huge.chunks()].map((chunk) => Buffer.from(chunk))]),
  ];
  for (const [index, file] of files.entries()) {
    const path = join(folder, `${index}.dcm`);
    writeFileSync(path, file);
    const said = execFileSync('sh', ['-c', '"$0" "$1" 2>&1 || true', dciodvfy!, path], { encoding: 'utf8' });
    expect(said).toMatch(/Image/);
    expect(said).not.toMatch(/Error/);
  }
  rmSync(folder, { recursive: true });
});
