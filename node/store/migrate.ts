// The layout of the database has a version. An upgrade takes a snapshot first, then runs each step once, in order.
import { cp, rename, stat } from 'node:fs/promises';
import { utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { buckets } from './buckets.ts';
import type { Db } from './kv.ts';

/** One step from layout `from` to `from + 1`. */
export interface Migration {
  readonly from: number;
  readonly what: string;
  run(db: Db): Promise<void>;
}

/** In order; the layout's version is one more than the last `from`, or 1. */
const migrations: readonly Migration[] = [];

const formatKey = new Uint8Array([buckets.meta, ...utf8('format')]);

/**
 * Brings an open database to this version's layout; a new one gets it at once. The snapshot stays beside the database
 * (`db.before-N`) until the next upgrade.
 * @throws PeerError store/format when a newer version wrote it
 */
export async function migrate(db: Db, dir: string, steps: readonly Migration[] = migrations): Promise<number> {
  const newest = (steps.at(-1)?.from ?? 0) + 1;
  const stored = await db.get(formatKey);
  if (stored === undefined) {
    await db.put(formatKey, Uint8Array.of(newest));
    return newest;
  }
  const found = stored[0]!;
  if (found > newest) throw new PeerError('store/format', { found, newest });
  const due = steps.filter((step) => step.from >= found);
  if (due.length > 0) await snapshot(dir, found);
  for (const step of due) {
    await step.run(db);
    await db.put(formatKey, Uint8Array.of(step.from + 1));
  }
  return newest;
}

async function snapshot(dir: string, format: number): Promise<void> {
  const copy = `${dir}.before-${format + 1}`;
  const there = await stat(copy).then(
    () => true,
    () => false,
  );
  if (there) return; // an upgrade that was cut short: the first snapshot is the true one
  await cp(dir, `${copy}.part`, { recursive: true });
  await rename(`${copy}.part`, copy);
}
