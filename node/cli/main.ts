// The command line: `npm run -s dicomnet -- COMMAND`. Commands load what they need only when they are called.
import { Command, CommanderError, Option } from 'commander';
import { languages } from '../api/texts/language.ts';
import { systemClock } from '../system/machine.ts';
import type { Run } from './command.ts';
import { registerAudit } from './commands/audit.ts';
import { registerApprove, registerDeny } from './commands/decide.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExport } from './commands/export.ts';
import { registerFederation } from './commands/federation.ts';
import { registerFind } from './commands/find.ts';
import { registerImport } from './commands/import.ts';
import { registerInit } from './commands/init.ts';
import { registerJoin } from './commands/join.ts';
import { registerOrders } from './commands/orders.ts';
import { registerPacs, registerRouting } from './commands/pacs.ts';
import { registerPatient } from './commands/patient.ts';
import { registerPatients } from './commands/patients.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerConclude, registerReport } from './commands/report.ts';
import { registerRequest } from './commands/request.ts';
import { registerRequests } from './commands/requests.ts';
import { registerStart } from './commands/start.ts';
import { registerToken } from './commands/token.ts';
import { registerTransfers } from './commands/transfers.ts';
import { registerUser } from './commands/user.ts';
import { misuse, speak } from './misuse.ts';
import type { Io } from './terminal.ts';
import { t } from './text.ts';

const commands = [
  registerInit,
  registerJoin,
  registerStart,
  registerImport,
  registerFind,
  registerPatients,
  registerPatient,
  registerRequest,
  registerRequests,
  registerApprove,
  registerDeny,
  registerTransfers,
  registerExport,
  registerReport,
  registerConclude,
  registerUser,
  registerToken,
  registerAudit,
  registerQuarantine,
  registerPacs,
  registerRouting,
  registerOrders,
  registerDoctor,
  registerFederation,
];

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 misused */
async function main(args: readonly string[], io: Io): Promise<number> {
  const run: Run = { io, exitCode: 0 };
  const program = speak(new Command('dicomnet')).description(t('program'));
  program.addOption(new Option('--lang <lang>', t('option.lang')).choices(languages));
  program.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined });
  for (const register of commands) register(program, run);
  try {
    await program.parseAsync(args, { from: 'user' });
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
