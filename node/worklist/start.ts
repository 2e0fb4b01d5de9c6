// Orders, worklist and performed procedure steps of a peer, over its stores.
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Acts } from '../audit/acts.ts';
import type { Services } from '../dicom/dimse/services.ts';
import type { Kv } from '../store/kv.ts';
import type { StudyRecord } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { type MachineParts, reportFailure } from '../system/parts.ts';
import { performedStepService } from './mpps-scp.ts';
import type { Moment } from './order.ts';
import { Orders } from './orders.ts';
import { PerformedSteps } from './performed-steps.ts';
import { worklistService } from './worklist-scp.ts';

/** The orders that are kept; `arrived` joins the images of a study to theirs. */
export async function openOrders({ kv, clock, random, log }: MachineParts & { readonly kv: Kv }) {
  const orders = new Orders({ kv, clock, random });
  await orders.load();
  const arrived = ({ uid, series }: StudyRecord): void => {
    const modalities = series.flatMap(({ modality }) => modality ?? []);
    orders.arrived(uid, modalities).catch(reportFailure(log, 'joining images to their order'));
  };
  return { orders, arrived };
}

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
