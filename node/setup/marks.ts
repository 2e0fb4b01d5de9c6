// Each folder that a peer stores in has a mark of it, `store.id`, and vault.json has the roll of them. What has not its
// mark is not this peer's (its volume is not mounted, another's is), and nobody writes there: an empty folder that is
// taken for a new one costs what was acknowledged, twice.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { Vault } from '../store/vault.ts';
import { writeDurable } from '../system/files.ts';
import { isoTime, systemClock, systemRandom } from '../system/machine.ts';

export const storeFolders = ['db', 'packs', 'objects', 'audit'] as const;
export type StoreFolder = (typeof storeFolders)[number];

/** What a store.id holds; `store` as the roll has it, `mac` binds it to the folder's name and the master key. */
interface Mark {
  readonly version: 1;
  readonly folder: StoreFolder;
  readonly store: string;
  readonly made: string;
  readonly mac: string;
}

const markFile = 'store.id';

/** What may lie in a folder that nothing was stored in. */
const ofNobody = new Set([`${markFile}.new`, 'lost+found']);

/** A new name for a folder's mark and the roll. */
export const newStoreId = (): string => hex(systemRandom(16));

export const fullRoll = (): Record<StoreFolder, string> => ({
  ...{ db: newStoreId(), packs: newStoreId(), objects: newStoreId(), audit: newStoreId() },
});

const macOf = (vault: Vault, folder: StoreFolder, store: string): string =>
  hex(vault.name('store mark', `${folder} ${store}`));

/** Makes the folder, if need be, and puts the mark into it; durable when it resolves. */
export async function writeMark(dir: string, folder: StoreFolder, store: string, vault: Vault): Promise<void> {
  const path = join(dir, folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const made = isoTime(systemClock.now());
  const mark: Mark = { version: 1, folder, store, made, mac: macOf(vault, folder, store) };
  await writeDurable(join(path, markFile), `${JSON.stringify(mark)}\n`, 0o600);
}

/** The name in a folder's mark, whosever it is; undefined where there is none that can be read. */
export async function storeIdOf(dir: string, folder: StoreFolder): Promise<string | undefined> {
  return (await readMark(dir, folder))?.store;
}

async function readMark(dir: string, folder: StoreFolder): Promise<Partial<Mark> | undefined> {
  const text = await readFile(join(dir, folder, markFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  try {
    return JSON.parse(text) as Partial<Mark>;
  } catch {
    return undefined; // torn or somebody else's: no mark
  }
}

/** Whether a folder that the roll names has this peer's mark. */
async function isMarked(dir: string, folder: StoreFolder, vault: Vault): Promise<boolean> {
  const mark = await readMark(dir, folder);
  const store = vault.stores[folder];
  return store !== undefined && mark?.store === store && mark.mac === macOf(vault, folder, store);
}

/** @throws PeerError store/absent for the first folder that the roll names and that lacks its mark */
export async function mustBeMarked(dir: string, vault: Vault, but?: StoreFolder): Promise<void> {
  for (const folder of storeFolders) {
    if (vault.stores[folder] === undefined || folder === but) continue;
    if (!(await isMarked(dir, folder, vault))) throw new PeerError('store/absent', { path: join(dir, folder) });
  }
}

/** Whether nothing was ever stored there. */
export async function isUnused(dir: string, folder: StoreFolder): Promise<boolean> {
  const names = await readdir(join(dir, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.every((name) => ofNobody.has(name));
}
