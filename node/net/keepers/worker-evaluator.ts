// Blind evaluation in a thread of its own, so that a batch does not stop the peer for half a second. A worker that ends
// unexpectedly fails what it had and is started again with the next job.
import { Worker } from 'node:worker_threads';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { EvaluationJob, Evaluator, ResultOf } from './evaluator.ts';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly data: Record<string, unknown> };
}

interface PendingEvaluation {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerEvaluator implements Evaluator {
  readonly #script: URL;
  readonly #waiting = new Map<number, PendingEvaluation>();
  #worker: Worker | undefined;
  #nextId = 0;
  #stopped = false;

  /** @param options `script` replaces the worker's file, in tests */
  constructor(options: { script?: URL } = {}) {
    this.#script = options.script ?? new URL('./worker.ts', import.meta.url);
  }

  async run<J extends EvaluationJob>(job: J): Promise<ResultOf<J>> {
    must(!this.#stopped, 'net/stopped');
    must(this.#waiting.size < limits.evaluationJobs, 'net/busy', { waiting: this.#waiting.size });
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, job });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker?.terminate();
    this.#fail(new PeerError('net/stopped'));
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    worker.unref();
    worker.on('message', (answer: Answer) => this.#answered(answer));
    worker.on('error', (cause) => this.#ended(worker, new PeerError('net/worker', {}, { cause })));
    worker.on('exit', (exitCode) => this.#ended(worker, new PeerError('net/worker', { exitCode })));
    return worker;
  }

  #answered({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new PeerError(error.code, error.data));
  }

  #ended(worker: Worker, error: PeerError): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (!this.#stopped) this.#fail(error);
  }

  #fail(error: PeerError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
