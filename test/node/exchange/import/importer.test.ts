import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { studyReader } from '../../../../node/access/study-reader.ts';
import { importFile } from '../../../../node/exchange/import/from-file.ts';
import { isFindable } from '../../../../node/exchange/import/patients.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { markedStudy } from '../../../../sim/studies/studies.ts';
import { freshDir, openStores, removeDir, rowsOf, type Stores } from '../../stores.ts';

const patient = { id: '2000000010005', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
let dir: string;
let stores: Stores;

beforeEach(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
});
afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

const study = (seed = 1, instances = 3) => [...markedStudy({ seed, patient, instances, bytesEach: 70_000 })];

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function readBack(sop: string): Promise<Buffer> {
  const instance = (await stores.index.instance(sop))!;
  const reader = studyReader(stores.index.studyById(instance.study)!, stores);
  const parts: Uint8Array[] = [];
  for await (const part of reader.read(instance)) parts.push(part);
  return Buffer.concat(parts);
}

it('keeps every data set to the byte, indexed, and the same again changes nothing', async () => {
  const instances = study();
  for (const each of instances) {
    const result = await importFile(stores.importer, pieces(each.part10), 'test');
    expect(result).toEqual({ outcome: 'imported', study: each.studyUid });
  }
  for (const each of instances) {
    expect(await importFile(stores.importer, pieces(each.part10, 333), 'again')).toMatchObject({
      outcome: 'duplicate',
    });
    const stored = (await stores.index.instance(each.sopInstanceUid))!;
    const file = await readBack(each.sopInstanceUid);
    expect(sha(file.subarray(stored.datasetOffset))).toBe(sha(each.dataset));
  }
  const [kept] = [...stores.index.studies()];
  expect(kept!.series[0]).toMatchObject({ instances: 3 });
  expect(isFindable(stores.index.patient(kept!.patient)!)).toBe(true);
  expect(await stores.objects.partials()).toEqual([]);
});

it('takes in nothing that could not be written down; it comes in when the log can be written again', async () => {
  await stores.close();
  let full = true;
  const noted: string[] = [];
  const note = async ({ uid, patient: of }: { uid: string; patient: string }) => {
    if (full) throw new PeerError('audit/unwritable');
    expect(stores.index.study(uid)?.series[0]?.instances ?? 0).toBe(noted.length);
    noted.push(of);
  };
  stores = await openStores(dir, { note });
  const files = [...study(1, 1), ...markedStudy({ seed: 2, patient, instances: 1, bytesEach: 20_000_000 })];
  for (const { part10, sopInstanceUid } of files) {
    const came = importFile(stores.importer, pieces(part10, 1_000_000), 'test');
    await expect(came).rejects.toMatchObject({ code: 'audit/unwritable' });
    expect(await stores.index.instance(sopInstanceUid)).toBeUndefined();
  }
  expect([...stores.index.studies(), ...stores.index.patients()]).toEqual([]);
  const objects = await readdir(join(dir, 'objects'), { recursive: true, withFileTypes: true });
  expect(objects.filter((each) => each.isFile())).toEqual([]);
  await stores.close();
  stores = await openStores(dir, { note });
  expect(stores.index.studyCount).toBe(0);
  full = false;
  for (const { part10, studyUid } of files) {
    noted.length = 0;
    const came = await importFile(stores.importer, pieces(part10, 1_000_000), 'test');
    expect(came).toEqual({ outcome: 'imported', study: studyUid });
    expect(noted).toEqual([stores.index.study(studyUid)!.patient]);
  }
});

it('finds everything again after a restart', async () => {
  const instances = study();
  for (const each of instances) await importFile(stores.importer, pieces(each.part10), 'test');
  await stores.close();
  stores = await openStores(dir);
  expect(stores.index.studyCount).toBe(1);
  expect(stores.index.patientBy('urn:dicomnet:id:md:idnp', patient.id)).toBeDefined();
  expect(sha((await readBack(instances[1]!.sopInstanceUid)).subarray(-70_000))).toBe(
    sha(instances[1]!.dataset.subarray(-70_000)),
  );
});

it('keeps another content under a known SOP Instance UID aside, and the first one as it was', async () => {
  const [first] = study();
  const changed = Buffer.from(first!.part10);
  changed[changed.length - 5]! ^= 1;
  await importFile(stores.importer, pieces(first!.part10), 'test');
  expect(await importFile(stores.importer, pieces(changed), 'liar')).toMatchObject({
    kind: 'conflict',
    reason: 'import/conflict',
  });
  expect(await rowsOf(stores.aside)).toMatchObject([{ kind: 'conflict', announced: { from: 'liar' } }]);
  expect(sha((await readBack(first!.sopInstanceUid)).subarray(-70_000))).toBe(sha(first!.dataset.subarray(-70_000)));
});

