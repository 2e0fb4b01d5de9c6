// Hashes and key derivation. BLAKE3 over bulk data goes through the bulk port (bulk.ts) instead.
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, uintBytes, utf8 } from './bytes.ts';
import type { Random } from './ports.ts';

export { sha256 };

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array => nobleHmac(sha256, key, message);

/** HKDF-SHA-256 (RFC 5869) without salt. `info` parts are length-prefixed, so that no two lists of parts collide. */
export function hkdf(key: Uint8Array, info: readonly (string | Uint8Array)[], length = 32): Uint8Array {
  return nobleHkdf(sha256, key, undefined, framed(info), length);
}

/** Joins parts, each behind its length in 4 bytes: an injective encoding of a list. */
export function framed(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const list = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  return concat(...list.flatMap((part) => [uintBytes(part.length, 4), part]));
}

/**
 * Hedged randomness: H(secret, transcript, fresh randomness). Stays unpredictable if the generator fails and never
 * repeats for another transcript; used for salts and proof nonces.
 */
export function hedged(secret: Uint8Array, transcript: Uint8Array, random: Random, length = 32): Uint8Array {
  return nobleHkdf(sha256, concat(secret, random(32)), undefined, framed(['hedged', transcript]), length);
}
