import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  alarmOf,
  dueAt,
  isOver,
  type LedgerEntry,
  planRepublish,
} from '../../../protocol/adverts/ledger.ts';
import { freshMs } from '../../../protocol/adverts/record.ts';
import { hex } from '../../../protocol/bytes.ts';
import { epochStart } from '../../../protocol/tags/epoch.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';
import { epoch, now, tag } from './fixture.ts';

const hour = 3_600_000;
const entry: LedgerEntry = { tag, epoch, queuedAt: now + 1, urgent: false, storedOn: 0, wanted: 3 };
const stored = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...entry,
  tried: now + 2,
  lastStored: now + 2,
  lapses: now + 2 + freshMs,
  storedOn: 3,
  ...change,
});

describe('when a record is due', () => {
  it('goes out with the next hourly batch, or at once when urgent', () => {
    expect(dueAt(entry)).toBe(now + hour);
    expect(dueAt(entry, 600_000)).toBe(now + 600_000);
    expect(dueAt({ ...entry, urgent: true })).toBe(now + 1);
  });

  it('is renewed well before it lapses, sooner if too few or none stored it', () => {
    const due = dueAt(stored());
    expect(due).toBeGreaterThanOrEqual(now + 20 * hour);
    expect(due).toBeLessThan(now + 2 + 28 * hour);
    expect(dueAt(stored({ storedOn: 2 }))).toBe(now + 2 + hour);
    expect(dueAt(stored({ storedOn: 0 }))).toBe(now + 2 + 5 * 60_000);
    expect(dueAt(stored({ queuedAt: now + 5 * hour + 1 }))).toBe(now + 6 * hour);
  });

  it('spreads the next epoch over the 24 hours before it, in an order that says nothing of this one', () => {
    const random = seeded('spread');
    const next = epochStart(epoch + 1);
    const dues = Array.from({ length: 2000 }, () => dueAt({ ...entry, tag: hex(random(32)), epoch: epoch + 1 }));
    const perHour = Map.groupBy(dues, (at) => Math.floor((at - (next - 24 * hour)) / hour));
    expect([...perHour.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i));
    for (const [, list] of perHour) expect(list.length).toBeLessThan(150);
  });
});

describe('alarms', () => {
  it('come 12 hours before a record lapses, when it has, and when it never got out', () => {
    const lapses = stored().lapses!;
    expect(alarmOf(stored(), lapses - 12 * hour)).toBeUndefined();
    expect(alarmOf(stored(), lapses - 12 * hour + 1)?.kind).toBe('lapsing');
    expect(alarmOf(stored(), lapses)?.kind).toBe('lapsed');
    const tried = afterAttempt(entry, { now: now + 2 * hour, storedOn: 0, freshUntil: 0 });
    expect(alarmOf(tried, now + 13 * hour)).toBeUndefined();
    expect(alarmOf(tried, now + 13 * hour + 1)?.kind).toBe('unpublished');
  });
});

describe('a plan', () => {
  it('publishes the most overdue first, bounded, drops what is over and counts', () => {
    const entries = [
      stored({ tag: '01'.repeat(32), storedOn: 2 }),
      { ...entry, tag: '02'.repeat(32), urgent: true },
      stored({ tag: '03'.repeat(32) }),
      { ...entry, tag: '04'.repeat(32), epoch: epoch - 1 },
    ];
    const at = now + 2 * hour;
    const whole = planRepublish(entries, at, { max: 10 });
    expect(whole.publish.map((each) => each.tag.slice(0, 2))).toEqual(['02', '01']);
    expect(whole.drop.map((each) => each.tag.slice(0, 2))).toEqual(['04']);
    expect(whole.stored).toEqual({ full: 1, partly: 1, nowhere: 1 });
    expect(whole.nextAt).toBe(dueAt(entries[2]!));
    const one = planRepublish(entries, at, { max: 1 });
    expect([one.publish.length, one.nextAt]).toEqual([1, at]);
    expect(planRepublish([], at, { max: 1 }).nextAt).toBeUndefined();
  });

  it('never lets a record lapse while peers store it, whatever the tag, waking only when told to', () => {
    const property = fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }), (seeds) => {
      let entries: LedgerEntry[] = seeds.map((seed) => ({ ...entry, tag: hex(seeded(`${seed}`)(32)) }));
      let time = now;
      const end = epochStart(epoch + 1) + 24 * hour;
      for (let step = 0; time < end; step++) {
        expect(step).toBeLessThan(20_000);
        const { publish, alarms, nextAt } = planRepublish(entries, time, { max: 3 });
        expect(alarms).toEqual([]);
        const out = new Set(publish);
        entries = entries.map((each) =>
          out.has(each) ? afterAttempt(each, { now: time, storedOn: 3, freshUntil: time + freshMs }) : each,
        );
        time = nextAt === undefined ? end : Math.max(nextAt, time + 1);
      }
      expect(entries.every((each) => isOver(each, end))).toBe(true);
    });
    fc.assert(property, { seed: 1, numRuns: 20 });
  });
});
