// Sealing an instance while it arrives (SPEC 5.2): memory is one chunk, whatever the instance's size.
import { type Bulk, type Gcm, tagBytes } from '../bulk.ts';
import {
  aadBytes,
  checkChunkSize,
  checkLength,
  chunkCount,
  chunkLength,
  chunkNonce,
  chunkStart,
  defaultLog2ChunkSize,
  encodeHeader,
  type Header,
  headerBytes,
  sealedLength,
} from './header.ts';
import { commitmentOf, objectKey } from './keys.ts';
import { HashList, objectIdOf } from './object-id.ts';

export interface SealOptions {
  /** Series key, or the manifest's key: 32 bytes. */
  readonly parentKey: Uint8Array;
  /** From `newSalt`: 32 bytes that were never used before under this parent key. */
  readonly salt: Uint8Array;
  readonly log2ChunkSize?: number;
  /**
   * Gives the memory for a sealed chunk of `length` bytes. Whoever writes each chunk before taking the next one can
   * give a view of the same buffer every time; without it each chunk gets memory of its own.
   */
  readonly output?: (length: number) => Uint8Array;
  /** Memory of at least a chunk for what `push` holds back, free again after `finish`; made anew without it. */
  readonly scratch?: Uint8Array;
  /** Told the plain bytes of each chunk before it is sealed, for whoever hashes them too: few long pieces are quicker. */
  readonly seen?: (plain: Uint8Array) => void;
}

/** What is known of an object once it is sealed. */
export interface Sealed {
  /** The final header, to be written over the placeholder at the object's start. */
  readonly header: Uint8Array;
  readonly objectId: string;
  /** BLAKE3 of every sealed chunk, 32 bytes each. */
  readonly chunkHashes: Uint8Array;
  readonly plainLength: number;
  readonly sealedLength: number;
}

/**
 * Seals plain bytes that come in pieces of any size. Write `header` (a placeholder), every chunk that `push` yields,
 * the `last` one of `finish`, and then the final header over the placeholder.
 */
export class Sealer {
  /** The header with plain length 0: keeps the place until the length is known. */
  readonly header: Uint8Array;
  readonly #chunks: ChunkSealer;
  readonly #output: (length: number) => Uint8Array;
  readonly #seen: ((plain: Uint8Array) => void) | undefined;
  readonly #chunkBytes: number;
  #buffer: Uint8Array | undefined;
  #held = 0;
  #total = 0;
  #state: 'ready' | 'pushing' | 'finished' = 'ready';

  /** @throws PeerError seal/header for a chunk size out of bounds */
  constructor(options: SealOptions, parts: { bulk: Bulk }) {
    this.#chunks = new ChunkSealer(options, parts.bulk);
    this.#output = options.output ?? ((length) => new Uint8Array(length));
    this.#seen = options.seen;
    this.#chunkBytes = 2 ** this.#chunks.fields.log2ChunkSize;
    this.header = this.#chunks.header(0);
    if (options.scratch !== undefined) this.#buffer = options.scratch.subarray(0, this.#chunkBytes);
  }

