import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultOrder, moveToFront } from '../../../protocol/transfer/order.ts';

it('starts with the middle of every series and goes outwards, series in turns', () => {
  expect(defaultOrder([5, 2, 0, 1])).toEqual([2, 6, 7, 3, 5, 1, 4, 0]);
});

it('names every object once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 8 }), (series) => {
      const total = series.reduce((sum, count) => sum + count, 0);
      expect([...defaultOrder(series)].sort((a, b) => a - b)).toEqual([...Array(total).keys()]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

it('moves what is queued to the front in the order asked, once, and nothing else', () => {
  expect(moveToFront([1, 2, 3, 4], [4, 9, 2, 4])).toEqual([4, 2, 1, 3]);
});
