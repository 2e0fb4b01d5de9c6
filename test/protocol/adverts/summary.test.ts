import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAdvert, reservedBytes, sizeClasses } from '../../../protocol/adverts/record.ts';
import { openSummary, type SummaryStudy, sealSummary, summarySize } from '../../../protocol/adverts/summary.ts';
import { hex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';
import { epoch, federation, fieldsOf, keyA, memberA, now, studyOf, tag } from './fixture.ts';

const of = { federation, tag, member: memberA, incarnation: 0, seq: now, epoch };
const secret = new Uint8Array(32).fill(9);
const sealed = (studies: SummaryStudy[], random = seeded('summary')) => sealSummary({ studies, of, secret, random });
const many = (count: number): SummaryStudy[] => {
  const random = seeded('many');
  return Array.from({ length: count }, (_, i) => studyOf(random, { date: String(20_000_000 + i) }));
};

const anyStudy: fc.Arbitrary<SummaryStudy> = fc.record(
  {
    ref: fc.constant('ab'.repeat(16)),
    date: fc.constantFrom('20260101', '19991231'),
    modalities: fc.array(fc.constantFrom('CT', 'MR', 'CR'), { maxLength: 16 }),
    bodyPart: fc.string({ maxLength: 16 }),
    description: fc.string({ unit: 'grapheme', maxLength: 20 }),
    instances: fc.maxSafeNat(),
    bytes: fc.maxSafeNat(),
    report: fc.constantFrom('none', 'preliminary', 'final', 'amended'),
    origin: fc.constantFrom('origin', 'copy'),
    same: fc.constant('cd'.repeat(32)),
  },
  { requiredKeys: ['ref', 'modalities', 'instances', 'bytes', 'report', 'origin', 'same'] },
);

describe('a summary', () => {
  it('opens with its key to what was sealed, in a record of exactly its size class', () => {
    const property = fc.property(fc.array(anyStudy, { maxLength: 30 }), (studies) => {
      const { key, sealed: bytes, size, more } = sealed(studies);
      expect(bytes.length).toBe(size - reservedBytes);
      expect(size).toBe(summarySize(studies));
      expect(encodeAdvert(fieldsOf({ sealed: bytes }), size, federation, keyA).length).toBe(size);
      const opened = openSummary({ key, sealed: bytes, of });
      expect(more).toBe(0);
      expect(opened.studies).toHaveLength(studies.length);
      for (const each of studies) expect(opened.studies).toContainEqual(each);
    });
    fc.assert(property, { seed: 1, numRuns: 60 });
  });

  it('uses every size class, and leaves out and counts the oldest of too many', () => {
    const sizes = [1, 10, 60, 200].map((count) => summarySize(many(count)));
    expect(sizes).toEqual([...sizeClasses]);
    const { key, sealed: bytes, size, more } = sealed(many(3000));
    const { studies, more: left } = openSummary({ key, sealed: bytes, of });
    expect([size, left, studies.length + left]).toEqual([65_536, more, 3000]);
    expect(studies[0]!.date).toBe('20002999');
    expect(studies.length).toBeGreaterThan(300);
    expect(studies.length).toBeLessThanOrEqual(2000);
  });

  it('does not open with another key, for another record, or with a bit changed', () => {
    const { key, sealed: bytes } = sealed(many(2));
    const wrong: [string, Partial<typeof of>][] = [
      ['federation', { federation: 'fd'.repeat(32) }],
      ['tag', { tag: 'ff'.repeat(32) }],
      ['member', { member: 'bb'.repeat(16) }],
      ['incarnation', { incarnation: 1 }],
      ['seq', { seq: now + 1 }],
      ['epoch', { epoch: epoch + 1 }],
    ];
    for (const [, change] of wrong) {
      expect(() => openSummary({ key, sealed: bytes, of: { ...of, ...change } })).toThrow('advert/summary');
    }
    expect(() => openSummary({ key: new Uint8Array(32), sealed: bytes, of })).toThrow('advert/summary');
    expect(() => openSummary({ key, sealed: bytes.with(9, bytes[9]! ^ 1), of })).toThrow('advert/summary');
    expect(() => openSummary({ key, sealed: bytes.subarray(0, 20), of })).toThrow('advert/summary');
    expect(() => openSummary({ key: key.subarray(1), sealed: bytes, of })).toThrow('advert/summary');
  });

  it('never has one key for two versions, even with a broken generator', () => {
    const broken = (length: number) => new Uint8Array(length);
    const keys = [
      sealed(many(1), broken),
      sealed(many(2), broken),
      sealSummary({ studies: many(1), of: { ...of, seq: now + 1 }, secret, random: broken }),
      sealSummary({ studies: many(1), of, secret: new Uint8Array(32), random: broken }),
    ].map(({ key }) => hex(key));
    expect(new Set(keys).size).toBe(4);
    expect(hex(sealed(many(1), seeded('one')).key)).not.toBe(hex(sealed(many(1), seeded('two')).key));
  });

  it('from a hostile owner is a value or a coded error', async () => {
    const { gcm } = await import('@noble/ciphers/aes.js');
    const { framed } = await import('../../../protocol/hash.ts');
    const key = new Uint8Array(32);
    const aad = framed(['dicomnet summary', federation, tag, memberA, '0', String(now), String(epoch)]);
    const property = fc.property(fc.uint8Array({ minLength: 5, maxLength: 200 }), (plain) => {
      const bytes = gcm(key, new Uint8Array(12), aad).encrypt(plain);
      expect(() => openSummary({ key, sealed: bytes, of })).toThrow(PeerError);
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
    const empty = gcm(key, new Uint8Array(12), aad).encrypt(Uint8Array.from([0, 0, 0, 255, 1]));
    expect(() => openSummary({ key, sealed: empty, of })).toThrow('advert/summary');
  });
});
