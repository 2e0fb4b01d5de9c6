// What every wing of the peer is started over: the machine's, or the simulator's.
import type { Bulk } from '../../protocol/bulk.ts';
import type { Verify } from '../../protocol/identity.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Events } from './events.ts';
import { errorFields, type Log } from './log.ts';
import type { Timers } from './machine.ts';

export interface MachineParts {
  readonly bulk: Bulk;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
}

/** Says in the log that something failed which nobody waits for. */
export const reportFailure =
  (log: Log, what: string) =>
  (error: unknown): void =>
    log.warn({ what, ...errorFields(error) }, 'something failed');
