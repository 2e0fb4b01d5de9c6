import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aligned, inflatedRange, swapped } from '../../../../../node/dicom/pixels/stored-bytes.ts';
import { Noise } from '../../../../../sim/studies/phantom.ts';
import { noisePixels } from '../../../../../sim/studies/studies.ts';
import { cut } from '../../../dicom/helpers.ts';

async function* pieces(bytes: Uint8Array, sizes: readonly number[]) {
  yield* cut(bytes, sizes);
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of source) all.push(...chunk);
  return all;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

it('swaps numbers whatever the chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), sizes, fc.constantFrom(1, 2, 4, 8), async (bytes, by, unit) => {
      const expected: number[] = [];
      const end = bytes.length - (bytes.length % unit);
      for (let at = 0; at < end; at += unit) expected.push(...[...bytes.subarray(at, at + unit)].reverse());
      expected.push(...bytes.subarray(end));
      expect(await whole(swapped(pieces(bytes, by), unit))).toEqual(expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

it('moves bit-packed frames to a whole byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 8, maxLength: 40 }),
      sizes,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 7 }),
      async (bytes, by, bits, bitOffset) => {
        const bit = (at: number) => (bytes[at >> 3]! >> (at & 7)) & 1;
        const expected = Array.from({ length: Math.ceil(bits / 8) }, (_, byte) =>
          [0, 1, 2, 3, 4, 5, 6, 7]
            .map((i) => (byte * 8 + i < bits ? bit(bitOffset + byte * 8 + i) << i : 0))
            .reduce((a, b) => a | b),
        );
        const stored = bytes.subarray(0, Math.ceil((bitOffset + bits) / 8));
        expect(await whole(aligned(pieces(stored, by), bitOffset, bits))).toEqual(expected);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

it('finds a range in deflated bytes, and reads no further', async () => {
  const plain = new Uint8Array(noisePixels(1_000_000, new Noise(1)));
  const deflated = deflateRawSync(plain);
  let read = 0;
  async function* counted() {
    for (const chunk of cut(deflated, [1000])) {
      read += chunk.length;
      yield chunk;
    }
  }
  expect(await whole(inflatedRange(counted(), 70_000, 70_010))).toEqual([...plain.subarray(70_000, 70_010)]);
  expect(read).toBeLessThan(deflated.length);
  expect(await whole(inflatedRange(pieces(deflated, [999]), 999_990, 1_000_000))).toEqual([...plain.subarray(999_990)]);
});
