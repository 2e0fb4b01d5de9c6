// Compares programs fairly: every contender runs once a round, in turns that shift from round to round, so that what
// slows the machine down slows all of them; a ratio is the median of the rounds' ratios.

import { availableParallelism, loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** One thing to be measured. */
export interface Contender {
  readonly name: string;
  readonly unit: string;
  /** Runs once and gives its figure in `unit`. */
  run(): number | Promise<number>;
}

/** A figure that is wanted: how many times the baseline's the subject's is. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  /** What the design aims at. */
  readonly aim?: number;
}

export interface Result {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

export interface Report {
  readonly name: string;
  readonly rounds: number;
  readonly results: readonly Result[];
  /** By "subject / baseline". */
  readonly ratios: Readonly<Record<string, number>>;
  readonly aims: Readonly<Record<string, number>>;
  /** Baselines that could not run, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

/** For trying a benchmark out; without them it runs as published. */
export interface BenchOptions {
  readonly rounds?: number;
  readonly instances?: number;
}

export interface Benchmark {
  readonly name: string;
  readonly contenders: readonly Contender[];
  readonly ratios: readonly Ratio[];
  readonly skipped?: Report['skipped'];
  /** What was measured, and what the machine did beside it. */
  readonly notes?: readonly string[];
  /** 5 by default; fewer only to try it out. */
  readonly rounds?: number;
  /** Rounds that do not count; 1 by default. */
  readonly warmups?: number;
}

setFlagsFromString('--expose-gc');
/** Before each turn, so that no contender pays for what another left behind. */
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs all rounds. A failing contender fails the benchmark: there are no figures of what did not work. */
export async function measure(benchmark: Benchmark): Promise<Report> {
  const { name, contenders, ratios, skipped = [], notes = [], warmups = 1, rounds = 5 } = benchmark;
  const figures = new Map<string, number[]>(contenders.map((each) => [each.name, []]));
  for (let round = -warmups; round < rounds; round++) {
    for (const contender of turns(contenders, round + warmups)) {
      collectGarbage();
      const figure = await contender.run();
      if (round >= 0) figures.get(contender.name)!.push(figure);
    }
  }
  return {
    name,
    rounds,
    results: contenders.map(({ name, unit }) => summary(name, unit, figures.get(name)!)),
    ratios: Object.fromEntries(ratios.map((ratio) => [nameOf(ratio), ratioOf(ratio, figures)])),
    aims: Object.fromEntries(ratios.flatMap((ratio) => (ratio.aim === undefined ? [] : [[nameOf(ratio), ratio.aim]]))),
    skipped,
    notes: [...notes, machine()],
  };
}

/** What else the machine does shows in its load; the benchmark's own part is in it. */
const machine = (): string =>
  `${availableParallelism()} cores, load average ${loadavg()[0]!.toFixed(1)} over the last minute, Node ${process.version}`;

/** Figures of a rate: `bytes` in `seconds` as MB/s. */
export const megabytesPerSecond = (bytes: number, seconds: number): number => bytes / seconds / 1e6;

/** Seconds that `run` took. */
export async function secondsOf(run: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** The report for people, ratios first. */
export function describeReport(report: Report): string {
  const ratios = Object.entries(report.ratios).map(([name, ratio]) => {
    const aim = report.aims[name];
    return `${ratio.toFixed(2)}  ${name}${aim === undefined ? '' : ` (aim ${aim})`}`;
  });
  const width = Math.max(...report.results.map(({ name }) => name.length));
  const results = report.results.map(
    ({ name, median, min, max, unit }) =>
      `${name.padEnd(width)}  ${figure(median)} ${unit}  (${figure(min)} to ${figure(max)})`,
  );
  const skipped = report.skipped.map(({ name, reason }) => `skipped: ${name}: ${reason}`);
  const title = `${report.name}: medians of ${report.rounds} interleaved rounds`;
  return [title, '', ...ratios, '', ...results, ...skipped, '', ...report.notes].join('\n');
}

const figure = (value: number): string => value.toPrecision(4);

const nameOf = ({ of, to }: Ratio): string => `${of} / ${to}`;

function ratioOf({ of, to }: Ratio, figures: ReadonlyMap<string, readonly number[]>): number {
  const [subject, baseline] = [figures.get(of), figures.get(to)];
  if (subject === undefined || baseline === undefined) throw new Error(`no contender for the ratio ${of} / ${to}`);
  return median(subject.map((each, round) => each / baseline[round]!));
}

const turns = <T>(list: readonly T[], by: number): T[] => list.map((_, i) => list[(i + by) % list.length]!);

const summary = (name: string, unit: string, figures: readonly number[]): Result => ({
  name,
  median: median(figures),
  min: Math.min(...figures),
  max: Math.max(...figures),
  unit,
});

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
