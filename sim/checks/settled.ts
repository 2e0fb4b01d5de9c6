// Nothing is forgotten: when all is well again, every request that was taken has come to its end, and every transfer
// that was granted is done.
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'settled';

export function settled(): Check {
  return {
    id,
    every: async () => undefined,
    async atEnd(world) {
      const [open] = openRequests(world);
      if (open !== undefined) throw new Violation(id, open);
      const down = world.hospitals.find((each) => each.running === undefined && !world.isExpelled(each));
      if (down !== undefined) throw new Violation(id, `${down.name} is down`);
    },
    dump: openRequests,
  };
}

/** Requests between hospitals that are both there, and where they stand. */
function openRequests(world: World): string[] {
  const open: string[] = [];
  for (const { id, by, owner } of world.facts.asked) {
    if (world.isExpelled(by) || world.isExpelled(owner)) continue;
    const state = by.running?.core.exchange.asking.get(id)?.asking.state ?? 'unknown';
    const transfer = by.running?.core.exchange.transfers.get(id)?.state ?? 'none';
    if (state !== 'done' && state !== 'denied') {
      open.push(`a request of ${by.name} to ${owner.name} is ${state}, its transfer ${transfer}`);
    }
  }
  return open;
}
