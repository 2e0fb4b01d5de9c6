// Pulls, sends and requests for storage commitment that somebody started, with how far they are. They are remembered while
// the peer runs; what was queued or has arrived outlives it.
import { hex } from '../../protocol/bytes.ts';
import { type ErrorCode, must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { errorFields, type Log } from '../system/log.ts';

export interface JobView {
  readonly id: string;
  readonly kind: 'pull' | 'send' | 'commit';
  readonly aeTitle: string;
  readonly study: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly code?: ErrorCode | undefined;
  /** How it is done: C-GET, C-MOVE, C-GET and C-MOVE, C-STORE or N-ACTION. */
  readonly by?: string | undefined;
  readonly objects: { readonly done: number; readonly failed: number; readonly total: number };
  /** Why instances are not committed: Failure Reason (0008,1197), empty where none was given. */
  readonly reasons?: readonly { readonly reason: string; readonly instances: number }[] | undefined;
  readonly at: number;
  readonly ended?: number | undefined;
}

export type JobUpdate = (change: Partial<Pick<JobView, 'by' | 'objects' | 'reasons' | 'code' | 'state'>>) => void;

interface TrackedJob {
  view: JobView;
  readonly cancel: AbortController;
  /** Looks how far it is, for what goes on behind the queue. */
  readonly look?: (() => Promise<Pick<JobView, 'objects' | 'state' | 'code'>>) | undefined;
  running: Promise<void> | undefined;
}

export interface JobsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class Jobs {
  readonly #parts: JobsParts;
  readonly #jobs = new Map<string, TrackedJob>();

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  /** Starts work that tells how far it is. @throws PeerError remote/busy */
  run(
    about: Pick<JobView, 'kind' | 'aeTitle' | 'study'>,
    work: (step: JobUpdate, signal: AbortSignal) => Promise<void>,
  ): JobView {
    const running = [...this.#jobs.values()].filter((job) => job.running !== undefined).length;
    must(running < limits.pacsPulls, 'remote/busy');
    const job = this.#add(about, undefined);
    const step: JobUpdate = (change) => {
      job.view = { ...job.view, ...change };
    };
    job.running = work(step, job.cancel.signal)
      .then(
        () => step({ state: job.view.code === undefined ? 'done' : 'failed' }),
        (error: unknown) => {
          this.#parts.log.warn({ kind: about.kind, ae: about.aeTitle, ...errorFields(error) }, 'a job failed');
          step({ state: 'failed', code: error instanceof PeerError ? error.code : 'http/internal' });
        },
      )
      .finally(() => {
        job.running = undefined;
        job.view = { ...job.view, ended: this.#parts.clock.now() };
      });
    return job.view;
  }

  /** Follows what goes on elsewhere. */
  follow(
    about: Pick<JobView, 'kind' | 'aeTitle' | 'study' | 'by'>,
    look: NonNullable<TrackedJob['look']>,
  ): Promise<JobView> {
    return this.#looked(this.#add(about, look));
  }

  async list(): Promise<JobView[]> {
    const views = await Promise.all([...this.#jobs.values()].map((job) => this.#looked(job)));
    return views.reverse();
  }

  /** @throws PeerError http/not-found */
  async get(id: string): Promise<JobView> {
    const job = this.#jobs.get(id);
    must(job !== undefined, 'http/not-found');
    return this.#looked(job);
  }

  /** Stops a pull; what has arrived is kept. @throws PeerError http/not-found */
  async cancel(id: string): Promise<JobView> {
    const job = this.#jobs.get(id);
    must(job !== undefined, 'http/not-found');
    job.cancel.abort();
    return this.#looked(job);
  }

  async stop(): Promise<void> {
    for (const { cancel } of this.#jobs.values()) cancel.abort();
    await Promise.all([...this.#jobs.values()].map(({ running }) => running));
  }

  #add(about: Pick<JobView, 'kind' | 'aeTitle' | 'study' | 'by'>, look: TrackedJob['look']): TrackedJob {
    const id = hex(this.#parts.random(16));
    const objects = { done: 0, failed: 0, total: 0 };
    const view: JobView = { id, ...about, state: 'running', objects, at: this.#parts.clock.now() };
    const job: TrackedJob = { view, cancel: new AbortController(), look, running: undefined };
    this.#jobs.set(id, job);
    for (const [old, { running }] of this.#jobs) {
      if (this.#jobs.size <= limits.pacsJobs) break;
      if (running === undefined) this.#jobs.delete(old);
    }
    return job;
  }

  async #looked(job: TrackedJob): Promise<JobView> {
    if (job.look === undefined || job.view.state !== 'running') return job.view;
    const now = await job.look();
    const ended = now.state === 'running' ? undefined : this.#parts.clock.now();
    job.view = { ...job.view, ...now, ended };
    return job.view;
  }
}
