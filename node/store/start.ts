// Opens what is kept here: objects in files and packs, the index over them, the studies' keys.
import type { Lifecycle } from '../system/lifecycle.ts';
import type { MachineParts } from '../system/parts.ts';
import { Additions } from './additions.ts';
import { Index } from './index.ts';
import type { Kv } from './kv.ts';
import type { ObjectStore } from './objects.ts';
import type { PackFiles } from './packs/pack-files.ts';
import { PackNumbers } from './packs/pack-numbers.ts';
import { withPacks } from './packs/packed-objects.ts';
import { PackedRows } from './packs/packed-rows.ts';
import { Packs } from './packs/packs.ts';
import { StudyKeys } from './study-keys.ts';
import type { Vault } from './vault.ts';

export interface StoreStartParts extends MachineParts {
  readonly vault: Vault;
  readonly kv: Kv;
  /** Objects in files of their own; small ones go into packs. */
  readonly objects: ObjectStore & { freshName(): string };
  readonly packFiles: PackFiles;
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** What a crash cost the index is still to be brought back: exchange/import does that, by its own rules. */
export async function openStore(parts: StoreStartParts, lifecycle: Lifecycle) {
  const { vault, kv, bulk, clock, random, events } = parts;
  const files = parts.packFiles;
  const packs = new Packs({ files, numbers: await PackNumbers.open(kv, files), sealer: vault, bulk });
  lifecycle.started('packs', () => packs.close());
  const packed = new PackedRows({ packs, kv });
  const index = new Index({ kv, vault });
  await index.load();
  return {
    ...{ index, packs, packed },
    objects: withPacks(parts.objects, { packs, kv }),
    additions: new Additions({ index, kv, packed, vault, doubted: () => events.alarm('patient-doubt') }),
    keys: new StudyKeys({ kv, random, clock }),
  };
}
