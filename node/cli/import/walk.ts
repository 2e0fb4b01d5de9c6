// The files below what the user named, one after the other, each once.
import { createReadStream } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { PeerError } from '../../../protocol/errors.ts';
import { type FileKind, kindBytes, kindOf } from '../../exchange/upload/file-kind.ts';
import { mediaFiles, mediaPath } from '../../exchange/upload/media-directory.ts';

/** A path; its bytes where they are no UTF-8. */
export type FilePath = string | Buffer;

/** A file to import, or why it isn't one. */
export interface Found {
  /** As it is told of; bytes of a name that are no UTF-8 stand as U+FFFD. */
  readonly path: string;
  /** What opens it: CDs and old archives have names in other encodings, which only their bytes say. */
  readonly file: FilePath;
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
  const add = async (path: FilePath, depth: number): Promise<void> => {
    if (stopped()) return;
    const info = await stat(path).catch(() => undefined); // the walk tells of it
    if (info?.isFile()) {
      files += 1;
      bytes += info.size;
    }
    if (!info?.isDirectory() || depth >= maxDepth || seen.has(`${info.dev}:${info.ino}`)) return;
    seen.add(`${info.dev}:${info.ino}`);
    const names = await namesIn(path).catch(() => []); // the walk tells of it
    for (const name of names) await add(inside(path, name), depth + 1);
  };
  for (const path of paths) await add(path, 0);
  return { files, bytes };
}

async function* below(dir: FilePath, { seen, media, depth }: Place): AsyncGenerator<Found> {
  const { dev, ino } = await stat(dir);
  if (seen.has(`${dev}:${ino}`)) return;
  seen.add(`${dev}:${ino}`);
  const own = await mediumOf(dir);
  const place = { seen, media: own === undefined ? media : [...media, own], depth: depth + 1 };
  for (const name of await namesIn(dir)) yield* entry(inside(dir, name), place);
  for (const file of own?.missing ?? []) yield refused(join(told(dir), file), 'import/missing');
}

async function mediumOf(dir: FilePath): Promise<Medium | undefined> {
  for (const name of await namesIn(dir)) {
    if (!/^dicomdir$/i.test(String(name)) || !(await stat(inside(dir, name))).isFile()) continue;
    const content = createReadStream(inside(dir, name));
    try {
      return { root: told(dir), missing: await mediaFiles(content) };
    } catch (error) {
      if (content.errored !== error) throw error; // one that can't be read is told of when it is met
    }
  }
  return undefined;
}

async function* entry(file: FilePath, place: Place): AsyncGenerator<Found> {
  const path = told(file);
  try {
    const info = await stat(file);
    if (info.isDirectory() && place.depth < maxDepth) {
      yield* below(file, place);
      return;
    }
    for (const { root, missing } of place.media) missing.delete(mediaPath(relative(root, path)));
    if (!info.isFile()) {
      yield refused(path, 'file/unreadable');
      return;
    }
    const kind = await kindAt(file);
    const found = { path, file, size: info.size, changed: info.mtimeMs, kind };
    yield kind === 'dicomdir' ? { ...found, refused: 'dicom/directory' } : found;
  } catch (error) {
    // a broken link, or not ours to read: named, and the rest goes on
    if ((error as NodeJS.ErrnoException).code === undefined || error instanceof PeerError) throw error;
    yield refused(path, 'file/unreadable');
  }
}

const refused = (path: string, reason: string): Found => ({ path, file: path, size: 0, changed: 0, refused: reason });

const told = (path: FilePath): string => String(path);

/** The names in a folder, as text where they are UTF-8. */
async function namesIn(dir: FilePath): Promise<FilePath[]> {
  const names: FilePath[] = [];
  // its types know no other encoding than text
  const folder = await opendir(dir as string, { encoding: 'buffer' as 'utf8' });
  for await (const { name } of folder) {
    const bytes = name as unknown as Buffer;
    const text = bytes.toString('utf8');
    names.push(Buffer.from(text, 'utf8').equals(bytes) ? text : bytes);
  }
  return names;
}

function inside(dir: FilePath, name: FilePath): FilePath {
  if (typeof dir === 'string' && typeof name === 'string') return join(dir, name);
  return Buffer.concat([Buffer.from(dir as string), Buffer.from(sep), Buffer.from(name as string)]);
}

/** What a file's first bytes say that it is. */
async function kindAt(path: FilePath): Promise<FileKind | undefined> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(kindBytes), 0, kindBytes, 0);
    return kindOf(buffer.subarray(0, bytesRead), told(path));
  } finally {
    await handle.close();
  }
}
