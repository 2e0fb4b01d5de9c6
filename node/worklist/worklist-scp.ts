// Modality worklist as C-FIND provider (PS3.4 annex K): the steps that are still to be done.
import type { Acts } from '../audit/acts.ts';
import type { FindRequest, FindService } from '../dicom/dimse/services.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { queryTexts } from '../query/attributes.ts';
import { matcherOf } from '../query/matching.ts';
import type { Moment, Order, OrderStep } from './order.ts';
import { hasEnded } from './order.ts';
import type { Orders } from './orders.ts';
import { returnKeys, type StepDefaults, stepSequence, supported, worklistItem } from './worklist-item.ts';

const worklistFind = '1.2.840.10008.5.1.4.31';

export interface WorklistParts {
  readonly orders: Pick<Orders, 'all'>;
  /** Now, in the hospital's time. */
  readonly now: () => Moment;
  /** Lets others run: so many orders are looked at in between that nobody else waits long. */
  readonly turn: () => Promise<void>;
  readonly acts: Pick<Acts, 'worklistRead'>;
}

const ordersInOneTurn = 500;

export function worklistService({ orders, now, turn, acts }: WorklistParts): FindService {
  return {
    sopClassUids: [worklistFind],
    needs: 'worklist',
    async *find(request) {
      await acts.worklistRead(request.caller.aeTitle);
      yield* find(orders, request, now(), turn);
    },
    ignores: ({ identifier }) => supported(identifier, model).left,
  };
}

async function* find(
  orders: Pick<Orders, 'all'>,
  request: FindRequest,
  now: Moment,
  turn: () => Promise<void>,
): AsyncIterable<DicomJson> {
  const { identifier, caller, fuzzy } = request;
  const { keys } = supported(identifier, model);
  const matches = matcherOf(keys, { fuzzy, combined: true });
  // of now: what is placed while the answers are sent belongs to the next query
  for (const [i, order] of [...orders.all()].filter(({ status }) => !hasEnded(status)).entries()) {
    if (i % ordersInOneTurn === ordersInOneTurn - 1) await turn();
    for (const step of order.steps) {
      if (hasEnded(step.status)) continue;
      const item = worklistItem(order, step, asked(keys, caller.aeTitle, now));
      if (matches(item)) yield returnKeys(item, keys);
    }
  }
}

/** A step without a station is for any: the one that is asked for, else the one that asks. So with its modality and time. */
function asked(keys: DicomJson, aeTitle: string, now: Moment): StepDefaults {
  const step = (keys[stepSequence]?.Value?.[0] ?? {}) as DicomJson;
  const only = (tag: string): string | undefined => {
    const [value, ...more] = queryTexts(step[tag]);
    return value === undefined || more.length > 0 || /[*?]/.test(value) ? undefined : value;
  };
  return { ...now, station: only('00400001') ?? aeTitle, modality: only('00080060') ?? 'OT' };
}

const noStep: OrderStep = { id: '', status: 'scheduled', performed: [] };
const none: Order = {
  ...{ id: '', key: '', source: 'fhir', status: 'scheduled', accession: '', procedureId: '', studyUid: '' },
  ...{ patient: { id: '', name: '' }, priority: 'ROUTINE', steps: [noStep], ordered: 0, changed: 0 },
};
/** Which attributes there are. */
const model = worklistItem(none, noStep, { station: '', modality: '', date: '', time: '' });
