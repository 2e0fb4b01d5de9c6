// What concerns one thing (a request, a patient, a member) happens one after the other; different things don't wait for
// each other.

export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs at once, or after what is under way for the same name, however that ends. Gives what `run` gives. */
  async run<T>(name: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const mine = before === undefined ? run() : before.then(run, run);
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
