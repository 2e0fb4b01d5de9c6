// Verifying a sealed object without a key while it arrives, and going on after an interruption without hashing
// anything twice (SPEC 5.4).

import { type Blake3Stream, type Bulk, hashBytes } from '../bulk.ts';
import { concat, equal } from '../bytes.ts';
import { must } from '../errors.ts';
import { chunkCount, chunkLength, chunkStart, decodeHeader, type Header, headerBytes } from './header.ts';
import { checkObjectId, HashList } from './object-id.ts';

export interface VerifyOptions {
  /** Hex, from the manifest. */
  readonly objectId: string;
  /** From `state` of an earlier verifier; bytes then go on at `position`. */
  readonly state?: Uint8Array;
  /** Chunk hashes that `checkObjectId` confirmed: a wrong chunk is then found at its own end, without a key. */
  readonly expected?: Uint8Array;
}

/** Takes a sealed object in any split, hashes its chunks, and compares the object id at the end. */
export class Verifier {
  readonly #objectId: string;
  readonly #expected: Uint8Array | undefined;
  readonly #bulk: Bulk;
  readonly #rawHeader = new Uint8Array(headerBytes);
  #headerHeld = 0;
  #header: Header | undefined;
  #hashes = new HashList();
  #stream: Blake3Stream | undefined;
  #inChunk = 0;

  /** @throws PeerError seal/state, seal/header when the state is not one that `state` gave */
  constructor(options: VerifyOptions, parts: { bulk: Bulk }) {
    this.#objectId = options.objectId;
    this.#expected = options.expected;
    this.#bulk = parts.bulk;
    if (options.state !== undefined && options.state.length > 0) this.#restore(options.state);
  }

  /** Where the next chunk starts: what came after it must come again if this verifier is given up. */
  get position(): number {
    return this.#header === undefined
      ? 0
      : Math.min(chunkStart(this.#hashes.count, this.#header.log2ChunkSize), this.sealedLength!);
  }

  /** Bytes of the whole object, once its header is there. */
  get sealedLength(): number | undefined {
    if (this.#header === undefined) return undefined;
    const last = this.#chunks - 1;
    return chunkStart(last, this.#header.log2ChunkSize) + chunkLength(this.#header, last);
  }

  /** The header and the hashes of the chunks that are complete, 80 + 32 n bytes; empty before the header is there. */
  get state(): Uint8Array {
    return this.#header === undefined ? new Uint8Array(0) : concat(this.#rawHeader, this.#hashes.bytes);
  }

  get complete(): boolean {
    return this.#header !== undefined && this.#hashes.count === this.#chunks;
  }

  /**
   * Takes the next bytes and returns the hashes of the chunks that they complete.
   * @throws PeerError seal/header, version/unsupported, seal/encoding, seal/too-long, seal/trailing, seal/chunk
   */
  push(sealed: Uint8Array): Uint8Array[] {
    const done: Uint8Array[] = [];
    let at = this.#header === undefined ? this.#takeHeader(sealed) : 0;
    while (at < sealed.length) {
      const index = this.#hashes.count;
      must(!this.complete, 'seal/trailing', { index });
      const piece = sealed.subarray(at, at + chunkLength(this.#header!, index) - this.#inChunk);
      at += piece.length;
      const hash = this.#hash(piece, chunkLength(this.#header!, index));
      if (hash === undefined) continue;
      this.#checkExpected(hash, index);
      this.#hashes.add(hash);
      done.push(hash);
    }
    return done;
  }

  /** Says that nothing more comes; returns all chunk hashes. @throws PeerError seal/truncated, seal/object-id */
  finish(): Uint8Array {
    must(this.complete, 'seal/truncated', { index: this.#hashes.count });
    checkObjectId(this.#objectId, this.#rawHeader, this.#hashes.bytes, this.#bulk);
    return this.#hashes.bytes;
  }

  get #chunks(): number {
    return chunkCount(this.#header!.plainLength, this.#header!.log2ChunkSize);
  }

  #takeHeader(sealed: Uint8Array): number {
    const piece = sealed.subarray(0, headerBytes - this.#headerHeld);
    this.#rawHeader.set(piece, this.#headerHeld);
    this.#headerHeld += piece.length;
    if (this.#headerHeld === headerBytes) this.#header = decodeHeader(this.#rawHeader);
    return piece.length;
  }

  /** The chunk's hash when this piece completes it; a piece that is a whole chunk is hashed in one call. */
  #hash(piece: Uint8Array, length: number): Uint8Array | undefined {
    if (piece.length === length) return this.#bulk.blake3(piece);
    this.#stream ??= this.#bulk.blake3Stream();
    this.#stream.update(piece);
    this.#inChunk += piece.length;
    if (this.#inChunk < length) return undefined;
    const hash = this.#stream.digest();
    this.#stream = undefined;
    this.#inChunk = 0;
    return hash;
  }

  #checkExpected(hash: Uint8Array, index: number): void {
    if (this.#expected === undefined) return;
    must(equal(hash, this.#expected.subarray(index * hashBytes, (index + 1) * hashBytes)), 'seal/chunk', { index });
  }

  #restore(state: Uint8Array): void {
    must(state.length >= headerBytes, 'seal/state');
    this.#takeHeader(state.subarray(0, headerBytes));
    this.#hashes = HashList.of(state.subarray(headerBytes));
    must(this.#hashes.count <= this.#chunks, 'seal/state');
  }
}
