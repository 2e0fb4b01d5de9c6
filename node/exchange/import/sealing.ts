// Seals one instance while it arrives. What is small stays in memory until it is whole, and is perhaps written to its pack
// already; what is larger goes to a partial file. Memory: one chunk, and what is gathered for a write; it is used again for
// the next instance.
import { type Blake3Stream, type Bulk, tagBytes } from '../../../protocol/bulk.ts';
import { hex } from '../../../protocol/bytes.ts';
import type { Random } from '../../../protocol/ports.ts';
import { defaultLog2ChunkSize, headerBytes } from '../../../protocol/seal/header.ts';
import { newSalt } from '../../../protocol/seal/keys.ts';
import { Sealer } from '../../../protocol/seal/sealer.ts';
import type { PartialObject } from '../../store/objects.ts';
import type { EarlyObject } from '../../store/packs/early-pack.ts';
import type { Whole } from '../../store/packs/packs.ts';

/** What the index says of a sealed object; lengths in bytes. */
export interface SealedObject {
  readonly objectId: string;
  readonly sealedLength: number;
  readonly plainLength: number;
}

/** A sealed object and the BLAKE3, hex, of the data set in it. */
export interface SealedInstance {
  readonly sealed: SealedObject;
  readonly digest: string;
}

/** Sealed chunks wait until they are worth a write. */
const writeBytes = 1024 * 1024;
const chunkBytes = 2 ** defaultLog2ChunkSize;
/** Some 1.5 MiB each: as many as associations are usually busy at once. */
const keptFree = 4;

/** What one object needs while it is sealed. */
class Memory {
  readonly scratch = new Uint8Array(chunkBytes);
  readonly #slab = new Uint8Array(writeBytes + chunkBytes + tagBytes);
  #used = 0;

  /** Memory for a chunk, free again after `reset`. */
  take(length: number): Uint8Array {
    const from = this.#used;
    this.#used += length;
    return this.#slab.subarray(from, this.#used);
  }

  reset(): void {
    this.#used = 0;
  }
}

/** Memory of objects that are done, for those to come: new memory costs more than the cipher. */
export class SealMemory {
  readonly #free: Memory[] = [];

  take(): Memory {
    return this.#free.pop() ?? new Memory();
  }

  give(memory: Memory): void {
    memory.reset();
    if (this.#free.length < keptFree) this.#free.push(memory);
  }
}

export class Sealing {
  readonly #open: () => Promise<PartialObject>;
  /** Opened when there is more than is kept in memory. */
  #file: Promise<PartialObject> | undefined;
  readonly #sealer: Sealer;
  readonly #pool: SealMemory;
  readonly #digest: Blake3Stream;
  /** Bytes before the data set that are still to come. */
  #notHashed: number;
  #memory: Memory | undefined;
  /** Where it is put, header and chunks one after the other, when it is written while it arrives. */
  #early: EarlyObject | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: 'open' | 'done' = 'open';

  /**
   * @param options.what hedges the salt: the SOP Instance UID, or what else tells this object from others
   * @param options.datasetOffset bytes in front of the data set, which the digest is of
   */
  constructor(
    options: { seriesKey: Uint8Array; what: string; datasetOffset: number },
    parts: {
      file: () => Promise<PartialObject>;
      bulk: Bulk;
      random: Random;
      memory: SealMemory;
      early?: EarlyObject | undefined;
    },
  ) {
    const salt = newSalt(options.seriesKey, options.what, parts.random);
    const memory = parts.memory.take();
    const output = (length: number) => this.#takeEarly(length) ?? memory.take(length);
    const { scratch } = memory;
    const seen = (plain: Uint8Array) => this.#hash(plain);
    this.#sealer = new Sealer({ parentKey: options.seriesKey, salt, output, scratch, seen }, { bulk: parts.bulk });
    this.#digest = parts.bulk.blake3Stream();
    this.#notHashed = options.datasetOffset;
    this.#memory = memory;
    this.#early = parts.early;
    this.#pool = parts.memory;
    this.#open = parts.file;
    this.#waiting.push(this.#sealer.header);
  }

  /** A promise only where something had to be written: most pieces just wait in memory. */
  write(plain: Uint8Array): void | Promise<void> {
    return this.#take(this.#sealer.push(plain));
  }

  #take(chunks: Iterator<Uint8Array, void>): void | Promise<void> {
    for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
      this.#waiting.push(next.value);
      this.#waitingBytes += next.value.length;
      this.#early?.ready(headerBytes + this.#waitingBytes);
      if (this.#waitingBytes >= writeBytes) return this.#flush().then(() => this.#take(chunks));
    }
  }

  /** It is all here: in `whole` if it fits in memory, else in a file that has neither its name nor its place yet. */
  async finish(): Promise<SealedInstance> {
    const { last, header, objectId, sealedLength, plainLength } = this.#sealer.finish();
    this.#waiting.push(last);
    this.#waitingBytes += last.length;
    if (this.#file === undefined) {
      this.#waiting[0] = header; // nothing has been written yet: the placeholder need never be
      this.#early?.memory.set(header);
      this.#early?.ready(headerBytes + this.#waitingBytes);
    } else {
      await this.#flush();
      await (await this.#file).writeAt(0, header);
      this.#giveBack();
    }
    return { sealed: { objectId, sealedLength, plainLength }, digest: hex(this.#digest.digest()) };
  }

  #hash(plain: Uint8Array): void {
    const skipped = Math.min(this.#notHashed, plain.length);
    this.#notHashed -= skipped;
    this.#digest.update(plain.subarray(skipped));
  }

  /** The whole object, until `discard` or `place`; undefined when it is in a file. */
  get whole(): Whole | undefined {
    return this.#file === undefined ? { pieces: this.#waiting, early: this.#early } : undefined;
  }

  /** It is a file, on disk and in its place, when it resolves; the name is after the store's `sync`. */
  async place(objectId: string): Promise<void> {
    if (this.#state === 'done') return;
    await this.spill();
    this.#state = 'done';
    await (await this.#file!).place(objectId);
    this.#giveBack();
  }

  /** What is whole in memory is in a file when it resolves. */
  async spill(): Promise<void> {
    if (this.#file === undefined) await this.#flush();
  }

  /** Removes what hasn't been committed. */
  async discard(): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'done';
    const file = await this.#file?.catch(() => undefined); // never opened: said when it was to be written
    await file?.discard();
    this.#giveBack();
  }

  async #flush(): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#file ??= this.#open();
    await (await this.#file).append(pieces);
    this.#memory?.reset();
    this.#releaseEarly();
  }

  #takeEarly(length: number): Uint8Array | undefined {
    const from = headerBytes + this.#waitingBytes;
    return this.#early?.memory.subarray(from, from + length);
  }

  #releaseEarly(): void {
    this.#early?.release();
    this.#early = undefined;
  }

  #giveBack(): void {
    this.#releaseEarly();
    if (this.#memory !== undefined) this.#pool.give(this.#memory);
    this.#memory = undefined;
  }
}
