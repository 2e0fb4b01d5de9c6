// One AES-256-GCM ciphertext that opens under two keys (Dodis et al. 2018, "Fast message franking"): GCM does not commit
// to its key. NIST SP 800-38D; bytes as big-endian integers.
import { createCipheriv } from 'node:crypto';
import { concat, uintBytes } from '../../protocol/bytes.ts';

/** One ciphertext block and a tag that is right under both keys. */
export function collide(key1: Uint8Array, key2: Uint8Array, nonce: Uint8Array, aad: Uint8Array): Uint8Array {
  const block = (key: Uint8Array, input: Uint8Array) => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    return number(cipher.update(input));
  };
  const [h1, h2] = [block(key1, new Uint8Array(16)), block(key2, new Uint8Array(16))];
  const counter = concat(nonce, uintBytes(1, 4));
  const padded = concat(aad, new Uint8Array(-aad.length & 15));
  const before = Array.from({ length: padded.length / 16 }, (_, i) => number(padded.subarray(i * 16, i * 16 + 16)));
  const lengths = (BigInt(aad.length * 8) << 64n) | 128n;
  // tag = mask + GHASH, where the ciphertext block stands at h^2: solve for equal tags
  const rest = (h: bigint, mask: bigint) => ghash(h, [...before, 0n, lengths]) ^ mask;
  const [rest1, rest2] = [rest(h1, block(key1, counter)), rest(h2, block(key2, counter))];
  const cipher = multiply(rest1 ^ rest2, inverse(multiply(h1, h1) ^ multiply(h2, h2)));
  const tag = rest1 ^ multiply(cipher, multiply(h1, h1));
  return concat(bytes(cipher), bytes(tag));
}

const ghash = (h: bigint, blocks: readonly bigint[]) => blocks.reduce((sum, each) => multiply(sum ^ each, h), 0n);

/** In GF(2^128) with GCM's reflected bits: the first bit is the constant term. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 127n, shifted = b; i >= 0n; i--) {
    if ((a >> i) & 1n) product ^= shifted;
    shifted = (shifted >> 1n) ^ (shifted & 1n ? 0xe1n << 120n : 0n);
  }
  return product;
}

/** a^(2^128 - 2). */
function inverse(a: bigint): bigint {
  let result = 1n << 127n; // one
  let square = a;
  for (let i = 1; i < 128; i++) {
    square = multiply(square, square);
    result = multiply(result, square);
  }
  return result;
}

const number = (from: Uint8Array): bigint => BigInt(`0x${Buffer.from(from).toString('hex')}`);
const bytes = (value: bigint): Uint8Array => new Uint8Array(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'));
