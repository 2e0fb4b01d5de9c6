// Verifying a sealed object without a key while it arrives, and going on after an interruption without hashing
// anything twice (SPEC 5.4).

import { type Bulk, hashBytes } from '../bulk.ts';
import { concat, equal } from '../bytes.ts';
import { must } from '../errors.ts';
import { Gather } from './gather.ts';
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
  readonly #gather = new Gather();
  #rawHeader = new Uint8Array(0);
  #header: Header | undefined;
  #hashes = new HashList();

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
    for (let at = 0; at < sealed.length; ) {
      const { taken, unit } = this.#gather.take(sealed.subarray(at), this.#wanted());
      at += taken;
      if (unit === undefined) continue;
      if (this.#header === undefined) this.#takeHeader(unit);
      else done.push(this.#takeChunk(unit));
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

  /** Bytes of what comes next: the header or a chunk. */
  #wanted(): number {
    if (this.#header === undefined) return headerBytes;
    must(!this.complete, 'seal/trailing', { index: this.#hashes.count });
    return chunkLength(this.#header, this.#hashes.count);
  }

  #takeHeader(raw: Uint8Array): void {
    this.#header = decodeHeader(raw);
    this.#rawHeader = raw.slice();
  }

  #takeChunk(sealed: Uint8Array): Uint8Array {
    const index = this.#hashes.count;
    const hash = this.#bulk.blake3(sealed);
    const expected = this.#expected?.subarray(index * hashBytes, (index + 1) * hashBytes);
    must(expected === undefined || equal(hash, expected), 'seal/chunk', { index });
    this.#hashes.add(hash);
    return hash;
  }

  #restore(state: Uint8Array): void {
    must(state.length >= headerBytes, 'seal/state');
    this.#takeHeader(state.subarray(0, headerBytes));
    this.#hashes = HashList.of(state.subarray(headerBytes));
    must(this.#hashes.count <= this.#chunks, 'seal/state');
  }
}
