// The command line: `npm run -s dicomnet -- COMMAND`. Commands load what they need only when they are called.
import { CommanderError } from 'commander';
import { systemClock } from '../system/machine.ts';
import type { Run } from './command.ts';
import { misuse } from './misuse.ts';
import { programFor } from './program.ts';
import type { Io } from './terminal.ts';
import { t } from './text.ts';

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 misused */
async function main(args: readonly string[], io: Io): Promise<number> {
  const run: Run = { io, exitCode: 0 };
  try {
    await programFor(run).parseAsync(args, { from: 'user' });
    return run.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = misuse(error);
    if (error.code !== 'commander.help') io.err(`${t('misuse.error', { message })}\n`); // help has said what there is
    if (args.includes('--json')) io.out(`${JSON.stringify({ error: { code: 'cli/misuse', message } })}\n`);
    return 2;
  }
}

// a reader that has seen enough, like head, is no failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  live: process.stderr.isTTY === true,
  now: () => systemClock.now(),
});
