// Each benchmark runs at a tiny size, with whatever baselines are installed: figures are there, none is judged.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeReport, type Report } from './harness.ts';

const program = fileURLToPath(new URL('run.ts', import.meta.url));
const bench = (...args: string[]): Report =>
  JSON.parse(execFileSync(process.execPath, [program, ...args, '--json'], { encoding: 'utf8' }));

const ours: Record<string, string[]> = {
  transfer: ['dicomnet', 'raw TCP'],
  import: ['peak memory, 0.1 GB instance', 'peak memory, 1 GB instance'],
  qido: ['dicomnet', 'dicomnet, patient id'],
};

describe.each(Object.keys(ours))('%s', (name) => {
  it('gives a figure for each that ran, the reason for each that did not, and ratios', () => {
    const report = bench(name, '--rounds', '1', '--instances', '20');
    expect(report.rounds).toBe(1);
    expect(report.results.map((each) => each.name)).toEqual(expect.arrayContaining(ours[name]!));
    for (const { median, min, max, unit } of report.results) {
      expect(Math.min(median, min, max)).toBeGreaterThan(0);
      expect(unit).toMatch(/^(MB|ms)/);
    }
    for (const { reason } of report.skipped) expect(reason).toMatch(/not installed/);
    expect(Object.keys(report.ratios).length).toBeGreaterThan(0);
    for (const ratio of Object.values(report.ratios)) expect(ratio).toBeGreaterThan(0);
    const lines = describeReport(report).split('\n');
    expect(lines[2]).toMatch(/^\d+\.\d\d {2}.+ \/ /); // ratios come first
  });
});

it('says how it is used', () => {
  expect(() => execFileSync(process.execPath, [program, 'nothing'], { stdio: 'pipe' })).toThrow(/usage: npm run bench/);
});
