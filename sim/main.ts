// npm run sim -- [--seed N] [--scenario first] [--hospitals 50] [--json]: runs a world and says what it does. Ends with 1
// when something that must hold did not, with how to run the same again.
import { parseArgs } from 'node:util';
import { systemClock } from '../node/system/machine.ts';
import { command, type ScenarioName, SimFailure, scenarios, simulate } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string', default: 'first' },
    hospitals: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  },
});

const options = {
  seed: number('seed', values.seed, 0, 2 ** 32),
  scenario: values.scenario as ScenarioName,
  hospitals: number('hospitals', values.hospitals, 3, 200),
  print: values.json ? undefined : (line: string) => console.log(line),
};
if (!(options.scenario in scenarios)) misused(`there is no scenario ${values.scenario}`);

const started = systemClock.now();
process.on('unhandledRejection', (error) => {
  console.error(error, `\nrun it again:\n  ${command(options)}`);
  process.exit(1);
});
try {
  const result = { ...(await simulate(options)), seconds: (systemClock.now() - started) / 1000 };
  console.log(values.json ? JSON.stringify({ ok: true, ...result }) : result);
} catch (error) {
  if (!(error instanceof SimFailure)) throw error;
  console.error(error.message);
  if (values.json) console.log(JSON.stringify({ ok: false, seed: options.seed, again: command(options) }));
  process.exitCode = 1;
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) misused(`--${name} is a number from ${from} to ${to}`);
  return value;
}

function misused(why: string): never {
  console.error(why);
  process.exit(2);
}
