// Orders, worklist and performed procedure steps of a peer, over its stores.
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Acts } from '../audit/acts.ts';
import type { Services } from '../dicom/dimse/services.ts';
import type { Kv } from '../store/kv.ts';
import type { Vault } from '../store/vault.ts';
import { performedStepService } from './mpps-scp.ts';
import type { Moment } from './order.ts';
import type { Orders } from './orders.ts';
import { PerformedSteps } from './performed-steps.ts';
import { worklistService } from './worklist-scp.ts';

/** What the DIMSE server answers of them. */
export function worklistServices(parts: {
  readonly orders: Orders;
  readonly kv: Kv;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  /** A moment in the hospital's time. */
  readonly moment: (ms: number) => Moment;
  readonly turn: () => Promise<void>;
  readonly acts: Pick<Acts, 'worklistRead' | 'stepPerformed'>;
}): Pick<Required<Services>, 'find' | 'normalized'> {
  const { orders, kv, vault, clock, random, moment, turn, acts } = parts;
  const steps = new PerformedSteps({ orders, kv, vault, clock });
  return {
    find: [worklistService({ orders, now: () => moment(clock.now()), turn, acts })],
    normalized: [performedStepService({ steps, random, acts })],
  };
}
