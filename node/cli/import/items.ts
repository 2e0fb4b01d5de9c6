// What `import` sends: files, and the files in zip archives one by one, so that an import that was cut off goes on in the
// middle of an archive.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { PeerError } from '../../../protocol/errors.ts';
import { ArchiveBudget, archivedFiles } from '../../exchange/upload/archive.ts';
import { headed } from '../../exchange/upload/file-kind.ts';
import { mediaFiles, mediaPath } from '../../exchange/upload/media-directory.ts';
import type { FilePath, Found } from './walk.ts';

export interface Item {
  /** As it is told of. */
  readonly path: string;
  /** Tells it from others, and from itself before a change. */
  readonly identity: string;
  readonly size: number;
  readonly refused?: string;
  /** An archive inside an archive goes to the peer as a whole. */
  readonly archive?: true;
  /** To be read once; then, or if it never is, `close`. @throws PeerError import/*, and what the disk throws */
  bytes(): AsyncIterable<Uint8Array>;
  close(): void;
}

const nothing = { bytes: () => Readable.from([]), close: () => undefined };

const refusedItem = (path: string, reason: string): Item => ({
  ...{ path, identity: path, size: 0, refused: reason },
  ...nothing,
});

/** Items of what was found. Several may be read at a time. */
export async function* items(found: AsyncIterable<Found>): AsyncGenerator<Item> {
  for await (const { path, file, size, changed, kind, refused } of found) {
    // two names that are told alike differ by their bytes
    const name = typeof file === 'string' ? file : file.toString('latin1');
    const identity = `${name}\0${size}\0${changed}`;
    if (refused !== undefined) yield refusedItem(path, refused);
    else if (kind === 'zip') yield* archive({ path, file }, size, identity);
    else yield { path, identity, size, ...fileContent(file) };
  }
}

function fileContent(file: FilePath): Pick<Item, 'bytes' | 'close'> {
  const stream = () => createReadStream(file, { highWaterMark: 256 * 1024 });
  let opened: ReturnType<typeof stream> | undefined;
  return {
    bytes: () => {
      opened = stream();
      return opened;
    },
    close: () => opened?.destroy(),
  };
}

async function* archive(
  { path, file }: Pick<Found, 'path' | 'file'>,
  size: number,
  identity: string,
): AsyncGenerator<Item> {
  const budget = new ArchiveBudget(size);
  const handle = new SharedHandle(await open(file, 'r'));
  const listed: { root: string; name: string; files: Set<string> }[] = [];
  const seen = new Set<string>();
  try {
    let number = 0;
    for await (const inner of archivedFiles({ length: size, read: (from, to) => handle.read(from, to) }, budget)) {
      if (budget.spent) throw new PeerError('import/archive-limit');
      const name = `${path}/${inner.name}`;
      number += 1;
      seen.add(mediaPath(inner.name));
      if (inner.refused !== undefined) {
        yield refusedItem(name, inner.refused);
        continue;
      }
      handle.hold();
      const { kind, whole } = await headed(inner.bytes(), inner.name);
      const content = { bytes: () => whole, close: () => handle.release() };
      const item = { path: name, identity: `${identity}\0${number}\0${inner.name}`, size: inner.size, ...content };
      if (kind === 'dicomdir') {
        const root = mediaPath(inner.name).split('/').slice(0, -1).join('/');
        listed.push({ root, name, files: await mediaFiles(whole) });
        handle.release();
        yield refusedItem(name, 'dicom/directory');
      } else yield kind === 'zip' ? { ...item, archive: true } : item;
    }
    for (const { root, name, files } of listed) {
      for (const file of files) {
        if (!seen.has(root === '' ? file : `${root}/${file}`)) yield refusedItem(`${name}: ${file}`, 'import/missing');
      }
    }
  } catch (error) {
    if (!(error instanceof PeerError && error.code.startsWith('import/'))) throw error;
    yield refusedItem(path, error.code);
  } finally {
    handle.release();
  }
}

/** Closed when the last one who reads it is done. */
class SharedHandle {
  readonly #handle: FileHandle;
  #users = 1;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  hold(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) void this.#handle.close();
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafeSlow(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  }
}
