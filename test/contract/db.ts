// What every implementation of the database port must do, and every key space that network parts keep something in.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KvPart } from '../../node/net/kv-part.ts';
import type { DbOperation, KvDb } from '../../node/store/kv.ts';
import { hex, unhex, utf8 } from '../../protocol/bytes.ts';
import type { MakeMedium, Medium } from './medium.ts';

const put = (key: string, value: string): DbOperation => ({ type: 'put', key: unhex(key), value: utf8(value) });
const del = (key: string): DbOperation => ({ type: 'del', key: unhex(key) });
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString());
const sync = { sync: true };

export function dbContract(name: string, make: MakeMedium<KvDb>): void {
  describe(`database ${name}`, () => {
    let medium: Medium<KvDb>;
    let db: KvDb;
    beforeEach(async () => {
      medium = await make();
      db = await medium.open();
    });
    afterEach(() => medium.remove());

    const crash = async () => {
      await medium.crash();
      db = await medium.open();
    };
    const all = async (gte = '00', lt = 'ffff') => {
      const found: string[] = [];
      for await (const [key, value] of db.iterator({ gte: unhex(gte), lt: unhex(lt) })) {
        found.push(`${hex(Uint8Array.from(key))}=${text(value)}`);
      }
      return found;
    };

    test('gives what was put, one by one, at once and many together; undefined where there is nothing', async () => {
      await db.batch([put('01', 'a'), put('0102', ''), put('02', 'c')], sync);
      expect(text(await db.get(unhex('01')))).toBe('a');
      expect(text(db.getSync(unhex('0102')))).toBe('');
      expect([await db.get(unhex('03')), db.getSync(unhex('0101'))]).toEqual([undefined, undefined]);
      const many = await db.getMany(['02', '03', '01', '02'].map(unhex));
      expect(many.map(text)).toEqual(['c', undefined, 'a', 'c']);
      expect(await db.getMany([])).toEqual([]);
    });

    test('ranges are in the order of bytes, from the first key on and before the last', async () => {
      const keys = ['01', '0100', '01ff', '02', '027f', '0280', '02c3a9', '02ff', '03'];
      await db.batch(
        keys.toReversed().map((key) => put(key, key)),
        sync,
      );
      expect(await all()).toEqual(keys.map((key) => `${key}=${key}`));
      expect(await all('0100', '0280')).toEqual(['0100', '01ff', '02', '027f'].map((key) => `${key}=${key}`));
      expect(await all('04', '05')).toEqual([]);
      expect(await all('02', '02')).toEqual([]);
    });

    test('a batch is done in its order: the last word on a key counts', async () => {
      await db.batch([put('01', 'old'), put('02', 'old')], sync);
      await db.batch(
        [put('01', 'a'), del('01'), del('02'), put('02', 'b'), del('03'), put('04', 'x'), put('04', 'y')],
        {
          sync: false,
        },
      );
      expect(await all()).toEqual(['02=b', '04=y']);
      await db.batch([], sync);
    });

    test('a range goes over what was there when it began', async () => {
      await db.batch([put('01', 'a'), put('02', 'b'), put('03', 'c')], sync);
      const range = db.iterator({ gte: unhex('01'), lt: unhex('09') });
      await db.batch([del('02'), put('03', 'changed'), put('04', 'new')], sync);
      const found: string[] = [];
      for await (const [key, value] of range) {
        found.push(`${hex(Uint8Array.from(key))}=${text(value)}`);
        await db.batch([put('05', 'while it is read')], sync);
      }
      expect(found).toEqual(['01=a', '02=b', '03=c']);
    });

    test('a range may be left in its middle', async () => {
      await db.batch([put('01', 'a'), put('02', 'b')], sync);
      for await (const [key] of db.iterator({ gte: unhex('01'), lt: unhex('09') })) {
        expect(hex(Uint8Array.from(key))).toBe('01');
        break;
      }
      expect(await all()).toHaveLength(2);
    });

    test('memory that was given or taken is nobody else’s', async () => {
      const operation = put('01', 'mine');
      const done = db.batch([operation], sync);
      if (operation.type === 'put') operation.value.fill(0);
      operation.key.fill(9);
      await done;
      const taken = (await db.get(unhex('01')))!;
      expect(text(taken)).toBe('mine');
      taken.fill(0);
      db.getSync(unhex('01'))!.fill(0);
      for await (const [key, value] of db.iterator({ gte: unhex('01'), lt: unhex('02') })) {
        key.fill(0);
        value.fill(0);
      }
      expect(await all()).toEqual(['01=mine']);
    });

    test('what was synced outlives a crash, and with it all that was written before', async () => {
      await db.batch([put('01', 'a'), put('02', 'b')], { sync: false });
      await db.batch([del('02'), put('03', 'c')], sync);
      await crash();
      expect(await all()).toEqual(['01=a', '03=c']);
    });

    test('of what was not synced a crash leaves a beginning, batch by batch', async () => {
      await db.batch([put('00', 'kept')], sync);
      for (let i = 1; i <= 20; i++) {
        const key = hex(Uint8Array.of(i));
        await db.batch([put(key, 'one'), put(`${key}01`, 'other'), put('00', String(i))], { sync: false });
      }
      await crash();
      const [last, ...rest] = await all();
      const batches = rest.length / 2;
      expect(last).toBe(batches === 0 ? '00=kept' : `00=${batches}`);
      const keys = Array.from({ length: batches }, (_, i) => hex(Uint8Array.of(i + 1)));
      expect(rest).toEqual(keys.flatMap((key) => [`${key}=one`, `${key}01=other`]));
    });

    test('what was written is there when it was closed and opened again; of no use in between', async () => {
      await db.batch([put('01', 'a')], { sync: false });
      const before = db;
      await medium.close();
      await expect(before.get(unhex('01'))).rejects.toThrow();
      expect(() => before.getSync(unhex('01'))).toThrow();
      await expect(before.batch([put('02', 'b')], sync)).rejects.toThrow();
      await expect(before.getMany([unhex('01')])).rejects.toThrow();
      db = await medium.open();
      expect(await all()).toEqual(['01=a']);
    });
  });
}

