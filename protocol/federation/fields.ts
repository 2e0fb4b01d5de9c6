// Fields that several of the federation's messages share.
import { PeerError } from '../errors.ts';
import { peerIdOf, publicKeyOf } from '../identity.ts';
import { type Field, id, text } from '../schema.ts';

/** A base58 libp2p peer id of an Ed25519 key, in its one canonical spelling. */
export function peerId(): Field<string> {
  return {
    decode(value, at) {
      if (typeof value !== 'string' || value.length > 64) throw new PeerError('field/invalid', { at });
      if (peerIdOf(publicKeyOf(value)) !== value) throw new PeerError('field/invalid', { at });
      return value;
    },
    encode: (value) => value,
  };
}

/** A member id: 16 bytes, hex in the program. */
export const memberId = (): Field<string> => id(16);

/** ISO 3166-1 alpha-2. */
export const country = (): Field<string> => text(2, /^[A-Z]{2}$/);

/** A name for people: at least one character that shows, no control characters that could disturb a terminal. */
export const name = (maxBytes = 256): Field<string> => text(maxBytes, /^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
