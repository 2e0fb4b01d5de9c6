// Sealed objects on disk: one file each, named by its object id (a hash of ciphertext), never by anything from a
// data set. A file gets its name only when it is complete and on disk.
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, fsync, openSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { must, PeerError } from '../../protocol/errors.ts';
import { storageError } from '../system/errno.ts';

/** Reading sealed objects. Ids are lowercase hex of 32 bytes. */
export interface StoredObjects {
  has(objectId: string): Promise<boolean>;
  /** Length in bytes of a kept object. @throws PeerError store/object-missing */
  size(objectId: string): Promise<number>;
  /** The sealed bytes [from, to) in large pieces, each in memory of its own. */
  read(objectId: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** The same by position, for whoever comes back for more; `close` it. @throws PeerError store/object-missing */
  reader(objectId: string): Promise<ObjectReader>;
  /** Bytes free on the disk. */
  free(): Promise<number>;
}

/** Keeping them too: for those who bring them in. */
export interface ObjectStore extends StoredObjects {
  /** Opens or creates a partial file that survives restarts. `name` is hex of our own making. */
  partial(name: string): Promise<PartialObject>;
  /** Partial files that are there, by name. */
  partials(): Promise<string[]>;
  /** Names of placed objects: on disk when it resolves. Cheaper for many at once. */
  sync(objectIds: readonly string[]): Promise<void>;
  remove(objectId: string): Promise<void>;
}

export interface ObjectReader {
  /** Bytes [from, to), fewer where the file ends. */
  read(from: number, to: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface PartialObject {
  /** Bytes on disk at opening. */
  readonly length: number;
  append(bytes: readonly Uint8Array[]): Promise<void>;
  truncate(length: number): Promise<void>;
  writeAt(position: number, bytes: Uint8Array): Promise<void>;
  read(from: number, to: number): Promise<Uint8Array>;
  /**
   * Its bytes are on disk and it is in its place when it resolves; its name is on disk after the store's `sync`. If the
   * object is already kept, only the partial file goes.
   */
  place(objectId: string): Promise<unknown>;
  /** The same, with its name on disk too. */
  commit(objectId: string): Promise<void>;
  close(): Promise<void>;
  discard(): Promise<void>;
}

const isWindows = process.platform === 'win32';
const pieceBytes = 1024 * 1024;

/** @throws PeerError field/invalid */
export function checkObjectId(objectId: string): void {
  must(/^[0-9a-f]{64}$/.test(objectId), 'field/invalid', { at: 'objectId' });
}

/** @throws PeerError field/invalid */
export function checkPartialName(name: string): void {
  must(/^[0-9a-f]{1,80}(-[0-9a-f]{1,16})?$/.test(name), 'field/invalid', { at: 'partial' });
}

/** Opens the store below `dir`. */
export async function openObjects(dir: string): Promise<ObjectStore & { freshName(): string }> {
  await mkdir(join(dir, 'partial'), { recursive: true, mode: 0o700 });
  const made = new Map<string, Promise<string>>();
  const folder = (objectId: string): Promise<string> => {
    checkObjectId(objectId);
    const name = objectId.slice(0, 2);
    let ready = made.get(name);
    if (ready === undefined) {
      ready = makeFolder(dir, name);
      made.set(name, ready);
    }
    return ready;
  };
  const path = (objectId: string): string => {
    checkObjectId(objectId);
    return join(dir, objectId.slice(0, 2), objectId);
  };
  const size = async (objectId: string): Promise<number> => {
    const info = await stat(path(objectId)).catch(missing(objectId));
    return info.size;
  };
  const reader = async (objectId: string): Promise<ObjectReader> => {
    const handle = await open(path(objectId), 'r').catch(missing(objectId));
    return { read: (from, to) => readAt(handle, from, to), close: () => handle.close() };
  };
  return {
    size,
    has: (objectId) =>
      size(objectId).then(
        () => true,
        (error: unknown) => {
          if (error instanceof PeerError && error.code === 'store/object-missing') return false;
          throw error;
        },
      ),
    read: (objectId, from, to) => readPieces(() => reader(objectId), objectId, from, to),
    reader,
    partial: async (name) => {
      checkPartialName(name);
      const file = join(dir, 'partial', name);
      const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600).catch(full);
      const { size: length } = fstatSync(handle.fd); // known to the system: no wait, no thread
      return new DiskPartial(handle, file, length, async (objectId) => join(await folder(objectId), objectId));
    },
    partials: () => readdir(join(dir, 'partial')),
    freshName: () => randomUUID().replaceAll('-', ''),
    sync: async (objectIds) => {
      const folders = new Set(objectIds.map((objectId) => join(path(objectId), '..')));
      await Promise.all([...folders].map((each) => syncFolder(each)));
    },
    remove: async (objectId) => rm(path(objectId), { force: true }),
    free: async () => {
      const { bavail, bsize } = await statfs(dir);
      return bavail * bsize;
    },
  };
}

async function makeFolder(dir: string, name: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await syncFolder(dir);
  return path;
}

const fsyncAsync = promisify(fsync);

/**
 * Makes names in a folder durable. Windows has no such call and doesn't need it: NTFS journals names. Opening and
 * closing never wait for the disk, and cost less than handing them to another thread.
 */
export async function syncFolder(path: string): Promise<void> {
  if (isWindows) return;
  const folder = openSync(path, 'r');
  try {
    await fsyncAsync(folder);
  } finally {
    closeSync(folder);
  }
}

const missing =
  (objectId: string) =>
  (cause: NodeJS.ErrnoException): never => {
    if (cause.code === 'ENOENT') throw new PeerError('store/object-missing', { objectId }, { cause });
    throw cause;
  };

/** What a write fails with: what the disk refuses by its code, anything else as it is. */
export const full = (cause: unknown): never => {
  throw storageError(cause) ?? cause;
};

/**
 * Bytes [from, to) of an object in large pieces, each in memory of its own; what was opened is closed at the end.
 * @throws PeerError store/corrupt when it ends before `to`
 */
export async function* readPieces(
  open: () => Promise<ObjectReader>,
  objectId: string,
  from: number,
  to: number,
): AsyncIterable<Uint8Array> {
  const reader = await open();
  try {
    for (let at = from; at < to; ) {
      const piece = await reader.read(at, Math.min(to, at + pieceBytes));
      if (piece.length === 0) throw new PeerError('store/corrupt', { objectId });
      yield piece;
      at += piece.length;
    }
  } finally {
    await reader.close();
  }
}

async function readAt(handle: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const out = Buffer.allocUnsafeSlow(to - from);
  const { bytesRead } = await handle.read(out, 0, out.length, from);
  return out.subarray(0, bytesRead);
}

class DiskPartial implements PartialObject {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #target: (objectId: string) => Promise<string>;
  #length: number;

