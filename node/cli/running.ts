// Finding the peer that runs on a data folder, and talking to its API with the folder's own token.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PeerError } from '../../protocol/errors.ts';
import { isRunning } from '../system/files.ts';
import { PeerClient } from './client.ts';
import { language } from './text.ts';

/** What a running peer leaves in its folder. */
export interface RunFile {
  readonly http: string;
  readonly dimse: number | string;
  readonly p2p: number | string | readonly string[];
  readonly pid: number;
}

/** The run file of a peer that lives, else undefined (a killed one leaves its file). */
export async function readRunFile(dir: string): Promise<RunFile | undefined> {
  const text = await readFile(join(dir, 'run.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const file = JSON.parse(text) as RunFile;
  return isRunning(file.pid) ? file : undefined;
}

/** A client of the peer that runs on this folder, or undefined. @throws PeerError vault/missing */
export async function runningPeer(dir: string): Promise<PeerClient | undefined> {
  const file = await readRunFile(dir);
  if (file === undefined) {
    await mustBePeer(dir);
    return undefined;
  }
  const token = (await readFile(join(dir, 'token'), 'utf8')).trim();
  return new PeerClient({ url: file.http, token, language });
}

async function mustBePeer(dir: string): Promise<void> {
  await stat(join(dir, 'vault.json')).catch((cause) => {
    throw new PeerError('vault/missing', { path: dir }, { cause });
  });
}

/** Works with the running peer. @throws PeerError peer/not-running, vault/missing, and what the peer answers */
export async function withPeer<T>(dir: string, work: (peer: PeerClient) => Promise<T>): Promise<T> {
  const peer = await runningPeer(dir);
  if (peer === undefined) throw new PeerError('peer/not-running', { path: dir });
  try {
    return await work(peer);
  } finally {
    peer.close();
  }
}
