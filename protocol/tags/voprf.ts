// RFC 9497 VOPRF (mode 0x01) on ristretto255-SHA512 with one key share per keeper. Blinding and evaluating are noble's;
// verifying and finalizing are ours, because noble's does both at once and by one key.
import { ristretto255_hasher, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equal, uintBytes, utf8 } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { framed, hedged } from '../hash.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { decoded, decodePoint, decodeScalar, Point, type RistrettoPoint } from './points.ts';
import { combinePoints, lagrange } from './threshold.ts';

const { voprf } = ristretto255_oprf;

/** An element that hides its input, and the scalar that unblinds what comes back. */
export interface Blinded {
  /** Scalar, 32 bytes; secret of the one who looks up. */
  readonly blind: Uint8Array;
  /** Element, 32 bytes; what a keeper sees. */
  readonly blinded: Uint8Array;
}

/** What a keeper answers: elements in the order asked, and one DLEQ proof (c, s) over all of them. */
export interface Evaluation {
  readonly evaluated: Uint8Array[];
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

/** RFC 9497 3.3.2 Blind. @throws PeerError tags/identifier for an input beyond 256 bytes */
export function blind(input: Uint8Array, random: Random): Blinded {
  must(input.length <= limits.oprfInputBytes, 'tags/identifier', { length: input.length });
  return voprf.blind(input, ((length = 48) => random(length)) as never);
}

/**
 * RFC 9497 3.3.2 BlindEvaluate for a batch, with one key share. The proof's nonce is hedged by the share and the
 * elements: a repeated nonce would give the share away.
 * @throws PeerError tags/point, tags/share
 */
export function evaluateBatch(options: {
  secret: Uint8Array;
  commitment: Uint8Array;
  blinded: readonly Uint8Array[];
  random: Random;
}): Evaluation {
  const { secret, commitment, blinded, random } = options;
  const transcript = framed(['voprf proof nonce', commitment, ...blinded]);
  return evaluateWithNonce({ secret, commitment, blinded, nonce: hedged(secret, transcript, random, 48) });
}

/** `evaluateBatch` with the 48 bytes that become the proof's random scalar (reduced mod order - 1, plus 1). */
export function evaluateWithNonce(options: {
  secret: Uint8Array;
  commitment: Uint8Array;
  blinded: readonly Uint8Array[];
  nonce: Uint8Array;
}): Evaluation {
  const { secret, commitment, blinded, nonce } = options;
  checkBatch(blinded.length);
  const scalar = decodeScalar(secret, 'tags/share');
  must(scalar !== 0n, 'tags/share', { at: 'secret' });
  must(equal(Point.BASE.multiply(scalar).toBytes(), commitment), 'tags/share', { at: 'commitment' });
  // the share is sound by now: all that noble can still refuse is a blinded element
  return decoded(() => voprf.blindEvaluateBatch(secret, commitment, [...blinded], (() => nonce) as never));
}

/**
 * RFC 9497 2.2.2 VerifyProof: true if every evaluated element is the blinded one times the secret behind `commitment`.
 * The commitment is the roster's, never the reply's. Malformed or identity elements do not verify.
 */
export function verifyBatch(options: { commitment: Uint8Array; blinded: readonly Uint8Array[] } & Evaluation): boolean {
  const { commitment, blinded, evaluated, proof } = options;
  if (blinded.length !== evaluated.length || proof.length !== 64) return false;
  checkBatch(blinded.length);
  try {
    return proofHolds(
      decodePoint(commitment),
      blinded.map((each) => decodePoint(each)),
      evaluated.map((each) => decodePoint(each)),
      [decodeScalar(proof.subarray(0, 32)), decodeScalar(proof.subarray(32))],
    );
  } catch (error) {
    if (error instanceof PeerError && error.code === 'tags/point') return false;
    throw error;
  }
}

/**
 * Combines t verified evaluations of one input (Lagrange at 0 over their indices), unblinds and hashes as RFC 9497
 * 3.3.1 Finalize: 64 bytes, the same for any t keepers. @throws PeerError tags/point, tags/share
 */
export function finalize(options: {
  input: Uint8Array;
  blind: Uint8Array;
  shares: readonly { index: number; evaluated: Uint8Array }[];
}): Uint8Array {
  const { input, shares } = options;
  const indices = shares.map((share) => share.index);
  must(shares.length > 0 && new Set(indices).size === shares.length, 'tags/share', { at: 'index' });
  const points = shares.map((share) => decodePoint(share.evaluated));
  // evaluated elements came over the wire and indices are public: not constant-time is fine up to here
  const combined = combinePoints(points, lagrange(indices));
  must(!combined.equals(Point.ZERO), 'tags/point', { at: 'identity' });
  const scalar = decodeScalar(options.blind);
  must(scalar !== 0n, 'tags/point', { at: 'blind' });
  const unblinded = combined.multiply(Point.Fn.inv(scalar)).toBytes();
  return sha512(concat(prefixed(input, unblinded), utf8('Finalize')));
}

function checkBatch(length: number): void {
  must(length >= 1 && length <= limits.evaluationPoints, 'field/invalid', { at: 'blinded', length });
}

// contextString of RFC 9497 3.1 for mode 0x01
const context = concat(utf8('OPRFV1-'), Uint8Array.of(1), utf8('-ristretto255-SHA512'));

const hashToScalar = (message: Uint8Array): bigint =>
  ristretto255_hasher.hashToScalar(message, { DST: concat(utf8('HashToScalar-'), context) });

/** I2OSP(len(part), 2) || part for each part. */
const prefixed = (...parts: Uint8Array[]): Uint8Array =>
  concat(...parts.flatMap((part) => [uintBytes(part.length, 2), part]));

/** RFC 9497 2.2.1 ComputeComposites: one random-looking linear combination of each list. */
function composites(key: Uint8Array, blinded: RistrettoPoint[], evaluated: RistrettoPoint[]) {
  const seed = sha512(prefixed(key, concat(utf8('Seed-'), context)));
  const weights = blinded.map((each, i) => {
    const transcript = concat(prefixed(seed), uintBytes(i, 2), prefixed(each.toBytes(), evaluated[i]!.toBytes()));
    return hashToScalar(concat(transcript, utf8('Composite')));
  });
  return { m: combinePoints(blinded, weights), z: combinePoints(evaluated, weights) };
}

function proofHolds(
  key: RistrettoPoint,
  blinded: RistrettoPoint[],
  evaluated: RistrettoPoint[],
  [c, s]: [bigint, bigint],
): boolean {
  const { m, z } = composites(key.toBytes(), blinded, evaluated);
  const t2 = combinePoints([Point.BASE, key], [s, c]);
  const t3 = combinePoints([m, z], [s, c]);
  const parts = [key, m, z, t2, t3].map((point) => point.toBytes());
  return hashToScalar(concat(prefixed(...parts), utf8('Challenge'))) === c;
}
