// The log's files. `log` is the truth; `tree` (32 bytes a node, post-order) and `offsets` (6 bytes an entry) can always
// be made from it again; `checkpoint` says up to where they are durable; `head` is the last head that was handed out.
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Edge, nodeCount, peakNodes, positionOf, rootOf, type TreeNode } from '../../protocol/audit/merkle.ts';
import { concat, hex, uintBytes } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { bytes, id, payload, type Struct, uint } from '../../protocol/schema.ts';
import type { OpenFile } from '../system/files.ts';
import { frameBytes, parseLogFrame } from './frame.ts';

export interface LogFiles {
  readonly log: OpenFile;
  readonly tree: OpenFile;
  readonly offsets: OpenFile;
  /** A small file whole; undefined when there is none. */
  readSmall(name: SmallFile): Promise<Uint8Array | undefined>;
  /** Either the old content or the new one is there, whatever happens meanwhile; durable when it resolves. */
  replaceSmall(name: SmallFile, content: Uint8Array): Promise<void>;
  /** Makes the files' names durable. */
  syncNames(): Promise<void>;
}

export type SmallFile = 'checkpoint' | 'head';

const hashBytes = 32;
const offsetBytes = 6;

export async function openFiles(dir: string): Promise<LogFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const opened: OpenFile[] = [];
  try {
    for (const name of ['log', 'tree', 'offsets']) {
      opened.push(await open(join(dir, name), constants.O_RDWR | constants.O_CREAT, 0o600));
    }
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  const [log, tree, offsets] = opened;
  return {
    ...{ log: log!, tree: tree!, offsets: offsets! },
    readSmall: (name) => readSmall(join(dir, name)),
    replaceSmall: (name, content) => replaceFile(dir, name, content),
    syncNames: () => syncDirectory(dir),
  };
}

export const closeFiles = (files: LogFiles): Promise<void> => closeAll([files.log, files.tree, files.offsets]);

async function closeAll(handles: readonly OpenFile[]): Promise<void> {
  for (const each of handles) await each.close();
}

/** Writes all of it: a single write may do less. */
export async function writeAt(file: OpenFile, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

/** Reads up to `length` bytes; fewer only where the file ends. */
export async function readAt(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const out = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(out, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return out.subarray(0, done);
}

/** What the files hold of the tree and of where entries begin, for entries from `edge.size` on. */
export async function writeDerived(
  files: LogFiles,
  edge: Edge,
  nodes: readonly Uint8Array[],
  offsets: readonly number[],
): Promise<void> {
  await writeAt(files.tree, concat(...nodes), nodeCount(edge.size) * hashBytes);
  await writeAt(files.offsets, concat(...offsets.map((at) => uintBytes(at, offsetBytes))), edge.size * offsetBytes);
}

export async function readNode(files: LogFiles, node: TreeNode): Promise<Uint8Array> {
  const hash = await readAt(files.tree, positionOf(node) * hashBytes, hashBytes);
  if (hash.length !== hashBytes) throw new PeerError('audit/damaged', { at: 'tree' });
  return new Uint8Array(hash);
}

/** The edge of the tree of `size` entries, or undefined when the derived files are shorter than that. */
export async function readEdge(files: LogFiles, size: number): Promise<Edge | undefined> {
  const [tree, offsets] = [await files.tree.stat(), await files.offsets.stat()];
  if (tree.size < nodeCount(size) * hashBytes || offsets.size < size * offsetBytes) return undefined;
  const peaks: Uint8Array[] = [];
  for (const node of peakNodes(size)) peaks.push(await readNode(files, node));
  return { size, peaks };
}

/** Where entry `index` begins in the log. */
export async function readOffset(files: LogFiles, index: number): Promise<number> {
  const at = await readAt(files.offsets, index * offsetBytes, offsetBytes);
  if (at.length !== offsetBytes) throw new PeerError('audit/damaged', { at: 'offsets' });
  return at.readUIntBE(0, offsetBytes);
}

/** Reads the derived files from their start, record by record; shorter than a record where the file ends. */
export function derivedReader(file: OpenFile, kind: 'tree' | 'offsets'): () => Promise<Uint8Array> {
  const length = kind === 'tree' ? hashBytes : offsetBytes;
  let block: Buffer = Buffer.alloc(0);
  let [position, used] = [0, 0];
  return async () => {
    if (used === block.length) {
      block = await readAt(file, position, 2048 * length);
      position += block.length;
      used = 0;
    }
    const record = block.subarray(used, used + length);
    used += record.length;
    return record;
  };
}

/** Frames from `start` on, up to `end` or the first bytes that are none. Holds one block in memory. */
export async function* readFrames(files: LogFiles, start: number, end: number) {
  const blockBytes = 8 * frameBytes;
  let block: Buffer = Buffer.alloc(0);
  let blockStart = start;
  for (let at = start; at < end; ) {
    if (at + frameBytes > blockStart + block.length && blockStart + block.length < end) {
      block = await readAt(files.log, at, Math.min(blockBytes, end - at));
      blockStart = at;
    }
    const parsed = parseLogFrame(block.subarray(at - blockStart));
    if (parsed === undefined) return;
    yield { at, next: at + parsed.length, frame: parsed.frame };
    at += parsed.length;
  }
}

const checkpointFields = { size: uint(), bytes: uint(), root: id(32) };
const checkpoint = payload(checkpointFields);
export type Checkpoint = Struct<typeof checkpointFields>;

/** Makes the derived files durable, then says so. */
export async function writeCheckpoint(files: LogFiles, edge: Edge, logBytes: number): Promise<void> {
  await files.tree.datasync();
  await files.offsets.datasync();
  await files.replaceSmall(
    'checkpoint',
    checkpoint.encode({ size: edge.size, bytes: logBytes, root: hex(rootOf(edge)) }),
  );
}

/** Undefined when there is none. @throws PeerError audit/damaged */
export const readCheckpoint = (files: LogFiles): Promise<Checkpoint | undefined> =>
  readWhole(files, 'checkpoint', (raw) => checkpoint.decode(raw));

const headFields = { size: uint(), root: id(32), envelope: bytes({ max: 4096 }) };
const storedHead = payload(headFields);
export type StoredHead = Struct<typeof headFields>;

export const writeHead = (files: LogFiles, head: StoredHead): Promise<void> =>
  files.replaceSmall('head', storedHead.encode(head));

/** Undefined when none was handed out yet. @throws PeerError audit/damaged */
export const readHead = (files: LogFiles): Promise<StoredHead | undefined> =>
  readWhole(files, 'head', (raw) => storedHead.decode(raw));

async function readSmall(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readWhole<T>(files: LogFiles, name: SmallFile, decode: (raw: Uint8Array) => T): Promise<T | undefined> {
  const raw = await files.readSmall(name);
  if (raw === undefined) return undefined;
  try {
    return decode(raw);
  } catch (cause) {
    throw new PeerError('audit/damaged', { at: name }, { cause });
  }
}

async function replaceFile(dir: string, name: SmallFile, content: Uint8Array): Promise<void> {
  const path = join(dir, name);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(dir);
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
