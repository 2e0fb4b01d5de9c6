import { expect, it } from 'vitest';
import type { Plant } from '../../sim/hospital.ts';
import { SimFailure, simulate } from '../../sim/run.ts';
import { World } from '../../sim/world.ts';
import * as plants from './plants.ts';

const scenario = 'first' as const;

it.each([1])('holds in a small country, seed %i', async (seed) => {
  const { figures, transfers, virtualHours } = await simulate({ seed, scenario, hospitals: 6 });
  expect(figures.imports).toBeGreaterThan(40);
  expect(figures.requests).toBeGreaterThan(5);
  expect(figures.crashes).toBeGreaterThan(3);
  expect(transfers).toBeGreaterThan(5);
  expect(virtualHours).toBeGreaterThanOrEqual(25);
});

it('is the same world for the same seed, and another for another', async () => {
  const run = () => simulate({ seed: 7, scenario, hospitals: 4 });
  expect(await run()).toEqual(await run());
  expect(await beginning(7)).toBe(await beginning(7));
  expect(await beginning(7)).not.toBe(await beginning(8));
});

/** The trace of a world's first minute. */
async function beginning(seed: number): Promise<string> {
  const world = new World({ seed, hospitals: 3 });
  void world.spawn('opening', () => world.open(3, 2));
  await world.time.run(world.time.now() + 60_000);
  return world.trace.hash;
}

const broken: [what: string, plant: Plant, check: string][] = [
  ['a guard that releases summaries without writing it down', plants.unwritten('summary'), 'audited'],
  ['a guard that gives grants without writing it down', plants.unwritten('decision'), 'audited'],
  ['a guard that serves without writing it down', plants.unwritten('transfer'), 'audited'],
  ['a guard that writes it down afterwards', plants.writtenLate, 'audited'],
  ['a store that forgets objects', plants.forgetful, 'kept'],
  ['a database that acknowledges before the disk', plants.unsynced, 'kept'],
  ['packs that acknowledge before the disk', plants.unsyncedPacks, 'store/absent'], // the peer sees it itself
  ['a log with patients in it', plants.talkative, 'leaks'],
  ['a vault that seals nothing', plants.unsealed, 'leaks'],
  ['hospitals that hear of no roster', plants.deaf, 'expelled'],
  ['tag stores that answer nothing', plants.silent, 'found'],
  ['decisions that are never delivered', plants.undelivered, 'settled'],
];

/** A mistake shows only where something goes wrong at the wrong moment: one of these worlds must have that. */
const seeds = [3, 4, 5, 6];

it.each(broken)('notices %s, and says how to run it again', async (_, plant, check) => {
  let failed: unknown;
  for (const seed of seeds) {
    failed = await simulate({ seed, scenario, hospitals: 4, plant }).catch((error: unknown) => error);
    if (failed instanceof Error) break;
  }
  expect(failed).toBeInstanceOf(SimFailure);
  const { message, cause } = failed as SimFailure;
  expect(cause).toMatchObject(check.includes('/') ? { code: check } : { name: 'Violation', check });
  expect(message).toMatch(/npm run sim -- --seed \d --scenario first --hospitals 4/);
});
