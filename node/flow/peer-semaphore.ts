// How many things may be under way with one peer, and how many may wait for it. Both are bounded.
import { PeerError } from '../../protocol/errors.ts';

interface Queue {
  active: number;
  readonly waiting: { go: () => void; stop: (reason: unknown) => void }[];
}

export class PeerSemaphore {
  readonly #queues = new Map<string, Queue>();
  readonly #active: number;
  readonly #waiting: number;

  constructor(options: { active: number; waiting: number }) {
    this.#active = options.active;
    this.#waiting = options.waiting;
  }

  /** Takes a place at once if there is one. */
  tryAcquire(peer: string): boolean {
    const queue = this.#queue(peer);
    if (queue.active >= this.#active) return false;
    queue.active++;
    return true;
  }

  /** Waits for a place, first come first served. @throws PeerError net/busy, or the signal's reason */
  async acquire(peer: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.tryAcquire(peer)) return;
    const { waiting } = this.#queue(peer);
    if (waiting.length >= this.#waiting) throw new PeerError('net/busy', { waiting: waiting.length });
    await new Promise<void>((go, stop) => {
      const entry = { go: done, stop };
      const leave = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        stop(signal.reason);
      };
      function done() {
        signal.removeEventListener('abort', leave);
        go();
      }
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(entry);
    });
  }

  release(peer: string): void {
    const queue = this.#queue(peer);
    const next = queue.waiting.shift();
    if (next !== undefined) next.go();
    else if (--queue.active === 0) this.#queues.delete(peer);
  }

  #queue(peer: string): Queue {
    let queue = this.#queues.get(peer);
    if (queue === undefined) {
      queue = { active: 0, waiting: [] };
      this.#queues.set(peer, queue);
    }
    return queue;
  }
}
