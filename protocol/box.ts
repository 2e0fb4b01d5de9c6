// Sealing a small secret to a peer's box keys: X25519 and ML-KEM-768 combined as in X-Wing
// (draft-connolly-cfrg-xwing-kem-11 section 5), then AES-256-GCM. What is harvested today stays closed as long as
// either of the two holds.
import { gcm } from '@noble/ciphers/aes.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import nacl from 'tweetnacl';
import { concat, utf8 } from './bytes.ts';
import { must, PeerError } from './errors.ts';
import { hedged, hkdf } from './hash.ts';
import { limits } from './limits.ts';
import type { Random } from './ports.ts';

/** What others seal to; stands in the peer's card. */
export interface BoxPublic {
  /** X25519 public key (RFC 7748), 32 bytes. */
  readonly x25519: Uint8Array;
  /** ML-KEM-768 encapsulation key (FIPS 203), 1,184 bytes. */
  readonly mlkem: Uint8Array;
}

/** Kept in the vault. */
export interface BoxSecret {
  /** X25519 private key, 32 bytes. */
  readonly x25519: Uint8Array;
  /** The seed d || z of the ML-KEM-768 key pair (FIPS 203 section 7.1), 64 bytes. */
  readonly mlkemSeed: Uint8Array;
}

export const mlkemPublicBytes = 1184;
const mlkemCiphertextBytes = 1088;
const version = 1;
const headBytes = 1 + mlkemCiphertextBytes + 32;

/** A sealed box is this much longer than what it holds: version, both ciphertexts, the GCM tag. */
export const boxOverheadBytes = headBytes + 16;

const label = utf8('\\.//^\\');
const nonce = new Uint8Array(12); // each key seals one message only

/** A new pair of box keys, for a card or (destroyed after use) for one request. */
export function boxKeyPair(random: Random): { public: BoxPublic; secret: BoxSecret } {
  const secret = { x25519: random(32), mlkemSeed: random(64) };
  return { public: boxPublicOf(secret), secret };
}

export const boxPublicOf = (secret: BoxSecret): BoxPublic => ({
  x25519: nacl.scalarMult.base(secret.x25519),
  mlkem: ml_kem768.keygen(secret.mlkemSeed).publicKey,
});

/**
 * Seals `plain` (at most `limits.boxPlainBytes`) to one peer: version 0x01, ct_M, ct_X, AES-256-GCM ciphertext and tag.
 * `aad` is bound and not carried.
 * @throws PeerError box/key when the keys are not usable, box/too-long
 */
export function sealTo(to: BoxPublic, plain: Uint8Array, aad: Uint8Array, random: Random): Uint8Array {
  must(plain.length <= limits.boxPlainBytes, 'box/too-long', { length: plain.length, max: limits.boxPlainBytes });
  must(to.x25519.length === 32 && to.mlkem.length === mlkemPublicBytes, 'box/key');
  const transcript = concat(to.x25519, to.mlkem, aad);
  const { shared, ciphertext } = encapsulate(to, hedged(plain, transcript, random, 64));
  return concat(Uint8Array.of(version), ciphertext, gcm(messageKey(shared), nonce, aad).encrypt(plain));
}

/** Opens what `sealTo` made for this secret with the same `aad`. @throws PeerError box/unopenable */
export function openBox(secret: BoxSecret, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  const fits = sealed.length >= boxOverheadBytes && sealed.length <= boxOverheadBytes + limits.boxPlainBytes;
  must(fits && sealed[0] === version, 'box/unopenable', { length: sealed.length });
  try {
    const shared = decapsulate(secret, sealed.subarray(1, headBytes));
    return gcm(messageKey(shared), nonce, aad).decrypt(sealed.subarray(headBytes));
  } catch (cause) {
    throw new PeerError('box/unopenable', {}, { cause });
  }
}

const messageKey = (shared: Uint8Array): Uint8Array => hkdf(shared, ['dicomnet/1/box']);

/** X-Wing's EncapsulateDerand (section 5.4) with `coins` of 64 bytes; the ciphertext is ct_M || ct_X. */
export function encapsulate(to: BoxPublic, coins: Uint8Array): { shared: Uint8Array; ciphertext: Uint8Array } {
  const ephemeral = coins.subarray(32, 64);
  const ctX = nacl.scalarMult.base(ephemeral);
  const ssX = agree(ephemeral, to.x25519);
  try {
    const { cipherText: ctM, sharedSecret: ssM } = ml_kem768.encapsulate(to.mlkem, coins.subarray(0, 32));
    return { shared: combine(ssM, ssX, ctX, to.x25519), ciphertext: concat(ctM, ctX) };
  } catch (cause) {
    throw new PeerError('box/key', {}, { cause }); // FIPS 203 7.2: the modulus check of the encapsulation key
  }
}

/** X-Wing's Decapsulate (section 5.5). @throws PeerError box/key for an X25519 point of low order */
export function decapsulate(secret: BoxSecret, ciphertext: Uint8Array): Uint8Array {
  const ctX = ciphertext.subarray(mlkemCiphertextBytes);
  const ssX = agree(secret.x25519, ctX);
  const ssM = ml_kem768.decapsulate(
    ciphertext.subarray(0, mlkemCiphertextBytes),
    ml_kem768.keygen(secret.mlkemSeed).secretKey,
  );
  return combine(ssM, ssX, ctX, nacl.scalarMult.base(secret.x25519));
}

/** Section 5.3: the label comes last. */
const combine = (ssM: Uint8Array, ssX: Uint8Array, ctX: Uint8Array, pkX: Uint8Array): Uint8Array =>
  sha3_256(concat(ssM, ssX, ctX, pkX, label));

/** X25519; a result of all zeros (RFC 7748 section 6.1) means a point of low order and is refused. */
function agree(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const shared = nacl.scalarMult(secret, point);
  must(
    shared.some((byte) => byte !== 0),
    'box/key',
  );
  return shared;
}
