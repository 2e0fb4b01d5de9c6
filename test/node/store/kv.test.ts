// The order of writes: the database's threads would settle it by chance.
import { expect, it } from 'vitest';
import { type DbOperation, Kv, type KvDb } from '../../../node/store/kv.ts';

const sealer = {
  seal: (_place: Uint8Array, plain: Uint8Array) => plain,
  open: (_place: Uint8Array, raw: Uint8Array) => raw,
};

/** A database whose batches end when they are let. */
function slowDb() {
  const begun: { value: number; sync: boolean; end: (error?: Error) => void }[] = [];
  const db = {
    batch: (operations: DbOperation[], { sync }: { sync: boolean }) =>
      new Promise<void>((resolve, reject) => {
        const first = operations[0] as DbOperation & { type: 'put' };
        begun.push({ value: first.value[0]!, sync, end: (error) => (error ? reject(error) : resolve()) });
      }),
    get: async () => undefined,
    close: async () => undefined,
  };
  return { begun, db: db as unknown as KvDb };
}

const row = (value: number) => [{ bucket: 'meta' as const, key: Uint8Array.of(1), value: Uint8Array.of(value) }];
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('begins a write when the one before has ended, noted or committed', async () => {
  const { begun, db } = slowDb();
  const kv = new Kv({ db, sealer });
  const committed = kv.commit(row(1));
  await turn();
  kv.noteLater(() => row(2));
  await turn();
  expect(begun.map(({ value }) => value)).toEqual([1]);
  begun[0]!.end();
  await committed;
  await turn();
  const again = kv.commit(row(3));
  await turn();
  expect(begun.map(({ value, sync }) => [value, sync])).toEqual([
    [1, true],
    [2, false],
  ]);
  begun[1]!.end();
  await turn();
  expect(begun.map(({ value }) => value)).toEqual([1, 2, 3]);
  begun[2]!.end();
  await again;
  await kv.close();
});

it('fails all that comes after a note that could not be written', async () => {
  const { begun, db } = slowDb();
  const kv = new Kv({ db, sealer });
  kv.noteLater(() => row(1));
  const after = kv.commit(row(2)).catch((error: Error) => error.message);
  await turn();
  begun[0]!.end(new Error('no disk'));
  expect(await after).toBe('no disk');
  await expect(kv.commit(row(3))).rejects.toThrow('no disk');
  await expect(kv.noted()).rejects.toThrow('no disk');
  expect(begun).toHaveLength(1);
});
