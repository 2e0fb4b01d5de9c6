// The index key shared among keepers: Shamir's sharing over the scalars of ristretto255 (RFC 9496), commitments as
// share * G, and Lagrange interpolation at 0, in the field and in the exponent.
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { equal } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { decodePoint, Point, type RistrettoPoint } from './points.ts';

const { Fn } = ristretto255.Point;

/** One keeper's part of an index key. */
export interface KeyShare {
  /** Evaluation point of the share, 1 to 65,535; never 0, where the key itself lies. */
  readonly index: number;
  /** Scalar, 32 bytes little-endian. */
  readonly secret: Uint8Array;
  /** secret * G, 32 bytes; public, in the roster. */
  readonly commitment: Uint8Array;
}

/** A uniform scalar from 64 random bytes; zero (never seen in practice) is refused by what uses it. */
const randomScalar = (random: Random): bigint => Fn.create(bytesToNumberLE(random(64)));

/** Indices are 1..65,535 and differ, t is 1..n. */
function checkIndices(indices: readonly number[], t: number): void {
  const valid = indices.every((index) => Number.isInteger(index) && index >= 1 && index <= limits.keeperIndex);
  must(valid && new Set(indices).size === indices.length, 'tags/share', { at: 'index' });
  must(indices.length <= limits.keepers, 'tags/share', { at: 'keepers', max: limits.keepers });
  must(Number.isInteger(t) && t >= 1 && t <= indices.length, 'tags/share', { at: 't' });
}

/**
 * Deals an index key to the given indices, any t of which can evaluate with it. Whoever runs this knows the key: a key
 * made so is marked `trial` in the roster.
 * @throws PeerError tags/share
 */
export function dealTrialKey(options: { indices: readonly number[]; t: number; random: Random }) {
  const { indices, t, random } = options;
  checkIndices(indices, t);
  const coefficients = Array.from({ length: t }, () => randomScalar(random));
  const valueAt = (x: bigint) => coefficients.reduceRight((sum, each) => Fn.add(Fn.mul(sum, x), each), 0n);
  const shares = indices.map((index): KeyShare => {
    const secret = valueAt(BigInt(index));
    must(secret !== 0n, 'tags/share', { at: 'secret' });
    return { index, secret: Fn.toBytes(secret), commitment: Point.BASE.multiply(secret).toBytes() };
  });
  must(coefficients[0] !== 0n, 'tags/share', { at: 'secret' });
  return { publicKey: Point.BASE.multiply(coefficients[0]!).toBytes() as Uint8Array, shares };
}

/** Lagrange coefficients of `indices` for the value at `x`: sum of coefficient * share = f(x). */
export function lagrange(indices: readonly number[], x = 0): bigint[] {
  return indices.map((i) => {
    let above = 1n;
    let below = 1n;
    for (const j of indices) {
      if (j === i) continue;
      above = Fn.mul(above, Fn.create(BigInt(x - j)));
      below = Fn.mul(below, Fn.create(BigInt(i - j)));
    }
    return Fn.mul(above, Fn.inv(below));
  });
}

/** sum of scalar * point. Not constant-time: for public scalars and points only. */
export const combinePoints = (points: RistrettoPoint[], scalars: bigint[]): RistrettoPoint =>
  mulAddUnsafe(Point, points, scalars);

/**
 * True if all commitments lie on one polynomial of degree t - 1 in the exponent whose value at 0 is `publicKey`.
 * Otherwise different sets of keepers would give different tags and a patient would silently not be found.
 * Malformed or identity points, indices that repeat or are out of range, and t out of 1..n are false as well.
 */
export function commitmentsInterpolate(options: {
  publicKey: Uint8Array;
  t: number;
  shares: readonly { index: number; commitment: Uint8Array }[];
}): boolean {
  const { publicKey, t, shares } = options;
  const indices = shares.map((share) => share.index);
  try {
    checkIndices(indices, t);
    const points = shares.map((share) => decodePoint(share.commitment, 'tags/share'));
    const basis = points.slice(0, t);
    const at = (x: number) => combinePoints(basis, lagrange(indices.slice(0, t), x));
    if (!equal(at(0).toBytes(), publicKey) || at(0).equals(Point.ZERO)) return false;
    return points.every((point, i) => i < t || at(indices[i]!).equals(point));
  } catch (error) {
    if (error instanceof PeerError && error.code === 'tags/share') return false;
    throw error;
  }
}
