// A peer's stores in a fresh folder, for tests: real files, real database, native ciphers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aside } from '../../node/exchange/import/aside.ts';
import { Importer } from '../../node/exchange/import/importer.ts';
import { replayPacks } from '../../node/exchange/import/replay.ts';
import { nationalSystem } from '../../node/setup/config.ts';
import { Additions, type NoteStudy } from '../../node/store/additions.ts';
import { Index } from '../../node/store/index.ts';
import { Kv, type KvDb, openLevel } from '../../node/store/kv.ts';
import { migrate } from '../../node/store/migrations/migrate.ts';
import { openObjects } from '../../node/store/objects.ts';
import { openPackFiles } from '../../node/store/packs/pack-files.ts';
import { PackNumbers } from '../../node/store/packs/pack-numbers.ts';
import { withPacks } from '../../node/store/packs/packed-objects.ts';
import { decodePlace, PackedRows } from '../../node/store/packs/packed-rows.ts';
import { Packs } from '../../node/store/packs/packs.ts';
import { StudyKeys } from '../../node/store/study-keys.ts';
import { Vault } from '../../node/store/vault.ts';
import { nativeBulk } from '../../node/system/bulk.ts';
import { systemClock, systemRandom } from '../../node/system/machine.ts';
import { unhex } from '../../protocol/bytes.ts';

export async function freshDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dicomnet-'));
}

/** Whether objects can be written to packs while they arrive, in the folder for temporary files. */
export async function writesDirectly(): Promise<boolean> {
  const dir = await freshDir();
  const files = await openPackFiles(dir);
  const file = await files.createDirect(1).catch(() => undefined);
  await file?.close();
  await removeDir(dir);
  return file !== undefined;
}

/** Numbers for packs of which no database knows. */
export function countingFrom(last: number): { last: number; next(): Promise<number> } {
  return {
    last,
    async next() {
      this.last += 1;
      return this.last;
    },
  };
}

/** Everything in a list, in its order. */
export async function rowsOf<Row>(list: { rows(): AsyncIterable<{ readonly row: Row }> }): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { row } of list.rows()) rows.push(row);
  return rows;
}

export const removeDir = (dir: string): Promise<void> => rm(dir, { recursive: true, force: true });

interface StoresOptions {
  readonly master?: Uint8Array;
  readonly minFreeBytes?: number;
  readonly early?: boolean;
  readonly note?: NoteStudy;
  /** Stands over the real database. */
  readonly over?: (db: KvDb) => KvDb;
}

/** Opens (or opens again) the stores below `dir`; `master` must be the same each time. */
export async function openStores(dir: string, options: StoresOptions = {}) {
  const vault = new Vault(options.master ?? new Uint8Array(32).fill(7), systemRandom);
  const db = await openLevel(join(dir, 'db'));
  const kv = new Kv({ db: options.over?.(db) ?? db, sealer: vault });
  await migrate(kv, join(dir, 'db'));
  const files = await openPackFiles(join(dir, 'packs'));
  if (options.early === false) files.createDirect = async () => undefined;
  const numbers = await PackNumbers.open(kv, files).catch(async (error: unknown) => {
    await kv.close();
    throw error;
  });
  const packs = new Packs({ files, numbers, sealer: vault, bulk: nativeBulk });
  const packed = new PackedRows({ packs, kv });
  const index = new Index({ kv, vault });
  await index.load();
  const additions = new Additions({ index, kv, packed, vault });
  const objects = withPacks(await openObjects(join(dir, 'objects')), { packs, kv });
  const keys = new StudyKeys({ kv, random: systemRandom, clock: systemClock });
  const aside = new Aside({ kv, clock: systemClock, random: systemRandom });
  await replayPacks({ rows: packed, packs, index, additions, keys, aside, bulk: nativeBulk });
  const changed: string[] = [];
  const importer = new Importer(
    { defaultSystem: nationalSystem, issuers: { '': nationalSystem }, minFreeBytes: options.minFreeBytes ?? 0 },
    {
      objects,
      index,
      additions,
      keys,
      aside,
      bulk: nativeBulk,
      clock: systemClock,
      random: systemRandom,
      early: () => packs.early(),
      note: options.note ?? (async () => undefined),
      changed: (uid) => changed.push(uid),
    },
  );
  const close = async () => {
    await packs.close();
    await kv.close();
  };
  /** Where an object lies. @throws when it is a file */
  const place = async (objectId: string) => decodePlace((await kv.bucket('object').get(unhex(objectId)))!)!;
  return {
    vault,
    kv,
    packs,
    place,
    close,
    index,
    additions,
    objects,
    keys,
    aside,
    importer,
    changed,
    bulk: nativeBulk,
  };
}

export type Stores = Awaited<ReturnType<typeof openStores>>;
