// The audit log on disk: append-only, sealed, in a Merkle tree. An entry is durable before `append` resolves, and that
// comes before the first byte leaves.
import { type AuditEntry, auditEntry, entryNonceBytes, openEntry, sealEntry } from '../../protocol/audit/entry.ts';
import type { AttachedHead } from '../../protocol/audit/head.ts';
import {
  appendLeaf,
  consistencyPlan,
  type Edge,
  fold,
  inclusionPlan,
  type ProofPlan,
  rootOf,
} from '../../protocol/audit/merkle.ts';
import { concat, hex } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { hkdf } from '../../protocol/hash.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import {
  closeFiles,
  type LogFiles,
  openFiles,
  readFrames,
  readNode,
  readOffset,
  type StoredHead,
  writeAt,
  writeCheckpoint,
  writeDerived,
  writeHead,
} from './files.ts';
import { encodeLogFrame } from './frame.ts';
import type { KeyBook } from './keys.ts';
import { type Recovered, recover } from './recover.ts';
import { type KnownHead, type Verification, verifyLog } from './verify.ts';

export interface AuditLogParts {
  readonly clock: Clock;
  readonly random: Random;
  /** 32 bytes from the vault; the key book was made with the same. */
  readonly auditKey: Uint8Array;
  readonly keys: KeyBook;
  /** Signs a head (protocol/audit/head.ts) as this member in its federation; gives the envelope. */
  readonly signHead: (head: { size: number; root: string; at: number }) => Uint8Array;
}

/** An entry with its place; `entry` is missing where the patient was erased. */
export interface ReadEntry {
  readonly index: number;
  readonly entry?: AuditEntry;
}

interface PendingEntry {
  readonly plain: Uint8Array;
  readonly ref: string | undefined;
  readonly key: Uint8Array;
  readonly done: (place: { index: number }) => void;
  readonly failed: (error: PeerError) => void;
}

export class AuditLog {
  readonly #files: LogFiles;
  readonly #parts: AuditLogParts;
  readonly #ownKey: Uint8Array;
  #edge: Edge;
  #bytes: number;
  #sinceCheckpoint = 0;
  #pending = 0;
  #waiting: PendingEntry[] = [];
  #writing: Promise<void> | undefined;
  #head: StoredHead | undefined;
  #heads: Promise<unknown> = Promise.resolve();
  /** Why nothing can be appended any more. */
  #stopped: PeerError | undefined;
  /** Bytes of an unacknowledged write that the start found and cut off. */
  readonly cutBytes: number;

  private constructor(files: LogFiles, parts: AuditLogParts, recovered: Recovered) {
    this.#files = files;
    this.#parts = parts;
    this.#ownKey = hkdf(parts.auditKey, ['dicomnet/1/audit/own']);
    this.#edge = recovered.edge;
    this.#bytes = recovered.bytes;
    this.cutBytes = recovered.cutBytes;
  }

  /**
   * Opens or creates the log in a folder of its own. Only one process may have it open.
   * @throws PeerError audit/damaged when something acknowledged is missing or changed
   */
  static async open(options: { dir: string }, parts: AuditLogParts): Promise<AuditLog> {
    return AuditLog.over(await openFiles(options.dir), parts);
  }

  /** As `open`, over files that are open already. */
  static async over(files: LogFiles, parts: AuditLogParts): Promise<AuditLog> {
    try {
      const recovered = await recover(files);
      await files.syncNames();
      return new AuditLog(files, parts, recovered);
    } catch (error) {
      await closeFiles(files);
      throw error;
    }
  }

  get size(): number {
    return this.#edge.size; // what is durable
  }

