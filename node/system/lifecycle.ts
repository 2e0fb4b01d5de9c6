// What was started is stopped in exactly the reverse order, each part waiting for its work in flight, all within one
// deadline. A part that fails to stop is reported and doesn't keep the others from stopping.
import { errorFields, type Log } from './log.ts';
import type { Timers } from './machine.ts';

interface Started {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

const stopDeadlineMs = 10_000;

export class Lifecycle {
  readonly #log: Log;
  readonly #timers: Timers;
  readonly #started: Started[] = [];
  #stopping: Promise<void> | undefined;

  constructor(parts: { log: Log; timers: Timers }) {
    this.#log = parts.log;
    this.#timers = parts.timers;
  }

  /** Remembers how to stop what has just been started. */
  started(name: string, stop: () => Promise<void> | void): void {
    this.#started.push({ name, stop });
  }

  /** Stops everything; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const deadline = new AbortController();
    for (const { name, stop } of this.#started.reverse()) {
      const late = this.#timers.sleep(stopDeadlineMs, deadline.signal).then(
        () => this.#log.warn({ part: name }, 'a part did not stop in time'),
        () => undefined, // the part stopped first
      );
      try {
        await Promise.race([Promise.resolve(stop()), late]);
      } catch (error) {
        this.#log.error({ part: name, ...errorFields(error) }, 'a part failed to stop');
      }
    }
    deadline.abort(new Error('stopped'));
  }
}
