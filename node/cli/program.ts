// The program's commands in the order in which its help lists them.
import { Command, Option } from 'commander';
import { languages } from '../api/texts/language.ts';
import type { Run } from './command.ts';
import { registerToken, registerUser } from './commands/accounts.ts';
import { registerAudit } from './commands/audit.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExport } from './commands/export.ts';
import { registerFederation } from './commands/federation.ts';
import { registerFind } from './commands/find.ts';
import { registerImport } from './commands/import.ts';
import { registerInit } from './commands/init.ts';
import { registerJoin } from './commands/join.ts';
import { registerOrders } from './commands/orders.ts';
import { registerPacs, registerRouting } from './commands/pacs.ts';
import { registerPatient, registerPatients } from './commands/patients.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerConclude, registerReport } from './commands/report.ts';
import { registerRequest } from './commands/request.ts';
import { registerApprove, registerDeny, registerRequests } from './commands/requests.ts';
import { registerStart } from './commands/start.ts';
import { registerStorage } from './commands/storage.ts';
import { registerTransfers } from './commands/transfers.ts';
import { speak } from './misuse.ts';
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
  registerStorage,
  registerFederation,
];

/** The command line with all its commands, which throws CommanderError where it would exit; `run` gets the rest. */
export function programFor(run: Run): Command {
  const { out, err } = run.io;
  const program = speak(new Command('dicomnet')).description(t('program'));
  program.addOption(new Option('--lang <lang>', t('option.lang')).choices(languages));
  // commands take these from their parent when they are made
  program.exitOverride().configureOutput({ writeOut: out, writeErr: err, outputError: () => undefined });
  for (const register of commands) register(program, run);
  return program;
}
