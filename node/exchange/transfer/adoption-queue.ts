// Hands complete objects to the import in batches, so that many share its fsync; a new batch is what arrived meanwhile.
import { limits } from '../../../protocol/limits.ts';
import type { ArrivedObject } from './fetch-job.ts';

export class AdoptionQueue {
  readonly #adopt: (batch: readonly ArrivedObject[]) => Promise<void>;
  #waiting: ArrivedObject[] = [];
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #blocked: (() => void)[] = [];

  constructor(parts: { adopt: (batch: readonly ArrivedObject[]) => Promise<void> }) {
    this.#adopt = parts.adopt;
  }

  add(one: ArrivedObject): void {
    this.#waiting.push(one);
    this.#running ??= this.#run();
    this.#running.catch(() => undefined); // thrown by drained(), which is always called
  }

  /** Resolves when fewer objects wait than may, or nothing is adopted any more. */
  async room(): Promise<void> {
    while (this.#failure === undefined && this.#waiting.length >= limits.transferAdopting) {
      await new Promise<void>((resolve) => this.#blocked.push(resolve));
    }
  }

  /** Resolves when all that was added is adopted. @throws what `adopt` threw */
  async drained(): Promise<void> {
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is ready in this turn goes into one batch
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, limits.transferAdopting);
      for (const resolve of this.#blocked.splice(0)) resolve();
      if (this.#failure === undefined) await this.#adopt(batch).catch((error: unknown) => this.#failed(error));
      else for (const { file } of batch) await file?.close();
    }
    this.#running = undefined;
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    for (const resolve of this.#blocked.splice(0)) resolve();
  }
}
