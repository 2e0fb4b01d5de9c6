// The map that forgets: it holds so many entries, and if told so each for so long. What was put in longest ago goes first.

/** `most` entries; with a `clock`, each counts for `ms` after it was put in. */
export interface RecentOptions {
  readonly most: number;
  readonly lasting?: { readonly ms: number; readonly clock: { now(): number } };
}

export class Recent<K, V> {
  readonly #options: RecentOptions;
  readonly #entries = new Map<K, V>();
  /** When each was put in, where that matters. */
  readonly #since = new Map<K, number>();

  constructor(options: RecentOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#isOver(key) ? undefined : this.#entries.get(key);
  }

  has(key: K): boolean {
    return !this.#isOver(key) && this.#entries.has(key);
  }

  /** Puts it in anew: it is the last to go. */
  set(key: K, value: V): void {
    const { most, lasting } = this.#options;
    this.delete(key);
    this.#entries.set(key, value);
    if (lasting !== undefined) this.#since.set(key, lasting.clock.now());
    if (this.#entries.size > most) this.delete(this.#entries.keys().next().value!);
  }

  delete(key: K): void {
    this.#entries.delete(key);
    this.#since.delete(key);
  }

  #isOver(key: K): boolean {
    const { lasting } = this.#options;
    const since = lasting === undefined ? undefined : this.#since.get(key);
    return since !== undefined && since <= lasting!.clock.now() - lasting!.ms;
  }
}
