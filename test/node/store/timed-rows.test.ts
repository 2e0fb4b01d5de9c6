// Lists in the order of time: all pages together are all rows once, whatever comes and goes between them.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeRecord } from '../../../node/store/records.ts';
import { TimedRows } from '../../../node/store/timed-rows.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { freshDir, openStores, removeDir, rowsOf, type Stores } from '../stores.ts';

interface Row {
  readonly id: string;
  readonly at: number;
}

let dir: string;
let stores: Stores;

beforeEach(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
});
afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

const open = (prefix?: Uint8Array) =>
  new TimedRows<Row>({ bucket: 'request', ...(prefix && { prefix }), timeOf: ({ at }) => at }, { kv: stores.kv });

const byTime = (a: Row, b: Row): number => a.at - b.at || (a.id < b.id ? -1 : 1);
const row = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(hex),
  at: fc.integer({ min: 0, max: 40 }),
});

it('reads all rows once, in order, page by page, while others are put and removed', async () => {
  let prefix = 1;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, { maxLength: 30, selector: ({ id }) => id }),
      fc.uniqueArray(row, { maxLength: 10, selector: ({ id }) => id }),
      fc.boolean(),
      fc.integer({ min: 1, max: 7 }),
      async (first, later, latest, limit) => {
        const rows = open(Uint8Array.of(prefix++));
        for (const each of first) await rows.put(each);
        const come = later.filter(({ id }) => first.every((each) => each.id !== id));
        const gone = first.slice(0, first.length >> 2);
        const seen: Row[] = [];
        for (let after: Uint8Array | undefined; ; ) {
          let count = 0;
          for await (const { place, row } of rows.rows({ latest, after })) {
            seen.push(row);
            after = place;
            if (++count === limit) break;
          }
          if (count < limit) break;
          const added = come.pop();
          if (added !== undefined) await rows.put(added);
          const removed = gone.pop();
          if (removed !== undefined) await rows.remove(removed.id);
        }
        const kept = await rowsOf(rows);
        expect(await rows.total()).toBe(kept.length);
        expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
        expect(seen).toEqual([...seen].sort(latest ? (a, b) => byTime(b, a) : byTime));
        for (const each of first) if (kept.some(({ id }) => id === each.id)) expect(seen).toContainEqual(each);
      },
    ),
    { numRuns: 60 },
  );
});

it('counts each row once, however often it is put', async () => {
  const rows = open(Uint8Array.of(1));
  const one = { id: 'a'.repeat(32), at: 5 };
  await rows.put(one);
  await rows.put(one);
  expect([await rows.total(), await rows.get(one.id)]).toEqual([1, one]);
  await rows.remove(one.id);
  await rows.remove(one.id);
  expect([await rows.total(), await rows.get(one.id)]).toEqual([0, undefined]);
});

it('lists what was kept before there were lists', async () => {
  const old = Array.from({ length: 2500 }, (_, i) => ({ id: i.toString(16).padStart(32, '0'), at: 9999 - (i >> 1) }));
  await stores.kv.commit(
    old.map((each) => ({ bucket: 'aside' as const, key: unhex(each.id), value: encodeRecord(each) })),
  );
  for (let start = 0; start < 2; start++) {
    const rows = new TimedRows<Row>({ bucket: 'aside', timeOf: ({ at }) => at }, { kv: stores.kv });
    expect(await rows.total()).toBe(old.length);
    expect(await rowsOf(rows)).toEqual([...old].sort(byTime));
  }
});
