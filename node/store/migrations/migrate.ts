// The layout of the database has a version. An upgrade takes a snapshot first, then runs each step once, in order.
import { cp, rename, stat } from 'node:fs/promises';
import { utf8 } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import type { Kv } from '../kv.ts';
import { deriveColumns } from './derive-columns.ts';
import { RowWriter, type RowWriterOptions } from './row-writer.ts';
import { type Migration, migrations } from './steps.ts';

const formatKey = utf8('format');

export interface MigrateOptions extends Partial<RowWriterOptions> {
  readonly steps?: readonly Migration[];
}

/**
 * Brings an open database to this version's layout; a new one gets it at once. The snapshot stays beside the database
 * (`db.before-N`) until the next upgrade. What was cut off in its middle goes on where it was.
 * @param options.progress told after every write how many rows a step has read
 * @throws PeerError store/format when a newer version wrote it, store/corrupt
 */
export async function migrate(
  kv: Kv,
  dir: string,
  { steps = migrations, progress = () => undefined, together }: MigrateOptions = {},
): Promise<number> {
  const newest = (steps.at(-1)?.from ?? 0) + 1;
  const meta = kv.bucket('meta');
  const stored = await meta.get(formatKey);
  if (stored === undefined) {
    await meta.put(formatKey, Uint8Array.of(newest));
    return newest;
  }
  const found = stored[0]!;
  if (found > newest) throw new PeerError('store/format', { found, newest });
  const due = steps.filter((step) => step.from >= found);
  if (due.length > 0) await snapshot(dir, found);
  for (const step of due) {
    const rows = new RowWriter({ together, progress }, kv);
    await step.run?.(kv, rows);
    if (step.columns ?? step.persons) await deriveColumns(kv, rows, step);
    await rows.end([{ bucket: 'meta', key: formatKey, value: Uint8Array.of(step.from + 1) }]);
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
