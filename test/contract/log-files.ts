// What every implementation of the audit log's files must do.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogFiles, readAt, writeAt } from '../../node/audit/files.ts';
import type { OpenFile } from '../../node/system/files.ts';
import { codeOf, pattern } from './kit.ts';
import type { MakeMedium, Medium } from './medium.ts';

const names = ['log', 'tree', 'offsets'] as const;

export function logFilesContract(name: string, make: MakeMedium<LogFiles>): void {
  describe(`audit log's files ${name}`, () => {
    let medium: Medium<LogFiles>;
    let files: LogFiles;
    beforeEach(async () => {
      medium = await make();
      files = await medium.open();
      await files.syncNames();
    });
    afterEach(() => medium.remove());

    const again = async (how: 'crash' | 'close') => {
      await medium[how]();
      files = await medium.open();
    };
    const contentOf = async (file: OpenFile) => [...(await readAt(file, 0, (await file.stat()).size))];

    test('are empty at first, apart from each other, and there when they were closed and opened again', async () => {
      for (const each of names) expect(await files[each].stat()).toMatchObject({ size: 0 });
      for (const [i, each] of names.entries()) await writeAt(files[each], pattern(10 + i, i + 1), 0);
      await again('close');
      for (const [i, each] of names.entries())
        expect(await contentOf(files[each])).toEqual([...pattern(10 + i, i + 1)]);
    });

    test('are written from any part of some memory to any place, and read into any part of another', async () => {
      const { log } = files;
      expect(await log.write(pattern(10), 2, 5, 0)).toMatchObject({ bytesWritten: 5 });
      expect(await log.write(pattern(10), 0, 3, 8)).toMatchObject({ bytesWritten: 3 });
      expect(await log.write(Uint8Array.of(9), 0, 1, 1)).toMatchObject({ bytesWritten: 1 });
      const expected = [2, 9, 4, 5, 6, 0, 0, 0, 0, 1, 2];
      expect(await contentOf(log)).toEqual(expected);
      const into = new Uint8Array(6).fill(0xee);
      expect(await log.read(into, 1, 3, 7)).toMatchObject({ bytesRead: 3 });
      expect([...into]).toEqual([0xee, 0, 0, 1, 0xee, 0xee]);
      expect(await log.read(into, 0, 6, 9)).toMatchObject({ bytesRead: 2 });
      expect(await log.read(into, 0, 6, 11)).toMatchObject({ bytesRead: 0 });
      expect(await log.read(into, 0, 6, 99)).toMatchObject({ bytesRead: 0 });
    });

    test('are cut, and what comes behind the end again is zero', async () => {
      const { log } = files;
      await writeAt(log, pattern(100), 0);
      await log.truncate(10);
      expect(await log.stat()).toMatchObject({ size: 10 });
      await writeAt(log, Uint8Array.of(1), 14);
      expect(await contentOf(log)).toEqual([...pattern(10), 0, 0, 0, 0, 1]);
      await log.truncate(20);
      expect((await contentOf(log)).slice(14)).toEqual([1, 0, 0, 0, 0, 0]);
    });

    test('memory that was given is the giver’s again', async () => {
      const bytes = pattern(10);
      await files.log.write(bytes, 0, 10, 0);
      bytes.fill(0);
      await files.replaceSmall('head', bytes.fill(5));
      bytes.fill(0);
      expect(await contentOf(files.log)).toEqual([...pattern(10)]);
      const small = (await files.readSmall('head'))!;
      small.fill(0);
      expect([...(await files.readSmall('head'))!]).toEqual(Array(10).fill(5));
    });

    test('outlive a crash as far as they were synced', async () => {
      await writeAt(files.log, pattern(3000), 0);
      await files.log.truncate(2500);
      await files.log.datasync();
      await writeAt(files.log, pattern(3000, 3), 2500);
      await writeAt(files.tree, pattern(700), 0);
      await again('crash');
      expect((await contentOf(files.log)).slice(0, 2500)).toEqual([...pattern(2500)]);
      expect((await files.log.stat()).size).toBeLessThanOrEqual(5500);
      expect((await files.tree.stat()).size).toBeLessThanOrEqual(700);
    });

    test('a small file is whole, the old or the new one, and outlives a crash', async () => {
      expect(await files.readSmall('checkpoint')).toBeUndefined();
      await files.replaceSmall('checkpoint', pattern(500));
      await files.replaceSmall('checkpoint', pattern(20, 3));
      await files.replaceSmall('head', new Uint8Array());
      await again('crash');
      expect([...(await files.readSmall('checkpoint'))!]).toEqual([...pattern(20, 3)]);
      expect(await files.readSmall('head')).toHaveLength(0);
    });

    test('are of no use when they were closed', async () => {
      const { log } = files;
      await medium.close();
      const calls = [
        log.write(pattern(1), 0, 1, 0),
        log.read(new Uint8Array(1), 0, 1, 0),
        log.truncate(0),
        log.datasync(),
        log.stat(),
      ];
      for (const call of calls) expect(await codeOf(call)).toBe('EBADF');
    });
  });
}
