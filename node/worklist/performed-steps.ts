// Modality performed procedure steps (PS3.4 annex F): what scanners say they do, kept and joined to the orders.
import { must } from '../../protocol/errors.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { DicomJson, JsonAttribute } from '../dicom/model/json.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import { queryTexts } from '../query/attributes.ts';
import type { Kv } from '../store/kv.ts';
import { decodeRecord, encodeRecord } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import type { OrderStatus } from './order.ts';
import type { Orders, StepName } from './orders.ts';

export type PerformedStatus = 'IN PROGRESS' | 'COMPLETED' | 'DISCONTINUED';

export interface PerformedStep {
  readonly uid: string;
  readonly status: PerformedStatus;
  readonly dataset: DicomJson;
  readonly created: number;
  readonly changed: number;
}

export interface PerformedStepsParts {
  readonly kv: Kv;
  readonly vault: Pick<Vault, 'name'>;
  readonly orders: Pick<Orders, 'perform'>;
  readonly clock: Clock;
}

const statusTag = '00400252';
const scheduledSteps = '00400270';
/** Type 1 for an SCU that creates one (PS3.4 table F.7.2-1). */
const needed = ['00400253', '00400241', '00400244', '00400245', statusTag, '00080060', scheduledSteps] as const;
/** What N-SET may not change: whose it is, what was scheduled, how it began. */
const fixed = /^(?:0010.{4}|00080005|00080060|00080050|00081120|00200010|0040024[1-5]|00400253|00400270)$/;

const orderStates: Readonly<Record<PerformedStatus, OrderStatus>> = {
  'IN PROGRESS': 'in-progress',
  COMPLETED: 'completed',
  DISCONTINUED: 'discontinued',
};

/** `final`: the step has ended, and nothing may change it any more. `partly`: what may not be changed was left as it was. */
export type SetOutcome = 'changed' | 'partly' | 'final';

export class PerformedSteps {
  readonly #parts: PerformedStepsParts;
  readonly #queue = new KeyedQueue();

  constructor(parts: PerformedStepsParts) {
    this.#parts = parts;
  }

  /** @throws PeerError mpps/missing, mpps/attribute, mpps/duplicate */
  create(uid: string, dataset: DicomJson): Promise<void> {
    return this.#queue.run(uid, async () => {
      for (const tag of needed) must((dataset[tag]?.Value ?? []).length > 0, 'mpps/missing', { at: tag });
      must(statusOf(dataset[statusTag]) === 'IN PROGRESS', 'mpps/attribute', { at: statusTag });
      must((await this.#read(uid)) === undefined, 'mpps/duplicate');
      const now = this.#parts.clock.now();
      await this.#write({ uid, status: 'IN PROGRESS', dataset, created: now, changed: now });
    });
  }

  /** @throws PeerError mpps/unknown, mpps/attribute */
  set(uid: string, changes: DicomJson): Promise<SetOutcome> {
    return this.#queue.run(uid, async () => {
      const before = await this.get(uid);
      if (before.status !== 'IN PROGRESS') return 'final';
      const status = changes[statusTag] === undefined ? before.status : statusOf(changes[statusTag]);
      must(status !== undefined, 'mpps/attribute', { at: statusTag });
      const allowed = Object.entries(changes).filter(([tag]) => !fixed.test(tag));
      const dataset = { ...before.dataset, ...Object.fromEntries(allowed) };
      await this.#write({ ...before, status, dataset, changed: this.#parts.clock.now() });
      return allowed.length === Object.keys(changes).filter((tag) => tag !== '00080005').length ? 'changed' : 'partly';
    });
  }

  /** @throws PeerError mpps/unknown */
  async get(uid: string): Promise<PerformedStep> {
    const step = await this.#read(uid);
    must(step !== undefined, 'mpps/unknown');
    return step;
  }

  async #read(uid: string): Promise<PerformedStep | undefined> {
    const row = await this.#parts.kv.bucket('performedStep').get(this.#key(uid));
    return row === undefined ? undefined : decodeRecord(row);
  }

  #write(step: PerformedStep): Promise<void> {
    const write = { bucket: 'performedStep', key: this.#key(step.uid), value: encodeRecord(step) } as const;
    return this.#parts.orders.perform(namesIn(step.dataset), step.uid, orderStates[step.status], [write]);
  }

  #key(uid: string): Uint8Array {
    return this.#parts.vault.name('performed step', uid);
  }
}

function statusOf(attribute: JsonAttribute | undefined): PerformedStatus | undefined {
  const [text] = queryTexts(attribute);
  return text === 'IN PROGRESS' || text === 'COMPLETED' || text === 'DISCONTINUED' ? text : undefined;
}

/** The scheduled steps that it is for. */
function namesIn(dataset: DicomJson): StepName[] {
  const items = dataset[scheduledSteps]?.Value ?? [];
  return items.slice(0, 64).map((item) => {
    const one = (item ?? {}) as DicomJson;
    const first = (tag: string): string | undefined => queryTexts(one[tag])[0];
    return { studyUid: first('0020000D'), accession: first('00080050'), stepId: first('00400009') };
  });
}
