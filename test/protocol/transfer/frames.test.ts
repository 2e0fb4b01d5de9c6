import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, uintBytes } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { FrameParser, type Parsed } from '../../../protocol/transfer/frame-parser.ts';
import { bodyLength, encodeTransferFrame, type TransferFrame } from '../../../protocol/transfer/messages.ts';

const index = fc.nat(2 ** 32 - 1);
const offset = fc.maxSafeNat();
const frames: fc.Arbitrary<TransferFrame> = fc.oneof(
  fc.record({
    type: fc.constant('open' as const),
    version: fc.nat(255),
    grant: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  }),
  fc.constant({ type: 'manifest-wanted' as const }),
  fc.record({ type: fc.constant('manifest' as const), length: fc.nat(50) }),
  fc.record({
    type: fc.constant('want' as const),
    wants: fc.array(fc.record({ index, from: offset }), { maxLength: 20 }),
  }),
  fc.record({ type: fc.constant('front' as const), indices: fc.array(index, { maxLength: 20 }) }),
  fc.record({ type: fc.constant('object' as const), index, from: offset, length: fc.nat(50) }),
  fc.record({ type: fc.constant('refused' as const), index, wire: index }),
  fc.constant({ type: 'done' as const }),
  fc.record({ type: fc.constant('error' as const), wire: index }),
);

/** What a parser makes of the bytes in the given splits, body pieces joined. */
function parse(bytes: Uint8Array, splits: readonly number[]): Parsed[] {
  const parser = new FrameParser();
  const out: Parsed[] = [];
  let at = 0;
  for (const size of [...splits, bytes.length]) {
    for (const parsed of parser.feed(bytes.subarray(at, at + size))) {
      const last = out.at(-1);
      if (parsed.type === 'body' && last?.type === 'body') {
        out[out.length - 1] = { type: 'body', bytes: concat(last.bytes, parsed.bytes) };
      } else out.push(parsed.type === 'body' ? { type: 'body', bytes: parsed.bytes.slice() } : parsed);
    }
    at += size;
  }
  expect(parser.idle).toBe(true);
  return out;
}

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as PeerError).code;
  }
  return 'none';
};

describe('transfer frames', () => {
  it('come out as they went in, however they are split', () => {
    const split = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 12 }), split, (list, splits) => {
        const body = (frame: TransferFrame) => new Uint8Array(bodyLength(frame)).map((_, i) => i + 1);
        const bytes = concat(...list.flatMap((frame) => [encodeTransferFrame(frame), body(frame)]));
        const expected: Parsed[] = list.flatMap((frame) =>
          bodyLength(frame) === 0 ? [frame] : [frame, { type: 'body', bytes: body(frame) }],
        );
        expect(parse(bytes, splits)).toEqual(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('of unknown types are skipped', () => {
    const unknown = concat(Uint8Array.of(200), uintBytes(3, 4), Uint8Array.of(1, 2, 3));
    const empty = concat(Uint8Array.of(10), uintBytes(0, 4));
    const bytes = concat(unknown, encodeTransferFrame({ type: 'done' }), empty, unknown);
    expect(parse(bytes, [2, 4, 1])).toEqual([{ type: 'done' }]);
  });

  it('that are too long are refused by their length', () => {
    for (const type of [4, 200]) {
      const head = concat(Uint8Array.of(type), uintBytes(limits.transferFrameBytes + 1, 4));
      expect(code(() => [...new FrameParser().feed(head)])).toBe('transfer/framing');
    }
  });

  it.each([
    ['a grant that is cut short', [1, 0, 0, 0, 2, 1, 2]],
    ['a byte too many', [8, 0, 0, 0, 1, 0]],
    ['half a want', [4, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0]],
    ['a length above 2^53', [3, 0, 0, 0, 8, 0, 32, 0, 0, 0, 0, 0, 0]],
  ])('with %s are refused', (_, bytes) => {
    expect(code(() => [...new FrameParser().feed(Uint8Array.from(bytes))])).toBe('transfer/framing');
  });

  it('or any other bytes give values or a coded error', () => {
    const arbitrary = fc.array(fc.tuple(fc.nat(12), fc.nat(70), fc.uint8Array({ maxLength: 70 })), { maxLength: 5 });
    fc.assert(
      fc.property(arbitrary, fc.uint8Array({ maxLength: 50 }), (list, tail) => {
        const bytes = concat(...list.flatMap(([t, n, rest]) => [Uint8Array.of(t), uintBytes(n, 4), rest]), tail);
        try {
          for (const _ of new FrameParser().feed(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(PeerError);
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
