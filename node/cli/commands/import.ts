// import: streams files to the running peer, a few at a time; goes on where an earlier run was cut off.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PeerError } from '../../../protocol/errors.ts';
import type { FileImported, UploadReport } from '../../api/imports.ts';
import type { PeerClient } from '../client.ts';
import { absolute, type DataOptions, dataLeaf, does, type Outcome, type Run } from '../command.ts';
import { type Failure, failureOf } from '../failure.ts';
import { sendFile, sendForm } from '../import/file.ts';
import { type Item, items } from '../import/items.ts';
import { ImportJob } from '../import/job.ts';
import { count, walk } from '../import/walk.ts';
import { withPeer } from '../running.ts';
import { type Io, Progress, plain, rate, size } from '../terminal.ts';
import { t } from '../text.ts';

interface ImportOptions extends DataOptions {
  readonly patient?: string;
  readonly system?: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly title?: string;
}

interface Tally {
  imported: number;
  duplicates: number;
  conflicts: number;
  /** Of these, what an earlier run had handed over. */
  resumed: number;
  readonly refused: { readonly path: string; readonly reason: string }[];
}

const atOnce = 4;

export function registerImport(program: Command, run: Run): void {
  const command = dataLeaf(program, 'import', 'import.about')
    .argument('<path...>')
    .option('--patient <value>', t('import.patient'))
    .option('--system <uri>', t('option.system'))
    .option('--name <name>', t('import.name'))
    .option('--birth-date <date>', t('import.birthDate'))
    .option('--title <text>', t('import.title'));
  does<ImportOptions>(run, command, ({ args, options, io }) =>
    withPeer(options.data, async (peer) => {
      const paths = args.map(absolute);
      if (options.patient !== undefined) return importFor(peer, options, paths, io);
      const { system, name, birthDate, title } = options;
      const alone = [system, name, birthDate, title].some((each) => each !== undefined);
      if (alone) throw new PeerError('cli/misuse', { message: t('import.needs-patient') });
      const secret = (await readFile(join(options.data, 'token'), 'utf8')).trim();
      return importAll(peer, await ImportJob.open(options.data, secret, paths), paths, io);
    }),
  );
}

const newTally = (): Tally => ({ imported: 0, duplicates: 0, conflicts: 0, resumed: 0, refused: [] });

async function importAll(peer: PeerClient, job: ImportJob, paths: readonly string[], io: Io): Promise<Outcome> {
  const tally = newTally();
  const shown = new Shown(io, paths);
  const all = items(walk(paths));
  let stopped: { error: unknown } | undefined;
  const work = async () => {
    for await (const item of all) {
      if (stopped !== undefined) return item.close();
      await importOne(peer, job, item, tally);
      shown.passed(item.size, 1);
    }
  };
  const guarded = () =>
    work().catch((error: unknown) => {
      stopped ??= { error };
    });
  await Promise.all(Array.from({ length: atOnce }, guarded));
  shown.end();
  await job.close(stopped === undefined);
  return { json: tally, human: () => told(tally), failure: failureIn(tally, stopped) };
}

async function importOne(peer: PeerClient, job: ImportJob, item: Item, tally: Tally): Promise<void> {
  const before = item.archive === true ? undefined : job.before(item.identity);
  if (before !== undefined) {
    item.close();
    tally.resumed += 1;
    return counted(tally, item.path, before);
  }
  const result = await sendFile(peer, item);
  if (!('outcome' in result)) return added(tally, result);
  job.mark(item.identity, result);
  counted(tally, item.path, result);
}

function counted(tally: Tally, path: string, { outcome, kind, reason }: FileImported): void {
  if (outcome === 'imported') tally.imported += 1;
  else if (outcome === 'duplicate') tally.duplicates += 1;
  else if (outcome === 'aside' && kind === 'conflict') tally.conflicts += 1;
  else tally.refused.push({ path, reason: reason ?? 'peer/answer' });
}

function added(tally: Tally, { imported, duplicates, conflicts, refused }: UploadReport): void {
  tally.imported += imported;
  tally.duplicates += duplicates;
  tally.conflicts += conflicts;
  tally.refused.push(...refused);
}

/** Documents and pictures of one patient: one request, one study. What was made before is not made twice. */
async function importFor(peer: PeerClient, options: ImportOptions, paths: readonly string[], io: Io): Promise<Outcome> {
  const { patient, system, name, birthDate, title } = options;
  const tally = newTally();
  const shown = new Shown(io, paths);
  async function* sent(): AsyncGenerator<Item> {
    for await (const item of items(walk(paths))) {
      if (item.refused === undefined) yield item;
      else tally.refused.push({ path: item.path, reason: item.refused });
    }
  }
  try {
    const passed = (bytes: number, newFile: boolean) => shown.passed(bytes, newFile ? 1 : 0);
    added(tally, await sendForm(peer, { patient, system, name, birthDate, title }, sent(), passed));
  } finally {
    shown.end();
  }
  return { json: tally, human: () => told(tally), failure: failureIn(tally, undefined) };
}

/** A line of progress; with a bar as soon as it is known how much there is. */
class Shown {
  readonly #progress: Progress;
  #total: { files: number; bytes: number } | undefined;
  #ended = false;
  #files = 0;
  #bytes = 0;

  constructor(io: Io, paths: readonly string[]) {
    this.#progress = new Progress(io);
    if (io.live) void this.#count(paths);
  }

  passed(bytes: number, files: number): void {
    this.#files += files;
    this.#bytes += bytes;
    this.#progress.show(() => this.#line());
  }

  end(): void {
    this.#ended = true;
    this.#progress.end();
  }

  async #count(paths: readonly string[]): Promise<void> {
    const total = await count(paths, () => this.#ended);
    this.#total = total;
  }

  #line(): string {
    const line = t('import.progress', {
      files: this.#files,
      size: size(this.#bytes),
      rate: rate(this.#progress.rate(this.#bytes)),
    });
    if (this.#total === undefined || this.#total.files === 0) return line;
    const part = Math.min(1, this.#files / this.#total.files);
    const bar = '='.repeat(Math.round(part * 20)).padEnd(20, '.');
    return `[${bar}] ${Math.floor(part * 100)} %  ${line}`;
  }
}

function failureIn(tally: Tally, stopped: { error: unknown } | undefined): Failure | undefined {
  if (stopped !== undefined) return failureOf(stopped.error);
  const taken = tally.imported + tally.duplicates + tally.conflicts;
  if (taken > 0 || tally.refused.length === 0) return undefined;
  return { code: tally.refused[0]!.reason, message: t('import.done', { ...tally, refused: tally.refused.length }) };
}

function told({ refused, resumed, ...counts }: Tally): string {
  const lines = refused.map(({ path, reason }) => `${plain(path)}: ${reason}`);
  const before = resumed === 0 ? [] : [t('import.resumed', { resumed })];
  return [...lines, ...before, t('import.done', { ...counts, refused: refused.length })].join('\n');
}
