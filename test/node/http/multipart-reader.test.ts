// The strict multipart reader: bodies cut anywhere, bodies that are almost right, bodies that were tampered with.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerValue } from '../../../node/http/content-type.ts';
import { MultipartReader } from '../../../node/http/multipart-reader.ts';
import { limits } from '../../../protocol/limits.ts';
import { codeOf } from '../dicom/helpers.ts';

interface Part {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

async function* cut(body: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < body.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    yield body.subarray(at, at + size);
    at += size;
  }
}

async function read(body: Buffer, boundary: string, sizes: readonly number[] = [body.length || 1]): Promise<Part[]> {
  const reader = new MultipartReader(cut(body, sizes), boundary);
  const parts: Part[] = [];
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    const pieces: Buffer[] = [];
    for await (const piece of part.body) pieces.push(Buffer.from(piece));
    parts.push({ headers: { ...part.headers }, body: Buffer.concat(pieces) });
  }
  return parts;
}

const written = (parts: readonly Part[], boundary: string, preamble = '', epilogue = '\r\n'): Buffer =>
  Buffer.concat([
    Buffer.from(preamble),
    ...parts.flatMap(({ headers, body }, i) => [
      Buffer.from(`${i === 0 && preamble === '' ? '' : '\r\n'}--${boundary}\r\n`),
      Buffer.from(
        Object.entries(headers)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join(''),
      ),
      Buffer.from('\r\n'),
      body,
    ]),
    Buffer.from(`\r\n--${boundary}--${epilogue}`),
  ]);

const typed = (...bodies: string[]): Part[] =>
  bodies.map((body) => ({ headers: { 'content-type': 'application/dicom' }, body: Buffer.from(body, 'latin1') }));

describe('what is a boundary', () => {
  it('is not what only begins like one, nor one without its line break', async () => {
    const tricky = ['--b', '\r\n--bb', '\r\n--b-', '\r\n--b x', 'x--b\r\n', '\n--b\r\n', '\r\n-', '\r\n--b\t\r', ''];
    for (const sizes of [[1], [2, 3], [1000]])
      expect(await read(written(typed(...tricky), 'b'), 'b', sizes)).toEqual(typed(...tricky));
  });

  it('may be followed by blanks, and quoted in the header with anything in it', async () => {
    const body = Buffer.from('--b \t\r\n\r\none\r\n--b--');
    expect(await read(body, 'b', [1])).toEqual([{ headers: {}, body: Buffer.from('one') }]);
    const { parameters } = headerValue('multipart/related; type="application/dicom"; boundary="a b:c?=/\'()+_,-."');
    expect(parameters.boundary).toBe("a b:c?=/'()+_,-.");
    expect(await read(written(typed('x'), parameters.boundary!), parameters.boundary!, [1])).toEqual(typed('x'));
    expect(headerValue('multipart/related;type=application/dicom;boundary=x').parameters.type).toBe(
      'application/dicom',
    );
  });

  it('must be one that RFC 2046 allows', async () => {
    for (const boundary of ['', 'a'.repeat(101), 'ends ', 'new\nline', 'ü', undefined]) {
      expect(await codeOf((async () => new MultipartReader(cut(Buffer.alloc(0), [1]), boundary))())).toBe(
        'http/multipart',
      );
    }
    for (const header of [undefined, '', ';x', 'multipart/related; boundary="x', 'a/b; c=1; C=2', 'a/b; =1', 'a/b c']) {
      expect(await codeOf((async () => headerValue(header))()), header).toBe('http/invalid');
    }
  });
});

describe('what is refused', () => {
  const refused = async (body: string | Buffer) =>
    expect(await codeOf(read(Buffer.from(body), 'b', [7]))).toBe('http/multipart');

  it('is a body that ends too early', async () => {
    const whole = written(typed('one', 'two'), 'b', 'preamble', '');
    for (let length = 0; length < whole.length; length += 1) await refused(whole.subarray(0, length));
  });

  it('is a header that is none, comes twice, folds, is too long, or an encoding', async () => {
    const one = (header: string) => `--b\r\n${header}\r\n\r\nx\r\n--b--`;
    await refused(one('no colon'));
    await refused(one('a: 1\r\nA: 2'));
    await refused(one('a: 1\r\n folded'));
    await refused(one('a: \0'));
    await refused(one('a : 1'));
    await refused(one('content-transfer-encoding: base64'));
    await refused(one(`a: ${'x'.repeat(limits.multipartHeaderBytes)}`));
    await refused(one(Array.from({ length: limits.multipartHeaders + 1 }, (_, i) => `a${i}: 1`).join('\r\n')));
    await refused(`--b\r\na: ${'x'.repeat(1_000_000)}`);
  });

  it('is a long preamble, and too many parts', async () => {
    await refused(written(typed('x'), 'b', 'p'.repeat(limits.multipartPreambleBytes + 1)));
    await refused(
      Buffer.concat(Array.from({ length: limits.multipartParts + 1 }, () => Buffer.from('--b\r\n\r\n\r\n'))),
    );
  });
});

it('reads back whatever was written, cut anywhere', async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('\r\n', '--', '\r\n--', '\r\n--boundar', '\r\n--boundaryy', 'boundary')
      .map((text) => Buffer.from(text)),
  );
  const body = fc.array(chunk, { maxLength: 8 }).map((all) => Buffer.concat(all));
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 5 }), sizes, async (bodies, pieces) => {
      const parts = bodies.map((each) => ({ headers: { 'content-type': 'a/b' }, body: each }));
      const whole = written(parts, 'boundary');
      const delimiters = whole.toString('latin1').match(/\r\n--boundary(?=--|[ \t]*\r\n)/g) ?? [];
      fc.pre(delimiters.length === bodies.length); // no body holds a real boundary
      expect(await read(whole, 'boundary', pieces)).toEqual(parts);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

it('ends every tampered body in parts or in its one error, with bounded memory', async () => {
  const whole = written(typed('first part', '\r\n--boundar second', 'third'), 'boundary', 'preamble');
  const change = fc.record({
    at: fc.nat(whole.length - 1),
    with: fc.nat(255),
    cutFrom: fc.nat(whole.length),
    drop: fc.boolean(),
  });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (all, size) => {
        let body = Buffer.from(whole);
        for (const { at, with: byte, cutFrom, drop } of all) {
          if (drop) body = Buffer.concat([body.subarray(0, cutFrom), body.subarray(cutFrom + 1)]);
          else body[Math.min(at, body.length - 1)] = byte;
        }
        const code = await codeOf(read(body, 'boundary', [size]));
        expect(['none', 'http/multipart']).toContain(code);
        if (code !== 'none') refused += 1;
      },
    ),
    { seed: 4, numRuns: 5000 },
  );
  expect(refused).toBeGreaterThan(500);
});
