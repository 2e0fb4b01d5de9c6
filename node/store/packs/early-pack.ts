// A pack for one object at a time, which is written while it still arrives: past the system's cache, so that the disk has
// most of it when the last byte comes, and the fsync that C-STORE waits for has little left to do. Not every file system
// can; objects then go the other way (packs.ts), as they do while another one has the place here.
import { type Bulk, tagBytes } from '../../../protocol/bulk.ts';
import { defaultLog2ChunkSize, headerBytes } from '../../../protocol/seal/header.ts';
import { type PackPlace, packFrame, packFrameBytes } from './pack-frame.ts';

/** A file written past the system's cache: memory, positions and lengths in whole blocks. */
export interface DirectFile {
  /** @throws also where the file system can't do it after all */
  write(blocks: Uint8Array, position: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Blocks of all disks and file systems are as large or smaller. */
export const blockBytes = 4096;

/** Less is left for the end: each write costs its way to another thread and back. */
const worthBytes = 128 * 1024;

/** An entry as it will lie on disk: a frame, an object, a note of what is left. */
const imageBytes = 2 * 1024 * 1024;
const pageBytes = 64 * 1024;
/** The longest object: what is kept in memory of one (exchange/import/sealing.ts), and the chunk that makes it too long. */
const mostBytes = 1024 * 1024 + 2 ** (defaultLog2ChunkSize + 1) + headerBytes + 8 * tagBytes;

const wholeBlocks = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;

/** One object on its way into the pack. */
export interface EarlyObject {
  /** Where the sealed object is to be put, from its header on. */
  readonly memory: Uint8Array;
  /** The first `bytes` of it will not change any more, but for the header: what is worth a write is written. */
  ready(bytes: number): void;
  /** The whole object with its note, durable when it resolves; undefined if it can't be kept here. */
  finish(entry: { objectId: string; note: Uint8Array; length: number }): Promise<PackPlace | undefined>;
  /** It won't be kept, or has been: the place is free for another. */
  release(): void;
}

export class EarlyPack {
  readonly pack: number;
  readonly #file: DirectFile;
  readonly #bulk: Pick<Bulk, 'blake3'>;
  // the one kind of memory that is known to begin at a block's boundary
  readonly #image = new Uint8Array(new WebAssembly.Memory({ initial: imageBytes / pageBytes }).buffer);
  #end = 0;
  #taken = false;
  /** Writes under way; never rejects. */
  #writing: Promise<unknown> = Promise.resolve();
  /** After a write that failed nothing more is kept here; what has been is. */
  #failed = false;

  constructor(pack: number, parts: { file: DirectFile; bulk: Pick<Bulk, 'blake3'> }) {
    this.pack = pack;
    this.#file = parts.file;
    this.#bulk = parts.bulk;
  }

  /** Where the next object comes. */
  get end(): number {
    return this.#end;
  }

  /** The place, if nobody has it. */
  take(): EarlyObject | undefined {
    if (this.#taken || this.#failed) return undefined;
    this.#taken = true;
    let over = false;
    // the first block has the frame, and is written last: until then there is no entry
    let written = blockBytes;
    return {
      memory: this.#image.subarray(packFrameBytes, packFrameBytes + mostBytes),
      ready: (bytes) => {
        const upTo = packFrameBytes + bytes;
        const whole = upTo - (upTo % blockBytes);
        if (over || whole - written < worthBytes) return;
        this.#write(written, whole);
        written = whole;
      },
      finish: async (entry) => {
        const end = over ? undefined : this.#complete(entry);
        if (end === undefined) return undefined;
        if (written > blockBytes) {
          if (end > written) this.#write(written, end);
          this.#write(0, blockBytes);
        } else this.#write(0, end);
        return this.#keep(entry.length, end);
      },
      release: () => {
        if (over) return;
        over = true;
        // the memory is another's only when nothing is read from it any more
        void this.#writing.then(() => {
          this.#taken = false;
        });
      },
    };
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  /** Puts frame and note around the object; where its blocks end. */
  #complete({ objectId, note, length }: { objectId: string; note: Uint8Array; length: number }): number | undefined {
    const noteAt = packFrameBytes + length;
    const end = wholeBlocks(noteAt + note.length);
    if (end > imageBytes) return undefined;
    this.#image.set(packFrame('object-first', { objectId, note, length }, this.#bulk));
    this.#image.set(note, noteAt);
    this.#image.fill(0, noteAt + note.length, end);
    return end;
  }

  async #keep(length: number, bytes: number): Promise<PackPlace | undefined> {
    await this.#writing;
    if (this.#failed) return undefined;
    const synced = this.#file.datasync().catch(() => this.#fail());
    this.#writing = synced;
    await synced;
    if (this.#failed) return undefined;
    const place = { pack: this.pack, at: this.#end + packFrameBytes, length };
    this.#end += bytes;
    return place;
  }

  #write(from: number, to: number): void {
    const write = this.#file.write(this.#image.subarray(from, to), this.#end + from).catch(() => this.#fail());
    this.#writing = Promise.all([this.#writing, write]).then(() => undefined);
  }

  // why is not asked: the object goes the other way, and if the disk is full or broken it is said there
  #fail(): void {
    this.#failed = true;
  }
}
