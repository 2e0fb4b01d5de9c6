import { expect, it } from 'vitest';
import { storeHuge } from './store-memory.ts';

const MiB = 1024 * 1024;

it('stores 4 GB with its memory flat', async () => {
  expect((await storeHuge(4096 * MiB - 4096, 'file')).most).toBeLessThan(96 * MiB);
});
