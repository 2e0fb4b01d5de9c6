// Virtual time: everything that needs no timer runs to its end, then the clock jumps to the next timer. Nothing of a
// simulated peer touches the machine, so one turn of the event loop lets all of its promises settle.
import type { Timers } from '../node/system/machine.ts';
import type { Clock } from '../protocol/ports.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export class VirtualTime implements Clock {
  #now: number;
  #order = 0;
  /** Binary heap by (at, order). */
  readonly #heap: Due[] = [];
  /** Timers that have fired. */
  fired = 0;

  /** @param start unix ms */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Runs once at that time, after what was asked for earlier; the returned function cancels it. */
  at(when: number, run: () => void): () => void {
    const due: Due = { at: Math.max(Math.ceil(when), this.#now), order: this.#order++, run };
    this.#push(due);
    return () => {
      due.run = undefined;
    };
  }

  /** Timers that end with whoever `alive` speaks for: a stopped machine's never fire. */
  timers(alive: () => boolean = () => true): Timers {
    const after = (ms: number, run: () => void) => this.at(this.#now + ms, () => alive() && run());
    return {
      after,
      every: (ms, run) => {
        let cancel = (): void => undefined;
        const again = () => {
          cancel = after(ms, () => {
            again();
            run();
          });
        };
        again();
        return () => cancel();
      },
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason as Error);
          const stop = () => {
            cancel();
            reject(signal?.reason as Error);
          };
          const cancel = after(ms, () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          });
          signal?.addEventListener('abort', stop, { once: true });
        }),
    };
  }

  /** Lets everything happen up to and including that time. */
  async run(until: number): Promise<void> {
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      this.#now = next.at;
      this.fired++;
      run();
      await settled();
    }
    this.#now = until;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** All promises that need no timer have settled: a turn of the event loop empties the queues of microtasks first. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
