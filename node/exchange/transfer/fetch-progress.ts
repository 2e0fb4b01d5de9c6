// What a fetch remembers across restarts, as small entries under its transfer: which objects are done (a bitmap in
// blocks), the chunk hashes of those that are partly there, the sealed manifest. Nothing here waits for the disk: a
// killed process loses none of it, and after a power cut the machine's new boot id makes us look at the bytes again.
import { hashBytes } from '../../../protocol/bulk.ts';
import { utf8 } from '../../../protocol/bytes.ts';

/** Changes to a transfer's entries; undefined deletes. */
export type ProgressChanges = ReadonlyMap<string, Uint8Array | undefined>;

export interface ProgressStore {
  /** All entries of a transfer; keys have at most 40 characters. */
  load(transferId: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Writes all or nothing, in the order of calls. It must survive the end of the process, not of the machine. */
  save(transferId: string, changes: ProgressChanges): Promise<void>;
}

const bitmapBytes = 1024;
const hashesOfBlock = 64;

export class SavedProgress {
  readonly #store: ProgressStore;
  readonly #transfer: string;
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #parts = new Map<number, Uint8Array[]>();
  #manifest: Uint8Array | undefined;
  #boot: Uint8Array | undefined;
  #waiting = new Map<string, Uint8Array | undefined>();
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(store: ProgressStore, transfer: string) {
    this.#store = store;
    this.#transfer = transfer;
  }

  static async load(store: ProgressStore, transfer: string): Promise<SavedProgress> {
    const progress = new SavedProgress(store, transfer);
    for (const [key, value] of await store.load(transfer)) progress.#take(key, value);
    return progress;
  }

  #take(key: string, value: Uint8Array): void {
    const [kind, first, second] = key.split('/');
    if (kind === 'manifest') this.#manifest = value;
    else if (kind === 'boot') this.#boot = value;
    else if (kind === 'done') this.#blocks.set(Number(first), value.slice());
    else if (kind === 'part') this.#partOf(Number(first))[Number(second)] = value;
  }

  #partOf(index: number): Uint8Array[] {
    const part = this.#parts.get(index) ?? [];
    this.#parts.set(index, part);
    return part;
  }

  /** The sealed manifest, if it arrived before. */
  get manifest(): Uint8Array | undefined {
    return this.#manifest;
  }

  /** The boot that the entries are of. */
  get boot(): string | undefined {
    return this.#boot === undefined ? undefined : new TextDecoder().decode(this.#boot);
  }

  /** Objects that are durable. */
  done(): Set<number> {
    const out = new Set<number>();
    for (const [block, bits] of this.#blocks) {
      for (let i = 0; i < bits.length * 8; i++) {
        if (((bits[i >> 3]! >> (i & 7)) & 1) === 1) out.add(block * bitmapBytes * 8 + i);
      }
    }
    return out;
  }

  /** Chunk hashes, one after the other, of the objects that are partly or completely there but not done. */
  parts(): Map<number, Uint8Array> {
    const out = new Map<number, Uint8Array>();
    for (const [index, blocks] of this.#parts) {
      const last = blocks.findIndex((block) => block === undefined || block.length < hashesOfBlock * hashBytes);
      const known = last < 0 ? blocks : blocks.slice(0, last + 1).filter((block) => block !== undefined);
      out.set(index, new Uint8Array(Buffer.concat(known)));
    }
    return out;
  }

  begin(manifest: Uint8Array, boot: string): Promise<void> {
    this.#manifest = manifest;
    this.#boot = utf8(boot);
    return this.#save([
      ['manifest', manifest],
      ['boot', this.#boot],
    ]);
  }

  /** The last of these hashes is new: its chunk is about to be on disk. */
  chunk(index: number, hashes: Uint8Array): Promise<void> {
    const block = Math.floor((hashes.length / hashBytes - 1) / hashesOfBlock);
    const value = hashes.slice(block * hashesOfBlock * hashBytes);
    const part = this.#partOf(index);
    const changes: [string, Uint8Array | undefined][] = [[`part/${index}/${block}`, value]];
    for (let later = block + 1; later < part.length; later++) changes.push([`part/${index}/${later}`, undefined]);
    part.length = block + 1;
    part[block] = value;
    return this.#save(changes);
  }

  /** Only these hashes of an object's chunks still hold. */
  cut(index: number, hashes: Uint8Array): Promise<void> {
    const changes = new Map(this.#dropped(index));
    const part = this.#partOf(index);
    const step = hashesOfBlock * hashBytes;
    for (let block = 0; block * step < hashes.length; block++) {
      part[block] = hashes.slice(block * step, (block + 1) * step);
      changes.set(`part/${index}/${block}`, part[block]);
    }
    return this.#save(changes);
  }

  /** These objects are durable: their chunks need not be known any more. */
  finished(indices: readonly number[]): Promise<void> {
    const changes: [string, Uint8Array | undefined][] = [];
    for (const index of indices) {
      const block = Math.floor(index / (bitmapBytes * 8));
      const bits = this.#blocks.get(block) ?? new Uint8Array(bitmapBytes);
      const bit = index % (bitmapBytes * 8);
      bits[bit >> 3] = bits[bit >> 3]! | (1 << (bit & 7));
      this.#blocks.set(block, bits);
      changes.push([`done/${block}`, bits.slice()], ...this.#dropped(index));
    }
    return this.#save(changes);
  }

  /** Forgets what is known of an object's chunks. */
  drop(index: number): Promise<void> {
    return this.#save(this.#dropped(index));
  }

  /** Forgets everything. */
  clear(): Promise<void> {
    const changes = [...this.#parts.keys()].flatMap((index) => this.#dropped(index));
    for (const block of this.#blocks.keys()) changes.push([`done/${block}`, undefined]);
    return this.#save([...changes, ['manifest', undefined], ['boot', undefined]]);
  }

  #dropped(index: number): [string, Uint8Array | undefined][] {
    const part = this.#parts.get(index) ?? [];
    this.#parts.delete(index);
    return part.map((_, block) => [`part/${index}/${block}`, undefined]);
  }

  /** Changes made while others are written go out together behind them. */
  #save(changes: Iterable<[string, Uint8Array | undefined]>): Promise<void> {
    for (const [key, value] of changes) this.#waiting.set(key, value);
    this.#next ??= this.#last.then(() => {
      const batch = this.#waiting;
      this.#waiting = new Map();
      this.#next = undefined;
      this.#last = this.#store.save(this.#transfer, batch);
      return this.#last;
    });
    return this.#next;
  }
}
