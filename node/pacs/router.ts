// Sends on what waits in the routing queue: one run a destination at a time, several instances an association, growing
// pauses while a destination is down, and after some days an alarm.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Principal } from '../access/roles.ts';
import type { StudyReader } from '../access/study-reader.ts';
import { Recent } from '../flow/recent.ts';
import type { Index } from '../store/index.ts';
import type { Events } from '../system/events.ts';
import { errorFields, type Log } from '../system/log.ts';
import type { Timers } from '../system/machine.ts';
import { type Delivered, deliver, type OutgoingInstance, proposalsFor } from './deliver.ts';
import type { Remotes } from './remotes.ts';
import type { QueueCounts, QueuedInstance, RouteQueue } from './route-queue.ts';
import type { transcoding } from './transcoding.ts';

export interface RouterParts {
  readonly queue: RouteQueue;
  readonly remotes: Pick<Remotes, 'list' | 'with'>;
  readonly index: Pick<Index, 'studyById' | 'instance'>;
  /** Writes the export down, then reads; see access/guard.ts. */
  readonly view: (studyUid: string, by: Principal, what: 'export') => Promise<StudyReader>;
  readonly transcode?: ReturnType<typeof transcoding> | undefined;
  readonly events: Pick<Events, 'alarm'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface RouterOptions {
  /** First pause after a failure; each following is twice as long, up to the longest. */
  readonly pauseMs?: number;
  readonly longestPauseMs?: number;
  /** An instance that was not taken for so long is given up. */
  readonly giveUpMs?: number;
}

const defaults = { pauseMs: 5_000, longestPauseMs: 600_000, giveUpMs: 7 * 86_400_000 };

/** A destination as the API shows it. */
export interface DestinationView extends QueueCounts {
  readonly aeTitle: string;
  readonly state: 'idle' | 'sending' | 'pausing';
  /** Why the last attempt failed. */
  readonly code?: ErrorCode | undefined;
  /** When the next attempt is made, unix ms. */
  readonly next?: number | undefined;
  /** Instances that were sent since the peer started. */
  readonly sent: number;
}

interface Destination {
  run: Promise<void> | undefined;
  again: boolean;
  failures: number;
  code: ErrorCode | undefined;
  next: number | undefined;
  /** Ends the pause's timer. */
  cancel: (() => void) | undefined;
  lookedForOld: number;
  sent: number;
}

interface Ready extends OutgoingInstance {
  readonly row: QueuedInstance;
}

/** What arrives within this time goes on together. */
const gatherMs = 200;
/** One audit entry covers what goes of a study to a destination within this time. */
const auditMs = 5 * 60_000;
const readersKept = 1_000;

export class Router {
  readonly #options: Required<RouterOptions>;
  readonly #parts: RouterParts;
  readonly #destinations = new Map<string, Destination>();
  readonly #readers: Recent<string, StudyReader>;
  #gathering: (() => void) | undefined;
  readonly #stopping = new AbortController();

  constructor(options: RouterOptions, parts: RouterParts) {
    this.#options = { ...defaults, ...options };
    this.#parts = parts;
    this.#readers = new Recent({ most: readersKept, lasting: { ms: auditMs, clock: parts.clock } });
  }

