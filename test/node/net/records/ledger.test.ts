// The republish ledger over weeks of virtual time.
import { beforeEach, describe, expect, test } from 'vitest';
import { type LedgerParts, RepublishLedger } from '../../../../node/net/records/ledger.ts';
import type { TaggedRecord } from '../../../../node/net/records/tags.ts';
import type { AdvertAlarm } from '../../../../protocol/adverts/ledger.ts';
import { hex, uintBytes } from '../../../../protocol/bytes.ts';
import { sha256 } from '../../../../protocol/hash.ts';
import { epochStart } from '../../../../protocol/tags/epoch.ts';
import { MemoryKv } from '../memory-kv.ts';
import { settle, VirtualTime } from '../virtual-time.ts';

const hour = 3_600_000;
const day = 24 * hour;
const epoch = 3000;
const tagOf = (n: number) => hex(sha256(uintBytes(n, 4)));

let time: VirtualTime;
let disk: MemoryKv;
let sent: { tag: string; at: number }[];
let alarms: AdvertAlarm[];
let failures: unknown[];
let storedOn: number;

function ledger(overrides: Partial<LedgerParts> = {}, options = {}): RepublishLedger {
  return new RepublishLedger(
    { batchOffsetMs: 0, ...options },
    {
      entries: disk,
      clock: time,
      timers: time,
      random: (length) => new Uint8Array(length),
      makeRecord: async (entry) => ({ bytes: Buffer.from(entry.tag), freshUntil: time.now() + 2 * day }),
      publish: async (records: readonly TaggedRecord[]) => {
        for (const { tag } of records) sent.push({ tag, at: time.now() });
        return records.map(() => ({ stored: storedOn, wanted: 3, errors: [] }));
      },
      onAlarm: (alarm) => alarms.push(alarm),
      onFailure: (error) => failures.push(error),
      ...overrides,
    },
  );
}

beforeEach(() => {
  time = new VirtualTime(epochStart(epoch) + 2 * day + 10 * 60_000);
  disk = new MemoryKv();
  sent = [];
  alarms = [];
  failures = [];
  storedOn = 3;
});

describe('the republish ledger', () => {
  test('sends a new record with the hourly batch, an urgent one at once, and each again within 28 hours', async () => {
    const one = ledger();
    await one.start();
    await one.queue([
      { tag: tagOf(1), epoch },
      { tag: tagOf(2), epoch, urgent: true },
    ]);
    await settle();
    expect(sent.map((each) => each.tag)).toEqual([tagOf(2)]);
    await time.advance(hour);
    expect(sent.map((each) => each.tag)).toEqual([tagOf(2), tagOf(1)]);
    expect(one.status().stored).toEqual({ full: 2, partly: 0, nowhere: 0 });
    await time.advance(3 * day);
    const times = sent.filter((each) => each.tag === tagOf(1)).map((each) => each.at);
    expect(times.length).toBeGreaterThanOrEqual(3);
    for (let i = 1; i < times.length; i++) {
      expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(20 * hour);
      expect(times[i]! - times[i - 1]!).toBeLessThanOrEqual(28 * hour + 1000);
    }
    expect(alarms).toEqual([]);
    await one.stop();
  });

  test('survives a restart: what was stored is not sent again, what was queued is', async () => {
    const first = ledger();
    await first.start();
    await first.queue([{ tag: tagOf(1), epoch, urgent: true }]);
    await settle();
    await first.queue([{ tag: tagOf(2), epoch }]); // due with the next batch
    await first.stop();
    await time.advance(2 * hour);
    expect(sent.length).toBe(1);
    const second = ledger();
    await second.start();
    await settle();
    expect(sent.map((each) => each.tag)).toEqual([tagOf(1), tagOf(2)]);
    expect(second.has(tagOf(1))).toBe(true);
    await second.stop();
  });

  test('the next epoch goes out over the day before it starts, each tag at its own time, the old one is dropped a day after', async () => {
    const one = ledger();
    await one.start();
    const tags = Array.from({ length: 40 }, (_, i) => tagOf(i));
    await one.queue(tags.map((tag) => ({ tag, epoch: epoch + 1 })));
    await time.advance(epochStart(epoch + 1) - day - time.now() - 1);
    expect(sent).toEqual([]);
    await time.advance(day + 1);
    expect(new Set(sent.map((each) => each.tag)).size).toBe(40);
    const hours = new Set(sent.map((each) => Math.floor(each.at / hour)));
    expect(hours.size).toBeGreaterThan(12);
    await time.advance(8 * day + hour);
    expect(one.has(tags[0]!)).toBe(false);
    expect(disk.entries.size).toBe(0);
    await one.stop();
  });

  test('raises one alarm before a record lapses and tries every few minutes when nobody stores it', async () => {
    const one = ledger();
    await one.start();
    await one.queue([{ tag: tagOf(1), epoch, urgent: true }]);
    await settle();
    storedOn = 0;
    await time.advance(35 * hour);
    expect(alarms).toEqual([]);
    const before = sent.length;
    await time.advance(2 * hour);
    expect(alarms.map((each) => each.kind)).toEqual(['lapsing']);
    expect(sent.length - before).toBeGreaterThan(20);
    await time.advance(12 * hour);
    expect(alarms.map((each) => each.kind)).toEqual(['lapsing', 'lapsed']);
    storedOn = 3;
    await time.advance(10 * 60_000);
    expect(one.status()).toMatchObject({ stored: { full: 1 }, alarms: [] });
    await one.stop();
  });

  test('a record that cannot be made does not hold up the others; one that is gone is dropped', async () => {
    const one = ledger({
      makeRecord: async (entry) => {
        if (entry.tag === tagOf(1)) throw new Error('vault');
        if (entry.tag === tagOf(2)) return undefined;
        return { bytes: new Uint8Array(1), freshUntil: time.now() + 2 * day };
      },
    });
    await one.start();
    await one.queue([1, 2, 3].map((n) => ({ tag: tagOf(n), epoch, urgent: true })));
    await settle();
    expect(sent.map((each) => each.tag)).toEqual([tagOf(3)]);
    expect(failures.length).toBe(1);
    expect([1, 2, 3].map((n) => one.has(tagOf(n)))).toEqual([true, false, true]);
    await one.stop();
  });

  test('a version queued while the one before is on its way is sent too', async () => {
    const goOn = Promise.withResolvers<void>();
    let calls = 0;
    const one = ledger({
      publish: async (records) => {
        calls++;
        if (calls === 1) await goOn.promise;
        return records.map(() => ({ stored: 3, wanted: 3, errors: [] }));
      },
    });
    await one.start();
    await one.queue([{ tag: tagOf(1), epoch, urgent: true }]);
    await settle();
    await time.advance(1000);
    await one.queue([{ tag: tagOf(1), epoch, urgent: true }]);
    goOn.resolve();
    await settle();
    expect(calls).toBe(2);
    await one.stop();
  });

  test('thousands go out in rounds of bounded size', async () => {
    const sizes: number[] = [];
    const one = ledger(
      {
        publish: async (records) => {
          sizes.push(records.length);
          return records.map(() => ({ stored: 3, wanted: 3, errors: [] }));
        },
      },
      { roundRecords: 500 },
    );
    await one.start();
    await one.queue(Array.from({ length: 1750 }, (_, i) => ({ tag: tagOf(i), epoch, urgent: true })));
    await settle();
    expect(sizes).toEqual([500, 500, 500, 250]);
    await one.stop();
  });
});
