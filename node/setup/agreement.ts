// Folders of versions that made no marks get theirs when what they hold agrees with the database, or when somebody says
// so (`storage adopt`).
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unhex, utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { Kv } from '../store/kv.ts';
import { openPackFiles } from '../store/packs/pack-files.ts';
import { lackingPacks, lengthRows, packLengths } from '../store/packs/pack-numbers.ts';
import { decodePlace } from '../store/packs/packed-rows.ts';
import { decodeRecord, type InstanceRecord } from '../store/records.ts';
import { keepRoll, type Vault } from '../store/vault.ts';
import { isThere } from '../system/files.ts';
import { newStoreId, type StoreFolder, storeFolders, writeMark } from './marks.ts';

/** How much of a folder the database names, and how much of that is not there: packs, objects in files, the log. */
export interface Agreement {
  readonly named: number;
  readonly missing: number;
}

/** Where a peer keeps what. */
interface Place {
  readonly dir: string;
  readonly vault: Vault;
  readonly kv: Kv;
}

const agreements: Record<StoreFolder, (place: Place) => Promise<Agreement>> = {
  db: async ({ kv }) => ({
    named: 1,
    missing: (await kv.bucket('secret').get(utf8('identity'))) === undefined ? 1 : 0,
  }),
  packs: async ({ dir, kv }) => {
    const lengths = await packLengths(kv);
    const missing = (await isThere(join(dir, 'packs')))
      ? (await lackingPacks(await openPackFiles(join(dir, 'packs')), lengths)).length
      : [...lengths.values()].filter((length) => length > 0).length;
    return { named: lengths.size, missing };
  },
  objects: ({ dir, kv }) => objectFiles(join(dir, 'objects'), kv),
  audit: async ({ dir, kv }) => {
    const [written] = await Array.fromAsync(firstOf(kv.bucket('auditKey').range()));
    const empty = written !== undefined && (await sizeOf(join(dir, 'audit', 'log'))) === 0;
    return { named: written === undefined ? 0 : 1, missing: empty ? 1 : 0 };
  },
};

async function* firstOf<T>(all: AsyncIterable<T>): AsyncIterable<T> {
  for await (const each of all) return yield each;
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );

async function objectFiles(dir: string, kv: Kv): Promise<Agreement> {
  let [named, missing] = [0, 0];
  const packed = kv.bucket('object');
  for await (const [, row] of kv.bucket('instance').range()) {
    const { objectId } = decodeRecord<InstanceRecord>(row);
    if ((await packed.get(unhex(objectId))) !== undefined) continue;
    named += 1;
    if (!(await isThere(join(dir, objectId.slice(0, 2), objectId)))) missing += 1;
  }
  return { named, missing };
}

/** A power cut may have cost a folder of before a few objects that nobody was told of: one in a hundred. */
const agrees = ({ named, missing }: Agreement): boolean => missing * 100 <= named;

/**
 * Marks what the roll does not name yet.
 * @throws PeerError store/absent for a folder that lacks what the database names
 */
export async function markOlder(place: Place): Promise<void> {
  const unmarked = storeFolders.filter((folder) => place.vault.stores[folder] === undefined);
  if (unmarked.length === 0) return;
  if (unmarked.includes('packs')) await countPacks(place.kv);
  for (const folder of unmarked) {
    if (!agrees(await agreements[folder](place))) {
      throw new PeerError('store/absent', { path: join(place.dir, folder) });
    }
  }
  await mark(place, unmarked);
}

/**
 * Takes over a folder as it is.
 * @param options.incomplete also when it lacks something that the database names
 * @throws PeerError store/absent when it does and that was not said
 */
export async function adopt(
  place: Place,
  folder: StoreFolder,
  { incomplete }: { incomplete: boolean },
): Promise<Agreement> {
  if (folder === 'packs' && place.vault.stores.packs === undefined) await countPacks(place.kv);
  const agreement = await agreements[folder](place);
  if (agreement.missing > 0 && !incomplete) {
    throw new PeerError('store/absent', { path: join(place.dir, folder), count: agreement.missing });
  }
  if (agreement.missing > 0 && folder === 'packs') await forgetPacks(place);
  await mark(place, [folder]);
  return agreement;
}

async function mark({ dir, vault }: Place, folders: readonly StoreFolder[]): Promise<void> {
  const roll = Object.fromEntries(folders.map((folder) => [folder, newStoreId()]));
  for (const folder of folders) await writeMark(dir, folder, roll[folder]!, vault);
  await keepRoll(join(dir, 'vault.json'), { ...vault.stores, ...roll });
}

/** What a version without rows of packs left: each is as long as its last object needs. */
async function countPacks(kv: Kv): Promise<void> {
  const last = new Map<number, { pack: number; at: number; length: number }>();
  for await (const [, row] of kv.bucket('object').range()) {
    const place = decodePlace(row);
    if (place !== undefined && place.at >= (last.get(place.pack)?.at ?? 0)) last.set(place.pack, place);
  }
  await kv.commit(lengthRows([...last.values()]));
}

/** No row asks for the packs any more that are not there; their numbers stay taken. */
async function forgetPacks({ dir, kv }: Place): Promise<void> {
  const lacking = await lackingPacks(await openPackFiles(join(dir, 'packs')), await packLengths(kv));
  await kv.commit(lengthRows(lacking.map((pack) => ({ pack, at: 0, length: 0 }))));
}
