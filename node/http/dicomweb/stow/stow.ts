// One STOW-RS request: instances go to the importer while they arrive; while one is made durable the next is read.
import { type ErrorCode, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Announced } from '../../../exchange/import/arriving-instance.ts';
import { type Named, type ReceivedInstance, receiveDataset, receiveFile } from '../../../exchange/import/from-file.ts';
import type { Importer } from '../../../exchange/import/importer.ts';
import type { ImportOutcome } from '../../../system/events.ts';
import type { StoreOutcome } from './response.ts';

interface StowOptions {
  /** For the operator: who sends. */
  readonly from: string;
  /** The study of the URL, if it names one. */
  readonly study: string | undefined;
}

interface StowParts {
  readonly importer: Importer;
  readonly count: (outcome: ImportOutcome) => void;
}

export class StowRequest {
  readonly #options: StowOptions;
  readonly #parts: StowParts;
  readonly #stored: StoreOutcome[] = [];
  readonly #finishing = new Set<Promise<void>>();
  #failed: { readonly error: unknown } | undefined;

  constructor(options: StowOptions, parts: StowParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Takes one Part 10 file. @throws PeerError store/* when nothing more can be kept, and what reading it throws */
  async file(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#taken(receiveFile(this.#parts.importer, bytes, this.#options));
  }

  /** Takes one data set. `named`: what it is, to tell of a failure. */
  async dataset(bytes: AsyncIterable<Uint8Array>, transferSyntax: string, named: Named | undefined): Promise<void> {
    const announced: Announced = { ...this.#options, transferSyntax };
    await this.#taken(receiveDataset(this.#parts.importer, bytes, announced), named);
  }

  /** Something that was sent can't be stored. */
  refuse(reason: ErrorCode, named?: Named): void {
    this.#stored.push({ named, reason });
    this.#parts.count('refused');
  }

  /** What became of each, in order, when all that were stored are durable. @throws what kept them from being so */
  async done(): Promise<readonly StoreOutcome[]> {
    await Promise.all(this.#finishing);
    if (this.#failed !== undefined) throw this.#failed.error;
    return this.#stored;
  }

  /** Waits for what is under way, whatever comes of it: the request has ended in an error. */
  async settled(): Promise<readonly StoreOutcome[]> {
    await Promise.all(this.#finishing);
    return this.#stored;
  }

  async #taken(receiving: Promise<ReceivedInstance>, named?: Named): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed.error;
    const received = await receiving;
    const place = this.#stored.push({ named, reason: 'import/broken-off' }) - 1;
    const work: Promise<void> = this.#finish(received, place, named)
      .catch((error: unknown) => {
        this.#failed ??= { error };
        if (error instanceof PeerError) this.#stored[place] = { named: received.named ?? named, reason: error.code };
      })
      .finally(() => void this.#finishing.delete(work));
    this.#finishing.add(work);
    if (this.#finishing.size >= limits.stowAtOnce) await Promise.race(this.#finishing);
  }

  async #finish(received: ReceivedInstance, place: number, named: Named | undefined): Promise<void> {
    const result = await received.finish();
    this.#stored[place] = {
      named: received.named ?? named,
      ...('reason' in result ? { reason: result.reason } : { mislabelled: received.mislabelled }),
    };
    this.#parts.count(result.outcome === 'aside' ? result.kind : result.outcome);
  }
}
