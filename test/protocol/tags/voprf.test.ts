import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, hex } from '../../../protocol/bytes.ts';
import { Point } from '../../../protocol/tags/points.ts';
import { dealTrialKey } from '../../../protocol/tags/threshold.ts';
import { blind, evaluateBatch, evaluateWithNonce, finalize, verifyBatch } from '../../../protocol/tags/voprf.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const random = seeded('voprf');
const { shares } = dealTrialKey({ indices: [1, 2], t: 2, random });
const [share, other] = shares as [(typeof shares)[0], (typeof shares)[0]];
const blinded = ['a', 'b', 'c'].map((word) => blind(new TextEncoder().encode(word), random).blinded);
const answer = evaluateBatch({ ...share, blinded, random });
/** The secret that two proofs with one nonce would give away: (s1 - s2) / (c2 - c1). */
function keyIfNonceRepeats(a: Uint8Array, b: Uint8Array): string {
  const { Fn } = Point;
  const [c1, s1, c2, s2] = [a, b]
    .flatMap((proof) => [proof.subarray(0, 32), proof.subarray(32)])
    .map((each) => Fn.fromBytes(each));
  return hex(Fn.toBytes(Fn.div(Fn.sub(s1!, s2!), Fn.sub(c2!, c1!))));
}

const question = { commitment: share.commitment, blinded };

describe('batch evaluation', () => {
  it('agrees with an independent implementation of the whole exchange', () => {
    const input = Uint8Array.of(1, 2, 3);
    const hidden = blind(input, random);
    const { evaluated, proof } = evaluateBatch({ ...share, blinded: [hidden.blinded], random });
    const ours = finalize({ input, blind: hidden.blind, shares: [{ index: 1, evaluated: evaluated[0]! }] });
    const theirs = ristretto255_oprf.voprf.finalize(
      input,
      hidden.blind,
      evaluated[0]!,
      hidden.blinded,
      share.commitment,
      proof,
    );
    expect(hex(ours)).toBe(hex(theirs));
  });

  it('proves itself only against its own commitment, elements and order', () => {
    expect(verifyBatch({ ...question, ...answer })).toBe(true);
    expect(verifyBatch({ ...question, ...answer, commitment: other.commitment })).toBe(false);
    expect(verifyBatch({ ...question, ...answer, blinded: [...blinded].reverse() })).toBe(false);
    expect(verifyBatch({ ...question, ...answer, evaluated: [...answer.evaluated].reverse() })).toBe(false);
    expect(verifyBatch({ ...question, ...answer, evaluated: answer.evaluated.slice(1) })).toBe(false);
    expect(verifyBatch({ ...question, ...answer, proof: answer.proof.subarray(1) })).toBe(false);
  });

  it('does not verify with any bit changed', () => {
    const all = concat(...answer.evaluated, answer.proof);
    const property = fc.property(fc.nat(all.length * 8 - 1), (bit) => {
      const changed = all.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const evaluated = [0, 32, 64].map((at) => changed.subarray(at, at + 32));
      expect(verifyBatch({ ...question, evaluated, proof: changed.subarray(96) })).toBe(false);
    });
    fc.assert(property, { seed: 1, numRuns: 40 });
  });

  it('never repeats a proof nonce for other elements, even with a broken generator', () => {
    const broken = (length: number) => new Uint8Array(length);
    const one = evaluateBatch({ ...share, blinded: blinded.slice(0, 1), random: broken });
    const two = evaluateBatch({ ...share, blinded: blinded.slice(1, 2), random: broken });
    expect(keyIfNonceRepeats(one.proof, two.proof)).not.toBe(hex(share.secret));
    // and the check can fail: with one nonce for both the share is out
    const [three, four] = [0, 1].map((i) =>
      evaluateWithNonce({ ...share, blinded: blinded.slice(i, i + 1), nonce: new Uint8Array(48).fill(7) }),
    );
    expect(keyIfNonceRepeats(three!.proof, four!.proof)).toBe(hex(share.secret));
  });

  it.each([
    ['the identity', new Uint8Array(32)],
    ['a non-canonical element', new Uint8Array(32).fill(255)],
    ['a negative element', Uint8Array.from([1, ...new Uint8Array(31)])],
    ['31 bytes', new Uint8Array(31)],
  ])('refuses %s', (_, bad) => {
    expect(() => evaluateBatch({ ...share, blinded: [bad], random })).toThrow('tags/point');
    expect(verifyBatch({ ...question, ...answer, commitment: bad })).toBe(false);
    const of = { input: new Uint8Array(1), blind: share.secret };
    expect(() => finalize({ ...of, shares: [{ index: 1, evaluated: bad }] })).toThrow('tags/point');
  });

  it('refuses a share that is not behind the commitment, an empty batch, one of 257', () => {
    expect(() => evaluateBatch({ ...share, secret: other.secret, blinded, random })).toThrow('tags/share');
    expect(() => evaluateBatch({ ...share, secret: new Uint8Array(32), blinded, random })).toThrow('tags/share');
    expect(() => evaluateBatch({ ...share, blinded: [], random })).toThrow('field/invalid');
    expect(() => evaluateBatch({ ...share, blinded: Array(257).fill(blinded[0]), random })).toThrow('field/invalid');
  });

  it('refuses one index twice, a zero blind and an input beyond 256 bytes', () => {
    const evaluated = answer.evaluated[0]!;
    const twice = [1, 1].map((index) => ({ index, evaluated }));
    const input = new Uint8Array(1);
    expect(() => finalize({ input, blind: share.secret, shares: twice })).toThrow('tags/share');
    expect(() => finalize({ input, blind: share.secret, shares: [] })).toThrow('tags/share');
    expect(() => finalize({ input, blind: new Uint8Array(32), shares: [{ index: 1, evaluated }] })).toThrow(
      'tags/point',
    );
    expect(() => blind(new Uint8Array(257), random)).toThrow('tags/identifier');
  });
});
