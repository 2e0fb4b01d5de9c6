import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, multipart } from '../../../node/cli/import/multipart.ts';

const boundary = 'b0undary';

const body = (parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`), part]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);

async function* pieces(bytes: Buffer, sizes: readonly number[]) {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(source: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const parts: Buffer[][] = [];
  for await (const event of multipart(source, boundary)) {
    if (event.kind === 'part') parts.push([]);
    if (event.kind === 'data') parts.at(-1)!.push(Buffer.from(event.bytes));
  }
  return parts.map((each) => Buffer.concat(each));
}

// what looks almost like a boundary comes often
const part = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('\r\n--b0undar', '\r\n', '--b0undary', '\r\n\r\n').map((s) => Buffer.from(s)),
    ),
  )
  .map((list) => Buffer.concat(list))
  .filter(
    (bytes) =>
      !bytes.includes(`\r\n--${boundary}`) &&
      !Buffer.concat([bytes, Buffer.from('\r\n--')]).includes(`--${boundary}\r\n--`),
  );

describe('multipart', () => {
  it('gives back the parts however they are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (parts, sizes) => {
          expect(await read(pieces(body(parts), sizes))).toEqual(parts);
          expect(await read(pieces(body(parts).subarray(2), sizes))).toEqual(parts);
        },
      ),
      { seed: 1, numRuns: 300 },
    ));

  it('does not take a body that was cut off for a whole one', async () => {
    const whole = body([Buffer.alloc(100, 1), Buffer.alloc(100, 2)]);
    for (let end = 0; end < whole.length - 3; end += 7) {
      await expect(read(pieces(whole.subarray(0, end), [50]))).rejects.toMatchObject({ code: 'net/closed' });
    }
  });

  it('refuses a head without end', async () => {
    const head = Buffer.from(`\r\n--${boundary}\r\n${'x'.repeat(20_000)}`);
    await expect(read(pieces(head, [1000]))).rejects.toMatchObject({ code: 'peer/answer' });
  });

  it('finds the boundary', () => {
    expect(boundaryOf('multipart/related; type="application/dicom"; boundary=abc')).toBe('abc');
    expect(boundaryOf('multipart/related;boundary="a b"; type=x')).toBe('a b');
    expect(() => boundaryOf('application/json')).toThrow(expect.objectContaining({ code: 'peer/answer' }));
  });
});
