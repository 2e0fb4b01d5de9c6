import { expect, it } from 'vitest';
import { storeHuge } from './store-memory.ts';

const MiB = 1024 * 1024;

it('stores 300 MB without holding it', async () => {
  expect((await storeHuge(300 * MiB, 'file')).most).toBeLessThan(96 * MiB);
});

it('stores 300 MB of bulk data without holding them', async () => {
  expect((await storeHuge(300 * MiB, 'bulk data')).most).toBeLessThan(96 * MiB);
});
