// Ed25519 signatures and libp2p peer ids. Verified strictly (RFC 8032 5.1.7, canonical s, no small-order leniency):
// tweetnacl accepts malleable signatures, so it never verifies here.
import { ed25519 } from '@noble/curves/ed25519.js';
import { base58btc } from 'multiformats/bases/base58';
import { concat } from './bytes.ts';
import { PeerError } from './errors.ts';

/** Signs with an Ed25519 key that it keeps to itself; a peer's native one and noble's give the same bytes. */
export interface Signer {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Verifies one Ed25519 signature; never throws. The peer hands in a native one, 20 times faster than noble's. */
export type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** The signer of a 32-byte seed (RFC 8032 5.1.5). */
export const signer = (seed: Uint8Array): Signer => ({
  publicKey: ed25519.getPublicKey(seed),
  sign: (message) => ed25519.sign(message, seed),
});

/** A malformed key or signature does not verify. */
export const verify: Verify = (signature, message, publicKey) => {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // noble throws on malformed points and lengths: to us that is a signature that doesn't hold
  }
};

// identity multihash of the protobuf {Type: Ed25519, Data: key} (libp2p/specs peer-ids)
const peerIdPrefix = Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20]);

/** The base58 libp2p peer id of an Ed25519 public key. */
export const peerIdOf = (publicKey: Uint8Array): string => base58btc.baseEncode(concat(peerIdPrefix, publicKey));

/** The Ed25519 public key in a base58 libp2p peer id. @throws PeerError field/invalid */
export function publicKeyOf(peerId: string): Uint8Array {
  if (peerId.length <= 64) {
    try {
      const raw = base58btc.baseDecode(peerId);
      if (raw.length === 38 && peerIdPrefix.every((byte, i) => raw[i] === byte)) return raw.subarray(6);
    } catch (cause) {
      throw new PeerError('field/invalid', { at: 'peerId' }, { cause });
    }
  }
  throw new PeerError('field/invalid', { at: 'peerId' });
}
