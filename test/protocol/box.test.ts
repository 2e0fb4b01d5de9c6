import { shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boxKeyPair,
  boxOverheadBytes,
  boxPublicOf,
  decapsulate,
  encapsulate,
  openBox,
  sealTo,
} from '../../protocol/box.ts';
import { hex, unhex, utf8 } from '../../protocol/bytes.ts';
import { limits } from '../../protocol/limits.ts';
import { seeded } from '../../protocol/vectors/seeded.ts';
import { decoderHolds } from './any-bytes.ts';

const random = seeded('box test');
const pair = boxKeyPair(random);
const plain = utf8('a series key');
const aad = utf8('grant 1');

describe('box', () => {
  it("combines as X-Wing does: the draft's first vector, and noble's implementation", () => {
    const seed = unhex('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26');
    const coins = unhex(
      '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
    );
    const expanded = shake256(seed, { dkLen: 96 });
    const secret = { mlkemSeed: expanded.slice(0, 64), x25519: expanded.slice(64) };
    const { shared, ciphertext } = encapsulate(boxPublicOf(secret), coins);
    expect(hex(shared)).toBe('d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384');
    expect(hex(decapsulate(secret, ciphertext))).toBe(hex(shared));
    const noble = ml_kem768_x25519.encapsulate(ml_kem768_x25519.keygen(seed).publicKey, coins);
    expect(hex(noble.sharedSecret)).toBe(hex(shared));
    expect(hex(noble.cipherText)).toBe(hex(ciphertext));
  });

  it('opens what was sealed to it, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 40 }), (content, bound) => {
        const sealed = sealTo(pair.public, content, bound, random);
        expect(sealed.length).toBe(content.length + boxOverheadBytes);
        expect(openBox(pair.secret, sealed, bound)).toEqual(content);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('refuses another key, other associated data, and a change of any part', () => {
    const sealed = sealTo(pair.public, plain, aad, random);
    const unopenable = expect.objectContaining({ code: 'box/unopenable' });
    expect(() => openBox(boxKeyPair(random).secret, sealed, aad)).toThrow(unopenable);
    expect(() => openBox(pair.secret, sealed, utf8('grant 2'))).toThrow(unopenable);
    for (const at of [0, 1, 600, 1088, 1089, 1119, 1121, sealed.length - 1]) {
      const changed = sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(() => openBox(pair.secret, changed, aad), `byte ${at}`).toThrow(unopenable);
    }
  });

  it('refuses keys of low order, of a wrong length or out of range, and too much content', () => {
    const bad = (to: Partial<typeof pair.public>) => () => sealTo({ ...pair.public, ...to }, plain, aad, random);
    const weak = expect.objectContaining({ code: 'box/key' });
    expect(bad({ x25519: new Uint8Array(32) })).toThrow(weak);
    expect(bad({ x25519: new Uint8Array(31) })).toThrow(weak);
    expect(bad({ mlkem: new Uint8Array(1183) })).toThrow(weak);
    expect(bad({ mlkem: new Uint8Array(1184).fill(255) })).toThrow(weak);
    const tooLong = new Uint8Array(limits.boxPlainBytes + 1);
    expect(() => sealTo(pair.public, tooLong, aad, random)).toThrow(expect.objectContaining({ code: 'box/too-long' }));
    const lowOrder = sealTo(pair.public, plain, aad, random).fill(0, 1089, 1121);
    expect(() => openBox(pair.secret, lowOrder, aad)).toThrow(expect.objectContaining({ code: 'box/unopenable' }));
  });

  it('stays private with a broken generator: the same coins only for the same content and recipient', () => {
    const broken = (length: number) => new Uint8Array(length);
    const one = sealTo(pair.public, plain, aad, broken);
    expect(sealTo(pair.public, utf8('another key!'), aad, broken).slice(1, 1121)).not.toEqual(one.slice(1, 1121));
    expect(sealTo(pair.public, plain, utf8('grant 2'), broken).slice(1, 1121)).not.toEqual(one.slice(1, 1121));
  });

  it('takes any bytes', () => {
    const sealed = sealTo(pair.public, plain, aad, random);
    decoderHolds((bytes) => openBox(pair.secret, bytes, aad), { validSamples: [sealed], numRuns: 60 });
  });
});
