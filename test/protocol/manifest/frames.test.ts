import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frames as NodeFrames } from '../../../node/dicom/read/frames.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { type Frames, packFrames, unpackFrames } from '../../../protocol/manifest/frames.ts';
import { refused } from '../seal/samples.ts';

const number = fc.oneof(
  fc.nat(300),
  fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** 42),
);

/** As an encapsulated pixel data element has them: rising offsets, each frame one fragment or more. */
const fragments = fc
  .array(fc.tuple(fc.nat(40), fc.nat(70_000), fc.boolean()), { minLength: 1, maxLength: 20 })
  .map((list): Frames => {
    const offsets: number[] = [];
    let at = 2000;
    for (const [gap, length] of list) {
      offsets.push(at + gap);
      at += gap + length;
    }
    const starts = list.flatMap(([, , starts], i) => (starts || i === 0 ? [i] : []));
    return { kind: 'fragments', offsets, lengths: list.map(([, length]) => length), starts };
  });

const frames: fc.Arbitrary<Frames> = fc.oneof(
  fc.constant<Frames>({ kind: 'none' }),
  fc.record({ kind: fc.constant('native' as const), offset: number, frameBits: number, count: number }),
  fc.record({
    kind: fc.constant('unknown' as const),
    reason: fc.constantFrom('deflated' as const, 'video' as const, 'length' as const, 'fragments' as const),
  }),
  fragments,
);

describe('packed frames', () => {
  it('unpack to what was packed', () => {
    fc.assert(
      fc.property(frames, (each) => {
        const asReader: NodeFrames = each; // the reader's own shape, no conversion
        expect(unpackFrames(packFrames(asReader))).toEqual(each);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('take some 4 bytes a frame', () => {
    const offsets = Array.from({ length: 1000 }, (_, i) => 1600 + i * 60_008);
    const packed = packFrames({
      kind: 'fragments',
      offsets,
      lengths: offsets.map(() => 60_000),
      starts: offsets.map((_, i) => i),
    });
    expect(packed!.length).toBeLessThan(4100);
  });

  it('unpack or are refused with a code whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (packed) => {
        try {
          unpackFrames(packed);
        } catch (error) {
          if (!(error instanceof PeerError)) throw error;
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
    const refuse = (...packed: number[]) => refused(() => unpackFrames(Uint8Array.from(packed))).code;
    expect(refuse()).toBe('manifest/invalid');
    expect(refuse(4)).toBe('manifest/invalid');
    expect(refuse(3, 4)).toBe('manifest/invalid'); // an unknown reason
    expect(refuse(1, 0, 8, 1, 0)).toBe('manifest/invalid'); // something behind
    expect(refuse(1, 0, 8)).toBe('manifest/invalid'); // something missing
    expect(refuse(2, 0xff, 0xff, 0xff, 0xff, 0x7f, 0)).toBe('manifest/invalid'); // billions of fragments
    expect(refuse(2, 2, 1, 8, 5, 8, 5, 2)).toBe('manifest/invalid'); // a frame that starts behind the last fragment
    expect(refuse(...new Array(20).fill(0xff))).toBe('manifest/invalid');
  });
});