  /**
   * Takes a piece, which may be reused once all was yielded, and yields the chunks that it completes. Run it to its
   * end before the next call. The last full chunk is held back until it is known whether it is the last of all.
   * @throws PeerError seal/too-long
   */
  *push(plain: Uint8Array): Generator<Uint8Array, void> {
    this.#enter('pushing');
    checkLength(this.#total + plain.length, this.#chunks.fields.log2ChunkSize);
    this.#total += plain.length;
    let at = 0;
    while (at < plain.length) {
      if (this.#held === this.#chunkBytes) {
        yield this.#seal(this.#buffer!, false);
        this.#held = 0;
      } else if (this.#held === 0 && plain.length - at > this.#chunkBytes) {
        yield this.#seal(plain.subarray(at, at + this.#chunkBytes), false);
        at += this.#chunkBytes;
      } else {
        at += this.#hold(plain.subarray(at, at + this.#chunkBytes - this.#held));
      }
    }
    this.#state = 'ready';
  }

  /** Seals what is held as the last chunk (empty for an empty object) and sums up. */
  finish(): Sealed & { readonly last: Uint8Array } {
    this.#enter('finished');
    const held = this.#buffer?.subarray(0, this.#held) ?? new Uint8Array(0);
    const last = this.#seal(held, true);
    this.#buffer = undefined;
    return { last, ...this.#chunks.sum(this.#total) };
  }

  #hold(piece: Uint8Array): number {
    this.#buffer ??= new Uint8Array(this.#chunkBytes);
    this.#buffer.set(piece, this.#held);
    this.#held += piece.length;
    return piece.length;
  }

  #seal(plain: Uint8Array, last: boolean): Uint8Array {
    this.#seen?.(plain);
    const out = this.#output(plain.length + tagBytes);
    this.#chunks.seal(plain, last, out);
    return out;
  }

  #enter(next: 'pushing' | 'finished'): void {
    if (this.#state !== 'ready') throw new Error(`sealer is ${this.#state}: run each push to its end, finish once`);
    this.#state = next;
  }
}

/**
 * Seals what is in memory as a whole, for manifests and small instances: the fastest way, nothing is held back.
 * @throws PeerError seal/too-long, seal/header
 */
export function sealAll(
  plain: Uint8Array,
  options: SealOptions,
  parts: { bulk: Bulk },
): Sealed & { bytes: Uint8Array } {
  const { log2ChunkSize = defaultLog2ChunkSize } = options;
  checkLength(plain.length, log2ChunkSize);
  const chunks = new ChunkSealer(options, parts.bulk);
  const length = sealedLength(plain.length, log2ChunkSize);
  const bytes = options.output?.(length) ?? new Uint8Array(length);
  const header: Header = { ...chunks.fields, plainLength: plain.length };
  const count = chunkCount(plain.length, log2ChunkSize);
  const size = 2 ** log2ChunkSize;
  for (let i = 0; i < count; i++) {
    const at = chunkStart(i, log2ChunkSize);
    chunks.seal(
      plain.subarray(i * size, (i + 1) * size),
      i === count - 1,
      bytes.subarray(at, at + chunkLength(header, i)),
    );
  }
  const sum = chunks.sum(plain.length);
  bytes.set(sum.header);
  return { bytes, ...sum };
}

/** One object's key, header fields and the hashes of the chunks sealed so far. */
class ChunkSealer {
  readonly fields: Omit<Header, 'plainLength'>;
  readonly #gcm: Gcm;
  readonly #bulk: Bulk;
  readonly #aad: Uint8Array;
  readonly #hashes = new HashList();

  constructor({ parentKey, salt, log2ChunkSize = defaultLog2ChunkSize }: SealOptions, bulk: Bulk) {
    checkChunkSize(log2ChunkSize);
    const key = objectKey(parentKey, salt);
    this.fields = { log2ChunkSize, encoding: 0, salt, commitment: commitmentOf(key) };
    this.#aad = this.header(0).subarray(0, aadBytes);
    this.#gcm = bulk.gcm(key);
    this.#bulk = bulk;
  }

  header(plainLength: number): Uint8Array {
    return encodeHeader({ ...this.fields, plainLength });
  }

  seal(plain: Uint8Array, last: boolean, out: Uint8Array): void {
    this.#gcm.seal(chunkNonce(this.#hashes.count, last), this.#aad, plain, out);
    this.#hashes.add(this.#bulk.blake3(out));
  }

  sum(plainLength: number): Sealed {
    const header = this.header(plainLength);
    const chunkHashes = this.#hashes.bytes;
    return {
      header,
      objectId: objectIdOf(header, chunkHashes, this.#bulk),
      chunkHashes,
      plainLength,
      sealedLength: headerBytes + plainLength + tagBytes * this.#hashes.count,
    };
  }
}
