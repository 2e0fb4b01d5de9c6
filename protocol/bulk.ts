// The port for ciphers and hashes over bulk data. Two implementations give the same bytes: node/system/bulk.ts (OpenSSL and a
// native BLAKE3) and bulk-noble.ts (JavaScript only); test/contract/bulk.test.ts holds them to it.

/** Bytes that AES-256-GCM adds to what it seals. */
export const tagBytes = 16;
/** Bytes of a BLAKE3 hash. */
export const hashBytes = 32;

/** AES-256-GCM (NIST SP 800-38D) under one key that was set up once; nonces are 12 bytes, tags 16. */
export interface Gcm {
  /** Writes ciphertext and tag to `out`, which is exactly `plain.length + tagBytes` long and doesn't overlap `plain`. */
  seal(nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array, out: Uint8Array): void;
  /** The plain bytes, in memory of their own, or undefined when the tag does not match. */
  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

export interface Blake3Stream {
  update(data: Uint8Array): void;
  /** 32 bytes. Ends the stream. */
  digest(): Uint8Array;
}

export interface Bulk {
  /** `key`: 32 bytes. */
  gcm(key: Uint8Array): Gcm;
  /** BLAKE3, 32 bytes. */
  blake3(data: Uint8Array): Uint8Array;
  blake3Stream(): Blake3Stream;
  /** SHA-256, 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
}
