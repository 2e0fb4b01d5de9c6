// ristretto255 elements and scalars as they come over the wire (RFC 9496 4.3.1, RFC 9497 3.3 and 4.1): canonical, and
// never the identity.
import { ristretto255 } from '@noble/curves/ed25519.js';
import { type ErrorCode, PeerError } from '../errors.ts';

export const { Point } = ristretto255;
export type RistrettoPoint = InstanceType<typeof Point>;

/** The element in 32 bytes. @throws PeerError `code` for a non-canonical encoding, a wrong length or the identity */
export function decodePoint(bytes: Uint8Array, code: ErrorCode = 'tags/point'): RistrettoPoint {
  const point = decoded(() => Point.fromBytes(bytes), code);
  if (point.equals(Point.ZERO)) throw new PeerError(code, { at: 'identity' });
  return point;
}

/** The scalar in 32 little-endian bytes, below the group's order. @throws PeerError `code` */
export const decodeScalar = (bytes: Uint8Array, code: ErrorCode = 'tags/point'): bigint =>
  decoded(() => Point.Fn.fromBytes(bytes), code);

/** Noble throws plain errors on malformed input: here they get the caller's code. */
export function decoded<T>(decode: () => T, code: ErrorCode = 'tags/point'): T {
  try {
    return decode();
  } catch (cause) {
    throw new PeerError(code, {}, { cause });
  }
}
