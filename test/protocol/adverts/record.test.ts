import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advertKind,
  compareVersions,
  encodeAdvert,
  isSizeClass,
  lifetimes,
  nextSeq,
  sizeClasses,
  supersedes,
  verifyAdvert,
  withdrawal,
} from '../../../protocol/adverts/record.ts';
import { parseEnvelope } from '../../../protocol/envelope.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { verify } from '../../../protocol/identity.ts';
import { advertOf, epoch, federation, fieldsOf, keyA, now } from './fixture.ts';

const count = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.nat(70_000));

describe('an advertisement', () => {
  it('is exactly of its size class, whatever its fields, and comes back as it went', () => {
    const fields = fc.record({
      epoch: fc.nat(1_000_000),
      generation: count,
      incarnation: count,
      seq: count,
      freshUntil: count,
      keepUntil: count,
      state: fc.constantFrom('holds', 'withdrawn'),
    });
    const property = fc.property(fields, fc.constantFrom(...sizeClasses), fc.boolean(), (change, size, filled) => {
      const sealed = filled && change.state === 'holds' ? { sealed: new Uint8Array(size - 512).fill(7) } : {};
      const value = { ...fieldsOf(), ...change, ...sealed };
      const envelope = encodeAdvert(value, size, federation, keyA);
      expect(envelope.length).toBe(size);
      expect(verifyAdvert(envelope, federation, verify)).toMatchObject(value);
    });
    fc.assert(property, { seed: 1, numRuns: 150 });
  });

  it('of another size is neither made nor opened', () => {
    expect(() => encodeAdvert(fieldsOf({ sealed: new Uint8Array(511) }), 1024, federation, keyA)).toThrow(
      'advert/size',
    );
    expect(() => encodeAdvert(fieldsOf({ sealed: new Uint8Array(512) }), 4096, federation, keyA)).toThrow(
      'advert/size',
    );
    const envelope = advertOf().bytes;
    for (const length of [0, 1023, 1025, 65_537]) {
      const other = new Uint8Array(length);
      other.set(envelope.subarray(0, length));
      expect(() => verifyAdvert(other, federation, verify)).toThrow('advert/size');
    }
    expect(isSizeClass(2048)).toBe(false);
  });

  it('opens in its own federation only and with no bit changed', () => {
    const { bytes } = advertOf();
    expect(() => verifyAdvert(bytes, 'fd'.repeat(32), verify)).toThrow('envelope/signature');
    const property = fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => verifyAdvert(changed, federation, verify)).toThrow(PeerError);
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  it('is a value or a coded error, whatever the bytes', () => {
    const property = fc.property(fc.uint8Array({ minLength: 1024, maxLength: 1024 }), (bytes) => {
      expect(() => verifyAdvert(bytes, federation, verify)).toThrow(PeerError);
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  it('is withdrawn by a record that looks the same from outside', () => {
    const held = advertOf({ sealed: new Uint8Array(4096 - 512) }, keyA, 4096);
    const { value, size } = withdrawal(held, nextSeq(held.seq, now), now);
    const tombstone = verifyAdvert(encodeAdvert(value, size, federation, keyA), federation, verify);
    expect(tombstone).toMatchObject({ state: 'withdrawn', tag: held.tag, member: held.member });
    expect(tombstone.sealed).toBeUndefined();
    expect(tombstone.bytes.length).toBe(held.bytes.length);
    expect(parseEnvelope(tombstone.bytes).kind).toBe(advertKind);
    expect(tombstone.keepUntil).toBeGreaterThanOrEqual(held.keepUntil);
    expect(supersedes(tombstone, held)).toBe(true);
  });

  it('cannot be withdrawn and hold a summary', () => {
    const both = fieldsOf({ state: 'withdrawn', sealed: new Uint8Array(512) });
    const envelope = encodeAdvert(both, 1024, federation, keyA);
    expect(() => verifyAdvert(envelope, federation, verify)).toThrow('advert/size');
  });
});

describe('versions', () => {
  const version = fc.record({ incarnation: fc.nat(3), seq: fc.nat(5) });
  it('are ordered by incarnation, then number', () => {
    expect(supersedes({ incarnation: 1, seq: 0 }, { incarnation: 0, seq: 9 })).toBe(true);
    const property = fc.property(version, version, (a, b) => {
      expect(compareVersions(a, b)).toBe(0 - compareVersions(b, a));
      expect(supersedes(a, b) && supersedes(b, a)).toBe(false);
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });

  it('rise with the clock and never fall with it', () => {
    expect([nextSeq(undefined, 1000), nextSeq(1000, 1000), nextSeq(5, 1000), nextSeq(9, 3)]).toEqual([
      1000, 1001, 1000, 10,
    ]);
  });

  it('are kept no longer than 14 days nor than a day after their epoch', () => {
    const week = 7 * 86_400_000;
    expect(lifetimes(now, epoch)).toEqual({
      freshUntil: now + 2 * 86_400_000,
      keepUntil: (epoch + 1) * week + 86_400_000,
    });
    expect(lifetimes(now, epoch + 2).keepUntil).toBe(now + 2 * week);
    expect(lifetimes(now, epoch - 1).keepUntil).toBe(lifetimes(now, epoch).freshUntil);
  });
});
