// `npm run bench -- NAME [--json]`: runs one benchmark against its baselines.
import { describeReport, type Report } from './harness.ts';

const benchmarks: Record<string, () => Promise<{ bench(): Promise<Report> }>> = {
  seal: () => import('./seal.ts'),
};

const [name, ...rest] = process.argv.slice(2).filter((arg) => arg !== '--json');
const found = name === undefined ? undefined : benchmarks[name];
if (found === undefined || rest.length > 0) {
  console.error(`usage: npm run bench -- NAME [--json], where NAME is one of ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  const report = await (await found()).bench();
  console.log(process.argv.includes('--json') ? JSON.stringify(report) : describeReport(report));
}
