// Files on disk that others read: small ones that are either the old ones or the new ones, never half of one, and one
// command at a time.
import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PeerError } from '../../protocol/errors.ts';

/** One open file; node's FileHandle is one, the simulator's forgets what was not synced. */
export interface OpenFile {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ size: number }>;
  truncate(length: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Writes a small file whole: durable when it resolves; whoever reads meanwhile sees the old content. */
export async function writeDurable(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true }); // left by a power cut: nobody reads it
  const handle = await open(fresh, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const handle = await open(dir, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's bytes, or undefined when there is none. @throws PeerError cbor/too-long, file/unreadable */
export async function readIfThere(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    return await readLimited(path, maxBytes);
  } catch (error) {
    if (error instanceof PeerError && error.code === 'file/missing') return undefined;
    throw error;
  }
}

/** @throws PeerError file/missing, file/unreadable, cbor/too-long when it is larger */
export async function readLimited(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new PeerError(cause.code === 'ENOENT' ? 'file/missing' : 'file/unreadable', { path }, { cause });
  });
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new PeerError('file/unreadable', { path });
    if (info.size > maxBytes) throw new PeerError('cbor/too-long', { path, length: info.size, max: maxBytes });
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/**
 * Runs `work` while no other command changes the folder: two rosters under one number would be a fork.
 * @throws PeerError authority/busy
 */
export async function locked<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const path = join(dir, 'lock');
  await takeLock(path);
  try {
    return await work();
  } finally {
    await rm(path);
  }
}

async function takeLock(path: string): Promise<void> {
  if (await createLock(path)) return;
  // whoever holds it may have been killed: its number tells
  const pid = Number(await readFile(path, 'utf8').catch(missing));
  if (pid > 0 && isRunning(pid)) throw new PeerError('authority/busy', { pid });
  await rm(path, { force: true });
  if (!(await createLock(path))) throw new PeerError('authority/busy');
}

const missing = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'ENOENT') return '';
  throw error;
};

async function createLock(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a process with this number exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it exists and is another user's
  }
}

/** Whether something has this name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
