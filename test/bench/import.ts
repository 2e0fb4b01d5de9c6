import type { BenchOptions, Report } from './harness.ts';
export const bench = (_: BenchOptions): Promise<Report> => {
  throw new Error('todo');
};
