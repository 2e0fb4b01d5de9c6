// Storage commitment as a provider (PS3.4 annex J, push model): what is asked is on disk before it is answered; what is
// here is looked up on the disk; the result goes back on the same association, or on one of ours, until it has arrived.
import { concat, hex, uintBytes, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Acts } from '../audit/acts.ts';
import { commitmentClass, commitmentProposal } from '../dicom/dimse/scu/commitment.ts';
import type { EventReport, NormalizedAnswer, NormalizedRequest, NormalizedService } from '../dicom/dimse/services.ts';
import type { Index } from '../store/index.ts';
import type { Bucket } from '../store/kv.ts';
import type { StoredObjects } from '../store/objects.ts';
import { decodeRecord, encodeRecord } from '../store/records.ts';
import { errorFields, type Log } from '../system/log.ts';
import type { Timers } from '../system/machine.ts';
import { commitmentEvent, type Requested, requestedOf } from './commitment-event.ts';
import type { Remotes } from './remotes.ts';

interface PendingCommitment extends Requested {
  readonly aeTitle: string;
  /** Ours, as it called us. */
  readonly calledAe: string;
  readonly at: number;
}

interface PendingReport {
  readonly key: string;
  readonly aeTitle: string;
  readonly at: number;
  tries: number;
  /** Not tried before. */
  next: number;
}

interface CommitmentScpParts {
  readonly bucket: Bucket;
  readonly index: Pick<Index, 'instance'>;
  readonly objects: Pick<StoredObjects, 'has'>;
  readonly remotes: Pick<Remotes, 'with'>;
  readonly acts: Pick<Acts, 'commitmentGiven'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  /** Takes results of what we asked others to commit: the same SOP class has both. */
  readonly event?: NonNullable<NormalizedService['event']>;
}

const tickMs = 10_000;
const firstWaitMs = 10_000;
const longestWaitMs = 3_600_000;
/** A result that could not be delivered for so long is given up. */
const giveUpMs = 7 * 24 * 3_600_000;

export class CommitmentScp implements NormalizedService {
  readonly sopClassUids = [commitmentClass];
  readonly needs = 'commit';
  readonly event?: NonNullable<NormalizedService['event']>;
  readonly #parts: CommitmentScpParts;
  readonly #waiting = new Map<string, PendingReport>();
  #stop: (() => void) | undefined;
  #round: Promise<void> = Promise.resolve();
  /** On the associations that asked. */
  readonly #firsts = new Set<Promise<void>>();
  #delivering = false;
  #stopped = false;

  constructor(parts: CommitmentScpParts) {
    this.#parts = parts;
    if (parts.event !== undefined) this.event = parts.event;
  }

