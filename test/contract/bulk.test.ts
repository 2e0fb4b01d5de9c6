// Every implementation of the bulk port against known vectors and against each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeBulk } from '../../node/system/bulk.ts';
import { type Bulk, tagBytes } from '../../protocol/bulk.ts';
import { nobleBulk } from '../../protocol/bulk-noble.ts';
import { concat, hex, unhex, utf8 } from '../../protocol/bytes.ts';

const implementations: [string, Bulk][] = [
  ['native', nativeBulk],
  ['noble', nobleBulk],
];

const seal = (bulk: Bulk, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array => {
  const out = new Uint8Array(plain.length + tagBytes);
  bulk.gcm(key).seal(nonce, aad, plain, out);
  return out;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13, 14 and 16
const plain16 =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const gcmVectors = [
  { key: '00'.repeat(32), nonce: '00'.repeat(12), aad: '', plain: '', sealed: '530f8afbc74536b9a963b4f1c4cb738b' },
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    aad: '',
    plain: '00'.repeat(16),
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plain: plain16,
    sealed:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  },
];

describe.each(implementations)('%s bulk', (_, bulk) => {
  it.each(gcmVectors)('seals and opens AES-256-GCM as published ($plain.length)', (vector) => {
    const [key, nonce, aad, plain] = [vector.key, vector.nonce, vector.aad, vector.plain].map(unhex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(hex(seal(bulk, key, nonce, aad, plain))).toBe(vector.sealed);
    expect(hex(bulk.gcm(key).open(nonce, aad, unhex(vector.sealed))!)).toBe(vector.plain);
  });

  it('hashes as published', () => {
    // BLAKE3's own test_vectors.json (input bytes i % 251) and FIPS 180-4's example
    expect(hex(bulk.blake3(new Uint8Array(0)))).toBe(
      'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    );
    const input = Uint8Array.from({ length: 1025 }, (_, i) => i % 251);
    expect(hex(bulk.blake3(input))).toBe('d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444');
    expect(hex(bulk.sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('returns plain bytes, never a subclass', () => {
    const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)];
    const opened = bulk.gcm(key).open(nonce, aad, seal(bulk, key, nonce, aad, utf8('x')));
    for (const each of [bulk.blake3(aad), bulk.sha256(aad), bulk.blake3Stream().digest(), opened!]) {
      expect(each.constructor).toBe(Uint8Array);
    }
  });

  it('opens nothing under a wrong key, nonce, associated data, or shorter than a tag', () => {
    const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), utf8('aad')];
    const sealed = seal(bulk, key, nonce, aad, utf8('plain'));
    expect(bulk.gcm(new Uint8Array(32).fill(1)).open(nonce, aad, sealed)).toBeUndefined();
    expect(bulk.gcm(key).open(new Uint8Array(12).fill(1), aad, sealed)).toBeUndefined();
    expect(bulk.gcm(key).open(nonce, utf8('aae'), sealed)).toBeUndefined();
    expect(bulk.gcm(key).open(nonce, aad, sealed.subarray(0, 15))).toBeUndefined();
    expect(bulk.gcm(key).open(nonce, aad, new Uint8Array(0))).toBeUndefined();
  });

  it('refuses an output buffer of another length', () => {
    const sealInto = (length: number) => () =>
      bulk.gcm(new Uint8Array(32)).seal(new Uint8Array(12), new Uint8Array(0), utf8('plain'), new Uint8Array(length));
    expect(sealInto(20)).toThrow(RangeError);
    expect(sealInto(22)).toThrow(RangeError);
  });
});

describe('all bulk implementations', () => {
  const bytes = (max: number, min = 0) => fc.uint8Array({ minLength: min, maxLength: max });

  it('give the same bytes', () => {
    fc.assert(
      fc.property(bytes(32, 32), bytes(12, 12), bytes(100), bytes(5000), (key, nonce, aad, plain) => {
        const sealed = seal(nativeBulk, key, nonce, aad, plain);
        expect(hex(seal(nobleBulk, key, nonce, aad, plain))).toBe(hex(sealed));
        expect(hex(nobleBulk.gcm(key).open(nonce, aad, sealed)!)).toBe(hex(plain));
        expect(hex(nativeBulk.gcm(key).open(nonce, aad, sealed)!)).toBe(hex(plain));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('hash the same, in one call and in pieces', () => {
    fc.assert(
      fc.property(fc.array(bytes(3000), { maxLength: 5 }), (pieces) => {
        const whole = concat(...pieces);
        const expected = hex(nobleBulk.blake3(whole));
        expect(hex(nativeBulk.blake3(whole))).toBe(expected);
        for (const [, bulk] of implementations) {
          const stream = bulk.blake3Stream();
          for (const piece of pieces) stream.update(piece);
          expect(hex(stream.digest())).toBe(expected);
        }
        expect(hex(nativeBulk.sha256(whole))).toBe(hex(nobleBulk.sha256(whole)));
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