  /** Takes up what a former run has left. */
  start(): void {
    // also those that the queue doesn't know of yet: what a crash cost it came back behind its back
    const configured = this.#parts.remotes.list().map(({ aeTitle }) => aeTitle);
    for (const ae of new Set([...configured, ...this.#parts.queue.destinations])) this.#run(ae, this.#destination(ae));
  }

  /** Waits for instances under way, which are cut off at once. */
  async stop(): Promise<void> {
    this.#gathering?.();
    this.#stopping.abort();
    for (const { cancel } of this.#destinations.values()) cancel?.();
    await Promise.all([...this.#destinations.values()].map(({ run }) => run));
  }

  /** Something may have come into the queue. Cheap: called for every instance. */
  readonly arrived = (): void => {
    if (this.#stopping.signal.aborted) return;
    this.#gathering ??= this.#parts.timers.after(gatherMs, () => {
      this.#gathering = undefined;
      this.#wakeAll();
    });
  };

  /** Tries a destination now, whatever its pause. */
  wake(ae: string): void {
    const destination = this.#destination(ae);
    destination.cancel?.();
    destination.cancel = undefined;
    this.#run(ae, destination);
  }

  /** All destinations that something waits for, was sent to or is configured for. */
  view(): DestinationView[] {
    const configured = this.#parts.remotes.list().map(({ aeTitle }) => aeTitle);
    const names = new Set([...configured, ...this.#parts.queue.destinations, ...this.#destinations.keys()]);
    return [...names].map((aeTitle) => {
      const { run, code, next, sent } = this.#destination(aeTitle);
      const state = run !== undefined ? 'sending' : next !== undefined ? 'pausing' : 'idle';
      return { aeTitle, state, ...this.#parts.queue.counts(aeTitle), code, next, sent };
    });
  }

  #wakeAll(): void {
    for (const ae of this.#parts.queue.destinations) {
      const destination = this.#destination(ae);
      if (destination.cancel === undefined) this.#run(ae, destination);
    }
  }

  #destination(ae: string): Destination {
    const known = this.#destinations.get(ae);
    if (known !== undefined) return known;
    const nothing = { run: undefined, code: undefined, next: undefined, cancel: undefined };
    const fresh: Destination = { ...nothing, again: false, failures: 0, lookedForOld: 0, sent: 0 };
    this.#destinations.set(ae, fresh);
    return fresh;
  }

  #run(ae: string, destination: Destination): void {
    if (this.#stopping.signal.aborted) return;
    if (destination.run !== undefined) {
      destination.again = true;
      return;
    }
    destination.run = this.#work(ae, destination)
      .catch((error: unknown) => this.#pause(ae, destination, error))
      .finally(() => {
        destination.run = undefined;
        if (destination.again && destination.cancel === undefined) this.#run(ae, destination);
      });
  }

  /** Until nothing is due. */
  async #work(ae: string, destination: Destination): Promise<void> {
    destination.again = false;
    destination.next = undefined;
    await this.#giveUpOld(ae, destination);
    while (!this.#stopping.signal.aborted) {
      const { batch, next } = await this.#parts.queue.due(ae);
      if (batch.length === 0) return this.#sleep(ae, destination, next);
      await this.#send(ae, destination, batch);
      destination.failures = 0;
      destination.code = undefined;
    }
  }

  async #giveUpOld(ae: string, destination: Destination): Promise<void> {
    const { clock, queue, events } = this.#parts;
    const now = clock.now();
    if (now - destination.lookedForOld < this.#options.longestPauseMs) return;
    destination.lookedForOld = now;
    const count = await queue.expire(ae, now - this.#options.giveUpMs);
    if (count > 0) events.alarm('route-failed', { ae, count });
  }

  async #send(ae: string, destination: Destination, batch: readonly QueuedInstance[]): Promise<void> {
    const { remotes, queue } = this.#parts;
    const ready: Ready[] = [];
    for (const row of batch) {
      const one = await this.#ready(ae, row);
      if (one === undefined) await queue.done([row]);
      else ready.push(one);
    }
    if (ready.length === 0) return;
    const { count, contexts } = proposalsFor(ready);
    const sent: QueuedInstance[] = [];
    const tell = async ({ row }: Ready, delivered: Delivered) => {
      if (delivered.is === 'refused') return this.#refused(row, delivered.code);
      sent.push(row);
      destination.sent++;
      if (sent.length >= 50) await queue.done(sent.splice(0));
    };
    try {
      const wanted = { contexts, operations: limits.dimseOperations, signal: this.#stopping.signal };
      await remotes.with(ae, wanted, (client) => deliver(client, ready.slice(0, count), tell));
    } finally {
      await queue.done(sent);
    }
  }

  /** An instance to send, or undefined when it is not here any more. */
  async #ready(ae: string, row: QueuedInstance): Promise<Ready | undefined> {
    const instance = await this.#parts.index.instance(row.sopInstanceUid);
    const study = this.#parts.index.studyById(row.study);
    if (instance === undefined || study === undefined || instance.study !== row.study) return undefined;
    const reader = await this.#reader(ae, study.uid);
    const { sopClassUid, sopInstanceUid, transferSyntax, datasetOffset } = instance;
    const read = () => reader.read(instance, datasetOffset);
    const { transcode } = this.#parts;
    const coded = transcode && ((accepted: readonly string[]) => transcode(reader, instance, accepted));
    return { row, sopClassUid, sopInstanceUid, transferSyntax, read, ...(coded && { transcode: coded }) };
  }

  async #reader(ae: string, studyUid: string): Promise<StudyReader> {
    const name = `${ae} ${studyUid}`;
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const by: Principal = { name: `route to ${ae}`, role: 'device' };
    const reader = await this.#parts.view(studyUid, by, 'export');
    this.#readers.set(name, reader);
    return reader;
  }

  /** This one is tried again by itself, after pauses that grow too. */
  async #refused(row: QueuedInstance, code: ErrorCode): Promise<void> {
    this.#parts.log.warn({ ae: row.ae, code }, 'an instance was not taken');
    await this.#parts.queue.postpone(row, code, this.#parts.clock.now() + this.#pauseOf(row.tries ?? 0));
  }

  #pauseOf(failures: number): number {
    return Math.min(this.#options.pauseMs * 2 ** Math.min(failures, 20), this.#options.longestPauseMs);
  }

  #pause(ae: string, destination: Destination, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#parts.log.warn({ ae, failures: destination.failures, ...errorFields(error) }, 'a destination is not reached');
    destination.code = error instanceof PeerError ? error.code : 'dimse/internal';
    this.#sleep(ae, destination, this.#parts.clock.now() + this.#pauseOf(destination.failures++));
  }

  #sleep(ae: string, destination: Destination, until: number | undefined): void {
    destination.next = until;
    if (until === undefined) return;
    const ms = Math.max(1, Math.min(until - this.#parts.clock.now(), this.#options.longestPauseMs));
    destination.cancel = this.#parts.timers.after(ms, () => {
      destination.cancel = undefined;
      destination.next = undefined;
      this.#run(ae, destination);
    });
  }
}