  /** Results that have not arrived yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes up what a former run has left. */
  async start(): Promise<void> {
    const { bucket, timers } = this.#parts;
    for await (const [key, row] of bucket.range()) {
      const { at, aeTitle } = decodeRecord<PendingCommitment>(row);
      this.#waiting.set(hex(key), { key: hex(key), aeTitle, at, tries: 0, next: 0 });
    }
    this.#stop = timers.every(tickMs, () => {
      if (!this.#delivering) void this.deliver();
    });
  }

  /** Waits for the deliveries that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stop?.();
    await Promise.allSettled([this.#round, ...this.#firsts]);
  }

  /** N-ACTION (J.3.2). @throws PeerError dimse/action-type, dimse/argument, dimse/operations */
  async action(request: NormalizedRequest): Promise<NormalizedAnswer> {
    must(request.typeId === 1, 'dimse/action-type', { type: request.typeId });
    must(request.dataset !== undefined, 'dimse/argument', { at: 'data set' });
    const requested = requestedOf(request.dataset);
    must(this.#waiting.size < limits.dimseCommitWaiting, 'dimse/operations');
    const { clock, random, bucket } = this.#parts;
    const { aeTitle, calledAe } = request.caller;
    const now = clock.now();
    const waiting: PendingCommitment = { ...requested, aeTitle, calledAe, at: now };
    const asked = { from: request.caller.remoteAddress, instances: requested.references.length };
    await this.#parts.acts.commitmentGiven(aeTitle, asked);
    const key = hex(concat(uintBytes(now, 6), random(8)));
    // the timer leaves it alone while this association is tried
    const turn: PendingReport = { key, aeTitle, at: now, tries: 0, next: Number.POSITIVE_INFINITY };
    await bucket.put(unhex(key), encodeRecord(waiting));
    this.#waiting.set(key, turn);
    return { status: 0, after: () => this.#tracked(this.#first(turn, waiting, request)) };
  }

  /** Tries what is due: nodes at the same time, a node's one after the other. */
  deliver(): Promise<void> {
    this.#round = this.#round
      .then(() => this.#deliver())
      .catch((error: unknown) => {
        this.#parts.log.error(errorFields(error), 'commitment results could not be delivered');
      });
    return this.#round;
  }

  async #deliver(): Promise<void> {
    const now = this.#parts.clock.now();
    const due = [...this.#waiting.values()].filter(({ next }) => next <= now);
    this.#delivering = true;
    try {
      await Promise.all([...Map.groupBy(due, ({ aeTitle }) => aeTitle).values()].map((turns) => this.#toNode(turns)));
    } finally {
      this.#delivering = false;
    }
  }

  /** What one node is to be told; when it can't be reached the rest waits as long. */
  async #toNode(turns: readonly PendingReport[]): Promise<void> {
    for (const [i, turn] of turns.entries()) {
      if (this.#stopped) return;
      if (await this.#again(turn)) continue;
      for (const rest of turns.slice(i + 1)) rest.next = turn.next;
      return;
    }
  }

  async #tracked(first: Promise<void>): Promise<void> {
    this.#firsts.add(first);
    try {
      await first;
    } finally {
      this.#firsts.delete(first);
    }
  }

  async #first(turn: PendingReport, waiting: PendingCommitment, { report }: NormalizedRequest): Promise<void> {
    try {
      if (await this.#told(turn, await report(await this.#event(waiting)))) return;
    } catch (error) {
      this.#parts.log.debug(errorFields(error), 'a commitment result goes on an association of its own');
    }
    turn.next = 0;
    await this.deliver();
  }

  /** False when the node could not be reached. */
  async #again(turn: PendingReport): Promise<boolean> {
    const { log } = this.#parts;
    let reached = true;
    try {
      if (await this.#send(turn)) return true;
    } catch (error) {
      reached = false;
      log.info({ tries: turn.tries, ...errorFields(error) }, 'a commitment result waits to be delivered');
    }
    await this.#later(turn);
    return reached;
  }

  async #send(turn: PendingReport): Promise<boolean> {
    const { bucket, remotes } = this.#parts;
    const row = await bucket.get(unhex(turn.key));
    if (row === undefined) return this.#waiting.delete(turn.key);
    const waiting = decodeRecord<PendingCommitment>(row);
    const event = await this.#event(waiting);
    const roles = [{ sopClassUid: commitmentClass, scu: false, scp: true }];
    const wanted = { contexts: [commitmentProposal], roles };
    return this.#told(turn, await remotes.with(waiting.aeTitle, wanted, (client) => client.report(event)));
  }

  async #later(turn: PendingReport): Promise<void> {
    const { clock, log } = this.#parts;
    turn.tries += 1;
    turn.next = clock.now() + Math.min(firstWaitMs * 2 ** (turn.tries - 1), longestWaitMs);
    if (clock.now() - turn.at < giveUpMs) return;
    log.warn({ tries: turn.tries }, 'a commitment result could not be delivered and is given up');
    await this.#done(turn);
  }

  /** Whether the other side has taken the result. */
  async #told(turn: PendingReport, status: number): Promise<boolean> {
    if (status !== 0) {
      this.#parts.log.info({ status }, 'a commitment result was not taken');
      return false;
    }
    await this.#done(turn);
    return true;
  }

  async #done({ key }: PendingReport): Promise<void> {
    await this.#parts.bucket.del(unhex(key));
    this.#waiting.delete(key);
  }

  #event(waiting: PendingCommitment): Promise<EventReport> {
    return commitmentEvent(waiting, waiting.calledAe, this.#parts);
  }
}
