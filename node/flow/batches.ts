// Group commit: what comes while one batch is written goes together into the next, so that many share one fsync.

interface PendingItem<T, R> {
  readonly item: T;
  readonly done: (result: R) => void;
  readonly failed: (error: unknown) => void;
}

export class Batches<T, R> {
  readonly #run: (items: T[]) => Promise<R[]>;
  #waiting: PendingItem<T, R>[] = [];
  #running: Promise<void> | undefined;

  /** @param run handles a batch: one result for each item, in order; one batch runs at a time */
  constructor(run: (items: T[]) => Promise<R[]>) {
    this.#run = run;
  }

  /** The item's own result, or the error that its batch ended with. */
  add(item: T): Promise<R> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      this.#running ??= this.#runAll();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #runAll(): Promise<void> {
    // one turn later, so that everything that is ready in this turn goes into one batch
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#run(batch.map((each) => each.item));
        for (const [i, each] of batch.entries()) each.done(results[i]!);
      } catch (error) {
        for (const each of batch) each.failed(error);
      }
    }
    this.#running = undefined;
  }
}
