// Workers that decode, encode and render frames. Each has one job at a time, with a deadline: a worker that does not keep
// it is ended, whatever it is doing, and the next job starts another. One without work ends too: its memory returns.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Timers } from '../../system/machine.ts';
import type { PixelJob, PixelResult } from './jobs.ts';

export interface PixelPoolOptions {
  /** Workers at a time; 1 or 2 by the machine's cores if absent. */
  readonly workers?: number;
  /** Longest time for one job; `limits.pixelJobMs` if absent. */
  readonly jobMs?: number;
  /** Replaces the worker's file, in tests. */
  readonly script?: URL;
}

interface PendingJob {
  readonly job: PixelJob;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

type Answer =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly error: { readonly code: ErrorCode; readonly data: Record<string, unknown> } };

interface Seat {
  worker: Worker | undefined;
  doing: PendingJob | undefined;
  stopTimer: (() => void) | undefined;
}

/** What others ask of the pool. */
export type Pixels = Pick<PixelPool, 'run'>;

export class PixelPool {
  readonly #timers: Pick<Timers, 'after'>;
  readonly #jobMs: number;
  readonly #script: URL;
  readonly #seats: Seat[];
  readonly #queue: PendingJob[] = [];
  #queuedBytes = 0;
  #stopped = false;

  constructor(options: PixelPoolOptions, parts: { readonly timers: Pick<Timers, 'after'> }) {
    this.#timers = parts.timers;
    this.#jobMs = options.jobMs ?? limits.pixelJobMs;
    this.#script = options.script ?? new URL('./worker.ts', import.meta.url);
    const count = options.workers ?? Math.max(1, Math.min(2, availableParallelism() - 1));
    this.#seats = Array.from({ length: count }, () => ({ worker: undefined, doing: undefined, stopTimer: undefined }));
  }

  /** Takes over the memory of `job.bytes`. @throws PeerError pixels/* */
  async run<J extends PixelJob>(job: J): Promise<PixelResult<J>> {
    must(!this.#stopped, 'net/stopped');
    const bytes = this.#queuedBytes + job.bytes.byteLength;
    must(this.#queue.length < limits.pixelJobs && bytes <= limits.pixelJobBytes, 'pixels/busy', {
      waiting: this.#queue.length,
    });
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#queuedBytes = bytes;
      this.#next();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const stopped = new PeerError('net/stopped');
    for (const waiting of this.#queue.splice(0)) waiting.reject(stopped);
    const ending = this.#seats.map((seat) => {
      const { worker } = seat;
      this.#leave(seat, stopped);
      return worker?.terminate();
    });
    await Promise.all(ending);
  }

  /** Workers that are there. */
  get workers(): number {
    return this.#seats.filter(({ worker }) => worker !== undefined).length;
  }

  #next(): void {
    const free = this.#seats.filter((seat) => seat.doing === undefined);
    const seat = free.find(({ worker }) => worker !== undefined) ?? free[0];
    const waiting = seat && this.#queue.shift();
    if (seat === undefined || waiting === undefined) return;
    this.#queuedBytes -= waiting.job.bytes.byteLength;
    seat.stopTimer?.();
    seat.worker ??= this.#start(seat);
    seat.doing = waiting;
    seat.stopTimer = this.#timers.after(this.#jobMs, () => this.#end(seat, new PeerError('pixels/deadline')));
    seat.worker.ref();
    const { bytes } = waiting.job;
    const owned = bytes.byteLength === bytes.buffer.byteLength;
    seat.worker.postMessage(waiting.job, owned ? [bytes.buffer as ArrayBuffer] : []);
  }

  #start(seat: Seat): Worker {
    const worker = new Worker(this.#script);
    const ended = (error: PeerError) => {
      if (seat.worker === worker) this.#end(seat, error);
    };
    worker.on('message', (answer: Answer) => {
      if (seat.worker === worker) this.#answered(seat, answer);
    });
    worker.on('error', (cause) => ended(new PeerError('pixels/worker', {}, { cause })));
    worker.on('exit', (exitCode) => ended(new PeerError('pixels/worker', { exitCode })));
    return worker;
  }

  #answered(seat: Seat, answer: Answer): void {
    const { doing } = seat;
    seat.doing = undefined;
    seat.stopTimer?.();
    seat.stopTimer = this.#timers.after(limits.pixelIdleMs, () => this.#end(seat, new PeerError('net/stopped')));
    seat.worker?.unref();
    if (answer.error === undefined) doing?.resolve(answer.result as never);
    else doing?.reject(new PeerError(answer.error.code, answer.error.data));
    this.#next();
  }

  #end(seat: Seat, error: PeerError): void {
    const { worker } = seat;
    this.#leave(seat, error);
    void worker?.terminate();
    this.#next();
  }

  #leave(seat: Seat, error: PeerError): void {
    const { doing, stopTimer } = seat;
    stopTimer?.();
    seat.worker = undefined;
    seat.doing = undefined;
    seat.stopTimer = undefined;
    doing?.reject(error);
  }
}
