// The republish ledger: what this peer advertises, on disk, published again in time. protocol/adverts/ledger.ts plans;
// this keeps the entries, asks for the records' bytes, sends them and writes down what came of it.

import {
  type AdvertAlarm,
  afterAttempt,
  type LedgerEntry,
  planRepublish,
  type RepublishPlan,
} from '../../../protocol/adverts/ledger.ts';
import { unhex } from '../../../protocol/bytes.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { bool, id, optional, payload, time, uint } from '../../../protocol/schema.ts';
import type { Timers } from '../../system/machine.ts';
import type { KvPart } from '../kv-part.ts';
import type { Placed, TaggedRecord } from './tags.ts';

const hourMs = 3_600_000;
const entryPayload = payload({
  tag: id(),
  epoch: uint(),
  queuedAt: time(),
  urgent: bool(),
  tried: optional(time()),
  lastStored: optional(time()),
  lapses: optional(time()),
  storedOn: uint(),
  wanted: uint(),
});

export interface LedgerOptions {
  /** Records in one round; the next round follows at once if more is due. */
  readonly roundRecords?: number;
  /** This peer's minute for hourly batches, in ms into the hour; drawn at random without one. */
  readonly batchOffsetMs?: number;
}

/** A signed record's envelope and its own `freshUntil`. */
export interface MadeRecord {
  readonly bytes: Uint8Array;
  readonly freshUntil: number;
}

export interface LedgerParts {
  /** Key: tag. */
  readonly entries: KvPart;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Tags.publish. */
  readonly publish: (records: readonly TaggedRecord[], options: { signal: AbortSignal }) => Promise<Placed[]>;
  /** The record's next version, signed, as it is to be stored now (or its tombstone); undefined when there is none. */
  readonly makeRecord: (entry: LedgerEntry) => Promise<MadeRecord | undefined>;
  readonly onAlarm?: (alarm: AdvertAlarm) => void;
  readonly onFailure?: (error: unknown) => void;
}

export class RepublishLedger {
  readonly #options: Required<LedgerOptions>;
  readonly #parts: LedgerParts;
  /** By tag. Some 200 bytes an entry are in memory, for planning. */
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #abort = new AbortController();
  #alarmed = new Set<string>();
  #cancel: (() => void) | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #started = false;

  constructor(options: LedgerOptions, parts: LedgerParts) {
    const [high = 0, low = 0] = parts.random(2);
    const batchOffsetMs = Math.floor(((high * 256 + low) / 65_536) * hourMs);
    this.#options = { roundRecords: 1024, batchOffsetMs, ...options };
    this.#parts = parts;
  }

  /** Reads the entries and begins to publish what is due. */
  async start(): Promise<void> {
    for await (const [, value] of this.#parts.entries.range()) {
      const { crit: _, ...entry } = entryPayload.decode(value);
      this.#entries.set(entry.tag, entry);
    }
    this.#started = true;
    this.kick();
  }

