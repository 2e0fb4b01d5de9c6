import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../sim/main.ts', import.meta.url));

/** As `npm run sim` does, a process each, so that two seeds take both cores. @throws with what the run printed */
async function run(seed: number): Promise<{ ok: boolean; transfers: number; figures: Record<string, number> }> {
  const args = [main, '--seed', String(seed), '--hospitals', '50', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout);
}

it('holds in countries of 50 hospitals', async () => {
  for (const { ok, transfers, figures } of await Promise.all([run(1), run(2)])) {
    expect(ok).toBe(true);
    expect(figures.imports).toBeGreaterThan(500);
    expect(figures.crashes).toBeGreaterThan(30);
    expect(transfers).toBeGreaterThan(50);
  }
});
