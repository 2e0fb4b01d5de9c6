// The files below what the user named, one after the other, each once.
import { open, opendir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PeerError } from '../../protocol/errors.ts';

/** A file to import, or why it isn't one. */
export interface Found {
  readonly path: string;
  readonly size: number;
  readonly refused?: string;
}

/** How deep folders may lie in each other. */
const maxDepth = 64;

// File Meta Information Version is followed by (0002,0002) UI with the Media Storage Directory class (PS3.10 8.6)
const directoryClass = Buffer.from('\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10', 'latin1');
const zipMagic = Buffer.from('PK\x03\x04', 'latin1');

/**
 * Walks files and folders; links are followed, and no folder is entered twice. A DICOMDIR that was named stands for the
 * folder it lies in. @throws PeerError file/missing when a named path isn't there
 */
export async function* walk(paths: readonly string[]): AsyncGenerator<Found> {
  const seen = new Set<string>();
  for (const path of paths) {
    const info = await stat(path).catch((cause) => {
      throw new PeerError('file/missing', { path }, { cause });
    });
    if (info.isFile() && (await kindOf(path)) === 'dicom/directory') yield* below(dirname(path), seen, 0);
    else yield* entry(path, seen, 0);
  }
}

async function* below(dir: string, seen: Set<string>, depth: number): AsyncGenerator<Found> {
  const { dev, ino } = await stat(dir);
  if (seen.has(`${dev}:${ino}`)) return;
  seen.add(`${dev}:${ino}`);
  for await (const { name } of await opendir(dir)) yield* entry(join(dir, name), seen, depth + 1);
}

async function* entry(path: string, seen: Set<string>, depth: number): AsyncGenerator<Found> {
  try {
    const info = await stat(path);
    if (info.isDirectory() && depth < maxDepth) yield* below(path, seen, depth);
    else if (!info.isFile()) yield { path, size: 0, refused: 'file/unreadable' };
    else yield { path, size: info.size, ...refusal(await kindOf(path)) };
  } catch (error) {
    // a broken link, or not ours to read: named, and the rest goes on
    if ((error as NodeJS.ErrnoException).code === undefined || error instanceof PeerError) throw error;
    yield { path, size: 0, refused: 'file/unreadable' };
  }
}

const refusal = (kind: string | undefined) => (kind === undefined ? {} : { refused: kind });

/** What a file's first bytes say that it is, if it isn't for the importer. */
async function kindOf(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.indexOf(zipMagic) === 0) return 'import/archive';
    return head.includes(directoryClass) ? 'dicom/directory' : undefined;
  } finally {
    await handle.close();
  }
}