  /** Ends the round under way; what it had not sent is due at the next start. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#cancel?.();
    this.#abort.abort();
    await this.#round;
  }

  /** Has records published, new or in a new version. On disk when it resolves. */
  async queue(records: readonly { tag: string; epoch: number; urgent?: boolean }[]): Promise<void> {
    const queuedAt = this.#parts.clock.now();
    const entries = records.map(({ tag, epoch, urgent = false }): LedgerEntry => {
      const known = this.#entries.get(tag) ?? { storedOn: 0, wanted: 0 };
      return { ...known, tag, epoch, queuedAt, urgent };
    });
    await Promise.all(entries.map((entry) => this.#keep(entry)));
    this.kick();
  }

  /** Forgets records without a tombstone, say of a patient that was erased after its tombstones lapsed. */
  async forget(tags: readonly string[]): Promise<void> {
    await Promise.all(tags.map((tag) => this.#drop(tag)));
  }

  has(tag: string): boolean {
    return this.#entries.has(tag);
  }

  /** "Stored on n of k" over everything, and when something is to be published next. */
  status(): Pick<RepublishPlan, 'stored' | 'nextAt' | 'alarms'> {
    return planRepublish(this.#entries.values(), this.#parts.clock.now(), this.#planning());
  }

  /** Looks now, not when something was expected to be due; for peers that came back, say. */
  kick(): void {
    if (!this.#started) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#cancel?.();
    this.#round = this.#run()
      .catch((error: unknown) => this.#parts.onFailure?.(error))
      .finally(() => {
        this.#round = undefined;
        if (this.#again) {
          this.#again = false;
          this.kick();
        } else this.#schedule();
      });
  }

  #planning() {
    return { max: this.#options.roundRecords, batchOffsetMs: this.#options.batchOffsetMs };
  }

  #schedule(): void {
    if (!this.#started) return;
    const now = this.#parts.clock.now();
    const { nextAt } = planRepublish(this.#entries.values(), now, this.#planning());
    // at least hourly, so that alarms are raised in time; never in a tight loop, whatever a failed round left due
    const wait = Math.min(hourMs, Math.max(1000, (nextAt ?? Number.POSITIVE_INFINITY) - now));
    this.#cancel = this.#parts.timers.after(wait, () => this.kick());
  }

  async #run(): Promise<void> {
    for (;;) {
      const { publish, drop, alarms } = planRepublish(
        this.#entries.values(),
        this.#parts.clock.now(),
        this.#planning(),
      );
      await Promise.all(drop.map((entry) => this.#drop(entry.tag)));
      this.#raise(alarms);
      if (publish.length === 0 || this.#abort.signal.aborted) return;
      await this.#publish(publish);
    }
  }

  async #publish(entries: readonly LedgerEntry[]): Promise<void> {
    const { publish, clock } = this.#parts;
    const going: { entry: LedgerEntry; made: MadeRecord }[] = [];
    for (const entry of entries) {
      const made = await this.#make(entry);
      if (made !== undefined) going.push({ entry, made });
    }
    const outgoing = going.map(({ entry, made }) => ({ tag: entry.tag, bytes: made.bytes }));
    const placed = await publish(outgoing, { signal: this.#abort.signal });
    const now = clock.now();
    await Promise.all(
      going.map(async ({ entry, made }, i) => {
        const { stored, wanted } = placed[i]!;
        await this.#tried(entry, {
          ...afterAttempt(entry, { now, storedOn: stored, freshUntil: made.freshUntil }),
          wanted,
        });
      }),
    );
  }

  /** One record that cannot be made must not hold up the others: it is tried again like one that nobody stored. */
  async #make(entry: LedgerEntry): Promise<MadeRecord | undefined> {
    try {
      const made = await this.#parts.makeRecord(entry);
      if (made === undefined) await this.#drop(entry.tag);
      return made;
    } catch (error) {
      this.#parts.onFailure?.(error);
      const now = this.#parts.clock.now();
      await this.#tried(entry, afterAttempt(entry, { now, storedOn: 0, freshUntil: now }));
      return undefined;
    }
  }

  /** Writes down an attempt; what was queued again while it was under way is still to be published. */
  async #tried(before: LedgerEntry, after: LedgerEntry): Promise<void> {
    const newest = this.#entries.get(before.tag);
    if (newest === undefined) return;
    const { queuedAt, urgent } = newest;
    const again = queuedAt > before.queuedAt ? { tried: before.tried } : {};
    await this.#keep({ ...after, queuedAt, urgent, ...again });
  }

  #raise(alarms: readonly AdvertAlarm[]): void {
    const current = new Set<string>();
    for (const alarm of alarms) {
      const name = `${alarm.kind} ${alarm.entry.tag}`;
      current.add(name);
      if (!this.#alarmed.has(name)) this.#parts.onAlarm?.(alarm);
    }
    this.#alarmed = current;
  }

  async #keep(entry: LedgerEntry): Promise<void> {
    this.#entries.set(entry.tag, entry);
    await this.#parts.entries.put(unhex(entry.tag), entryPayload.encode(entry));
  }

  async #drop(tag: string): Promise<void> {
    this.#entries.delete(tag);
    await this.#parts.entries.del(unhex(tag));
  }
}
