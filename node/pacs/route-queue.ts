// What is to be sent on, on disk until the other side has it. A row is an instance for a destination, so the same twice is
// one; rows of one study stand together.
import { concat, unhex, utf8 } from '../../protocol/bytes.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { sha256 } from '../../protocol/hash.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Kv, Write } from '../store/kv.ts';
import type { NewInstance } from '../store/new-instance.ts';
import { decodeRecord, encodeRecord, type InstanceRecord } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import type { Events } from '../system/events.ts';
import type { RoutingRules } from './routing-rules.ts';

interface Row {
  readonly ae: string;
  /** Study id. */
  readonly study: string;
  readonly sopInstanceUid: string;
  /** Since when it waits, unix ms. */
  readonly at: number;
  readonly tries?: number;
  /** Not tried before. */
  readonly next?: number;
  readonly code?: ErrorCode;
  /** Given up: kept to be seen, until the study is sent again. */
  readonly failed?: true;
}

/** One instance that waits. */
export interface QueuedInstance extends Row {
  readonly key: Uint8Array;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly failed: number;
}

export interface RouteQueueParts {
  readonly kv: Kv;
  readonly vault: Vault;
  readonly rules: RoutingRules;
  readonly clock: Clock;
  readonly events: Pick<Events, 'alarm'>;
}

const prefixOf = (ae: string): Uint8Array => sha256(utf8(ae)).subarray(0, 8);
const fullAgainMs = 3_600_000;

export class RouteQueue {
  readonly #parts: RouteQueueParts;
  readonly #counts = new Map<string, { waiting: number; failed: number }>();
  #saidFull = 0;

  constructor(parts: RouteQueueParts) {
    this.#parts = parts;
  }

  /** Counts what a former run has left. */
  async load(): Promise<void> {
    for await (const [, value] of this.#parts.kv.bucket('route').range()) this.#count(decodeRecord<Row>(value), 1);
  }

  /** The destinations that something waits for, or has failed for. */
  get destinations(): string[] {
    return [...this.#counts.keys()];
  }

  /** Exact after each pass of `scan`, else a little high while the same instance comes twice. */
  counts(ae: string): QueueCounts {
    return { ...(this.#counts.get(ae) ?? { waiting: 0, failed: 0 }) };
  }

  /** Rows for an arriving instance, to be written with it. */
  readonly arriving = (added: NewInstance, callingAe: string | undefined): readonly Write[] => {
    const to = this.#parts.rules.of(added, callingAe);
    return to.length === 0 ? [] : this.#rows(to, added.instance);
  };

  /** Queues instances for a destination; durable when it resolves. Gives how many there was room for. */
  async put(ae: string, instances: readonly InstanceRecord[]): Promise<number> {
    const rows = instances.flatMap((instance) => this.#rows([ae], instance));
    if (rows.length > 0) await this.#parts.kv.commit(rows);
    return rows.length;
  }

  /**
   * Goes over what waits for a destination and is due: studies one after the other, at most `limits.routeBatch`
   * instances. Gives when the first of what is not due yet will be, too.
   */
  async due(ae: string): Promise<{ batch: QueuedInstance[]; next: number | undefined }> {
    const now = this.#parts.clock.now();
    const batch: QueuedInstance[] = [];
    const counts = { waiting: 0, failed: 0 };
    let next: number | undefined;
    for await (const [key, value] of this.#parts.kv.bucket('route').range(prefixOf(ae))) {
      const row = decodeRecord<Row>(value);
      if (row.failed === true) {
        counts.failed++;
        continue;
      }
      counts.waiting++;
      if ((row.next ?? 0) > now) next = Math.min(next ?? row.next!, row.next!);
      else batch.push({ ...row, key });
      if (batch.length === limits.routeBatch) return { batch, next: now };
    }
    if (batch.length === 0) this.#counts.set(ae, counts);
    return { batch, next };
  }

  /** How many instances of a study wait for a destination, and how many were given up. */
  async ofStudy(ae: string, study: string): Promise<QueueCounts> {
    const counts = { waiting: 0, failed: 0 };
    for await (const [, value] of this.#parts.kv.bucket('route').range(concat(prefixOf(ae), unhex(study)))) {
      if (decodeRecord<Row>(value).failed === true) counts.failed++;
      else counts.waiting++;
    }
    return counts;
  }

  /** The other side has them, or there is nothing to send any more. */
  async done(sent: readonly QueuedInstance[]): Promise<void> {
    if (sent.length === 0) return;
    await this.#parts.kv.commit(sent.map(({ key }) => ({ bucket: 'route', key })));
    for (const each of sent) this.#count(each, -1);
  }

  /** Refused by itself, while others may go: later once more. */
  async postpone(each: QueuedInstance, code: ErrorCode, next: number): Promise<void> {
    const { key, ...row } = each;
    await this.#parts.kv.bucket('route').put(key, encodeRecord({ ...row, tries: (row.tries ?? 0) + 1, code, next }));
  }

  /** Gives up what has waited since before that time; gives how many. */
  async expire(ae: string, before: number): Promise<number> {
    let expired = 0;
    for await (const [key, value] of this.#parts.kv.bucket('route').range(prefixOf(ae))) {
      const row = decodeRecord<Row>(value);
      if (row.failed === true || row.at >= before) continue;
      await this.#parts.kv.bucket('route').put(key, encodeRecord({ ...row, failed: true }));
      this.#count(row, -1);
      this.#count({ ...row, failed: true }, 1);
      expired++;
    }
    return expired;
  }

  #rows(to: readonly string[], { study, sopInstanceUid }: InstanceRecord): Write[] {
    const { vault, clock } = this.#parts;
    const at = clock.now();
    const sop = vault.name('sop', sopInstanceUid);
    return to
      .filter((ae) => this.#hasRoom(ae))
      .map((ae) => {
        const row: Row = { ae, study, sopInstanceUid, at };
        this.#count(row, 1);
        return { bucket: 'route', key: concat(prefixOf(ae), unhex(study), sop), value: encodeRecord(row) };
      });
  }

  #hasRoom(ae: string): boolean {
    let all = 0;
    for (const { waiting, failed } of this.#counts.values()) all += waiting + failed;
    if (all < limits.routeQueue) return true;
    const now = this.#parts.clock.now();
    if (now > this.#saidFull + fullAgainMs) {
      this.#saidFull = now;
      this.#parts.events.alarm('route-full', { ae });
    }
    return false;
  }

  #count({ ae, failed }: Row, by: number): void {
    const counts = this.#counts.get(ae) ?? { waiting: 0, failed: 0 };
    const which = failed === true ? 'failed' : 'waiting';
    counts[which] = Math.max(0, counts[which] + by);
    this.#counts.set(ae, counts);
  }
}
