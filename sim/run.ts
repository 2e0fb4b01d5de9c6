// Runs a scenario in a world of its own and looks at the checks all the time. The same seed gives the same world.
import { allChecks } from './checks/all.ts';
import { type Check, Violation } from './checks/check.ts';
import { first } from './scenarios/first.ts';
import { World, type WorldOptions } from './world.ts';

export const scenarios = { first } as const;
export type ScenarioName = keyof typeof scenarios;

export interface SimOptions extends WorldOptions {
  readonly scenario: ScenarioName;
}

export interface SimResult {
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly hospitals: number;
  /** SHA-256 of everything that happened. */
  readonly trace: string;
  readonly virtualHours: number;
  readonly timers: number;
  readonly transfers: number;
  readonly summaries: number;
  readonly figures: World['figures'];
}

/** Why a world failed: what to read, and how to run it again. */
export class SimFailure extends Error {
  override name = 'SimFailure';

  constructor(options: SimOptions, world: World, dump: readonly string[], cause: unknown) {
    const what = cause instanceof Error ? (cause instanceof Violation ? cause.message : cause.stack) : String(cause);
    const lines = [
      `seed ${options.seed}, scenario ${options.scenario}: ${what}`,
      ...dump.map((line) => `  ${line}`),
      'what happened last:',
      ...world.trace.tail.map((line) => `  ${line}`),
      'run it again:',
      `  ${command(options)}`,
    ];
    super(lines.join('\n'), { cause });
  }
}

/** The command that does the same again. */
export const command = ({ seed, scenario, hospitals }: Pick<SimOptions, 'seed' | 'scenario' | 'hospitals'>): string =>
  `npm run sim -- --seed ${seed} --scenario ${scenario} --hospitals ${hospitals}`;

const lookEveryMs = 5 * 60_000;
/** No scenario lasts longer: what has not ended by then never will. */
const longestMs = 14 * 24 * 3_600_000;

/** @throws SimFailure */
export async function simulate(options: SimOptions): Promise<SimResult> {
  const world = new World(options);
  const checks = allChecks();
  const begin = world.time.now();
  let over = false;
  void world
    .spawn(options.scenario, () => scenarios[options.scenario](world))
    .then(() => {
      over = true;
    });
  try {
    while (!over && world.failure === undefined) {
      await world.time.run(world.time.now() + lookEveryMs);
      for (const check of checks) await check.every(world);
      if (world.time.now() - begin > longestMs) throw new Error(`these come to no end: ${[...world.busy].join(', ')}`);
    }
    if (world.failure !== undefined) throw world.failure;
    for (const check of checks) await check.atEnd(world);
  } catch (cause) {
    throw new SimFailure(options, world, dumpOf(checks, world, cause), cause);
  }
  const count = (kind: string) => world.facts.releases.filter((each) => each.kind === kind).length;
  return {
    ...{ seed: options.seed, scenario: options.scenario, hospitals: options.hospitals },
    trace: world.trace.hash,
    virtualHours: Math.round((world.time.now() - begin) / 3_600_000),
    timers: world.time.fired,
    transfers: count('transfer'),
    summaries: count('summary'),
    figures: world.figures,
  };
}

function dumpOf(checks: readonly Check[], world: World, cause: unknown): string[] {
  const check = checks.find((each) => cause instanceof Violation && each.id === cause.check);
  return check === undefined ? [] : check.dump(world);
}