it('keeps what it cannot read in quarantine and refuses what is not DICOM', async () => {
  const [first] = study();
  const cut = first!.part10.subarray(0, first!.part10.length - 100);
  expect(await importFile(stores.importer, pieces(cut), 'cut')).toMatchObject({
    kind: 'quarantine',
    reason: 'dicom/truncated',
  });
  const text = new TextEncoder().encode('%PDF-1.7 nothing of the kind, but long enough to be looked at'.repeat(20));
  expect(await importFile(stores.importer, pieces(text), 'pdf')).toEqual({
    outcome: 'refused',
    reason: 'dicom/not-dicom',
  });
  expect(stores.index.studyCount).toBe(0);
});

it('takes many at once, of one new study, under one key', async () => {
  const instances = study(2, 20);
  const results = await Promise.all(instances.map((each) => importFile(stores.importer, pieces(each.part10), 'many')));
  expect(results.every((each) => each.outcome === 'imported')).toBe(true);
  expect([...stores.index.studies()]).toHaveLength(1);
  for (const each of instances) await readBack(each.sopInstanceUid);
});

it('takes the same instance twice at once as one', async () => {
  const [first] = study();
  const results = await Promise.all([1, 2].map(() => importFile(stores.importer, pieces(first!.part10), 'twice')));
  expect(results.map((each) => each.outcome).sort()).toEqual(['duplicate', 'imported']);
  await readBack(first!.sopInstanceUid);
});

it('keeps an instance of a known study with another patient aside', async () => {
  const [mine] = study();
  await importFile(stores.importer, pieces(mine!.part10), 'test');
  const [, second] = study(1);
  const other = Buffer.from(second!.part10);
  other.write('2000000010016', other.indexOf(patient.id));
  expect(await importFile(stores.importer, pieces(other), 'test')).toMatchObject({ reason: 'import/patient-differs' });
});

it('leaves nothing behind when the sender breaks off', async () => {
  const [first] = study();
  const incoming = await stores.importer.open({ transferSyntax: first!.transferSyntax, from: 'test' });
  await incoming.write(first!.dataset.subarray(0, 50_000));
  await incoming.abort();
  expect(await stores.objects.partials()).toEqual([]);
  expect(stores.index.studyCount).toBe(0);
});

it('refuses before the disk is full', async () => {
  const full = stores.importer;
  await stores.close();
  stores = await openStores(dir, { minFreeBytes: Number.MAX_SAFE_INTEGER });
  expect(stores.importer).not.toBe(full);
  await expect(importFile(stores.importer, pieces(study()[0]!.part10), 'test')).rejects.toMatchObject({
    code: 'store/full',
  });
});

it('writes nothing readable about the patient', async () => {
  for (const each of study()) await importFile(stores.importer, pieces(each.part10), 'test');
  await stores.close();
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  for (const file of files) {
    const bytes = await readFile(file);
    expect(file).not.toContain('1.2.');
    for (const marker of ['Zebulon', patient.id, study()[0]!.studyUid]) expect(bytes.includes(marker)).toBe(false);
  }
  expect(files.length).toBeGreaterThan(3);
  stores = await openStores(dir);
});

it('takes an instance again whose object a power cut has taken, and counts it once', async () => {
  const [first] = study();
  await importFile(stores.importer, pieces(first!.part10), 'test');
  const lost = (await stores.index.instance(first!.sopInstanceUid))!;
  await stores.objects.remove(lost.objectId);
  expect(await importFile(stores.importer, pieces(first!.part10), 'again')).toMatchObject({ outcome: 'imported' });
  expect((await stores.index.instance(first!.sopInstanceUid))!.objectId).not.toBe(lost.objectId);
  await readBack(first!.sopInstanceUid);
  expect([...stores.index.studies()][0]!.series[0]).toMatchObject({ instances: 1 });
  expect(await importFile(stores.importer, pieces(first!.part10), 'third')).toMatchObject({ outcome: 'duplicate' });
});

it.each(['', '   ', '---', 'x'.repeat(64)])('takes an image whose Patient ID is "%s"', async (id) => {
  const [instance] = [...markedStudy({ seed: 5, patient: { ...patient, id }, instances: 1, bytesEach: 10_000 })];
  expect(await importFile(stores.importer, pieces(instance!.part10), 'test')).toMatchObject({ outcome: 'imported' });
  const [kept] = [...stores.index.patients()];
  expect([kept!.identifiers.length, isFindable(kept!)]).toEqual([id.startsWith('x') ? 1 : 0, false]);
});
