// Nothing leaks: no patient's name, number or UID, and no key of a study, is readable on the wire, in a log or on any
// disk. The wire is looked at as it is inside noise, so that neither a DHT node nor a keeper learns anything either.

import { seriesKey } from '../../protocol/seal/keys.ts';
import type { SimHospital } from '../hospital.ts';
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'leaks';
const disksEveryMs = 8 * 3_600_000;

export function leaks(): Check {
  let looked = 0;
  /** What is never changed once it is written is looked at once, and all of it again at the end. */
  let clean = new WeakSet<Uint8Array>();
  return {
    id,
    async every(world) {
      await markKeys(world);
      const [first] = world.facts.leaks;
      if (first !== undefined) throw new Violation(id, `${first}`);
      if (world.time.now() - looked < disksEveryMs) return;
      looked = world.time.now();
      for (const hospital of world.hospitals) lookAtDisk(world, hospital, clean);
    },
    async atEnd(world) {
      looked = 0;
      clean = new WeakSet();
      await this.every(world);
    },
    dump: (world) => world.facts.leaks.slice(0, 20),
  };
}

function lookAtDisk(world: World, hospital: SimHospital, clean: WeakSet<Uint8Array>): void {
  for (const bytes of hospital.disk.raw()) {
    if (clean.has(bytes)) continue;
    clean.add(bytes);
    const found = world.markers.find(bytes);
    if (found !== undefined) throw new Violation(id, `${found} on the disk of ${hospital.name}`);
  }
}

/** Every study key there is by now, and the keys of its series. */
async function markKeys(world: World): Promise<void> {
  for (const { running } of world.hospitals) {
    for (const study of running?.core.store.index.studies() ?? []) {
      if (study.origin !== 'origin') continue;
      const { key } = await running!.core.store.keys.own(study.id);
      world.markKey('a study key', key);
      for (const { uid } of study.series) world.markKey('a series key', seriesKey(key, uid, 1));
    }
  }
}
