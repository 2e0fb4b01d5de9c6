import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, hex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { OpenStream } from '../../../protocol/seal/open-stream.ts';
import { openAll, openHeader, rangeToChunks, readRange } from '../../../protocol/seal/opener.ts';
import { chunk, parentKey, parts, refused, sample, sealed, split } from './samples.ts';

const sizeOnDisk = chunk + 16;
const open = (bytes: Uint8Array) => openAll(bytes, parentKey, parts.bulk);

/** What an OpenStream gives for the pieces: the plain bytes that it handed out, and what it threw. */
function openStreamed(pieces: readonly Uint8Array[]): { plain: Uint8Array; error?: PeerError } {
  const out: Uint8Array[] = [];
  try {
    const stream = new OpenStream({ parentKey }, parts);
    for (const piece of pieces) for (const plain of stream.push(piece)) out.push(plain.slice());
    stream.finish();
    return { plain: concat(...out) };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return { plain: concat(...out), error };
  }
}

describe('opening', () => {
  it('catches every flipped bit of an object', () => {
    const bytes = sealed(100);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => open(flipped), `bit ${bit}`).toThrow(PeerError);
      expect(openStreamed([flipped]).error, `bit ${bit}, streamed`).toBeDefined();
    }
  });

  it('opens a stream in any split', () => {
    fc.assert(
      fc.property(fc.nat(3 * chunk), fc.array(fc.nat(4 * chunk), { maxLength: 8 }), (length, cuts) => {
        const { plain, error } = openStreamed(split(sealed(length), cuts));
        expect(error).toBeUndefined();
        expect(hex(plain)).toBe(hex(sample(length)));
      }),
      { seed: 1, numRuns: 100 },
    );
    const bytes = sealed(chunk + 1);
    expect(openStreamed(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))).plain).toEqual(sample(chunk + 1));
  });

  it('finds a wrong byte at its chunk and hands out everything before, nothing after', () => {
    const bytes = sealed(3 * chunk);
    bytes[80 + sizeOnDisk + 100]! ^= 1; // in chunk 1
    const { plain, error } = openStreamed([bytes]);
    expect([error?.code, error?.data.index, plain.length]).toEqual(['seal/chunk', 1, chunk]);
    expect(refused(() => open(bytes))).toEqual({ code: 'seal/chunk', data: { index: 1 } });
  });

  it('finds every truncation', () => {
    const bytes = sealed(2 * chunk + 10);
    for (let length = 0; length < bytes.length; length += length < 100 || length > bytes.length - 40 ? 1 : 97) {
      expect(() => open(bytes.subarray(0, length)), `${length}`).toThrow(PeerError);
      expect(openStreamed([bytes.subarray(0, length)]).error?.code, `${length}`).toBe('seal/truncated');
    }
  });

  it('finds a missing last chunk although the header is made to fit', () => {
    const bytes = sealed(2 * chunk);
    const cut = withLength(bytes.subarray(0, 80 + sizeOnDisk), chunk);
    expect(refused(() => open(cut))).toEqual({ code: 'seal/chunk', data: { index: 0 } }); // not flagged as the last
  });

  it('finds swapped, repeated and appended chunks', () => {
    const bytes = sealed(3 * chunk);
    const [header, a, b, c] = [bytes.subarray(0, 80), part(bytes, 0), part(bytes, 1), part(bytes, 2)];
    expect(refused(() => open(concat(header, b, a, c))).data).toEqual({ index: 0 });
    expect(refused(() => open(concat(header, a, a, c))).data).toEqual({ index: 1 });
    expect(refused(() => open(concat(bytes, c)))).toEqual({ code: 'seal/trailing', data: { index: 3 } });
    expect(openStreamed([bytes, c]).error?.code).toBe('seal/trailing');
    const longer = withLength(concat(bytes, c), 4 * chunk);
    expect(refused(() => open(longer))).toEqual({ code: 'seal/chunk', data: { index: 2 } }); // flagged as the last
  });

  it('finds a wrong plain length, and reserves nothing for a huge one', () => {
    const bytes = sealed(100);
    expect(refused(() => open(withLength(bytes, 99))).code).toBe('seal/trailing');
    expect(refused(() => open(withLength(bytes, 101))).code).toBe('seal/truncated');
    expect(refused(() => open(withLength(bytes, 2 ** 33))).code).toBe('seal/truncated');
    expect(refused(() => open(withLength(bytes, 2 ** 40))).code).toBe('seal/too-long'); // too many chunks of 4 KiB
    expect(refused(() => open(withLength(bytes, 2 ** 62))).code).toBe('seal/too-long');
  });

  it('does not go on after an error', () => {
    const stream = new OpenStream({ parentKey }, parts);
    expect(() => [...stream.push(new Uint8Array(80))]).toThrow(PeerError);
    expect(() => [...stream.push(sealed(1))]).toThrow(/failed before/);
  });
});

describe('random access', () => {
  it('gives what a slice gives, and reads no more chunks than it must', async () => {
    const length = 4 * chunk + 9;
    const bytes = sealed(length);
    const opener = openHeader(bytes, parentKey, parts.bulk);
    const ranges = fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    await fc.assert(
      fc.asyncProperty(ranges, async ([from, to]) => {
        let read = 0;
        const got: Uint8Array[] = [];
        const source = async (a: number, b: number) => {
          read += b - a;
          return bytes.subarray(a, b);
        };
        for await (const piece of readRange(opener, from, to, source)) got.push(piece);
        expect(hex(concat(...got))).toBe(hex(sample(length).subarray(from, to)));
        expect(read).toBeLessThanOrEqual(from === to ? 0 : to - from + 2 * sizeOnDisk);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('reads a long range in bounded pieces', async () => {
    const length = 700 * chunk;
    const bytes = sealed(length);
    const opener = openHeader(bytes, parentKey, parts.bulk);
    const reads: number[] = [];
    let total = 0;
    const source = async (a: number, b: number) => {
      reads.push(b - a);
      return bytes.subarray(a, b);
    };
    for await (const piece of readRange(opener, 0, length, source)) total += piece.length;
    expect(total).toBe(length);
    expect(Math.max(...reads)).toBeLessThanOrEqual(1024 * 1024 + 64);
    expect(reads.length).toBeGreaterThan(2);
  });

  it('refuses what the object does not have, and notices a short read', async () => {
    const bytes = sealed(100);
    const opener = openHeader(bytes, parentKey, parts.bulk);
    for (const [from, to] of [
      [0, 101],
      [-1, 5],
      [5, 4],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const) {
      expect(refused(() => rangeToChunks(opener.header, from, to)).code).toBe('seal/range');
    }
    const short = readRange(opener, 0, 100, async (a, b) => bytes.subarray(a, b - 1));
    await expect(short.next()).rejects.toMatchObject({ code: 'seal/truncated' });
  });
});

const part = (bytes: Uint8Array, index: number) =>
  bytes.subarray(80 + index * sizeOnDisk, 80 + (index + 1) * sizeOnDisk);

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const out = bytes.slice();
  new DataView(out.buffer).setBigUint64(72, BigInt(length));
  return out;
}
