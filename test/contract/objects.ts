// What every implementation of the object store must do: whoever seals, fetches, serves or reads relies on it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore, PartialObject } from '../../node/store/objects.ts';
import { codeOf, pattern } from './kit.ts';
import type { MakeMedium, Medium } from './medium.ts';

export type Objects = ObjectStore & { freshName(): string };

const idA = 'a0'.repeat(32);
const idB = 'b1'.repeat(32);
const MiB = 1024 * 1024;

export function objectStoreContract(name: string, make: MakeMedium<Objects>): void {
  describe(`objects ${name}`, () => {
    let medium: Medium<Objects>;
    let store: Objects;
    beforeEach(async () => {
      medium = await make();
      store = await medium.open();
    });
    afterEach(() => medium.remove());

    const again = async () => {
      await medium.crash();
      store = await medium.open();
    };
    const keep = async (id: string, bytes: Uint8Array, partial = store.freshName()) => {
      const file = await store.partial(partial);
      await file.append([bytes]);
      await file.commit(id);
    };
    const whole = async (id: string, from: number, to: number) =>
      Buffer.concat(await Array.fromAsync(store.read(id, from, to)));

    test('a partial file is written at its end and in its middle, read, cut, and goes on after it was closed', async () => {
      const file = await store.partial('01');
      expect(file.length).toBe(0);
      await file.append([]);
      await file.append([pattern(10), pattern(5, 2)]);
      await file.writeAt(3, Uint8Array.of(9, 9));
      const expected = Buffer.concat([pattern(3), Uint8Array.of(9, 9), pattern(10).subarray(5), pattern(5, 2)]);
      expect(Buffer.from(await file.read(0, 15))).toEqual(expected);
      expect(Buffer.from(await file.read(4, 6))).toEqual(expected.subarray(4, 6));
      expect(Buffer.from(await file.read(12, 99))).toEqual(expected.subarray(12));
      expect((await file.read(15, 20)).length).toBe(0);
      expect(file.length).toBe(15);
      await file.truncate(4);
      expect(file.length).toBe(4);
      await file.append([Uint8Array.of(7)]);
      await file.close();
      await medium.close();
      store = await medium.open();
      const reopened = await store.partial('01');
      expect(reopened.length).toBe(5);
      expect([...(await reopened.read(0, 9))]).toEqual([...expected.subarray(0, 4), 7]);
      await reopened.close();
      expect(await store.partials()).toEqual(['01']);
    });

    test('a partial file whose process crashed is no longer than what was written, and can be written again', async () => {
      const file = await store.partial('02');
      await file.append([pattern(5000)]);
      await file.close();
      await again();
      const left = await store.partial('02');
      expect(left.length).toBeLessThanOrEqual(5000);
      await left.truncate(0);
      await left.append([pattern(20)]);
      await left.commit(idA);
      expect(await whole(idA, 0, 20)).toEqual(Buffer.from(pattern(20)));
    });

    test('memory that was given or taken is nobody else’s', async () => {
      const given = pattern(100);
      await keep(idA, given);
      given.fill(0);
      const [piece] = await Array.fromAsync(store.read(idA, 0, 100));
      expect(Buffer.from(piece!)).toEqual(Buffer.from(pattern(100)));
      piece!.fill(0);
      expect(await whole(idA, 0, 100)).toEqual(Buffer.from(pattern(100)));
      const file = await store.partial('03');
      await file.append([pattern(10)]);
      (await file.read(0, 10)).fill(0);
      expect(Buffer.from(await file.read(0, 10))).toEqual(Buffer.from(pattern(10)));
      await file.discard();
    });

    test('what is committed is whole, alone under its id, and outlives a crash', async () => {
      await keep(idA, pattern(3 * MiB + 7), '04');
      for (let times = 0; times < 2; times++) {
        expect([await store.has(idA), await store.has(idB), await store.size(idA)]).toEqual([true, false, 3 * MiB + 7]);
        expect(await store.partials()).toEqual([]);
        expect(Buffer.compare(await whole(idA, 0, 3 * MiB + 7), pattern(3 * MiB + 7))).toBe(0);
        await again();
      }
      const fresh = await store.partial('04');
      expect(fresh.length).toBe(0);
      await fresh.discard();
    });

    test('what is placed is there at once, and outlives a crash once its name is synced', async () => {
      for (const [i, id] of [idA, idB].entries()) {
        const file = await store.partial(`0${i}`);
        await file.append([pattern(100 + i)]);
        await file.place(id);
        expect(await store.size(id)).toBe(100 + i);
      }
      await store.sync([idA, idB]);
      await again();
      expect([await store.size(idA), await store.size(idB)]).toEqual([100, 101]);
      expect(await whole(idB, 0, 101)).toEqual(Buffer.from(pattern(101)));
      expect(await store.partials()).toEqual([]);
    });

    test('what is placed but not synced is, after a crash, there or a partial file again, whole', async () => {
      const file = await store.partial('0c');
      await file.append([pattern(1000)]);
      await file.place(idA);
      await again();
      if (!(await store.has(idA))) {
        expect(await store.partials()).toEqual(['0c']);
        const left = await store.partial('0c');
        expect(left.length).toBe(1000);
        await left.commit(idA);
      }
      expect(await whole(idA, 0, 1000)).toEqual(Buffer.from(pattern(1000)));
    });

    test('an object that is kept already is kept once', async () => {
      await keep(idA, pattern(50), '05');
      await keep(idA, pattern(50), '06');
      expect(await store.partials()).toEqual([]);
      expect(await whole(idA, 0, 50)).toEqual(Buffer.from(pattern(50)));
    });

    test('is read in ranges, in pieces that are not too large; what would be behind its end is corrupt', async () => {
      await keep(idA, pattern(2 * MiB + 10));
      expect(await whole(idA, MiB - 5, MiB + 5)).toEqual(Buffer.from(pattern(MiB + 5).subarray(MiB - 5)));
      const pieces = await Array.fromAsync(store.read(idA, 1, 2 * MiB + 10));
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(MiB);
      expect(await Array.fromAsync(store.read(idA, 7, 7))).toEqual([]);
      expect(await codeOf(whole(idA, 0, 2 * MiB + 11))).toBe('store/corrupt');
      expect(await codeOf(whole(idA, 3 * MiB, 3 * MiB + 1))).toBe('store/corrupt');
    });

    test('a reader gives ranges, fewer bytes at the end, and keeps what it has opened though it is removed', async () => {
      await keep(idA, pattern(100));
      const reader = await store.reader(idA);
      expect(Buffer.from(await reader.read(10, 20))).toEqual(Buffer.from(pattern(100).subarray(10, 20)));
      expect((await reader.read(95, 200)).length).toBe(5);
      expect((await reader.read(100, 110)).length).toBe(0);
      await store.remove(idA);
      expect(Buffer.from(await reader.read(0, 100))).toEqual(Buffer.from(pattern(100)));
      await reader.close();
    });

    test('what is missing or removed is said so by its code; removing it again is nothing', async () => {
      await keep(idB, pattern(10));
      await store.remove(idB);
      await store.remove(idB);
      for (const id of [idA, idB]) {
        expect(await store.has(id)).toBe(false);
        expect(await codeOf(store.size(id))).toBe('store/object-missing');
        expect(await codeOf(store.reader(id))).toBe('store/object-missing');
        for (const to of [0, 10]) expect(await codeOf(whole(id, 0, to))).toBe('store/object-missing');
      }
    });

    test.each(['', '../../x', 'A0'.repeat(32), 'a0'.repeat(31), `${idA}0`])('%j is no object’s id', async (id) => {
      const calls = [
        store.has(id),
        store.size(id),
        store.reader(id),
        whole(id, 0, 1),
        store.remove(id),
        store.sync([id]),
      ];
      for (const call of calls) expect(await codeOf(call)).toBe('field/invalid');
      const file = await store.partial('0d');
      expect(await codeOf(file.place(id))).toBe('field/invalid');
      await file.discard();
    });

    test('a partial file’s name is of our own making', async () => {
      for (const name of ['', '..', 'x/y', 'XY']) expect(await codeOf(store.partial(name))).toBe('field/invalid');
      const names = new Set(Array.from({ length: 20 }, () => store.freshName()));
      expect(names.size).toBe(20);
      const files: PartialObject[] = [];
      for (const each of [...names, `${[...names][0]}-0a`]) files.push(await store.partial(each));
      expect((await store.partials()).sort()).toEqual([...names, `${[...names][0]}-0a`].sort());
      for (const each of files) await each.discard();
      expect(await store.partials()).toEqual([]);
    });

    test('some room is free', async () => {
      expect(await store.free()).toBeGreaterThan(0);
    });
  });
}
