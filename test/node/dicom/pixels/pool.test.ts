// The pool: deadlines, workers that end, bounded queue, memory that returns.
import { afterEach, expect, test } from 'vitest';
import { PixelPool } from '../../../../node/dicom/pixels/pool.ts';
import type { PixelShape } from '../../../../node/dicom/pixels/shape.ts';
import { systemTimers } from '../../../../node/system/machine.ts';
import { limits } from '../../../../protocol/limits.ts';
import { codeOf } from '../helpers.ts';

const shape: PixelShape = {
  ...{ rows: 2, columns: 2, samples: 1, bitsAllocated: 8, bitsStored: 8, highBit: 7, signed: false, planar: 0 },
  ...{ photometric: 'MONOCHROME2', number: 'integer' },
};
const job = (length = 4) =>
  ({ type: 'decode', shape, transferSyntax: '1.2.840.10008.1.2.1', bytes: new Uint8Array(length).fill(7) }) as const;
const script = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const on = (what: string) =>
  script(`import { parentPort } from 'node:worker_threads'; parentPort.on('message', (job) => { ${what} });`);

/** Timers that a test winds by hand. */
function handTimers() {
  const running = new Map<() => void, number>();
  return {
    after: (ms: number, run: () => void) => {
      running.set(run, ms);
      return () => void running.delete(run);
    },
    fire: (ms: number) => {
      for (const [run, after] of [...running]) if (after === ms) run();
    },
  };
}

let pool: PixelPool;
afterEach(() => pool.stop());

test('a job has its answer, and its worker ends when there is no more to do', async () => {
  const timers = handTimers();
  pool = new PixelPool({ workers: 2 }, { timers });
  const frames = await Promise.all([pool.run(job()), pool.run(job()), pool.run(job())]);
  expect(frames.map(({ pixels }) => [...pixels])).toEqual([1, 2, 3].map(() => [7, 7, 7, 7]));
  expect(pool.workers).toBe(2);
  timers.fire(limits.pixelIdleMs);
  expect(pool.workers).toBe(0);
  expect([...(await pool.run(job())).pixels]).toEqual([7, 7, 7, 7]);
});

test('a worker that keeps no deadline is ended, and the next job is done', async () => {
  const timers = handTimers();
  pool = new PixelPool(
    { workers: 1, script: on('if (job.bytes.length === 4) for (;;); parentPort.postMessage({ result: 1 });') },
    { timers },
  );
  const stuck = codeOf(pool.run(job()));
  const next = pool.run(job(5));
  timers.fire(limits.pixelJobMs);
  expect(await stuck).toBe('pixels/deadline');
  expect(await next).toBe(1);
});

test('a worker that ends by itself fails its job alone', async () => {
  pool = new PixelPool(
    { workers: 1, script: on('if (job.bytes.length === 4) process.exit(3); parentPort.postMessage({ result: 2 });') },
    { timers: systemTimers },
  );
  const [lost, next] = [codeOf(pool.run(job())), pool.run(job(5))];
  expect(await lost).toBe('pixels/worker');
  expect(await next).toBe(2);
});

test('what waits is bounded in number and in bytes, and refused when the pool stops', async () => {
  pool = new PixelPool({ workers: 1, script: on('') }, { timers: handTimers() });
  const waiting = Array.from({ length: limits.pixelJobs + 1 }, () => codeOf(pool.run(job())));
  expect(await codeOf(pool.run(job()))).toBe('pixels/busy');
  await pool.stop();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['net/stopped']));
  expect(await codeOf(pool.run(job()))).toBe('net/stopped');

  pool = new PixelPool({ workers: 1, script: on('') }, { timers: handTimers() });
  const first = codeOf(pool.run(job()));
  const large = { ...job(), bytes: { byteLength: limits.pixelJobBytes + 1 } as Uint8Array };
  expect(await codeOf(pool.run(large))).toBe('pixels/busy');
  await pool.stop();
  expect(await first).toBe('net/stopped');
});
