import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MeterAllowance, type MeterState, newMeter, take } from '../../../protocol/tags/meter.ts';

const hour = 3_600_000;
const options = { pointsPerHour: 1200, burstPoints: 3000, t: 2, n: 4 };
const allowance: MeterAllowance = { id: 'first', points: 1000, from: 10, to: hour };

describe('a meter', () => {
  it('gives t/n of the burst at once and t/n of the rate afterwards', () => {
    const full = take(options, newMeter(options, 0), { points: 1500, now: 0, allowances: [] });
    expect(full.granted).toBe(true);
    const empty = take(options, full.state, { points: 1, now: 0, allowances: [] });
    expect(empty).toMatchObject({ granted: false, waitMs: 6000 });
    expect(take(options, empty.state, { points: 1, now: 5999, allowances: [] }).granted).toBe(false);
    expect(take(options, empty.state, { points: 1, now: 6000, allowances: [] }).granted).toBe(true);
    expect(take(options, empty.state, { points: 601, now: hour, allowances: [] }).granted).toBe(false);
    expect(take(options, empty.state, { points: 600, now: hour, allowances: [] }).granted).toBe(true);
  });

  it('lets one full batch through whatever its share, and says when a request can never be met', () => {
    const small = { ...options, burstPoints: 1 };
    expect(take(small, newMeter(small, 0), { points: 256, now: 0, allowances: [] }).granted).toBe(true);
    expect(take(small, newMeter(small, 0), { points: 257, now: 0, allowances: [] })).toMatchObject({
      waitMs: undefined,
    });
  });

  it('draws on t/n of a running allowance first, and only while it runs', () => {
    const spent = { ...newMeter(options, 0), level: 0 };
    const at = (now: number, points: number) => take(options, spent, { points, now, allowances: [allowance] });
    expect(at(9, 1).granted).toBe(false);
    expect(at(10, 500)).toMatchObject({ granted: true, fromAllowances: 500 });
    expect(at(10, 501).granted).toBe(false);
    expect(at(hour, 601).granted).toBe(false);
    const used = at(10, 500).state;
    expect(take(options, used, { points: 1, now: 10, allowances: [allowance] }).granted).toBe(false);
    expect(take(options, used, { points: 500, now: 10, allowances: [{ ...allowance, id: 'second' }] }).granted).toBe(
      true,
    );
  });

  it('takes nothing when it refuses, and forgets allowances that the roster no longer names', () => {
    const spent = { ...newMeter(options, 0), level: 5 };
    const refused = take(options, spent, { points: 506, now: 10, allowances: [allowance] });
    expect(refused.state).toMatchObject({ used: {}, refused: 506, granted: 0 });
    expect(take(options, refused.state, { points: 505, now: 10, allowances: [allowance] }).granted).toBe(true);
    const after = take(options, { ...spent, used: { first: 3 } }, { points: 1, now: 10, allowances: [] }).state;
    expect(after.used).toEqual({});
  });

  it('is not refilled by a clock that is set back', () => {
    const empty: MeterState = { ...newMeter(options, hour), level: 0 };
    const back = take(options, empty, { points: 1, now: 0, allowances: [] }).state;
    expect(take(options, back, { points: 1, now: hour, allowances: [] }).granted).toBe(false);
  });

  it('never gives more than burst, rate and allowance together, and survives being written out', () => {
    const requests = fc.array(fc.record({ points: fc.integer({ min: 1, max: 256 }), pause: fc.nat(hour / 4) }), {
      maxLength: 60,
    });
    const property = fc.property(requests, (list) => {
      let state = newMeter(options, 0);
      let now = 0;
      let given = 0;
      for (const { points, pause } of list) {
        now += pause;
        const outcome = take(options, state, { points, now, allowances: [allowance] });
        if (outcome.granted) given += points;
        state = JSON.parse(JSON.stringify(outcome.state));
      }
      expect(given).toBeLessThanOrEqual(1500 + (600 * now) / hour + 500 + 1e-6);
      expect(state.granted).toBe(given);
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
});
