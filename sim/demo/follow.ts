// A hospital's server-sent events, as a client of its API sees them.
import type { IncomingMessage } from 'node:http';
import type { PeerClient } from '../../node/cli/client.ts';
import { systemTimers } from '../../node/system/machine.ts';

/** One event: its type and what it tells. */
export interface Happened {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export class Follower {
  readonly #answer: IncomingMessage;
  readonly #listeners = new Set<(event: Happened) => void>();
  readonly #over = Promise.withResolvers<never>();

  private constructor(answer: IncomingMessage) {
    this.#answer = answer;
    this.#over.promise.catch(() => undefined); // thrown to whoever waits; nobody may
    void this.#read();
  }

  static async open(client: PeerClient): Promise<Follower> {
    return new Follower(await client.openPath('/api/v1/events', 'text/event-stream'));
  }

  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: Happened) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Gives the first event from now on for which `wanted` gives something.
   * @throws Error after `ms`, or when the events end
   */
  async until<T>(what: string, ms: number, wanted: (event: Happened) => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const unsubscribe = this.subscribe((event) => {
      const value = wanted(event);
      if (value !== undefined) resolve(value);
    });
    const cancel = systemTimers.after(ms, () => reject(new Error(`Not within ${ms / 1000} s: ${what}.`)));
    try {
      return await Promise.race([promise, this.#over.promise]);
    } finally {
      unsubscribe();
      cancel();
    }
  }

  close(): void {
    this.#answer.destroy();
  }

  async #read(): Promise<void> {
    let text = '';
    try {
      for await (const piece of this.#answer.setEncoding('utf8') as AsyncIterable<string>) {
        const blocks = (text + piece).split('\n\n');
        text = blocks.pop()!;
        for (const event of blocks.map(eventOf)) {
          if (event !== undefined) for (const take of [...this.#listeners]) take(event);
        }
      }
      this.#over.reject(new Error('The peer ended its events.'));
    } catch (error) {
      this.#over.reject(error);
    }
  }
}

/** One block of the stream; comments are none. */
export function eventOf(block: string): Happened | undefined {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [type, data] = [field('event'), field('data')];
  return type === undefined || data === undefined ? undefined : { type, data: JSON.parse(data) as Happened['data'] };
}
