// One run of one hospital's program, which may end at any moment: what it was writing is then there, torn or absent,
// and whatever it still waits for never comes.
import type { Seeded } from './seeded.ts';
import type { VirtualTime } from './time.ts';

export class Crashed extends Error {
  override name = 'Crashed';
}

/** What is left of a write that was under way when the machine stopped. */
export type Torn = (seeded: Seeded) => void;

export class Process {
  readonly #time: VirtualTime;
  readonly #underWay = new Set<Torn>();
  readonly #die: (error: Crashed) => void;
  /** Rejects with `Crashed` when the process ends. */
  readonly died: Promise<never>;
  alive = true;
  #writesLeft = Number.POSITIVE_INFINITY;
  #onLastWrite: (() => void) | undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined); // a process may end while nobody waits for it
    this.died = promise;
    this.#die = reject;
  }

  /** Has `run` called in the middle of the `writes`-th write to disk from now. */
  onWrite(writes: number, run: () => void): void {
    this.#writesLeft = writes;
    this.#onLastWrite = run;
  }

  /** A write to disk that takes `ms`. */
  async write<T>(ms: number, effect: () => T, torn: Torn): Promise<T> {
    if (!this.alive) return never();
    this.#underWay.add(torn);
    if (--this.#writesLeft === 0) this.#onLastWrite?.();
    else if (ms > 0) await new Promise<void>((resolve) => this.#time.at(this.#time.now() + ms, resolve));
    if (!this.alive) return never();
    this.#underWay.delete(torn);
    return effect();
  }

  /** Anything that a process that has ended doesn't do any more. */
  async only<T>(run: () => T | Promise<T>): Promise<T> {
    if (!this.alive) return never();
    const result = await run();
    return this.alive ? result : never();
  }

  end(seeded: Seeded): void {
    this.alive = false;
    for (const torn of this.#underWay) torn(seeded);
    this.#die(new Crashed('the process ended'));
  }
}

const never = (): Promise<never> => new Promise(() => undefined);
