// Packs: what a crash may leave of them, and what the index gets back.
import { cp, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSealed } from '../../../node/access/study-reader.ts';
import { Kv, openLevel } from '../../../node/store/kv.ts';
import { openPackFiles } from '../../../node/store/packs/pack-files.ts';
import { packFrameBytes, readPackFrame } from '../../../node/store/packs/pack-frame.ts';
import { Packs } from '../../../node/store/packs/packs.ts';
import { decodeRecord, type PatientRecord } from '../../../node/store/records.ts';
import { concat, uintBytes, unhex, utf8 } from '../../../protocol/bytes.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { countingFrom, freshDir, openStores, removeDir, rowsOf, type Stores, writesDirectly } from '../stores.ts';

const patient = { id: '2000000000008', name: 'Packed^Person', birthDate: '19700101', sex: 'M' } as const;
const instances = [...markedStudy({ seed: 1, patient, instances: 6, bytesEach: 20_000 })];
type Instance = (typeof instances)[number];

let dir: string;
let stores: Stores;
/** Whether objects may be written while they arrive. */
let early = true;

const openAgain = () => openStores(dir, { early });

beforeEach(async () => {
  dir = await freshDir();
  stores = await openAgain();
});

afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

async function take(instance: Instance): Promise<string> {
  const { transferSyntax, sopClassUid, sopInstanceUid, dataset } = instance;
  const incoming = await stores.importer.open({
    ...{ transferSyntax, from: 'test', instance: { sopClassUid, sopInstanceUid } },
  });
  await incoming.write(dataset);
  return (await incoming.finish()).outcome;
}