  constructor(handle: FileHandle, path: string, length: number, target: (objectId: string) => Promise<string>) {
    this.#handle = handle;
    this.#path = path;
    this.#length = length;
    this.#target = target;
  }

  get length(): number {
    return this.#length;
  }

  async append(bytes: readonly Uint8Array[]): Promise<void> {
    const wanted = bytes.reduce((sum, each) => sum + each.length, 0);
    if (wanted === 0) return;
    const { bytesWritten } = await this.#handle.writev([...bytes], this.#length).catch(full);
    if (bytesWritten !== wanted) throw new PeerError('store/full', {});
    this.#length += wanted;
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
    this.#length = length;
  }

  async writeAt(position: number, bytes: Uint8Array): Promise<void> {
    const { bytesWritten } = await this.#handle.write(bytes, 0, bytes.length, position).catch(full);
    if (bytesWritten !== bytes.length) throw new PeerError('store/full', {});
  }

  read(from: number, to: number): Promise<Uint8Array> {
    return readAt(this.#handle, from, to);
  }

  async place(objectId: string): Promise<string> {
    const [target] = await Promise.all([this.#target(objectId), this.#handle.datasync().catch(full)]);
    const closed = this.#handle.close();
    if (isWindows) await closed; // which doesn't rename what is open
    await Promise.all([closed, rename(this.#path, target)]);
    return target;
  }

  async commit(objectId: string): Promise<void> {
    await syncFolder(join(await this.place(objectId), '..'));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}
