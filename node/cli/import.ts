// import: streams files to the running peer, a few at a time.
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { PeerError } from '../../protocol/errors.ts';
import type { PeerClient } from './client.ts';
import { absolute, type DataOptions, dataLeaf, does, type Outcome, type Run } from './command.ts';
import { type Failure, failureOf } from './failure.ts';
import { withPeer } from './running.ts';
import { type Io, Progress, plain, size } from './terminal.ts';
import { t } from './text.ts';
import { type Found, walk } from './walk.ts';

/** What the peer says of one file. */
interface FileImported {
  readonly outcome: 'imported' | 'duplicate' | 'aside' | 'refused';
  readonly kind?: 'quarantine' | 'conflict';
  readonly reason?: string;
}

interface Tally {
  imported: number;
  duplicates: number;
  conflicts: number;
  readonly refused: { readonly path: string; readonly reason: string }[];
}

const atOnce = 4;

export function registerImport(program: Command, run: Run): void {
  const command = dataLeaf(program, 'import', 'import.about').argument('<path...>');
  does<DataOptions>(run, command, ({ args, options, io }) =>
    withPeer(options.data, (peer) => importAll(peer, args.map(absolute), io)),
  );
}

async function importAll(peer: PeerClient, paths: readonly string[], io: Io): Promise<Outcome> {
  const tally: Tally = { imported: 0, duplicates: 0, conflicts: 0, refused: [] };
  const progress = new Progress(io);
  let [files, bytes] = [0, 0];
  const found = walk(paths);
  let stopped: { error: unknown } | undefined;
  const work = async () => {
    for await (const file of found) {
      if (stopped !== undefined) return;
      await importOne(peer, file, tally);
      files++;
      bytes += file.size;
      progress.show(() => t('import.progress', { files, size: size(bytes), rate: size(progress.rate(bytes)) }));
    }
  };
  const guarded = () =>
    work().catch((error: unknown) => {
      stopped ??= { error };
    });
  await Promise.all(Array.from({ length: atOnce }, guarded));
  progress.end();
  return { json: tally, human: () => told(tally), failure: failureIn(tally, stopped) };
}

function failureIn(tally: Tally, stopped: { error: unknown } | undefined): Failure | undefined {
  if (stopped !== undefined) return failureOf(stopped.error);
  const taken = tally.imported + tally.duplicates + tally.conflicts;
  if (taken > 0 || tally.refused.length === 0) return undefined;
  return { code: tally.refused[0]!.reason, message: t('import.done', { ...tally, refused: tally.refused.length }) };
}

async function importOne(peer: PeerClient, file: Found, tally: Tally): Promise<void> {
  const { outcome, kind, reason } = await sent(peer, file);
  if (outcome === 'imported') tally.imported++;
  else if (outcome === 'duplicate') tally.duplicates++;
  else if (outcome === 'aside' && kind === 'conflict') tally.conflicts++;
  else tally.refused.push({ path: file.path, reason: reason ?? 'peer/answer' });
}

/** @throws PeerError when the peer cannot take anything more: disk full, gone, not allowed */
async function sent(peer: PeerClient, { path, refused }: Found): Promise<FileImported> {
  if (refused !== undefined) return { outcome: 'refused', reason: refused };
  const content = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    return await peer.upload<FileImported>('/import', content);
  } catch (error) {
    if (error instanceof PeerError && ofThisFile(error)) return { outcome: 'refused', reason: error.code };
    if (content.errored === error) return { outcome: 'refused', reason: 'file/unreadable' };
    throw error;
  } finally {
    content.destroy();
  }
}

const ofThisFile = ({ code }: PeerError): boolean => /^(dicom|import|seal)\/|^http\/too-large$/.test(code);

function told({ refused, ...counts }: Tally): string {
  const lines = refused.map(({ path, reason }) => `${plain(path)}: ${reason}`);
  return [...lines, t('import.done', { ...counts, refused: refused.length })].join('\n');
}