/** What is stored of it, opened again. */
async function stored({ sopInstanceUid }: Instance): Promise<Buffer | undefined> {
  const record = await stores.index.instance(sopInstanceUid);
  if (record === undefined) return undefined;
  const key = await stores.keys.seriesKey(record);
  const pieces: Uint8Array[] = [];
  for await (const piece of readSealed(stores, record.objectId, key, record.datasetOffset, record.plainLength)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Goes on after a crash in which the database lost everything since `taken`, and the packs kept what they had. */
async function crash(taken: string, meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
  await stores.close();
  await rm(join(dir, 'db'), { recursive: true });
  await cp(taken, join(dir, 'db'), { recursive: true });
  await meanwhile();
  stores = await openAgain();
}

async function snapshot(): Promise<string> {
  await stores.close();
  const to = join(dir, 'db-before');
  await cp(join(dir, 'db'), to, { recursive: true });
  stores = await openAgain();
  return to;
}

/** Where an instance's object lies, and where its entry ends, without what fills its last block. */
async function entryOf({ sopInstanceUid }: Instance) {
  const place = await stores.place((await stores.index.instance(sopInstanceUid))!.objectId);
  const path = join(dir, 'packs', String(place.pack).padStart(8, '0'));
  const frame = readPackFrame((await readFile(path)).subarray(place.at - packFrameBytes, place.at), stores.bulk);
  // behind its frame there is an object that came early; before all others is their note
  const end = place.at + place.length + (frame?.layout === 'object-first' ? frame.noteLength : 0);
  return { path, ...place, layout: frame?.layout, end };
}

describe.each([
  ['while they arrive', true],
  ['as a whole', false],
])('objects written %s', (_how, isEarly) => {
  beforeEach(async () => {
    early = isEarly;
    await stores.close();
    stores = await openAgain();
  });

  afterEach(() => {
    early = true;
  });

  it('are where they should be', async () => {
    const direct = isEarly && (await writesDirectly());
    // the first comes before the pack is open that it could be written to
    await take(instances[0]!);
    if (direct) await vi.waitFor(() => stores.packs.early()!.release());
    for (const each of instances.slice(1)) await take(each);
    const layouts = await Promise.all(instances.map(async (each) => (await entryOf(each)).layout));
    const others = direct ? 'object-first' : undefined;
    expect(layouts).toEqual([undefined, others, others, others, others, others]);
  });

  it('gives back to the database whatever it lost, counted once', async () => {
    expect(await take(instances[0]!)).toBe('imported');
    const before = await snapshot();
    for (const each of instances.slice(1)) expect(await take(each)).toBe('imported');
    await crash(before);
    for (const each of instances) expect((await stored(each))!.equals(each.dataset)).toBe(true);
    const [study] = stores.index.studies();
    expect(stores.index.studyCount).toBe(1);
    expect(study!.series[0]!.instances).toBe(instances.length);
    expect([...stores.index.patients()]).toHaveLength(1);
    expect(await take(instances[3]!)).toBe('duplicate');
  });

  it('brings back a study whose key was lost with everything else', async () => {
    const before = await snapshot();
    for (const each of instances) await take(each);
    await crash(before);
    for (const each of instances) expect((await stored(each))!.equals(each.dataset)).toBe(true);
  });

  it('does not bring back what was removed', async () => {
    for (const each of instances.slice(0, 2)) await take(each);
    const { objectId } = (await stores.index.instance(instances[0]!.sopInstanceUid))!;
    await stores.objects.remove(objectId);
    await stores.close();
    stores = await openAgain();
    expect(await stores.objects.has(objectId)).toBe(false);
    expect(await take(instances[0]!)).toBe('imported');
    expect((await stored(instances[0]!))!.equals(instances[0]!.dataset)).toBe(true);
  });

  it.each([1, 30, 60, 5_000, 25_000])('drops an entry that a crash cut off %d bytes before its end', async (cut) => {
    const before = await snapshot();
    for (const each of instances.slice(0, 3)) await take(each);
    const { path, end } = await entryOf(instances[2]!);
    await crash(before, async () => {
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, end - cut));
    });
    const there = await Promise.all(instances.slice(0, 3).map(stored));
    expect(there.map((each) => each !== undefined)).toEqual([true, true, false]);
    expect(await take(instances[2]!)).toBe('imported');
  });

  it('drops an entry whose object has a page that was never written', async () => {
    const before = await snapshot();
    for (const each of instances.slice(0, 2)) await take(each);
    const { path, at } = await entryOf(instances[1]!);
    await crash(before, async () => {
      const file = await open(path, 'r+');
      await file.write(new Uint8Array(512), 0, 512, at + 10_000);
      await file.close();
    });
    expect(await stored(instances[0]!)).toBeDefined();
    expect(await stored(instances[1]!)).toBeUndefined();
  });

  it('keeps nothing readable in a pack', async () => {
    for (const each of instances.slice(0, 2)) await take(each);
    const bytes = await readFile((await entryOf(instances[1]!)).path);
    for (const text of ['Packed', patient.id, instances[1]!.sopInstanceUid, 'ISO_IR']) {
      expect(bytes.includes(text)).toBe(false);
    }
  });
});

it('reads any part of an object, and no byte behind it', async () => {
  const files = await openPackFiles(join(dir, 'others'));
  const packs = new Packs({ files, numbers: countingFrom(0), sealer: stores.vault, bulk: stores.bulk });
  const object = { pieces: [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)] };
  const objectId = 'ab'.repeat(32);
  const entry = { objectId, note: new Uint8Array(10), object };
  const [, second] = await packs.append([entry, { ...entry, object: { pieces: [Uint8Array.of(9)] } }, entry]);
  const [place] = await packs.append([entry]);
  const read = async (at: typeof place, from: number, to: number) => {
    const reader = await packs.reader(at!);
    const bytes = await reader.read(from, to);
    await reader.close();
    return [...bytes];
  };
  expect(await read(place, 0, 5)).toEqual([1, 2, 3, 4, 5]);
  expect(await read(place, 2, 99)).toEqual([3, 4, 5]);
  expect(await read(place, 5, 9)).toEqual([]);
  expect(await read(second, 0, 9)).toEqual([9]);
  await packs.close();
});

