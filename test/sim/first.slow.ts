import { expect, it } from 'vitest';
import { simulate } from '../../sim/run.ts';

it.each([1, 2, 3])('holds in a country of 50 hospitals, seed %i', async (seed) => {
  const { figures, transfers } = await simulate({ seed, scenario: 'first', hospitals: 50 });
  expect(figures.imports).toBeGreaterThan(500);
  expect(figures.crashes).toBeGreaterThan(50);
  expect(transfers).toBeGreaterThan(50);
});
