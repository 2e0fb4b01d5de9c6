// Missing storage is never new storage: what a peer does about a folder that is empty, gone or of another, and what becomes
// of folders of versions that made no marks.
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importFile } from '../../../node/exchange/import/from-file.ts';
import { adoptFolder, openData } from '../../../node/setup/data-folder.ts';
import { storeFolders } from '../../../node/setup/marks.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { initHospital, startHospital } from '../hospitals.ts';
import { freshDir, removeDir } from '../stores.ts';

const patient = { id: '2000000000008', name: 'Kept^Person', birthDate: '19700101', sex: 'M' } as const;
const small = { seed: 1, patient, instances: 3, bytesEach: 3_000 } as const;
const large = { seed: 2, patient, instances: 1, bytesEach: 3_000_000 } as const;

/** Made once: peers that hold instances in packs and in files, and were stopped. */
let made: string;
let other: string;
/** A copy of it, for one test. */
let dir: string;

async function take(of: string, ...studies: Parameters<typeof markedStudy>[0][]): Promise<void> {
  const hospital = await startHospital(of);
  for (const study of studies) {
    for (const { part10 } of markedStudy(study))
      await importFile(hospital.core.imports.importer, whole(part10), 'test');
  }
  await hospital.stop();
}

async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** How many instances can be read to their end. */
async function readable(): Promise<number> {
  const { core, stop } = await startHospital(dir);
  let count = 0;
  try {
    for (const { id } of core.store.index.studies()) {
      for await (const { objectId, sealedLength } of core.store.index.instances(id)) {
        const pieces = await Array.fromAsync(core.store.objects.read(objectId, 0, sealedLength));
        if (pieces.length > 0) count += 1;
      }
    }
  } finally {
    await stop();
  }
  return count;
}

beforeAll(async () => {
  [{ dir: made }, { dir: other }] = await Promise.all([initHospital('A'), initHospital('B')]);
  await take(made, small, large);
});
afterAll(async () => {
  for (const each of [made, other]) await removeDir(each);
});

beforeEach(async () => {
  dir = join(await freshDir(), 'data');
  await cp(made, dir, { recursive: true });
});
afterEach(() => removeDir(join(dir, '..')));

const opening = () => openData(dir).then(({ kv }) => kv.close());

/** All files below a folder with their bytes. */
async function content(of: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(of, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(of.length)] = (await readFile(path)).toString('base64');
  }
  return files;
}

it('is there: instances can be read after a start', async () => {
  expect(await readable()).toBe(4);
});

describe.each(storeFolders)('without %s', (folder) => {
  const path = () => join(dir, folder);
  const absent = () => expect(opening()).rejects.toMatchObject({ code: 'store/absent', data: { path: path() } });

  it('a peer does not start, and makes nothing in its place', async () => {
    await rename(path(), `${path()}.volume`);
    await absent();
    await expect(stat(path())).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(path());
    const before = await content(dir);
    await absent();
    expect(await content(dir)).toEqual(before);
    await rm(path(), { recursive: true });
    await rename(`${path()}.volume`, path());
    expect(await readable()).toBe(4);
  });

  it('nor with that of another peer, or of another folder', async () => {
    await rename(path(), `${path()}.volume`);
    await cp(join(other, folder), path(), { recursive: true });
    const before = await content(dir);
    await absent();
    const wrong = folder === 'audit' ? 'packs' : 'audit';
    await cp(join(dir, wrong, 'store.id'), join(path(), 'store.id'));
    await absent();
    await writeFile(join(path(), 'store.id'), '{"vers');
    await absent();
    await cp(join(other, folder, 'store.id'), join(path(), 'store.id'));
    expect(await content(dir)).toEqual(before);
  });
});

it('a database without its head file is refused and left as it is', async () => {
  const head = await readFile(join(dir, 'db', 'CURRENT'));
  await rm(join(dir, 'db', 'CURRENT'));
  const before = await content(dir);
  await expect(opening()).rejects.toMatchObject({ code: 'store/absent', data: { path: join(dir, 'db') } });
  expect(await content(dir)).toEqual(before);
  await writeFile(join(dir, 'db', 'CURRENT'), head);
  expect(await readable()).toBe(4);
});

