// The files below what the user named, one after the other, each once.
import { createReadStream } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PeerError } from '../../../protocol/errors.ts';
import { type FileKind, kindBytes, kindOf } from '../../exchange/upload/file-kind.ts';
import { mediaFiles, mediaPath } from '../../exchange/upload/media-directory.ts';

/** A file to import, or why it isn't one. */
export interface Found {
  readonly path: string;
  readonly size: number;
  /** Of its last change, unix ms; 0 of what can't be read. */
  readonly changed: number;
  readonly kind?: FileKind | undefined;
  readonly refused?: string;
}

/** How deep folders may lie in each other. */
const maxDepth = 64;

/** A folder with a DICOMDIR, and what that names and hasn't been met. */
interface Medium {
  readonly root: string;
  readonly missing: Set<string>;
}

interface Place {
  readonly seen: Set<string>;
  readonly media: readonly Medium[];
  readonly depth: number;
}

/**
 * Walks files and folders; links are followed, and no folder is entered twice. A DICOMDIR that was named stands for the
 * folder it lies in; what it names and isn't there comes as refused. @throws PeerError file/missing when a named path
 * isn't there
 */
export async function* walk(paths: readonly string[]): AsyncGenerator<Found> {
  const place: Place = { seen: new Set(), media: [], depth: 0 };
  for (const path of paths) {
    const info = await stat(path).catch((cause) => {
      throw new PeerError('file/missing', { path }, { cause });
    });
    if (info.isFile() && (await kindAt(path)) === 'dicomdir') yield* below(dirname(path), place);
    else yield* entry(path, place);
  }
}

/** How many files there are and their bytes, without looking into any. */
export async function count(
  paths: readonly string[],
  stopped: () => boolean,
): Promise<{ files: number; bytes: number }> {
  let [files, bytes] = [0, 0];
  const seen = new Set<string>();
  const add = async (path: string, depth: number): Promise<void> => {
    if (stopped()) return;
    const info = await stat(path).catch(() => undefined); // the walk tells of it
    if (info?.isFile()) {
      files += 1;
      bytes += info.size;
    }
    if (!info?.isDirectory() || depth >= maxDepth || seen.has(`${info.dev}:${info.ino}`)) return;
    seen.add(`${info.dev}:${info.ino}`);
    const folder = await opendir(path).catch(() => undefined); // the walk tells of it
    if (folder !== undefined) for await (const { name } of folder) await add(join(path, name), depth + 1);
  };
  for (const path of paths) await add(path, 0);
  return { files, bytes };
}

async function* below(dir: string, { seen, media, depth }: Place): AsyncGenerator<Found> {
  const { dev, ino } = await stat(dir);
  if (seen.has(`${dev}:${ino}`)) return;
  seen.add(`${dev}:${ino}`);
  const own = await mediumOf(dir);
  const place = { seen, media: own === undefined ? media : [...media, own], depth: depth + 1 };
  for await (const { name } of await opendir(dir)) yield* entry(join(dir, name), place);
  for (const file of own?.missing ?? []) yield refused(join(dir, file), 'import/missing');
}

async function mediumOf(dir: string): Promise<Medium | undefined> {
  for await (const each of await opendir(dir)) {
    if (!/^dicomdir$/i.test(each.name) || !each.isFile()) continue;
    const content = createReadStream(join(dir, each.name));
    try {
      return { root: dir, missing: await mediaFiles(content) };
    } catch (error) {
      if (content.errored !== error) throw error; // one that can't be read is told of when it is met
    }
  }
  return undefined;
}

async function* entry(path: string, place: Place): AsyncGenerator<Found> {
  try {
    const info = await stat(path);
    if (info.isDirectory() && place.depth < maxDepth) {
      yield* below(path, place);
      return;
    }
    for (const { root, missing } of place.media) missing.delete(mediaPath(relative(root, path)));
    if (!info.isFile()) {
      yield refused(path, 'file/unreadable');
      return;
    }
    const kind = await kindAt(path);
    const found = { path, size: info.size, changed: info.mtimeMs, kind };
    yield kind === 'dicomdir' ? { ...found, refused: 'dicom/directory' } : found;
  } catch (error) {
    // a broken link, or not ours to read: named, and the rest goes on
    if ((error as NodeJS.ErrnoException).code === undefined || error instanceof PeerError) throw error;
    yield refused(path, 'file/unreadable');
  }
}

const refused = (path: string, reason: string): Found => ({ path, size: 0, changed: 0, refused: reason });

/** What a file's first bytes say that it is. */
async function kindAt(path: string): Promise<FileKind | undefined> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(kindBytes), 0, kindBytes, 0);
    return kindOf(buffer.subarray(0, bytesRead), path);
  } finally {
    await handle.close();
  }
}
