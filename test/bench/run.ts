// `npm run bench -- NAME [--json]`: runs one benchmark against its baselines. `--rounds` and `--instances` make it
// shorter for trying it out.
import { parseArgs } from 'node:util';
import { type BenchOptions, describeReport, type Report } from './harness.ts';

const benchmarks: Record<string, () => Promise<{ bench(options: BenchOptions): Promise<Report> }>> = {
  transfer: () => import('./transfer.ts'),
  import: () => import('./import.ts'),
  seal: () => import('./seal.ts'),
  qido: () => import('./qido.ts'),
};

const options = { json: { type: 'boolean' }, rounds: { type: 'string' }, instances: { type: 'string' } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true, strict: false });
const [name, ...rest] = positionals;
const found = name === undefined ? undefined : benchmarks[name];
const numbers = Object.entries(values).filter(([key]) => key !== 'json');
const isUsed = numbers.every(([key, value]) => key in options && /^[1-9][0-9]{0,6}$/.test(String(value)));
if (found === undefined || rest.length > 0 || !isUsed) {
  console.error(`usage: npm run bench -- NAME [--json], where NAME is one of ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  const report = await (await found()).bench(Object.fromEntries(numbers.map(([key, value]) => [key, Number(value)])));
  console.log(values.json === true ? JSON.stringify(report) : describeReport(report));
}
