// The packs' folder on disk.
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './objects.ts';
import type { PackFiles } from './packs.ts';

/** Opens the folder, making it if need be. */
export async function openPackFiles(dir: string): Promise<PackFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = (pack: number): string => join(dir, String(pack).padStart(8, '0'));
  return {
    list: async () => {
      const names = await readdir(dir);
      // what others put there (a backup, a file manager) is none of ours
      const ours = names.filter((name) => /^\d{8}$/.test(name));
      return ours.map(Number).sort((a, b) => a - b);
    },
    open: (pack) => open(path(pack), 'r'),
    create: async (pack) => {
      const file = await open(path(pack), 'wx', 0o600);
      await syncFolder(dir);
      return file;
    },
  };
}
