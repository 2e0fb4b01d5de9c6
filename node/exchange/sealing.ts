// Seals one instance into a partial file while it arrives. Memory: one chunk, and what is gathered for a write; it is
// used again for the next instance.
import { type Bulk, tagBytes } from '../../protocol/bulk.ts';
import type { Random } from '../../protocol/ports.ts';
import { defaultLog2ChunkSize } from '../../protocol/seal/header.ts';
import { newSalt } from '../../protocol/seal/keys.ts';
import { Sealer } from '../../protocol/seal/sealer.ts';
import type { PartialObject } from '../store/objects.ts';

/** What the index says of a sealed object; lengths in bytes. */
export interface Sealed {
  readonly objectId: string;
  readonly sealedLength: number;
  readonly plainLength: number;
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
  /** Opened while the first chunk arrives. */
  readonly #file: Promise<PartialObject>;
  readonly #sealer: Sealer;
  readonly #pool: SealMemory;
  #memory: Memory | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: 'open' | 'done' = 'open';

  /** @param what hedges the salt: the SOP Instance UID, or what else tells this object from others */
  constructor(
    options: { seriesKey: Uint8Array; what: string },
    parts: { file: Promise<PartialObject>; bulk: Bulk; random: Random; memory: SealMemory },
  ) {
    const salt = newSalt(options.seriesKey, options.what, parts.random);
    const memory = parts.memory.take();
    const output = (length: number) => memory.take(length);
    const { scratch } = memory;
    this.#sealer = new Sealer({ parentKey: options.seriesKey, salt, output, scratch }, { bulk: parts.bulk });
    this.#memory = memory;
    this.#pool = parts.memory;
    this.#file = parts.file;
    this.#file.catch(() => undefined); // thrown at the first write
    this.#waiting.push(this.#sealer.header);
  }

  async write(plain: Uint8Array): Promise<void> {
    for (const chunk of this.#sealer.push(plain)) {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes >= writeBytes) await this.#flush();
    }
  }

  /** All bytes are in the file, which has neither its name nor its place yet. */
  async finish(): Promise<Sealed> {
    const { last, header, objectId, sealedLength, plainLength } = this.#sealer.finish();
    this.#waiting.push(last);
    const file = await this.#file;
    const isWhole = file.length === 0;
    if (isWhole) this.#waiting[0] = header; // nothing has been written yet: the placeholder need never be
    await this.#flush();
    if (!isWhole) await file.writeAt(0, header);
    this.#giveBack();
    return { objectId, sealedLength, plainLength };
  }

  /** Its bytes are on disk and in their place when it resolves; the name is after the store's `sync`. */
  async place(objectId: string): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'done';
    await (await this.#file).place(objectId);
  }

  /** Removes what hasn't been committed. */
  async discard(): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'done';
    const file = await this.#file.catch(() => undefined); // never opened: said when it was to be written
    await file?.discard();
    this.#giveBack();
  }

  async #flush(): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await (await this.#file).append(pieces);
    this.#memory?.reset();
  }

  #giveBack(): void {
    if (this.#memory !== undefined) this.#pool.give(this.#memory);
    this.#memory = undefined;
  }
}