/** Imports something into a peer's folder of the same master key, and gives that peer's pack to this one. */
async function packOfAnother(instance: Instance): Promise<void> {
  const [here, there] = [stores, join(dir, 'other')];
  await mkdir(there);
  stores = await openStores(there, { early: false });
  expect(await take(instance)).toBe('imported');
  await stores.close();
  await cp(join(there, 'packs', '00000002'), join(dir, 'packs', '00000009'));
  stores = here;
  await stores.close();
  stores = await openAgain();
}

it.each([
  ['another content of a known instance', 'import/conflict'],
  ['an instance of a study that is somebody else’s by now', 'import/patient-differs'],
] as const)('keeps %s aside when it comes back after a crash', async (_what, reason) => {
  const [first, second] = instances as [Instance, Instance, ...Instance[]];
  const [renamed] = markedStudy({ seed: 1, patient: { ...patient, name: 'Q^Q' }, instances: 1, bytesEach: 20_000 });
  expect(await take(renamed!)).toBe('imported');
  if (reason === 'import/patient-differs') {
    const [study] = stores.index.studies();
    await stores.index.moveStudy(study!, {
      id: '00'.repeat(16),
      identifiers: [{ system: 'urn:x', value: '1', status: 'unchecked' }],
    });
  }
  await packOfAnother(reason === 'import/conflict' ? first : second);
  const [kept, ...more] = await rowsOf(stores.aside);
  expect(more).toEqual([]);
  expect(kept).toMatchObject({ kind: 'conflict', reason });
  // and it can be read by whoever decides
  const pieces: Uint8Array[] = [];
  const { objectId, key, datasetOffset, plainLength } = kept!;
  for await (const piece of readSealed(stores, objectId, unhex(key), datasetOffset, plainLength)) pieces.push(piece);
  expect(Buffer.concat(pieces).equals((reason === 'import/conflict' ? first : second).dataset)).toBe(true);
  await stores.close();
  stores = await openAgain();
  expect(await rowsOf(stores.aside)).toHaveLength(1);
});

it('counts a study right when only older rows were lost', async () => {
  for (const each of instances.slice(0, 2)) await take(each);
  const [{ sopInstanceUid }] = instances as [Instance, ...Instance[]];
  const { objectId, study } = (await stores.index.instance(sopInstanceUid))!;
  const sop = stores.vault.name('sop', sopInstanceUid);
  const key = concat(unhex(study), sop);
  await stores.kv.commit([
    { bucket: 'object', key: unhex(objectId) },
    { bucket: 'instance', key },
    { bucket: 'header', key },
    { bucket: 'sop', key: sop },
  ]);
  await stores.close();
  stores = await openAgain();
  expect(await stored(instances[0]!)).toBeDefined();
  const [series] = stores.index.studyById(study)!.series;
  const lengths = await Promise.all(
    instances.slice(0, 2).map(async (each) => (await stores.index.instance(each.sopInstanceUid))!.plainLength),
  );
  expect(series).toMatchObject({ instances: 2, bytes: lengths[0]! + lengths[1]! });
});

it('looks at each start only through what came since the last', async () => {
  for (const each of instances.slice(0, 2)) await take(each);
  await writeFile(join(dir, 'packs', '.DS_Store'), 'put there by a file manager');
  await stores.close();
  stores = await openAgain();
  expect(decodeRecord((await stores.kv.bucket('meta').get(utf8('packs')))!)).toEqual({ pack: 3, at: 0 });
  expect(await take(instances[2]!)).toBe('imported');
  expect((await readdir(join(dir, 'packs'))).sort()).toEqual([
    ...['.DS_Store', '00000001', '00000002', '00000003', '00000004'],
  ]);
});