  /**
   * Resolves when the entry is durable; entries that come while one is written share the next fsync. `at` is now unless
   * it is given.
   * @throws PeerError audit/busy, audit/unwritable, audit/closed, field/invalid, cbor/too-long
   */
  async append(entry: Omit<AuditEntry, 'at'> & { at?: number }): Promise<{ index: number }> {
    if (this.#stopped !== undefined) throw this.#stopped;
    must(this.#pending < limits.auditQueued, 'audit/busy', { queued: this.#pending });
    const plain = auditEntry.encode({ at: this.#parts.clock.now(), ...entry });
    auditEntry.decode(plain); // what could not be read again must not be written
    this.#pending++;
    try {
      const own = { ref: undefined, key: this.#ownKey };
      const { ref, key } = entry.patient === undefined ? own : await this.#parts.keys.create(entry.patient);
      return await new Promise((done, failed) => {
        if (this.#stopped !== undefined) return failed(this.#stopped);
        this.#waiting.push({ plain, ref, key, done, failed });
        this.#writing ??= this.#write();
      });
    } finally {
      this.#pending--;
    }
  }

  async #write(): Promise<void> {
    // one turn later, so that everything that is ready in this turn goes into one fsync
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#writeBatch(batch);
      } catch (cause) {
        const error = new PeerError('audit/unwritable', {}, { cause });
        for (const each of batch) each.failed(error);
      }
    }
    this.#writing = undefined;
  }

  #takeBatch(): PendingEntry[] {
    let count = 0;
    for (let total = 0; count < this.#waiting.length && total < limits.auditBatchBytes; count++) {
      total += this.#waiting[count]!.plain.length;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeBatch(batch: readonly PendingEntry[]): Promise<void> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const [frames, nodes, offsets]: [Uint8Array[], Uint8Array[], number[]] = [[], [], []];
    let [edge, bytes] = [this.#edge, this.#bytes];
    for (const { plain, ref, key } of batch) {
      const entry = sealEntry(plain, edge.size, key, this.#parts.random(entryNonceBytes));
      const frame = encodeLogFrame({ ...entry, ref, durable: this.#bytes });
      const grown = appendLeaf(edge, entry.leaf);
      frames.push(frame);
      nodes.push(...grown.nodes);
      offsets.push(bytes);
      edge = grown.edge;
      bytes += frame.length;
    }
    try {
      await writeDerived(this.#files, this.#edge, nodes, offsets);
      await writeAt(this.#files.log, concat(...frames), this.#bytes);
    } catch (cause) {
      await this.#takeBack(cause);
      throw cause;
    }
    await this.#orStop(() => this.#files.log.datasync());
    const first = this.#edge.size;
    [this.#edge, this.#bytes] = [edge, bytes];
    for (const [i, each] of batch.entries()) each.done({ index: first + i });
    this.#sinceCheckpoint += batch.length;
    if (this.#sinceCheckpoint < limits.auditCheckpointEntries) return;
    await this.#orStop(() => writeCheckpoint(this.#files, edge, bytes));
    this.#sinceCheckpoint = 0;
  }

  /** A full disk: what was half written goes, so that the log works on as soon as there is room. */
  async #takeBack(cause: unknown): Promise<void> {
    try {
      await this.#files.log.truncate(this.#bytes);
    } catch (second) {
      this.#stopped = new PeerError('audit/unwritable', {}, { cause: new AggregateError([cause, second]) });
    }
  }

  /** After a failed fsync nobody knows what is on disk: nothing more is acknowledged until the log is opened anew. */
  async #orStop(sync: () => Promise<void>): Promise<void> {
    try {
      await sync();
    } catch (cause) {
      this.#stopped = new PeerError('audit/unwritable', {}, { cause });
      throw this.#stopped;
    }
  }

  /** The signed head of what is durable now. It is remembered durably before it is given out. */
  head(): Promise<StoredHead> {
    const next = this.#heads.then(async () => {
      const edge = this.#edge;
      if (this.#head?.size === edge.size) return this.#head;
      const head = { size: edge.size, root: hex(rootOf(edge)) };
      const envelope = this.#parts.signHead({ ...head, at: this.#parts.clock.now() });
      const stored = { ...head, envelope };
      await writeHead(this.#files, stored);
      this.#head = stored;
      return stored;
    });
    // one failure is for its caller alone: the next head is tried anew
    this.#heads = next.catch(() => undefined);
    return next;
  }

  /**
   * A head for another member, proved from the size that it has seen. A size that this log never had can't be proved
   * from: the other side then sees a fork, as it should.
   */
  async attachedHead(seen = 0): Promise<AttachedHead> {
    const { size, envelope } = await this.head();
    const from = seen <= size ? seen : 0;
    return { head: envelope, from, proof: await this.consistency(from, size) };
  }

  /** RFC 9162 2.1.3. @throws PeerError audit/range */
  async inclusion(index: number, size = this.size): Promise<{ leaf: Uint8Array; size: number; proof: Uint8Array[] }> {
    must(size <= this.size, 'audit/range', { size });
    const plan = inclusionPlan(index, size);
    const leaf = await readNode(this.#files, { level: 0, index });
    return { leaf, size, proof: await this.#proof(plan) };
  }

  /** RFC 9162 2.1.4: that the log of `from` entries is the beginning of that of `to`. @throws PeerError audit/range */
  consistency(from: number, to = this.size): Promise<Uint8Array[]> {
    must(to <= this.size, 'audit/range', { to });
    return this.#proof(consistencyPlan(from, to));
  }

  async #proof(plan: ProofPlan): Promise<Uint8Array[]> {
    const proof: Uint8Array[] = [];
    for (const nodes of plan) {
      const hashes: Uint8Array[] = [];
      for (const node of nodes) hashes.push(await readNode(this.#files, node));
      proof.push(fold(hashes));
    }
    return proof;
  }

  /**
   * Entries from index `from` to `to` (exclusive) in order, opened; erased ones only where nothing is filtered.
   * @throws PeerError audit/range; audit/damaged, audit/unreadable at the entry that was changed
   */
  async *entries(
    query: { from?: number; to?: number; patient?: string; filter?: (entry: AuditEntry) => boolean } = {},
  ): AsyncGenerator<ReadEntry> {
    const { from = 0, to = this.size, patient, filter } = query;
    const [size, end] = [Math.min(to, this.size), this.#bytes];
    must(Number.isSafeInteger(from) && from >= 0, 'audit/range', { from });
    const ref = patient === undefined ? undefined : (await this.#parts.keys.get(patient))?.ref;
    if (from >= size || (patient !== undefined && ref === undefined)) return;
    let index = from;
    for await (const { frame } of readFrames(this.#files, await readOffset(this.#files, from), end)) {
      if (index >= size) return;
      if (patient === undefined || frame.ref === ref) {
        const key = await this.#keyOf(frame.ref);
        const entry = key === undefined ? undefined : openEntry(frame, index, key);
        if (entry === undefined) {
          if (filter === undefined) yield { index };
        } else if (filter === undefined || filter(entry)) yield { index, entry };
      }
      index++;
    }
    must(index >= size, 'audit/damaged', { index });
  }

  /** Recomputes everything from the file, and holds it against heads seen elsewhere. */
  verify(known: readonly KnownHead[] = []): Promise<Verification> {
    return verifyLog(this.#files, this.#edge, this.#bytes, (ref) => this.#keyOf(ref), known);
  }

  async #keyOf(ref: string | undefined): Promise<Uint8Array | undefined> {
    return ref === undefined ? this.#ownKey : this.#parts.keys.keyOf(ref);
  }

  /** Waits for what is queued, then closes the files. */
  async close(): Promise<void> {
    const failed = this.#stopped !== undefined;
    while (this.#writing !== undefined) await this.#writing;
    this.#stopped = new PeerError('audit/closed');
    await this.#heads;
    try {
      if (!failed && this.#sinceCheckpoint > 0) await writeCheckpoint(this.#files, this.#edge, this.#bytes);
    } finally {
      await closeFiles(this.#files);
    }
  }
}
