import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../../node/flow/recent.ts';

test('what was put in longest ago goes first', () => {
  const recent = new Recent<string, number>({ most: 2 });
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('a', 3);
  recent.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
  expect(recent.has('b')).toBe(false);
  expect(recent.size).toBe(2);
});

test('looking one up does not keep it', () => {
  const recent = new Recent<string, number>({ most: 2 });
  recent.set('a', 1);
  recent.set('b', 2);
  recent.get('a');
  recent.set('c', 3);
  expect(recent.has('a')).toBe(false);
});

test('an entry counts for its time, from when it was put in last', () => {
  let now = 1_000;
  const recent = new Recent<string, string>({ most: 10, lasting: { ms: 100, clock: { now: () => now } } });
  recent.set('a', 'once');
  now = 1_099;
  expect(recent.get('a')).toBe('once');
  now = 1_100;
  expect([recent.get('a'), recent.has('a')]).toEqual([undefined, false]);
  recent.set('a', 'again');
  now = 1_199;
  expect(recent.get('a')).toBe('again');
});

test('a deleted entry makes room', () => {
  const recent = new Recent<string, number>({ most: 1 });
  recent.set('a', 1);
  recent.delete('a');
  recent.set('b', 2);
  expect([recent.has('a'), recent.get('b'), recent.size]).toEqual([false, 2, 1]);
});

test('holds the last distinct keys of whatever was put in', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.integer() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (steps, most) => {
      const recent = new Recent<number, number>({ most });
      for (const { key, value } of steps) recent.set(key, value);
      const last = new Map(
        steps.toReversed().map(({ key }) => [key, steps.findLast((each) => each.key === key)!.value]),
      );
      const kept = [...last].slice(0, most);
      expect(recent.size).toBe(kept.length);
      for (const [key, value] of kept) expect(recent.get(key)).toBe(value);
    }),
    { seed: 1 },
  );
});
