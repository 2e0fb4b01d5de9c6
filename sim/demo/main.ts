// npm run demo: three hospitals on this machine. A study is sent to one, found from another, asked for, approved,
// carried over, and compared to the byte. See --help.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemTimers } from '../../node/system/machine.ts';
import { Demonstration, type Result } from './demonstration.ts';
import { Show } from './show.ts';
import { prepare, type ToSend } from './story.ts';

const help = `npm run demo [-- OPTIONS]

  --studies DIR  send the DICOM files below DIR instead of made-up studies
  --once         end when it is done instead of staying until Ctrl-C
  --json         print one line of JSON on stdout at the end; what happens goes to stderr
  --keep         leave the data folders where they are
`;

/** How long what is left of an interrupted run may keep this process alive. */
const lingerMs = 2_000;

interface Options {
  readonly studies?: string | undefined;
  readonly once: boolean;
  readonly json: boolean;
  readonly keep: boolean;
}

/** @returns undefined after having said what is wrong, or the help that was asked for */
function optionsOf(args: string[]): Options | number {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const options = { studies: { type: 'string' }, once: flag, json: flag, keep: flag, help: flag } as const;
    const { values } = parseArgs({ args, options });
    if (!values.help) return { ...values, studies: values.studies === undefined ? undefined : resolve(values.studies) };
    process.stdout.write(help);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

/** Resolves at the first signal that ends the program; later ones (npm passes them on again) change nothing. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });

/** @returns the exit code: 0 done, 1 failed or something differs, 130 interrupted */
async function run(options: Options): Promise<number> {
  const signal = interrupted();
  const show = new Show((text) => void (options.json ? process.stderr : process.stdout).write(text));
  const toSend = await Promise.race([prepare(options.studies, show).catch(asError), signal]);
  if (toSend === undefined) return 130;
  if (toSend instanceof Error) return failed(toSend, show);
  const root = await mkdtemp(join(tmpdir(), 'dicomnet-demo-'));
  const demonstration = new Demonstration(root, show, options.studies !== undefined);
  process.once('exit', () => demonstration.kill());
  const code = await shown(demonstration, toSend, options, show, signal);
  await demonstration.stop();
  if (options.keep || code === 1) show.plain(`The data folders and logs of the peers are in ${root}`);
  else await rm(root, { recursive: true });
  return code;
}

async function shown(
  demonstration: Demonstration,
  toSend: ToSend,
  { once, json, keep }: Options,
  show: Show,
  signal: Promise<void>,
): Promise<number> {
  try {
    const result = await Promise.race([demonstration.run(toSend), signal]);
    if (result === undefined) return 130;
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    const holds = result.identical && result.auditVerified;
    show.plain(holds ? '\nEverything arrived as it was sent.' : '\nNot everything is as it should be: see above.');
    if (once) return holds ? 0 : 1;
    invite(result, keep, show);
    await Promise.race([signal, demonstration.died()]);
    show.plain('\nStopping...');
    return holds ? 0 : 1;
  } catch (error) {
    const code = failed(asError(error), show);
    await demonstration.explain();
    return code;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function failed(error: Error, show: Show): number {
  show.plain(`\nIt failed: ${error.message}`);
  if (process.env.DICOMNET_LOG === 'debug') show.plain(String(error.stack));
  return 1;
}

function invite({ portals }: Result, keep: boolean, show: Show): void {
  show.plain('\nThe three hospitals stay up. Their portals, with user name and password:');
  for (const { name, url, username, password } of portals) {
    show.plain(`   ${url}   ${username}   ${password}   ${name}`);
  }
  show.plain(`\nCtrl-C stops them${keep ? '' : ' and removes their data'}.`);
}

const options = optionsOf(process.argv.slice(2));
process.exitCode = typeof options === 'number' ? options : await run(options);
systemTimers.after(lingerMs, () => process.exit());
