// Fetching granted studies from their owners. How one fetch runs is in running-fetch.ts.
import { partialName } from './fetch-files.ts';
import { type FetchJob, type FetchOptions, type FetchParts, fetchDefaults } from './fetch-job.ts';
import { SavedProgress } from './fetch-progress.ts';
import { RunningFetch } from './running-fetch.ts';

/** Starts fetches. One is running until its `done` settles. */
export class Fetcher {
  readonly #options: FetchOptions;
  readonly #parts: FetchParts;

  constructor(options: Partial<FetchOptions>, parts: FetchParts) {
    this.#options = { ...fetchDefaults, ...options };
    this.#parts = parts;
  }

  /** Begins, or goes on with, a transfer. */
  fetch(job: FetchJob): RunningFetch {
    return new RunningFetch(this.#options, this.#parts, job);
  }

  /** Drops what is remembered of a transfer that has ended or will not go on. */
  async forget(id: string): Promise<void> {
    const progress = await SavedProgress.load(this.#parts.progress, id);
    for (const index of progress.parts().keys()) {
      const file = await this.#parts.objects.partial(partialName(id, index));
      await file.discard();
    }
    await progress.clear();
  }
}
