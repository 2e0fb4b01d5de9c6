// The bulk port in JavaScript alone, some 30 to 100 times slower than node/system/bulk.ts: for browsers until sharing brings
// WebCrypto and WASM, for the simulator, and as the second opinion in tests. A peer never uses it.
import { gcm as nobleGcm } from '@noble/ciphers/aes.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Blake3Stream, type Bulk, type Gcm, tagBytes } from './bulk.ts';

export const nobleBulk: Bulk = {
  gcm: (key) => nobleKey(key.slice()),
  blake3: (data) => blake3(data),
  blake3Stream: stream,
  sha256: (data) => sha256(data),
};

const nobleKey = (key: Uint8Array): Gcm => ({
  seal(nonce, aad, plain, out) {
    if (out.length !== plain.length + tagBytes) throw new RangeError('out must hold the ciphertext and its tag');
    out.set(nobleGcm(key, nonce, aad).encrypt(plain));
  },
  open(nonce, aad, sealed) {
    if (sealed.length < tagBytes) return undefined;
    try {
      return nobleGcm(key, nonce, aad).decrypt(sealed);
    } catch {
      return undefined; // noble throws when the tag is wrong, and for nothing else once the lengths fit
    }
  },
});

function stream(): Blake3Stream {
  const hash = blake3.create();
  return {
    update: (data) => void hash.update(data),
    digest: () => hash.digest(),
  };
}
