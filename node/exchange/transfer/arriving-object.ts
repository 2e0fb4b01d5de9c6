// One sealed object while it arrives: cut into its chunks, each checked by its tag under the series key and hashed for
// the object id. Nothing is copied but chunks that came in several pieces.
import { type Bulk, hashBytes } from '../../../protocol/bulk.ts';
import { must } from '../../../protocol/errors.ts';
import { chunkLength, chunkStart, headerBytes, sealedLength } from '../../../protocol/seal/header.ts';
import { HashList, objectIdOf } from '../../../protocol/seal/object-id.ts';
import { type Opener, openHeader } from '../../../protocol/seal/opener.ts';

/** What the manifest says of an object, and the key to check it. */
export interface ExpectedObject {
  readonly index: number;
  readonly objectId: string;
  readonly sealedLength: number;
  readonly seriesKey: Uint8Array;
}

/** What is there already: the header and the hashes of the first chunks. */
export interface Begun {
  readonly header: Uint8Array;
  readonly hashes: Uint8Array;
}

/** Two chunks' memory that takes turns: one is assembled while the other is written. */
export class ChunkBuffers {
  #buffers: readonly [Uint8Array, Uint8Array] = [new Uint8Array(), new Uint8Array()];

  next(length: number): Uint8Array {
    const [first, second] = this.#buffers;
    const free = second.length >= length ? second : new Uint8Array(length);
    this.#buffers = [free, first];
    return free.subarray(0, length);
  }
}

export class ArrivingObject {
  readonly expected: ExpectedObject;
  readonly #bulk: Bulk;
  readonly #buffers: ChunkBuffers;
  readonly #header: Uint8Array;
  readonly #hashes: HashList;
  /** What was verified when this began. */
  readonly startedAt: number;
  #opener: Opener | undefined;
  #chunk: Uint8Array | undefined;
  #held = 0;

  /** @throws PeerError seal/* when what is there already does not fit the object */
  constructor(expected: ExpectedObject, parts: { bulk: Bulk; buffers: ChunkBuffers }, begun?: Begun) {
    this.expected = expected;
    this.#bulk = parts.bulk;
    this.#buffers = parts.buffers;
    this.#header = begun?.header.slice() ?? new Uint8Array(headerBytes);
    this.#hashes = begun === undefined ? new HashList() : HashList.of(begun.hashes);
    if (begun !== undefined) this.#open();
    this.startedAt = this.verified;
  }

  /** Sealed bytes that are verified: header and whole chunks, 0 before the first. */
  get verified(): number {
    const { count } = this.#hashes;
    if (count === 0 || this.#opener === undefined) return 0;
    return count === this.#opener.chunks ? this.expected.sealedLength : this.#startOf(count);
  }

  get complete(): boolean {
    return this.#opener !== undefined && this.#hashes.count === this.#opener.chunks;
  }

  /** Hashes of the verified chunks; a view valid until the next one is verified. */
  get hashes(): Uint8Array {
    return this.#hashes.bytes;
  }

  get header(): Uint8Array {
    return this.#header;
  }

  /** Bytes that complete the header or the chunk that is arriving. */
  get missing(): number {
    if (this.#opener === undefined) return headerBytes - this.#held;
    return this.complete ? 0 : chunkLength(this.#opener.header, this.#hashes.count) - this.#held;
  }

  /** True if this many further bytes complete a chunk. */
  completes(bytes: number): boolean {
    return this.#opener !== undefined && bytes >= this.missing;
  }

  /** What is needed to go on at offset `from`, a verified chunk's end. */
  upTo(from: number): Begun {
    const chunks = from >= this.verified ? this.#hashes.count : Math.max(0, this.#chunksBefore(from));
    return { header: this.#header, hashes: this.#hashes.bytes.slice(0, chunks * hashBytes) };
  }

  /**
   * Takes at most `missing` bytes from the start of `bytes` and returns how many. The chunk is then `ready` or not.
   * @throws PeerError seal/header, seal/commitment, seal/trailing and others of a header that is not the expected one
   */
  take(bytes: Uint8Array): number {
    const { missing } = this;
    must(missing > 0, 'seal/trailing', { index: this.#hashes.count });
    const piece = bytes.subarray(0, missing);
    if (this.#opener === undefined) this.#takeHeader(piece);
    else this.#takeChunk(piece, missing);
    return piece.length;
  }

  /** A whole chunk has arrived and waits for `verify`. */
  get ready(): boolean {
    return this.#opener !== undefined && this.#chunk !== undefined && this.missing === 0;
  }

  /**
   * Checks the chunk that is ready, and with the last one the object id.
   * @returns the bytes to be written behind what is there, the header with the first chunk
   * @throws PeerError seal/chunk, seal/object-id
   */
  verify(): Uint8Array[] {
    const chunk = this.#chunk!;
    const index = this.#hashes.count;
    this.#opener!.openChunk(index, chunk);
    this.#hashes.add(this.#bulk.blake3(chunk));
    this.#chunk = undefined;
    this.#held = 0;
    if (this.complete) this.checkId();
    return index === 0 ? [this.#header, chunk] : [chunk];
  }

  /** @throws PeerError seal/object-id */
  checkId(): void {
    const id = objectIdOf(this.#header, this.#hashes.bytes, this.#bulk);
    must(id === this.expected.objectId, 'seal/object-id', { index: this.expected.index });
  }

  /** True if chunk `index` as read from disk is what was verified before; for after a power cut. */
  holds(index: number, chunk: Uint8Array): boolean {
    const hash = this.#bulk.blake3(chunk);
    const known = this.#hashes.bytes.subarray(index * hashBytes, (index + 1) * hashBytes);
    return known.every((byte, i) => byte === hash[i]);
  }

  /** Where chunk `index` lies in the sealed object. */
  placeOf(index: number): { from: number; to: number } {
    const from = this.#startOf(index);
    return { from, to: from + chunkLength(this.#opener!.header, index) };
  }

  #chunksBefore(from: number): number {
    return Math.floor((from - headerBytes) / (this.#startOf(1) - headerBytes));
  }

  #startOf(index: number): number {
    return chunkStart(index, this.#opener!.header.log2ChunkSize);
  }

  #takeHeader(piece: Uint8Array): void {
    this.#header.set(piece, this.#held);
    this.#held += piece.length;
    if (this.#held < headerBytes) return;
    this.#held = 0;
    this.#open();
  }

  #open(): void {
    const opener = openHeader(this.#header, this.expected.seriesKey, this.#bulk);
    const { plainLength, log2ChunkSize } = opener.header;
    const length = sealedLength(plainLength, log2ChunkSize);
    must(length === this.expected.sealedLength, 'seal/header', { index: this.expected.index });
    must(this.#hashes.count <= opener.chunks, 'seal/state');
    this.#opener = opener;
  }

  #takeChunk(piece: Uint8Array, missing: number): void {
    if (this.#held === 0 && piece.length === missing) {
      this.#chunk = piece;
    } else {
      this.#chunk ??= this.#buffers.next(missing);
      this.#chunk.set(piece, this.#held);
    }
    this.#held += piece.length;
  }
}
