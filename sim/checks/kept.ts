// Nothing acknowledged is lost: every instance whose import was acknowledged, and every one of a transfer that was
// reported done, can be read back to the byte, after any crash.

import { studyReader } from '../../node/access/study-reader.ts';
import { nativeBulk } from '../../node/system/bulk.ts';
import type { Acknowledged } from '../facts.ts';
import type { SimHospital } from '../hospital.ts';
import { digestOf } from '../population.ts';
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'kept';

export function kept(): Check {
  /** What was read back since a hospital's last start. */
  const seen = new Map<SimHospital, { starts: number; uids: Set<string> }>();
  const look = async (world: World) => {
    for (const hospital of world.hospitals) {
      if (hospital.running === undefined) continue;
      const before = seen.get(hospital);
      const uids = before?.starts === hospital.starts ? before.uids : new Set<string>();
      seen.set(hospital, { starts: hospital.starts, uids });
      for (const instance of owed(world, hospital)) {
        if (uids.has(instance.sopInstanceUid)) continue;
        const problem = await readBack(hospital, instance);
        if (problem !== undefined) throw new Violation(id, `${hospital.name} ${problem}`);
        uids.add(instance.sopInstanceUid);
      }
    }
  };
  return {
    id,
    every: look,
    atEnd: async (world) => {
      seen.clear();
      await look(world);
    },
    dump: (world) =>
      world.hospitals.map((each) => {
        const studies = each.running === undefined ? 'down' : `${each.running.core.store.index.studyCount} studies`;
        return `${each.name}: ${studies}, ${world.facts.acknowledged.get(each)?.size ?? 0} acknowledged instances`;
      }),
  };
}

/** What a hospital has promised to have. */
function* owed(world: World, hospital: SimHospital): Generator<Acknowledged> {
  yield* world.facts.acknowledged.get(hospital)?.values() ?? [];
  for (const asked of world.facts.asked) {
    if (asked.by !== hospital) continue;
    if (hospital.running!.core.exchange.transfers.get(asked.id)?.state === 'done') yield* asked.instances;
  }
}

/** What is wrong with an instance, if anything. */
async function readBack(hospital: SimHospital, known: Acknowledged): Promise<string | undefined> {
  const { core, objects } = hospital.running!;
  const instance = await core.store.index.instance(known.sopInstanceUid);
  const study = core.store.index.study(known.studyUid);
  if (instance === undefined || study === undefined) return 'lost an instance';
  const reader = studyReader(study, { index: core.store.index, objects, keys: core.store.keys, bulk: nativeBulk });
  const parts: Uint8Array[] = [];
  try {
    for await (const part of reader.read(instance, instance.datasetOffset)) parts.push(part);
  } catch (error) {
    return `can't read an instance: ${(error as Error).message}`;
  }
  return digestOf(Buffer.concat(parts)) === known.digest ? undefined : 'altered an instance';
}
