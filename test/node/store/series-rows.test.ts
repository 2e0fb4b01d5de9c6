// A study's series have rows of their own: what one instance costs does not grow with them.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buckets } from '../../../node/store/buckets.ts';
import type { KvDb } from '../../../node/store/kv.ts';
import { writeDataset } from '../../../sim/studies/dataset-writer.ts';
import { freshDir, openStores, removeDir, type Stores } from '../stores.ts';

let dir: string;
let stores: Stores;
/** Bytes of keys and values that were given to the database, and rows by their bucket's number. */
let written = { bytes: 0, buckets: [] as number[] };

const counted = (db: KvDb): KvDb =>
  new Proxy(db, {
    get: (target, name: keyof KvDb) => {
      if (name !== 'batch') return target[name].bind(target);
      return (...[operations, options]: Parameters<KvDb['batch']>) => {
        for (const each of operations) {
          written.bytes += each.key.length + (each.type === 'put' ? each.value.length : 0);
          written.buckets.push(each.key[0]!);
        }
        return target.batch(operations, options);
      };
    },
  });

const open = async () => {
  stores = await openStores(dir, { over: counted });
};
beforeEach(async () => {
  dir = await freshDir();
  await open();
});
afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

const sopClassUid = '1.2.840.10008.5.1.4.1.1.7';

/** A small instance of the n-th series; all numbers have four digits, so that all are of one length. */
async function take(n: number, { uid = `1.2.3.${1000 + n}.1`, note = 'x', replaces = '' } = {}): Promise<string> {
  const dataset = writeDataset([
    [0x00080016, 'UI', sopClassUid],
    [0x00080018, 'UI', uid],
    [0x00080060, 'CS', 'OT'],
    [0x00100010, 'PN', 'Many^Series'],
    [0x00100020, 'LO', '2000000000008'],
    [0x0020000d, 'UI', '1.2.3'],
    [0x0020000e, 'UI', `1.2.3.${1000 + n}`],
    [0x00200011, 'IS', String(1000 + n)],
    [0x00204000, 'LT', note],
  ]);
  const incoming = await stores.importer.open({
    ...{ transferSyntax: '1.2.840.10008.1.2.1', from: 'test', ...(replaces && { replaces }) },
  });
  await incoming.write(dataset);
  const { outcome } = await incoming.finish();
  await stores.kv.noted();
  return outcome;
}

async function packBytes(): Promise<number> {
  const packs = join(dir, 'packs');
  const sizes = await Promise.all((await readdir(packs)).map(async (name) => (await stat(join(packs, name))).size));
  return sizes.reduce((sum, each) => sum + each, 0);
}

const series = () => stores.index.study('1.2.3')!.series.map(({ uid }) => Number(uid.split('.').at(-1)) - 1000);

it('writes as much for one small instance in the thousandth series as in the second', async () => {
  const costs: number[] = [];
  let pack = await packBytes();
  for (let n = 0; n < 1_000; n += 1) {
    written = { bytes: 0, buckets: [] };
    expect(await take(n)).toBe('imported');
    const now = await packBytes();
    // a mark, once in many thousand instances, is not this instance's
    costs.push(written.bytes + now - pack);
    pack = now;
  }
  expect(series()).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  // blocks of 4 KiB in the packs are the only steps
  expect(Math.max(...costs.slice(1))).toBeLessThan(Math.min(...costs.slice(1)) + 2 * 4096);
  expect(Math.max(...costs.slice(1))).toBeLessThan(16_384);
  const { instance, sop, header, object, pack: packs, keys, study, series: ofSeries } = buckets;
  expect(written.buckets.sort()).toEqual([instance, sop, header, object, packs, keys, study, ofSeries].sort());
}, 60_000);

it('has them in the order in which they came, also after a start', async () => {
  const order = [7, 3, 9, 1, 300, 2];
  for (const n of order) await take(n);
  await take(9, { uid: '1.2.3.1009.2' });
  const before = stores.index.study('1.2.3');
  expect(series()).toEqual(order);
  await stores.close();
  await open();
  expect(stores.index.study('1.2.3')).toEqual(before);
  await take(5);
  expect(series()).toEqual([...order, 5]);
});

it("drops the row of a series whose only instance became another series' instance", async () => {
  for (const n of [1, 2, 3]) await take(n);
  const { objectId } = (await stores.index.instance('1.2.3.1002.1'))!;
  expect(await take(4, { uid: '1.2.3.1002.1', note: 'other', replaces: objectId })).toBe('imported');
  expect(series()).toEqual([1, 3, 4]);
  await stores.close();
  await open();
  expect(series()).toEqual([1, 3, 4]);
  expect(stores.index.study('1.2.3')!.series.map(({ order }) => order)).toEqual([0, 2, 3]);
});