export function keySpaceContract(name: string, open: () => Promise<{ space: KvPart; close(): Promise<void> }>): void {
  describe(`key space ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const all = async (prefix?: Uint8Array) => {
      const found = await Array.fromAsync(opened.space.range(prefix));
      return found.map(([key, value]) => `${hex(Uint8Array.from(key))}=${text(value)}`);
    };

    test('puts, gives, replaces, deletes', async () => {
      const { space } = opened;
      expect(await space.get(unhex('01'))).toBeUndefined();
      await space.put(unhex('01'), utf8('a'));
      await space.put(unhex('01'), utf8('b'));
      expect(text(await space.get(unhex('01')))).toBe('b');
      await space.del(unhex('01'));
      await space.del(unhex('01'));
      expect(await space.get(unhex('01'))).toBeUndefined();
    });

    test('ranges by prefix, in the order of bytes', async () => {
      const { space } = opened;
      const keys = ['', '00', '01', '0100', '01ff', '01ff00', '02', 'ff', 'ffff'];
      for (const key of keys.toReversed()) await space.put(unhex(key), utf8(`v${key}`));
      expect(await all()).toEqual(keys.map((key) => `${key}=v${key}`));
      expect(await all(unhex('01'))).toEqual(['01', '0100', '01ff', '01ff00'].map((key) => `${key}=v${key}`));
      expect(await all(unhex('01ff'))).toEqual(['01ff=v01ff', '01ff00=v01ff00']);
      expect(await all(unhex('ff'))).toEqual(['ff=vff', 'ffff=vffff']);
      expect(await all(unhex('03'))).toEqual([]);
    });

    test('may be changed while it is ranged over', async () => {
      const { space } = opened;
      for (const key of ['01', '02', '03']) await space.put(unhex(key), utf8(key));
      const found: string[] = [];
      for await (const [key] of space.range()) {
        found.push(hex(Uint8Array.from(key)));
        await space.del(key);
      }
      expect(found).toEqual(['01', '02', '03']);
      expect(await all()).toEqual([]);
    });

    test('memory that was given or taken is nobody else’s', async () => {
      const { space } = opened;
      const [key, value] = [unhex('01'), utf8('mine')];
      const done = space.put(key, value);
      await done;
      value.fill(0);
      key.fill(9);
      (await space.get(unhex('01')))!.fill(0);
      for await (const [, each] of space.range()) each.fill(0);
      expect(await all()).toEqual(['01=mine']);
    });
  });
}
