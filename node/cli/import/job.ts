// What an import has already handed over, so that one that was cut off (Ctrl-C, kill -9, power) goes on where it was and
// sends nothing twice. Names of files tell of patients: only keyed hashes of them are written.
import { createHmac } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogue, codeOfWire, isErrorCode } from '../../../protocol/errors.ts';
import type { FileImported } from '../../api/imports.ts';

const hashBytes = 16;
/** A hash, and what became of the file: 0 imported, 1 there before, or the wire number of the reason. */
const entryBytes = hashBytes + 2;

export class ImportJob {
  readonly #path: string;
  readonly #secret: string;
  readonly #done: Map<string, FileImported>;
  readonly #file: number;

  private constructor(path: string, secret: string, done: Map<string, FileImported>) {
    this.#path = path;
    this.#secret = secret;
    this.#done = done;
    this.#file = openSync(path, 'a', 0o600);
  }

  /**
   * The job of importing these paths, as far as an earlier run came.
   * @param dir the peer's data folder @param secret only its owner knows it
   */
  static async open(dir: string, secret: string, paths: readonly string[]): Promise<ImportJob> {
    const folder = join(dir, 'imports');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, keyed(secret, [...paths].sort().join('\0')).toString('hex'));
    return new ImportJob(path, secret, await readDone(path));
  }

  /** What became of it in an earlier run. */
  before(identity: string): FileImported | undefined {
    return this.#done.get(keyed(this.#secret, identity).toString('hex'));
  }

  /** The peer has answered, so it is durable there. What it refused is asked again in a later run. */
  mark(identity: string, { outcome, reason }: FileImported): void {
    if (outcome === 'refused') return;
    const known = isErrorCode(reason) ? catalogue[reason].wire : 0;
    const entry = Buffer.alloc(entryBytes);
    keyed(this.#secret, identity).copy(entry);
    entry.writeUInt16LE(outcome === 'imported' ? 0 : outcome === 'duplicate' ? 1 : known, hashBytes);
    writeSync(this.#file, entry);
  }

  /** @param whole nothing is left of it, so that it can be forgotten */
  async close(whole: boolean): Promise<void> {
    closeSync(this.#file);
    if (whole) await rm(this.#path, { force: true });
  }
}

const keyed = (secret: string, text: string): Buffer =>
  createHmac('sha256', secret).update(text).digest().subarray(0, hashBytes);

/** A last entry that was cut off does not count. */
async function readDone(path: string): Promise<Map<string, FileImported>> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const done = new Map<string, FileImported>();
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    done.set(bytes.toString('hex', at, at + hashBytes), outcomeOf(bytes.readUInt16LE(at + hashBytes)));
  }
  return done;
}

function outcomeOf(wire: number): FileImported {
  if (wire <= 1) return { outcome: wire === 0 ? 'imported' : 'duplicate' };
  const reason = codeOfWire(wire) ?? 'peer/answer';
  const conflict = reason === 'import/conflict' || reason === 'import/patient-differs';
  return { outcome: 'aside', kind: conflict ? 'conflict' : 'quarantine', reason };
}