describe('a folder of a version that made no marks', () => {
  beforeEach(async () => {
    const { kv } = await openData(dir);
    for await (const [key] of kv.bucket('pack').range()) await kv.bucket('pack').del(key);
    await kv.close();
    const vault = JSON.parse(await readFile(join(dir, 'vault.json'), 'utf8')) as object;
    await writeFile(join(dir, 'vault.json'), JSON.stringify({ ...vault, stores: undefined }));
    for (const folder of storeFolders) await rm(join(dir, folder, 'store.id'));
  });

  const marks = async () => {
    const found = await Promise.all(storeFolders.map((folder) => readdir(join(dir, folder))));
    return found.filter((names) => names.includes('store.id')).length;
  };

  it('gets them at its first start, and is held to them from then on', async () => {
    expect(await readable()).toBe(4);
    expect(await marks()).toBe(4);
    expect(await readable()).toBe(4);
    await rm(join(dir, 'packs'), { recursive: true });
    await expect(opening()).rejects.toMatchObject({ code: 'store/absent' });
  });

  it('gets the packs counted, so that one that goes is missed', async () => {
    await opening();
    await rm(join(dir, 'packs', '00000001'));
    await rm(join(dir, 'packs', '00000002'), { force: true });
    await expect(startHospital(dir)).rejects.toMatchObject({ code: 'store/absent' });
  });

  it.each(['packs', 'objects', 'audit'] as const)('gets none when %s is empty and should not be', async (folder) => {
    await rename(join(dir, folder), join(dir, 'volume'));
    await mkdir(join(dir, folder));
    await expect(opening()).rejects.toMatchObject({ code: 'store/absent', data: { path: join(dir, folder) } });
    expect(await marks()).toBe(0);
    await rm(join(dir, folder), { recursive: true });
    await rename(join(dir, 'volume'), join(dir, folder));
    expect(await readable()).toBe(4);
  });

  it('gets them where nothing was ever stored', async () => {
    await removeDir(dir);
    await cp(other, dir, { recursive: true });
    await writeFile(
      join(dir, 'vault.json'),
      JSON.stringify({ ...JSON.parse(await readFile(join(dir, 'vault.json'), 'utf8')), stores: undefined }),
    );
    for (const folder of ['packs', 'objects', 'audit']) await rm(join(dir, folder), { recursive: true });
    await rm(join(dir, 'db', 'store.id'));
    await opening();
    expect(await marks()).toBe(4);
  });
});

describe('taking over', () => {
  const whole = { incomplete: false };

  it('gives a folder its mark again that has lost nothing else', async () => {
    for (const folder of storeFolders) {
      await rm(join(dir, folder, 'store.id'));
      await expect(opening()).rejects.toMatchObject({ code: 'store/absent' });
      expect(await adoptFolder(dir, folder, whole)).toMatchObject({ missing: 0 });
    }
    expect(await readable()).toBe(4);
  });

  it('takes what is incomplete only when that was said; numbers of lost packs stay taken', async () => {
    const packs = join(dir, 'packs');
    const numbers = (await readdir(packs)).filter((name) => name !== 'store.id').map(Number);
    await rm(packs, { recursive: true });
    await mkdir(packs);
    await expect(adoptFolder(dir, 'packs', whole)).rejects.toMatchObject({ code: 'store/absent' });
    expect(await readdir(packs)).toEqual([]);
    expect((await adoptFolder(dir, 'packs', { incomplete: true })).missing).toBeGreaterThan(0);
    await take(dir, { ...small, seed: 3 }, small);
    const now = (await readdir(packs)).filter((name) => name !== 'store.id').map(Number);
    expect(Math.min(...now)).toBeGreaterThan(Math.max(...numbers));
    // those of the lost packs that were sent again are there again
    expect(await readable()).toBe(7);
  });

  it('does not take the database of another peer', async () => {
    await rm(join(dir, 'db'), { recursive: true });
    await cp(join(other, 'db'), join(dir, 'db'), { recursive: true });
    await expect(adoptFolder(dir, 'db', whole)).rejects.toMatchObject({ code: 'store/corrupt' });
    await expect(opening()).rejects.toMatchObject({ code: 'store/absent' });
  });
});
