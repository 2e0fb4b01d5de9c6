// The packs' folder on disk.
import { constants, write } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PeerError } from '../../../protocol/errors.ts';
import type { OpenFile } from '../../system/files.ts';
import { syncFolder } from '../objects.ts';
import type { DirectFile } from './early-pack.ts';

/** One pack's file: appended to, never changed. */
export interface PackFile extends Pick<OpenFile, 'read' | 'stat' | 'datasync' | 'close'> {
  writev(pieces: Uint8Array[], position: number): Promise<{ bytesWritten: number }>;
}

/** The packs' folder; a pack's name is its number. */
export interface PackFiles {
  /** In ascending order. */
  list(): Promise<number[]>;
  /** Length in bytes of one that is there. */
  size(pack: number): Promise<number>;
  /** Opens one that is there. */
  open(pack: number): Promise<PackFile>;
  /** Makes one; its name is durable when it resolves. */
  create(pack: number): Promise<PackFile>;
  /** Makes one that is written past the system's cache; undefined where that can't be. Its name is durable then. */
  createDirect(pack: number): Promise<DirectFile | undefined>;
}

/** Opens the folder, making it if need be. */
export async function openPackFiles(dir: string): Promise<PackFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = (pack: number): string => join(dir, String(pack).padStart(8, '0'));
  const make = async (pack: number, flags: string | number): Promise<FileHandle> => {
    const file = await open(path(pack), flags, 0o600);
    await syncFolder(dir);
    return file;
  };
  return {
    list: async () => {
      const names = await readdir(dir);
      // what others put there (a backup, a file manager) is none of ours
      const ours = names.filter((name) => /^\d{8}$/.test(name));
      return ours.map(Number).sort((a, b) => a - b);
    },
    size: async (pack) => (await stat(path(pack))).size,
    open: (pack) => open(path(pack), 'r'),
    create: (pack) => make(pack, 'wx'),
    createDirect: async (pack) => {
      // macOS and Windows have no such flag; tmpfs and some others refuse it
      if (constants.O_DIRECT === undefined) return undefined;
      const { O_WRONLY, O_CREAT, O_EXCL, O_DIRECT } = constants;
      return direct(await make(pack, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT));
    },
  };
}

const direct = (file: FileHandle): DirectFile => ({
  // by callback: a FileHandle's own promises cost more than what they wrap
  write: (blocks, position) =>
    new Promise((done, failed) => {
      write(file.fd, blocks, 0, blocks.length, position, (error, written) => {
        if (error !== null) failed(error);
        else if (written !== blocks.length) failed(new PeerError('store/full'));
        else done();
      });
    }),
  datasync: () => file.datasync(),
  close: () => file.close(),
});
