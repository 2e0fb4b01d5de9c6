import { describe, expect, it } from 'vitest';
import { checkFound, checkStore, pickHighest } from '../../../protocol/adverts/checks.ts';
import type { AdvertFields } from '../../../protocol/adverts/record.ts';
import { advertOf, epoch, keyA, keyB, memberA, memberB, memberOf, now, tag } from './fixture.ts';

const hour = 3_600_000;
const store = (change: Partial<AdvertFields>, more: Partial<Parameters<typeof checkStore>[0]> = {}) =>
  checkStore({ advert: advertOf(change), memberOf, now, used: 0, ...more });

describe('a storing peer', () => {
  it('keeps a sound record, and takes the same one again without a word', () => {
    const advert = advertOf();
    expect(store({})).toBe('store');
    expect(checkStore({ advert, memberOf, now, used: 1024, quota: 0, stored: advert })).toBe('same');
  });

  it('refuses a record signed by anybody but its member', () => {
    expect(() => store({}, { advert: advertOf({}, keyB) })).toThrow('advert/not-member');
    expect(() => store({}, { advert: advertOf({ member: memberB }, keyA) })).toThrow('advert/not-member');
    expect(() => store({}, { memberOf: () => undefined })).toThrow('advert/not-member');
  });

  it.each([epoch - 1, epoch + 1, 0])('refuses epoch %d', (other) => {
    expect(() => store({ epoch: other })).toThrow('advert/epoch');
  });

  it.each([
    ['fresh for too long', { freshUntil: now + 48 * hour + 600_001 }],
    ['kept for too long', { keepUntil: now + 14 * 24 * hour + 600_001 }],
    ['lapsed', { freshUntil: now - 2, keepUntil: now }],
    ['fresh for longer than kept', { freshUntil: now + 2, keepUntil: now + 1 }],
  ])('refuses one that is %s', (_, change) => {
    expect(() => store(change)).toThrow('advert/expiry');
  });

  it('allows for ten minutes of clock skew', () => {
    expect(store({ freshUntil: now + 48 * hour + 600_000, keepUntil: now + 14 * 24 * hour + 600_000 })).toBe('store');
  });

  it('refuses an older version, one rolled back by its own publisher too', () => {
    const stored = advertOf({ incarnation: 1, seq: 5 });
    expect(() => store({ incarnation: 1, seq: 4 }, { stored })).toThrow('advert/superseded');
    expect(() => store({ incarnation: 0, seq: 9 }, { stored })).toThrow('advert/superseded');
    expect(store({ incarnation: 1, seq: 6 }, { stored })).toBe('store');
    expect(store({ incarnation: 2, seq: 0 }, { stored })).toBe('store');
  });

  it('refuses other bytes under the same version', () => {
    expect(() => store({ state: 'withdrawn' }, { stored: advertOf() })).toThrow('advert/conflict');
  });

  it('refuses what goes beyond the publisher’s room, but lets a tombstone replace its record', () => {
    expect(store({}, { used: 1024, quota: 2048 })).toBe('store');
    expect(() => store({}, { used: 1025, quota: 2048 })).toThrow('advert/over-quota');
    const stored = advertOf();
    expect(store({ seq: now + 1, state: 'withdrawn' }, { used: 1024, quota: 1024, stored })).toBe('store');
  });
});

describe('a reader', () => {
  const found = (change: Partial<AdvertFields>, by = keyA) =>
    checkFound(advertOf(change, by), new Set([tag]), memberOf, now);

  it('believes only what it asked for, signed by its member and not lapsed', () => {
    expect(() => found({})).not.toThrow();
    expect(() => found({ tag: 'ff'.repeat(32) })).toThrow('advert/wrong-tag');
    expect(() => found({}, keyB)).toThrow('advert/not-member');
    expect(() => found({ freshUntil: now - 2, keepUntil: now - 1 })).toThrow('advert/expiry');
  });

  const older = advertOf({ seq: now - 1 });
  const newer = advertOf({ seq: now, state: 'withdrawn' });

  it('takes the highest of each member and names who served an older one', () => {
    const other = advertOf({ member: memberB }, keyB);
    const served = [
      { from: 'p', advert: older },
      { from: 'q', advert: newer },
      { from: 'q', advert: other },
    ];
    const [a, b] = pickHighest(served, now);
    expect(a!.advert).toBe(newer);
    expect(a!.behind).toEqual([{ from: 'p', version: { incarnation: 0, seq: now - 1 } }]);
    expect([a!.rolledBack, a!.stale, a!.conflicting]).toEqual([false, false, []]);
    expect([b!.advert.member, b!.behind]).toEqual([memberB, []]);
  });

  it('notices that everybody serves an older version than it has seen', () => {
    const known = (_: string, member: string) => (member === memberA ? newer : undefined);
    const [picked] = pickHighest([{ from: 'p', advert: older }], now, known);
    expect(picked!.rolledBack).toBe(true);
    expect(picked!.behind.map(({ from }) => from)).toEqual(['p']);
    expect(pickHighest([{ from: 'p', advert: newer }], now, known)[0]!.rolledBack).toBe(false);
  });

  it('keeps both of two records with one version as evidence', () => {
    const twin = advertOf({ seq: now, generation: 2 });
    const [picked] = pickHighest(
      [
        { from: 'p', advert: newer },
        { from: 'q', advert: twin },
      ],
      now,
    );
    expect(picked!.conflicting.map(({ from }) => from)).toEqual(['q']);
  });

  it('says when a record was not renewed in time', () => {
    expect(pickHighest([{ from: 'p', advert: older }], older.freshUntil + 1)[0]!.stale).toBe(true);
  });
});
