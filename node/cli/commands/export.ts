// export: a study as exact Part 10 files, or without its patient. Names are our own numbers: nothing that a sender wrote becomes a path.
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PeerError } from '../../../protocol/errors.ts';
import type { PeerClient } from '../client.ts';
import { absolute, type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { boundaryOf, multipart } from '../import/multipart.ts';
import { withPeer } from '../running.ts';
import { type Io, Progress, size } from '../terminal.ts';
import { t } from '../text.ts';

interface ExportOptions extends DataOptions {
  readonly out: string;
  readonly deidentify?: string;
  readonly blank?: readonly string[];
  readonly leaveOut?: boolean;
}

interface Exported {
  readonly files: number;
  readonly bytes: number;
  /** De-identified: images that are not there because text may be burned in. */
  readonly leftOut?: number;
}

const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';

export function registerExport(program: Command, run: Run): void {
  const command = dataLeaf(program, 'export', 'export.about')
    .argument('<study>')
    .requiredOption('--out <dir>', t('export.out'), absolute)
    .option('--deidentify <profile>', t('export.deidentify'))
    .option('--blank <region...>', t('export.blank'))
    .option('--leave-out', t('export.leaveOut'));
  does<ExportOptions>(run, command, async ({ args, options, io }) => {
    const { data, out } = options;
    const exported = await withPeer(data, (peer) => exportStudy(peer, pathOf(args[0]!, options), out, io));
    const done = () => t('export.done', { ...exported, size: size(exported.bytes), out });
    const { leftOut } = exported;
    const human = () => (leftOut ? `${done()}\n${t('export.leftOut', { leftOut })}` : done());
    return { json: exported, human };
  });
}

/** Blanking and leaving out without a profile are taken as a request for the plain one: nothing leaves by a slip. */
function pathOf(study: string, { deidentify, blank, leaveOut }: ExportOptions): string {
  const id = encodeURIComponent(study);
  if (deidentify === undefined && blank === undefined && !leaveOut) return `/dicom-web/studies/${id}`;
  const query = new URLSearchParams({ profile: deidentify ?? 'basic' });
  if (blank !== undefined) query.set('blank', blank.join(';'));
  if (leaveOut) query.set('suspected', 'leave-out');
  return `/api/v1/studies/${id}/deidentified?${query}`;
}

async function exportStudy(peer: PeerClient, path: string, out: string, io: Io): Promise<Exported> {
  const answer = await peer.openPath(path, accept).catch((cause) => {
    const absent = cause instanceof PeerError && cause.code === 'http/not-found';
    throw absent ? new PeerError('study/unknown', {}, { cause }) : cause;
  });
  const boundary = boundaryOf(answer.headers['content-type']);
  await mkdir(out, { recursive: true, mode: 0o700 });
  const files = new NumberedFiles(out, await firstFree(out));
  const progress = new Progress(io);
  try {
    for await (const event of multipart(answer, boundary)) {
      if (event.kind === 'part') await files.begin();
      else if (event.kind === 'data') await files.write(event.bytes);
      else await files.end();
      progress.show(() => t('export.done', { files: files.count, size: size(files.bytes), out }));
    }
    const leftOut = answer.headers['dicomnet-left-out'];
    return { files: files.count, bytes: files.bytes, ...(leftOut !== undefined && { leftOut: Number(leftOut) }) };
  } catch (error) {
    await files.undo(); // part of a study must not pass for all of it
    throw error;
  } finally {
    progress.end();
    answer.destroy();
  }
}

/** 00001.dcm and on, after those that are there; only their owner's to read. A file has its name once it is whole. */
class NumberedFiles {
  readonly #dir: string;
  readonly #first: number;
  #file: FileHandle | undefined;
  count = 0;
  bytes = 0;

  constructor(dir: string, first: number) {
    this.#dir = dir;
    this.#first = first;
  }

  async begin(): Promise<void> {
    this.#file = await open(`${this.#path(this.count)}.part`, 'wx', 0o600);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await this.#file!.write(bytes, at)).bytesWritten;
    this.bytes += bytes.length;
  }

  async end(): Promise<void> {
    await this.#file!.close();
    this.#file = undefined;
    const path = this.#path(this.count);
    await rename(`${path}.part`, path);
    this.count++;
  }

  /** Takes away what was written. */
  async undo(): Promise<void> {
    if (this.#file !== undefined) {
      await this.#file.close();
      await rm(`${this.#path(this.count)}.part`);
    }
    for (let number = 0; number < this.count; number++) await rm(this.#path(number));
  }

  #path(number: number): string {
    return join(this.#dir, `${String(this.#first + number).padStart(5, '0')}.dcm`);
  }
}

/** The number after the highest that is taken in this folder. */
async function firstFree(dir: string): Promise<number> {
  let highest = 0;
  for (const name of await readdir(dir)) highest = Math.max(highest, Number(/^(\d{1,9})\.dcm/.exec(name)?.[1] ?? 0));
  return highest + 1;
}
