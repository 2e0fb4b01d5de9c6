// init can be cut off at any moment and run again; of two at once one wins.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openData, ownKeys } from '../../../node/setup/data-folder.ts';
import { createData } from '../../../node/setup/init.ts';
import { freshDir, removeDir } from '../stores.ts';

const input = { name: 'Spitalul', country: 'MD', http: 0, dimse: 0, p2p: 0 };
let dir: string;

beforeEach(async () => {
  dir = await freshDir();
});
afterEach(() => removeDir(dir));

const idOf = async () => {
  const { kv } = await openData(dir);
  const { peerId } = await ownKeys(kv);
  await kv.close();
  return peerId;
};

it('leaves a whole peer and nothing beside it', async () => {
  const { peerId } = await createData(dir, input);
  expect(await idOf()).toBe(peerId);
  expect((await readdir(dir)).sort()).toEqual([
    ...['audit', 'db', 'join-request.cbor', 'objects', 'packs', 'peer.json', 'token', 'vault.json'],
  ]);
  await expect(createData(dir, input)).rejects.toMatchObject({ code: 'peer/exists' });
});

it.each<readonly [string, () => Promise<void>]>([
  ['before vault.json was in its place', async () => undefined],
  ['in the database', async () => rm(join(dir, 'db', 'CURRENT'))],
  ['before the database', async () => rm(join(dir, 'db'), { recursive: true })],
  ['between the marks', async () => rm(join(dir, 'audit'), { recursive: true })],
  ['in the vault', async () => clear(['.init/vault.json'])],
  ['in a mark', async () => rename(join(dir, 'audit', 'store.id'), join(dir, 'audit', 'store.id.new'))],
])('goes through after it was cut off %s', async (_when, cut) => {
  await createData(dir, input);
  await mkdir(join(dir, '.init'));
  await rename(join(dir, 'vault.json'), join(dir, '.init', 'vault.json'));
  await cut();
  await expect(openData(dir)).rejects.toMatchObject({ code: 'vault/missing' });
  const { peerId } = await createData(dir, input);
  expect(await idOf()).toBe(peerId);
  expect(await readdir(dir)).not.toContain('.init');
});

/** As if nothing but the beginning of these had been written. */
async function clear(names: readonly string[]): Promise<void> {
  for (const folder of ['db', 'packs', 'objects', 'audit']) await rm(join(dir, folder), { recursive: true });
  for (const name of names) await writeFile(join(dir, name), '{"vers');
}

it('takes nothing away that it did not make', async () => {
  await mkdir(join(dir, 'packs'));
  await writeFile(join(dir, 'packs', '00000001'), 'of another peer, whose vault.json is lost');
  await expect(createData(dir, input)).rejects.toMatchObject({
    code: 'file/exists',
    data: { path: join(dir, 'packs') },
  });
  expect(await readFile(join(dir, 'packs', '00000001'), 'utf8')).toMatch(/^of another peer/);
  // nor the folders of a peer that has lost its vault
  await removeDir(join(dir, 'packs'));
  await createData(dir, input);
  await rm(join(dir, 'vault.json'));
  const before = await readdir(join(dir, 'db'));
  await expect(createData(dir, input)).rejects.toMatchObject({ code: 'file/exists' });
  expect(await readdir(join(dir, 'db'))).toEqual(before);
});

it('uses folders that are there and empty', async () => {
  for (const folder of ['db', 'packs', 'packs/lost+found']) await mkdir(join(dir, folder));
  const { peerId } = await createData(dir, input);
  expect(await idOf()).toBe(peerId);
});

it('has one winner of several at once', async () => {
  const ends = await Promise.allSettled(Array.from({ length: 4 }, () => createData(dir, input)));
  const [won, ...more] = ends.filter((end) => end.status === 'fulfilled');
  expect(more).toEqual([]);
  for (const end of ends) {
    if (end.status === 'rejected') expect(['store/locked', 'peer/exists']).toContain(end.reason.code);
  }
  expect(await idOf()).toBe(won!.value.peerId);
});
