import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal, hex } from '../../../protocol/bytes.ts';
import { Point } from '../../../protocol/tags/points.ts';
import { commitmentsInterpolate, dealTrialKey } from '../../../protocol/tags/threshold.ts';
import { blind, evaluateBatch, finalize } from '../../../protocol/tags/voprf.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const anyKey = fc
  .record({
    indices: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 6 }),
    t: fc.integer({ min: 1, max: 6 }),
    seed: fc.string(),
  })
  .filter(({ indices, t }) => t <= indices.length)
  .map(({ indices, t, seed }) => ({ t, seed, ...dealTrialKey({ indices, t, random: seeded(seed) }) }));

describe('an index key shared among keepers', () => {
  it('gives the same y for any t of n keepers, whatever the blind, and another for fewer', () => {
    const property = fc.property(
      anyKey,
      fc.integer({ min: 0 }),
      fc.uint8Array({ maxLength: 256 }),
      (key, pick, input) => {
        const random = seeded(`${key.seed} look-up`);
        const outputWith = (shares: typeof key.shares) => {
          const hidden = blind(input, random);
          const answers = shares.map((share) => ({
            index: share.index,
            evaluated: evaluateBatch({ ...share, blinded: [hidden.blinded], random }).evaluated[0]!,
          }));
          return hex(finalize({ input, blind: hidden.blind, shares: answers }));
        };
        const rotated = [
          ...key.shares.slice(pick % key.shares.length),
          ...key.shares.slice(0, pick % key.shares.length),
        ];
        const y = outputWith(key.shares.slice(0, key.t));
        expect(outputWith(rotated.slice(0, key.t).reverse())).toBe(y);
        if (key.t > 1) expect(outputWith(key.shares.slice(0, key.t - 1))).not.toBe(y);
      },
    );
    fc.assert(property, { seed: 1, numRuns: 15 });
  });

  it('is accepted only if every commitment lies on the polynomial', () => {
    const property = fc.property(anyKey, fc.nat(), (key, pick) => {
      expect(commitmentsInterpolate(key)).toBe(true);
      const strange = Point.BASE.multiply(BigInt(pick) + 2n).toBytes();
      const at = pick % key.shares.length;
      const changed = key.shares.map((share, i) => (i === at ? { ...share, commitment: strange } : share));
      expect(commitmentsInterpolate({ ...key, shares: changed })).toBe(false);
      expect(commitmentsInterpolate({ ...key, publicKey: strange })).toBe(false);
      if (key.t > 1) expect(commitmentsInterpolate({ ...key, t: key.t - 1 })).toBe(false);
    });
    fc.assert(property, { seed: 1, numRuns: 15 });
  });

  it('refuses malformed commitments and thresholds without throwing', () => {
    const key = { t: 2, ...dealTrialKey({ indices: [1, 2, 3], t: 2, random: seeded('malformed') }) };
    const withFirst = (commitment: Uint8Array) => [{ index: 1, commitment }, ...key.shares.slice(1)];
    for (const bad of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(32).fill(255)]) {
      expect(commitmentsInterpolate({ ...key, shares: withFirst(bad) })).toBe(false);
      expect(commitmentsInterpolate({ ...key, publicKey: bad })).toBe(false);
    }
    for (const t of [0, 4, 1.5, Number.NaN]) expect(commitmentsInterpolate({ ...key, t })).toBe(false);
    const zero = { ...key, publicKey: new Uint8Array(32), t: 1, shares: [] };
    expect(commitmentsInterpolate(zero)).toBe(false);
  });

  it.each([
    { indices: [0, 1], t: 1 },
    { indices: [1, 1], t: 1 },
    { indices: [1, 65_536], t: 1 },
    { indices: [1, 2], t: 3 },
    { indices: [], t: 0 },
    { indices: Array.from({ length: 65 }, (_, i) => i + 1), t: 2 },
  ])('is not dealt for $indices and t = $t', (options) => {
    expect(() => dealTrialKey({ ...options, random: seeded('refused') })).toThrow('tags/share');
  });

  it('gives keepers shares that are neither the key nor each other', () => {
    const key = dealTrialKey({ indices: [1, 2, 3], t: 2, random: seeded('differ') });
    const all = [key.publicKey, ...key.shares.map((share) => share.commitment)];
    expect(all.flatMap((a, i) => all.slice(i + 1).map((b) => equal(a, b)))).not.toContain(true);
  });
});
