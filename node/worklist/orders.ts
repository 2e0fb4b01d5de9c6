// The orders kept: placed, changed and cancelled by other systems, joined by what scanners do. All are in memory, rebuilt
// from their sealed rows at start; a change is durable before it is visible.
import { hex, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { newUid } from '../dicom/write/new-uid.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import type { Kv, Write } from '../store/kv.ts';
import { decodeRecord, encodeRecord } from '../store/records.ts';
import { hasEnded, type NewOrder, type Order, type OrderStatus, type OrderStep, orderStatus } from './order.ts';

export interface OrdersParts {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly random: Random;
}

/** A scheduled step as a scanner names it: by its id and the order's, or by the study alone. */
export interface StepName {
  readonly studyUid?: string | undefined;
  readonly accession?: string | undefined;
  readonly stepId?: string | undefined;
}

/** Before orders are as these say, it is written down. */
type Note = (orders: readonly Order[]) => Promise<void>;

export class Orders {
  readonly #parts: OrdersParts;
  readonly #orders = new Map<string, Order>();
  readonly #byKey = new Map<string, string>();
  readonly #byStudy = new Map<string, string>();
  readonly #byAccession = new Map<string, string>();
  readonly #queue = new KeyedQueue();

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /** Reads the orders into memory. */
  async load(): Promise<void> {
    const rows: Order[] = [];
    for await (const [, row] of this.#parts.kv.bucket('order').range()) rows.push(decodeRecord(row));
    for (const order of rows.sort((a, b) => a.ordered - b.ordered)) this.#keep(order);
  }

  /** Oldest first. */
  all(): Iterable<Order> {
    return this.#orders.values();
  }

  /** @throws PeerError order/unknown */
  get(id: string): Order {
    const order = this.#orders.get(id);
    must(order !== undefined, 'order/unknown');
    return order;
  }

  /** The order whose images a study has. */
  ofStudy(studyUid: string): Order | undefined {
    return this.#orders.get(this.#byStudy.get(studyUid) ?? '');
  }

  /**
   * Places, changes or cancels orders: all or none. @param note writes down what is about to become of them
   * @throws PeerError order/unknown, order/ended, order/full, order/conflict
   */
  take(orders: readonly NewOrder[], note?: Note): Promise<Order[]> {
    return this.#queue.run('', async () => {
      const taken: Order[] = [];
      for (const each of orders) taken.push(this.#taken(each, taken));
      await note?.(taken);
      await this.#commit(taken);
      return taken;
    });
  }

  /** @throws PeerError order/unknown, order/ended */
  cancel(id: string, note?: Note): Promise<Order> {
    return this.#queue.run('', async () => {
      const cancelled = this.#cancelled(this.get(id));
      await note?.([cancelled]);
      await this.#commit([cancelled]);
      return cancelled;
    });
  }

  /** The order that a scanner means, if it means one of ours. */
  named({ studyUid, accession, stepId }: StepName): { order: Order; step: OrderStep } | undefined {
    const id = this.#byStudy.get(studyUid ?? '') ?? this.#byAccession.get(accession ?? '');
    const order = this.#orders.get(id ?? '');
    const step =
      order?.steps.find((each) => each.id === stepId) ?? (order?.steps.length === 1 ? order.steps[0] : undefined);
    return order === undefined || step === undefined ? undefined : { order, step };
  }

  /** What a performed procedure step says of scheduled ones, with `also` in the same durable write. */
  perform(names: readonly StepName[], performed: string, status: OrderStatus, also: readonly Write[]): Promise<void> {
    return this.#queue.run('', async () => {
      const changed = new Map<string, Order>();
      for (const name of names) {
        const found = this.named(name);
        if (found === undefined) continue;
        const order = changed.get(found.order.id) ?? found.order;
        changed.set(order.id, this.#stepped(order, found.step.id, performed, status));
      }
      await this.#commit([...changed.values()], also);
    });
  }

  /** Images of a study came: its order knows when; without word of its performance, steps of these modalities are done. */
  async arrived(studyUid: string, modalities: readonly string[]): Promise<void> {
    if (this.ofStudy(studyUid) === undefined) return;
    await this.#queue.run('', async () => {
      const order = this.ofStudy(studyUid);
      if (order === undefined) return;
      const done = (step: OrderStep) =>
        !hasEnded(step.status) &&
        step.performed.length === 0 &&
        (step.modality === undefined || modalities.includes(step.modality));
      if (order.acquired !== undefined && !order.steps.some(done)) return;
      const steps = order.steps.map((step) => (done(step) ? { ...step, status: 'completed' as const } : step));
      await this.#commit([this.#with(order, { steps, acquired: order.acquired ?? this.#parts.clock.now() })]);
    });
  }

  #taken(given: NewOrder, before: readonly Order[]): Order {
    const known = before.find(({ key }) => key === given.key) ?? this.#orders.get(this.#byKey.get(given.key) ?? '');
    if (given.action === 'cancel') {
      must(known !== undefined, 'order/unknown');
      return this.#cancelled(known);
    }
    must(known === undefined || !hasEnded(known.status), 'order/ended');
    if (known === undefined) this.#makeRoom(before.length);
    const order = this.#placed(given, known);
    this.#mustBeAlone(order, before);
    return order;
  }

  // Study and accession number are what images and steps are joined by: two orders can't share them.
  #mustBeAlone({ id, studyUid, accession }: Order, before: readonly Order[]): void {
    const others = [this.#byStudy.get(studyUid), this.#byAccession.get(accession)];
    const same = before.filter((each) => each.studyUid === studyUid || each.accession === accession);
    const taken = [...others, ...same.map((each) => each.id)].some((each) => each !== undefined && each !== id);
    must(!taken, 'order/conflict');
  }

  #placed({ action: _action, ...given }: NewOrder, known: Order | undefined): Order {
    const { clock, random } = this.#parts;
    const now = clock.now();
    const accession = given.accession ?? known?.accession ?? shortId(random, 'A');
    const steps = given.steps.map((step, i): OrderStep => {
      const before =
        known?.steps.find(({ id }) => id === step.id) ?? (step.id === undefined ? known?.steps[i] : undefined);
      const status =
        before !== undefined && before.status !== 'requested' && before.status !== 'scheduled'
          ? before.status
          : undefined;
      const scheduled = step.start === undefined ? 'requested' : 'scheduled';
      const id = step.id ?? before?.id ?? shortId(random, 'S');
      return { ...step, id, status: status ?? scheduled, performed: before?.performed ?? [] };
    });
    return {
      ...given,
      id: known?.id ?? hex(random(16)),
      accession,
      procedureId: given.procedureId ?? known?.procedureId ?? accession,
      studyUid: given.studyUid ?? known?.studyUid ?? newUid(random),
      steps,
      status: orderStatus(steps),
      ordered: known?.ordered ?? now,
      changed: now,
      acquired: known?.acquired,
    };
  }

  #cancelled(order: Order): Order {
    must(!hasEnded(order.status), 'order/ended');
    const steps = order.steps.map((step) =>
      hasEnded(step.status) ? step : { ...step, status: 'discontinued' as const },
    );
    return this.#with(order, { steps });
  }

  #stepped(order: Order, stepId: string, uid: string, status: OrderStatus): Order {
    const steps = order.steps.map((step) => {
      if (step.id !== stepId) return step;
      const performed = step.performed.includes(uid) ? step.performed : [...step.performed, uid];
      return { ...step, status, performed: performed.slice(-limits.performedOfStep) };
    });
    return this.#with(order, { steps });
  }

  #with(order: Order, change: { steps: readonly OrderStep[]; acquired?: number }): Order {
    return { ...order, ...change, status: orderStatus(change.steps), changed: this.#parts.clock.now() };
  }

  /** @throws PeerError order/full when all that are kept are open */
  #makeRoom(coming: number): void {
    if (this.#orders.size + coming < limits.orders) return;
    must([...this.#orders.values()].filter(({ status }) => hasEnded(status)).length > coming, 'order/full');
  }

  async #commit(orders: readonly Order[], also: readonly Write[] = []): Promise<void> {
    const fresh = orders.filter(({ id }) => !this.#orders.has(id)).length;
    const gone = this.#oldestEnded(Math.max(0, this.#orders.size + fresh - limits.orders));
    const writes: Write[] = [
      ...orders.map((order): Write => ({ bucket: 'order', key: unhex(order.id), value: encodeRecord(order) })),
      ...gone.map(({ id }): Write => ({ bucket: 'order', key: unhex(id) })),
      ...also,
    ];
    if (writes.length > 0) await this.#parts.kv.commit(writes);
    for (const order of gone) this.#forget(order);
    for (const order of orders) this.#keep(order);
  }

  #oldestEnded(count: number): Order[] {
    if (count === 0) return [];
    return [...this.#orders.values()].filter(({ status }) => hasEnded(status)).slice(0, count);
  }

  #keep(order: Order): void {
    const before = this.#orders.get(order.id);
    if (before !== undefined) this.#unlink(before);
    this.#orders.set(order.id, order);
    this.#byKey.set(order.key, order.id);
    this.#byStudy.set(order.studyUid, order.id);
    this.#byAccession.set(order.accession, order.id);
  }

  #forget(order: Order): void {
    this.#unlink(order);
    this.#orders.delete(order.id);
  }

  #unlink({ key, studyUid, accession }: Order): void {
    this.#byKey.delete(key);
    this.#byStudy.delete(studyUid);
    this.#byAccession.delete(accession);
  }
}

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** 13 characters that can be read aloud and typed: 60 random bits behind a letter. */
const shortId = (random: (length: number) => Uint8Array, letter: string): string =>
  letter + Array.from(random(12), (byte) => alphabet[byte % 32]).join('');
