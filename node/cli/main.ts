// The command line: `npm run -s dicomnet -- COMMAND`. Commands load what they need only when they are called.
import { Command, CommanderError } from 'commander';
import { systemClock } from '../system.ts';
import { registerAudit } from './audit.ts';
import type { Run } from './command.ts';
import { registerApprove, registerDeny } from './decide.ts';
import { registerDoctor } from './doctor.ts';
import { registerExport } from './export.ts';
import { registerFederation } from './federation.ts';
import { registerFind } from './find.ts';
import { registerImport } from './import.ts';
import { registerInit } from './init.ts';
import { registerJoin } from './join.ts';
import { registerOrders } from './orders.ts';
import { registerPacs, registerRouting } from './pacs.ts';
import { registerPatient } from './patient.ts';
import { registerPatients } from './patients.ts';
import { registerQuarantine } from './quarantine.ts';
import { registerConclude, registerReport } from './report.ts';
import { registerRequest } from './request.ts';
import { registerRequests } from './requests.ts';
import { registerStart } from './start.ts';
import type { Io } from './terminal.ts';
import { t } from './text.ts';
import { registerToken } from './token.ts';
import { registerTransfers } from './transfers.ts';
import { registerUser } from './user.ts';

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
  const program = new Command('dicomnet').description(t('program'));
  program.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err }).showHelpAfterError(false);
  for (const register of commands) register(program, run);
  try {
    await program.parseAsync(args, { from: 'user' });
    return run.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '');
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
