// One instance on its way into a sink: keeps the sink's contract (see sink.ts), whatever happens to the association.

import type { Log } from '../../system/log.ts';
import { statusOf } from './command.ts';
import type { OpenStore, StoreInfo, StoreSink } from './sink.ts';

type DataSetState =
  | { is: 'opening' }
  | { is: 'open'; sink: StoreSink }
  | { is: 'finishing' }
  | { is: 'failed'; error: unknown }
  | { is: 'cancelled' };

/** Its methods never throw and never reject: what the sink throws becomes the status of `end`. */
export class IncomingDataSet {
  readonly #log: Log;
  #state: DataSetState = { is: 'opening' };
  /** Settles when the sink's current call has. */
  #pending: Promise<void> | undefined;

  constructor(parts: { log: Log }) {
    this.#log = parts.log;
  }

  /** Opens the sink. Nothing may be written before a returned promise has resolved. */
  open(store: OpenStore, info: StoreInfo): void | Promise<void> {
    return this.#call(
      () => store(info),
      (sink) => {
        this.#state = { is: 'open', sink };
      },
    );
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const state = this.#state;
    if (state.is !== 'open' || bytes.length === 0) return undefined;
    return this.#call(
      () => state.sink.write(bytes),
      () => undefined,
    );
  }

  /** The data set is complete: resolves with the status to answer. */
  async end(): Promise<number> {
    const state = this.#state;
    if (state.is !== 'open') return this.#failedStatus();
    this.#state = { is: 'finishing' };
    let status: number | undefined;
    await this.#call(
      () => state.sink.finish(),
      (result) => {
        status = result;
      },
    );
    return status ?? this.#failedStatus();
  }

  /** The error of the sink, if it failed. */
  get error(): unknown {
    return this.#state.is === 'failed' ? this.#state.error : undefined;
  }

  /** The association is over. Resolves when the sink has been told and is done with it. */
  async cancel(reason: Error): Promise<void> {
    await this.#pending;
    const state = this.#state;
    if (state.is !== 'open') return;
    this.#state = { is: 'cancelled' };
    await this.#abort(state.sink, reason);
  }

  #failedStatus(): number {
    return statusOf(this.#state.is === 'failed' ? this.#state.error : undefined);
  }

  /** Calls the sink, synchronously where it answers so: most writes do, and a promise each would cost more than they. */
  #call<T>(run: () => T | Promise<T>, done: (value: T) => void): void | Promise<void> {
    let result: T | Promise<T>;
    try {
      result = run();
    } catch (error) {
      return this.#track(this.#fail(error));
    }
    if (!(result instanceof Promise)) return done(result);
    return this.#track(result.then(done).catch((error: unknown) => this.#fail(error)));
  }

  #track(promise: Promise<void>): Promise<void> {
    this.#pending = promise;
    return promise;
  }

  async #fail(error: unknown): Promise<void> {
    const state = this.#state;
    this.#state = { is: 'failed', error };
    if (state.is === 'open') await this.#abort(state.sink, error instanceof Error ? error : new Error(String(error)));
  }

  async #abort(sink: StoreSink, reason: Error): Promise<void> {
    try {
      await sink.abort(reason);
    } catch (error) {
      this.#log.error({ err: error }, 'a sink failed to abort; what it held may be left over');
    }
  }
}
