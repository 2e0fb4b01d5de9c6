// Messages to other members that must arrive, however long the other side is away: kept on disk until answered, sent
// when the member connects and now and then besides.
import { concat, hex, uintBytes, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import type { Bucket } from '../../store/kv.ts';
import { decodeRecord, encodeRecord } from '../../store/records.ts';
import { errorFields, type Log } from '../../system/log.ts';
import type { Timers } from '../../system/machine.ts';

/** What is to be delivered. `about` is the id of the request or grant that it belongs to. */
export interface OutMessage {
  readonly kind: 'request' | 'decision' | 'receipt';
  readonly about: string;
  /** Member id. */
  readonly to: string;
  readonly envelope: Uint8Array;
  /** Not delivered after this time. */
  readonly notAfter: number;
}

interface OutRecord extends Omit<OutMessage, 'envelope'> {
  readonly key: string;
  readonly envelope: string;
}

export interface OutboxParts {
  readonly bucket: Bucket;
  /** Delivers to the member's present peer and gives its answer. @throws PeerError net/* while it can't be reached */
  readonly send: (to: string, envelope: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
}

/** The other side's word: its answer, or the coded error with which it refused for good. */
export type OutboxOutcome =
  | { readonly answer: Uint8Array }
  | { readonly refused: PeerError }
  | { readonly expired: true };

/** Uses what came of a message, before it is forgotten. */
export type OutboxTold = (message: OutMessage, outcome: OutboxOutcome) => Promise<void>;

const everyMs = 30_000;

export class Outbox {
  readonly #parts: OutboxParts;
  #told: OutboxTold | undefined;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  #cancel: (() => void) | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Begins to deliver. */
  start(told: OutboxTold): void {
    this.#told = told;
    this.#cancel = this.#parts.timers.every(everyMs, () => void this.deliverAll());
  }

  /** Waits for deliveries under way, which end at once. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#stopped.abort(new PeerError('net/closed'));
    await Promise.all(this.#busy.values());
  }

  /** Durable when it resolves; delivery goes on behind it (`deliver` waits for one try). */
  async put(message: OutMessage): Promise<void> {
    const key = hex(concat(uintBytes(this.#parts.clock.now(), 6), this.#parts.random(8)));
    const record: OutRecord = { ...message, key, envelope: hex(message.envelope) };
    await this.#parts.bucket.put(unhex(key), encodeRecord(record));
  }

  /** As `put`, and tries to deliver it behind that: nobody waits for its member to be on line. */
  async post(message: OutMessage): Promise<void> {
    await this.put(message);
    void this.deliver(message.to);
  }

  /** What the messages that wait are about. */
  async waiting(): Promise<Set<string>> {
    const about = new Set<string>();
    for await (const [, row] of this.#parts.bucket.range()) about.add(decodeRecord<OutRecord>(row).about);
    return about;
  }

  /** Tries everything for one member once, in order; one run at a time a member. */
  deliver(to: string): Promise<void> {
    const running = this.#busy.get(to);
    // what was put while a run goes on is taken by the next one
    const next = (running ?? Promise.resolve())
      .then(() => this.#run(to))
      .finally(() => {
        if (this.#busy.get(to) === next) this.#busy.delete(to);
      });
    this.#busy.set(to, next);
    return next;
  }

  async deliverAll(): Promise<void> {
    const members = new Set<string>();
    for await (const [, row] of this.#parts.bucket.range()) members.add(decodeRecord<OutRecord>(row).to);
    await Promise.all([...members].map((member) => this.deliver(member)));
  }

  async #run(to: string): Promise<void> {
    const told = this.#told;
    if (told === undefined) return;
    for await (const [, row] of this.#parts.bucket.range()) {
      const record = decodeRecord<OutRecord>(row);
      if (record.to !== to || this.#stopped.signal.aborted) continue;
      const message: OutMessage = { ...record, envelope: unhex(record.envelope) };
      const outcome = await this.#attempt(message);
      if (outcome === undefined) return; // out of reach: the rest waits too
      try {
        await told(message, outcome);
      } catch (error) {
        this.#parts.log.error({ kind: message.kind, ...errorFields(error) }, 'an answer could not be used');
      }
      await this.#parts.bucket.del(unhex(record.key));
    }
  }

  async #attempt(message: OutMessage): Promise<OutboxOutcome | undefined> {
    if (this.#parts.clock.now() > message.notAfter) return { expired: true };
    try {
      return { answer: await this.#parts.send(message.to, message.envelope, this.#stopped.signal) };
    } catch (error) {
      // refused for good, or only out of reach just now
      if (error instanceof PeerError && !error.row.retry && !error.code.startsWith('net/')) return { refused: error };
      this.#parts.log.info({ kind: message.kind, ...errorFields(error) }, 'a message waits for its member');
      return undefined;
    }
  }
}
