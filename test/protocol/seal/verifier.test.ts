import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerError } from '../../../protocol/errors.ts';
import { checkObjectId, objectIdOf } from '../../../protocol/seal/object-id.ts';
import { sealAll } from '../../../protocol/seal/sealer.ts';
import { Verifier } from '../../../protocol/seal/verifier.ts';
import { chunk, parts, refused, sample, small, split } from './samples.ts';

const object = (length: number) => sealAll(sample(length), small, parts);

describe('verifying without a key', () => {
  it('gives all chunk hashes for any split', () => {
    fc.assert(
      fc.property(fc.nat(3 * chunk), fc.array(fc.nat(4 * chunk), { maxLength: 8 }), (length, cuts) => {
        const { bytes, objectId, chunkHashes } = object(length);
        const verifier = new Verifier({ objectId }, parts);
        const hashes = split(bytes, cuts).flatMap((piece) => verifier.push(piece));
        expect(verifier.finish()).toEqual(chunkHashes);
        expect(hashes).toHaveLength(chunkHashes.length / 32);
        expect([verifier.position, verifier.sealedLength, verifier.complete]).toEqual([
          bytes.length,
          bytes.length,
          true,
        ]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('goes on from its state after an interruption anywhere, without the bytes before its position', () => {
    const { bytes, objectId } = object(3 * chunk + 7);
    for (let stop = 0; stop <= bytes.length; stop += 331) {
      const before = new Verifier({ objectId }, parts);
      before.push(bytes.subarray(0, stop));
      expect(stop - before.position).toBeLessThan(chunk + 16 + 80); // sent again: less than a chunk, and the header
      const after = new Verifier({ objectId, state: before.state }, parts);
      expect(after.position).toBe(before.position);
      after.push(bytes.subarray(before.position));
      expect(() => after.finish()).not.toThrow();
    }
  });

  it('finds every flipped bit, and every truncation', () => {
    const { bytes, objectId } = object(60);
    const verify = (input: Uint8Array) => {
      const verifier = new Verifier({ objectId }, parts);
      verifier.push(input);
      return verifier.finish();
    };
    expect(() => verify(bytes)).not.toThrow();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => verify(flipped), `bit ${bit}`).toThrow(PeerError);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(refused(() => verify(bytes.subarray(0, length))).code).toBe('seal/truncated');
    }
    expect(refused(() => verify(new Uint8Array([...bytes, 0]))).code).toBe('seal/trailing');
  });

  it('finds a wrong chunk at its end when it has the confirmed hashes', () => {
    const { bytes, objectId, header, chunkHashes } = object(3 * chunk);
    checkObjectId(objectId, header, chunkHashes, parts.bulk);
    bytes[80 + chunk + 16 + 5]! ^= 1; // in chunk 1
    const verifier = new Verifier({ objectId, expected: chunkHashes }, parts);
    expect(refused(() => verifier.push(bytes.subarray(0, 80 + 2 * (chunk + 16))))).toEqual({
      code: 'seal/chunk',
      data: { index: 1 },
    });
    expect(verifier.position).toBe(80 + chunk + 16); // what was right stays
    const wrong = chunkHashes.slice();
    wrong[0]! ^= 1;
    expect(refused(() => checkObjectId(objectId, header, wrong, parts.bulk)).code).toBe('seal/object-id');
  });

  it('refuses a state that is none', () => {
    const { objectId, header, chunkHashes } = object(chunk);
    const restore = (state: Uint8Array) => refused(() => new Verifier({ objectId, state }, parts)).code;
    expect(restore(new Uint8Array(5))).toBe('seal/state');
    expect(restore(new Uint8Array(80))).toBe('seal/header');
    expect(restore(new Uint8Array([...header, 1]))).toBe('seal/state');
    expect(restore(new Uint8Array([...header, ...chunkHashes, ...chunkHashes]))).toBe('seal/state');
  });

  it('gives each object an id of its own', () => {
    const { header, chunkHashes } = object(2 * chunk);
    const id = objectIdOf(header, chunkHashes, parts.bulk);
    expect(id).not.toBe(objectIdOf(header, chunkHashes.subarray(0, 32), parts.bulk));
    expect(id).toMatch(/^[0-9a-f]{64}$/);
  });
});
