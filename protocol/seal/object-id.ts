// Object ids and the lists of chunk hashes that they cover: what somebody without a key can verify (SPEC 5.4).

import { type Bulk, hashBytes } from '../bulk.ts';
import { concat, hex } from '../bytes.ts';
import { must } from '../errors.ts';

/** The object id, 32 bytes in hex: BLAKE3 over the header and the BLAKE3 hashes of all sealed chunks in order. */
export const objectIdOf = (header: Uint8Array, chunkHashes: Uint8Array, bulk: Bulk): string =>
  hex(bulk.blake3(concat(header, chunkHashes)));

/** Holds header and hash list against the id; after that each chunk can be held against its hash alone. @throws PeerError seal/object-id */
export function checkObjectId(objectId: string, header: Uint8Array, chunkHashes: Uint8Array, bulk: Bulk): void {
  must(objectIdOf(header, chunkHashes, bulk) === objectId, 'seal/object-id');
}

/** A list of chunk hashes that grows as chunks come, so that a false length in a header reserves nothing. */
export class HashList {
  #bytes: Uint8Array;
  #used: number;

  constructor(bytes: Uint8Array = new Uint8Array(8 * hashBytes), count = 0) {
    this.#bytes = bytes;
    this.#used = count * hashBytes;
  }

  /** A list with a copy of these hashes. @throws PeerError seal/state when they are not whole hashes */
  static of(hashes: Uint8Array): HashList {
    must(hashes.length % hashBytes === 0, 'seal/state');
    return new HashList(hashes.slice(), hashes.length / hashBytes);
  }

  add(hash: Uint8Array): void {
    if (this.#used === this.#bytes.length) {
      const larger = new Uint8Array(Math.max(8 * hashBytes, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(hash, this.#used);
    this.#used += hashBytes;
  }

  get count(): number {
    return this.#used / hashBytes;
  }

  /** The hashes one after the other; a view valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }
}
