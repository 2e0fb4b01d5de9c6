// The storage ports on this machine's disk and on the simulator's, where what a power cut takes differs from seed to seed.
import { join } from 'node:path';
import { closeFiles, openFiles } from '../../node/audit/files.ts';
import { Kv, openLevel } from '../../node/store/kv.ts';
import { openObjects } from '../../node/store/objects.ts';
import { openPackFiles } from '../../node/store/packs/pack-files.ts';
import { Vault } from '../../node/store/vault.ts';
import { systemRandom } from '../../node/system/machine.ts';
import * as simulatedDb from '../../sim/disk/db.ts';
import * as simulatedLog from '../../sim/disk/log-files.ts';
import * as simulatedObjects from '../../sim/disk/objects.ts';
import * as simulatedPacks from '../../sim/disk/packs.ts';
import { MemoryKv } from '../node/net/memory-kv.ts';
import { dbContract, keySpaceContract } from './db.ts';
import { logFilesContract } from './log-files.ts';
import { inFolder, inSimulator } from './medium.ts';
import { objectStoreContract } from './objects.ts';
import { packFilesContract } from './packs.ts';

const seeds = [1, 2, 3, 4, 5];
const nothing = async () => undefined;
const atOnce = () => 0;

const level = inFolder(
  (dir) => openLevel(join(dir, 'db')),
  (db) => db.close(),
);
const modelled = (seed: number) =>
  inSimulator(
    seed,
    () => new simulatedDb.DbContent(),
    (content, process) => simulatedDb.openDb(content, process, atOnce),
    (db) => db.close(),
  );

objectStoreContract('in a folder', inFolder(openObjects, nothing));
dbContract('level', level);
packFilesContract('in a folder', inFolder(openPackFiles, nothing));
logFilesContract('in a folder', inFolder(openFiles, closeFiles));

for (const seed of seeds) {
  const where = `in the simulator, seed ${seed}`;
  objectStoreContract(
    where,
    inSimulator(
      seed,
      () => new simulatedObjects.ObjectContent(),
      (content, process, seeded) => simulatedObjects.openObjects(content, { process, seeded, syncMs: atOnce }),
      nothing,
    ),
  );
  dbContract(where, modelled(seed));
  packFilesContract(
    where,
    inSimulator(
      seed,
      () => new simulatedPacks.PackContent(),
      (content, process) => simulatedPacks.openPackFiles(content, process, atOnce),
      nothing,
    ),
  );
  logFilesContract(
    where,
    inSimulator(
      seed,
      () => new simulatedLog.LogContent(),
      (content, process) => simulatedLog.openLogFiles(content, process, atOnce),
      closeFiles,
    ),
  );
}

for (const [name, make] of [
  ['of level', level],
  ['of the simulator', modelled(1)],
] as const) {
  keySpaceContract(name, async () => {
    const medium = await make();
    const sealer = new Vault(new Uint8Array(32).fill(7), systemRandom);
    const kv = new Kv({ db: await medium.open(), sealer });
    const close = async () => {
      await kv.close();
      await medium.remove();
    };
    return { space: kv.bucket('tagRecord'), close };
  });
}
keySpaceContract('in memory', async () => ({ space: new MemoryKv(), close: nothing }));
