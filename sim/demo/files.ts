// The DICOM files below a folder: those that can be sent, and the others with the true reason why not.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { relative } from 'node:path';
import { walk } from '../../node/cli/import/walk.ts';
import type { DatasetRange } from '../../node/dicom/read/frames.ts';
import { type FileHead, Part10Splitter } from '../../node/dicom/read/part10.ts';
import { catalogue, type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { described, type Refused, type Sendable } from './instances.ts';

/** Looks at every file below `dir`, in the order of their paths. @throws PeerError file/missing */
export async function readable(dir: string): Promise<{ sendable: Sendable[]; refused: Refused[]; files: number }> {
  const sendable: Sendable[] = [];
  const refused: Refused[] = [];
  const found = await Array.fromAsync(walk([dir]));
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, refused: code } of found) {
    const name = relative(dir, path);
    try {
      if (code !== undefined) throw new PeerError(code as ErrorCode);
      sendable.push(await fileToSend(name, path));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      refused.push({ name, reason: reasonOf(error) });
    }
  }
  return { sendable, refused, files: found.length };
}

/** What an error says, without its code. */
export function reasonOf(error: PeerError): string {
  const { name } = error.data;
  return catalogue[error.code].text.replace(/\.$/, '') + (typeof name === 'string' ? ` (${name})` : '');
}

async function fileToSend(name: string, path: string): Promise<Sendable> {
  const head = await headOf(path);
  return described(name, head, {
    read: () => createReadStream(path, { start: head.datasetOffset, highWaterMark: 256 * 1024 }),
    ranges: (ranges) => rangesOf(path, head.datasetOffset, ranges),
  });
}

/** @throws PeerError dicom/* */
async function headOf(path: string): Promise<FileHead> {
  const splitter = new Part10Splitter();
  for await (const chunk of createReadStream(path)) {
    splitter.push(chunk as Uint8Array);
    if (splitter.head !== undefined) return splitter.head;
  }
  splitter.end();
  if (splitter.head === undefined) throw new PeerError('dicom/not-dicom');
  return splitter.head;
}

async function rangesOf(path: string, start: number, ranges: readonly DatasetRange[]): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const parts: Uint8Array[] = [];
    for (const { offset, length } of ranges) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start + offset);
      parts.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(parts);
  } finally {
    await handle.close();
  }
}
