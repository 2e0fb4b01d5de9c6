// Fast tests are *.test.ts, slow ones *.slow.ts; `SLOW=1` runs the slow ones instead. No test is retried.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const slow = process.env.SLOW === '1';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: [slow ? 'test/**/*.slow.ts' : 'test/**/*.test.ts'],
    retry: 0,
    testTimeout: slow ? 600_000 : 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
  },
});
