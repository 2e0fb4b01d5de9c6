import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeader, encodeHeader, type Header, headerBytes } from '../../../protocol/seal/header.ts';
import { newSalt, seriesKey } from '../../../protocol/seal/keys.ts';
import { openHeader } from '../../../protocol/seal/opener.ts';
import { decoderHolds } from '../any-bytes.ts';
import { parentKey, parts, refused, sealed } from './samples.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const headers: fc.Arbitrary<Header> = fc.record({
  log2ChunkSize: fc.integer({ min: 12, max: 22 }),
  encoding: fc.integer({ min: 0, max: 2 }),
  salt: bytes32,
  commitment: bytes32,
  plainLength: fc.oneof(fc.nat(100_000), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 34)),
});

describe('header of a sealed object', () => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(encodeHeader(header).length).toBe(headerBytes);
        expect(decodeHeader(encodeHeader(header))).toEqual(header);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('decodes or refuses with a code whatever it is fed', () => {
    const decode = (bytes: Uint8Array) =>
      expect(encodeHeader(decodeHeader(bytes))).toEqual(bytes.slice(0, headerBytes));
    decoderHolds(decode, { validSamples: [sealed(10), sealed(5000)] });
  });

  it('names what is wrong', () => {
    const changed = (at: number, byte: number) => {
      const out = sealed(10);
      out[at] = byte;
      return refused(() => openHeader(out, parentKey, parts.bulk)).code;
    };
    expect(changed(0, 0)).toBe('seal/header');
    expect(changed(5, 2)).toBe('version/unsupported');
    expect(changed(6, 11)).toBe('seal/header');
    expect(changed(6, 23)).toBe('seal/header');
    expect(changed(7, 3)).toBe('seal/encoding');
    expect(changed(72, 1)).toBe('seal/too-long');
    expect(changed(8, 0)).toBe('seal/commitment'); // another salt, another key
    expect(changed(40, 0)).toBe('seal/commitment');
  });

  it('knows the reserved encodings, and opens none of them', () => {
    for (const encoding of [1, 2]) {
      const bytes = sealed(10);
      bytes[7] = encoding;
      expect(decodeHeader(bytes).encoding).toBe(encoding);
      expect(refused(() => openHeader(bytes, parentKey, parts.bulk)).code).toBe('seal/encoding');
    }
  });
});

describe('keys', () => {
  it('differ by study, series and generation', () => {
    const keys = [
      seriesKey(parentKey, '1.2', 1),
      seriesKey(parentKey, '1.2', 2),
      seriesKey(parentKey, '1.21', 1),
      seriesKey(new Uint8Array(32), '1.2', 1),
    ];
    expect(new Set(keys.map(String)).size).toBe(4);
  });

  it('give two instances two salts although the generator is stuck', () => {
    const stuck = (length: number) => new Uint8Array(length);
    expect(newSalt(parentKey, '1.2.3', stuck)).not.toEqual(newSalt(parentKey, '1.2.4', stuck));
  });
});