it('goes on with another pack when one could not be made', async () => {
  const files = await openPackFiles(join(dir, 'others'));
  let failing = true;
  const create = async (pack: number) => {
    const file = await files.create(pack);
    if (!failing) return file;
    await file.close();
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  const numbers = countingFrom(0);
  const packs = new Packs({ files: { ...files, create }, numbers, sealer: stores.vault, bulk: stores.bulk });
  const entry = { objectId: 'ab'.repeat(32), note: new Uint8Array(10), object: { pieces: [Uint8Array.of(1)] } };
  await expect(packs.append([entry])).rejects.toMatchObject({ code: 'store/full' });
  failing = false;
  expect(await packs.append([entry])).toMatchObject([{ pack: 2 }]);
  await packs.close();
});

it('acknowledges a duplicate only when its object is there, else it takes the new bytes', async () => {
  expect(await take(instances[0]!)).toBe('imported');
  expect(await take(instances[0]!)).toBe('duplicate');
  const { path } = await entryOf(instances[0]!);
  await rm(path);
  expect(await take(instances[0]!)).toBe('imported');
  expect(await stored(instances[0]!)).toEqual(Buffer.from(instances[0]!.dataset));
  const { path: second } = await entryOf(instances[0]!);
  await truncate(second, 100);
  expect(await take(instances[0]!)).toBe('imported');
  expect(await stored(instances[0]!)).toEqual(Buffer.from(instances[0]!.dataset));
});

it('starts without none of the packs that rows speak of, and gives no number twice', async () => {
  for (const each of instances.slice(0, 3)) await take(each);
  await stores.close();
  const folder = join(dir, 'packs');
  await rename(folder, join(dir, 'volume'));
  await mkdir(folder);
  await expect(openAgain()).rejects.toMatchObject({ code: 'store/absent', data: { path: 'packs' } });
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
  await cp(join(dir, 'volume'), folder, { recursive: true });
  for (const name of await readdir(folder)) await truncate(join(folder, name), 200);
  await expect(openAgain()).rejects.toMatchObject({ code: 'store/absent' });
  await rm(folder, { recursive: true });
  await rename(join(dir, 'volume'), folder);
  stores = await openAgain();
  expect(await stored(instances[0]!)).toEqual(Buffer.from(instances[0]!.dataset));
});

it('gives no number twice when the folder has lost its highest pack that nothing was in', async () => {
  await take(instances[0]!);
  await stores.close();
  const before = (await readdir(join(dir, 'packs'))).map(Number);
  const empty = String(Math.max(...before) + 1).padStart(8, '0');
  const kv = new Kv({ db: await openLevel(join(dir, 'db')), sealer: stores.vault });
  await kv.commit([{ bucket: 'pack', key: uintBytes(Number(empty), 4), value: uintBytes(0, 6) }]);
  await kv.close();
  stores = await openAgain();
  await take(instances[1]!);
  expect((await entryOf(instances[1]!)).pack).toBeGreaterThan(Number(empty));
});

it('knows after a crash which packs there must be, though the database lost it', async () => {
  const before = await snapshot();
  await take(instances[0]!);
  await crash(before);
  expect(await stored(instances[0]!)).toBeDefined();
  const { path } = await entryOf(instances[0]!);
  await stores.close();
  await rename(path, `${path}.away`);
  await expect(openAgain()).rejects.toMatchObject({ code: 'store/absent' });
  await rename(`${path}.away`, path);
  stores = await openAgain();
});

it('moves a study while more of it arrives, and loses neither', async () => {
  await take(instances[0]!);
  const [study] = stores.index.studies();
  const other: PatientRecord = {
    id: '00'.repeat(16),
    identifiers: [{ system: 'urn:x', value: '1', status: 'unchecked' }],
  };
  const [outcome] = await Promise.all([take(instances[1]!), stores.index.moveStudy(study!, other)]);
  await stores.close();
  stores = await openAgain();
  const { patient: whose, series } = stores.index.studyById(study!.id)!;
  expect(whose).toBe(other.id);
  expect(series[0]!.instances).toBe(outcome === 'imported' ? 2 : 1);
});
