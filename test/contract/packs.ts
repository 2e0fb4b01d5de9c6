// What every implementation of the packs' folder must do.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blockBytes } from '../../node/store/packs/early-pack.ts';
import type { PackFile, PackFiles } from '../../node/store/packs/pack-files.ts';
import { codeOf, pattern } from './kit.ts';
import type { MakeMedium, Medium } from './medium.ts';

export function packFilesContract(name: string, make: MakeMedium<PackFiles>): void {
  describe(`packs ${name}`, () => {
    let medium: Medium<PackFiles>;
    let packs: PackFiles;
    beforeEach(async () => {
      medium = await make();
      packs = await medium.open();
    });
    afterEach(() => medium.remove());

    const crash = async () => {
      await medium.crash();
      packs = await medium.open();
    };
    const read = async (file: PackFile, at: number, length: number) => {
      const into = Buffer.alloc(length + 2, 0xee);
      const { bytesRead } = await file.read(into, 1, length, at);
      expect([into[0], into[bytesRead + 1]]).toEqual([0xee, 0xee]); // nothing beside what it says
      return into.subarray(1, 1 + bytesRead);
    };
    const contentOf = async (pack: number) => {
      const file = await packs.open(pack);
      const { size } = await file.stat();
      const bytes = await read(file, 0, size);
      await file.close();
      return bytes;
    };
    const made = async (pack: number, bytes: Uint8Array) => {
      const file = await packs.create(pack);
      expect(await file.writev([bytes], 0)).toMatchObject({ bytesWritten: bytes.length });
      await file.datasync();
      await file.close();
    };

    test('are listed in the order of their numbers', async () => {
      expect(await packs.list()).toEqual([]);
      for (const pack of [10, 9, 1, 100]) await (await packs.create(pack)).close();
      expect(await packs.list()).toEqual([1, 9, 10, 100]);
    });

    test('say how long they are', async () => {
      await made(1, pattern(5));
      await made(2, pattern(0));
      expect([await packs.size(1), await packs.size(2)]).toEqual([5, 0]);
      expect(await codeOf(packs.size(3))).toBe('ENOENT');
    });

    test('are written in pieces at positions, and read at any', async () => {
      const file = await packs.create(1);
      expect(await file.stat()).toMatchObject({ size: 0 });
      expect(await file.writev([pattern(3), new Uint8Array(), pattern(4, 2)], 0)).toMatchObject({ bytesWritten: 7 });
      expect(await file.writev([pattern(2, 3)], 10)).toMatchObject({ bytesWritten: 2 });
      expect(await file.writev([Uint8Array.of(8)], 1)).toMatchObject({ bytesWritten: 1 });
      expect(await file.stat()).toMatchObject({ size: 12 });
      await file.datasync();
      await file.close();
      const reader = await packs.open(1);
      const expected = Buffer.from([0, 8, 2, ...pattern(4, 2), 0, 0, 0, ...pattern(2, 3)]);
      expect(await read(reader, 0, 12)).toEqual(expected);
      expect(await read(reader, 5, 4)).toEqual(expected.subarray(5, 9));
      expect(await read(reader, 11, 9)).toEqual(expected.subarray(11));
      expect(await read(reader, 12, 5)).toHaveLength(0);
      expect(await read(reader, 99, 5)).toHaveLength(0);
      await reader.close();
    });

    test('are read while they are written', async () => {
      const writer = await packs.create(1);
      await writer.writev([pattern(5)], 0);
      const reader = await packs.open(1);
      await writer.writev([pattern(5, 3)], 5);
      expect(await read(reader, 0, 99)).toEqual(Buffer.from([...pattern(5), ...pattern(5, 3)]));
      await reader.close();
      await writer.close();
    });

    test('are made once, opened if they are there, and opened to be read', async () => {
      await made(1, pattern(5));
      expect(await codeOf(packs.create(1))).toBe('EEXIST');
      expect(await codeOf(packs.createDirect(1))).toBe('EEXIST');
      expect(await codeOf(packs.open(2))).toBe('ENOENT');
      const file = await packs.open(1);
      expect(await codeOf(file.writev([pattern(1)], 0))).toBe('EBADF');
      await file.close();
      expect(await contentOf(1)).toEqual(Buffer.from(pattern(5)));
      expect(await packs.list()).toEqual([1]);
    });

    test('are of no use when they were closed', async () => {
      const file = await packs.create(1);
      await file.close();
      expect(await codeOf(file.writev([pattern(1)], 0))).toBe('EBADF');
      expect(await codeOf(file.read(new Uint8Array(1), 0, 1, 0))).toBe('EBADF');
      expect(await codeOf(file.datasync())).toBe('EBADF');
    });

    test('memory that was given is the giver’s again when it is written', async () => {
      const bytes = pattern(100);
      const file = await packs.create(1);
      await file.writev([bytes], 0);
      bytes.fill(0);
      await file.datasync();
      await file.close();
      expect(await contentOf(1)).toEqual(Buffer.from(pattern(100)));
    });

    test('a name outlives a crash when the pack is made, its bytes when they are synced', async () => {
      await (await packs.create(3)).close();
      const file = await packs.create(4);
      await file.writev([pattern(5000)], 0);
      await file.datasync();
      await file.writev([pattern(5000, 3)], 5000);
      await file.close();
      await crash();
      expect(await packs.list()).toEqual([3, 4]);
      expect(await contentOf(3)).toHaveLength(0);
      const left = await contentOf(4);
      expect(left.subarray(0, 5000)).toEqual(Buffer.from(pattern(5000)));
      expect(left.length).toBeLessThanOrEqual(10_000);
      expect(await codeOf(packs.create(4))).toBe('EEXIST');
    });

    test('where one can be written past the cache, it is in whole blocks, and outlives a crash when synced', async () => {
      const file = await packs.createDirect(5);
      if (file === undefined) return expect(await packs.list()).toEqual([]);
      const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 3 * blockBytes);
      memory.set(pattern(memory.length));
      await file.write(memory.subarray(blockBytes), blockBytes);
      await file.write(memory.subarray(0, blockBytes), 0);
      await file.datasync();
      memory.fill(0);
      for (const [from, to, at] of [
        [0, 100, 0],
        [0, blockBytes, 100],
      ] as const) {
        expect(await codeOf(file.write(memory.subarray(from, to), at))).toBe('EINVAL');
      }
      await file.close();
      await crash();
      expect(Buffer.compare(await contentOf(5), pattern(3 * blockBytes))).toBe(0);
    });
  });
}
