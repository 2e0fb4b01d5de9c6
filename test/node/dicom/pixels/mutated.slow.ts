// Damaged frames: each ends in an answer or a coded error within its deadline, and the memory they took returns.
import { expect, test } from 'vitest';
import { PixelPool } from '../../../../node/dicom/pixels/pool.ts';
import { recipe } from '../../../../node/dicom/pixels/recipe.ts';
import { pixelSource } from '../../../../node/dicom/pixels/source.ts';
import { systemTimers } from '../../../../node/system/machine.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { Noise } from '../../../../sim/studies/phantom.ts';
import { samples } from '../samples.ts';
import { storedFile } from './kit.ts';

const wanted = /\.(4\.(50|51|53|55|57|70|80|81|90|91|201|203)|8\.1|5)$/;
const small = samples().filter(({ transferSyntax, path }) => wanted.test(transferSyntax) && !/embedded/.test(path));

test.runIf(small.length > 0)('1,000 damaged frames of every codec leave the pool as it was', async () => {
  const noise = new Noise(7);
  const random = (below: number) => noise.next() % below;
  const pool = new PixelPool({ workers: 2, jobMs: 5_000 }, { timers: systemTimers });
  const codes = new Map<string, number>();
  const before = process.memoryUsage().rss;
  const files = [];
  for (const sample of small) {
    const stored = await storedFile(sample.read()).catch(() => undefined);
    if (stored && stored.length < 300_000 && stored.header['7FE00010']) files.push(stored);
  }
  for (let i = 0; i < 1000; i += 1) {
    const stored = files[i % files.length]!;
    const { shape, transferSyntax, frame } = pixelSource(stored);
    const whole = await frame(0);
    const bytes = Uint8Array.from(random(10) === 0 ? whole.subarray(0, 1 + random(whole.length)) : whole);
    // headers are where sizes stand
    const reach = random(2) === 0 ? Math.min(200, bytes.length) : bytes.length;
    for (let n = 0; n <= random(8); n += 1) bytes[random(reach)] = random(256);
    const how = await recipe(stored, shape, 0, { type: 'image/png', view: { width: 32, height: 32 } });
    const code = await pool.run({ type: 'render', recipe: how, shape, transferSyntax, bytes }).then(
      () => 'rendered',
      (error: unknown) => {
        if (!(error instanceof PeerError)) throw error;
        return error.code;
      },
    );
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const known = ['rendered', 'pixels/corrupt', 'pixels/unsupported', 'pixels/too-large', 'pixels/deadline'];
  expect([...codes.keys()].filter((code) => !known.includes(code))).toEqual([]);
  expect(codes.get('pixels/corrupt')).toBeGreaterThan(100);
  await pool.stop();
  expect(pool.workers).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
  console.warn([...codes].map(([code, count]) => `${code}: ${count}`).join(', '));
});
