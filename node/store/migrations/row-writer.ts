// What a migration writes: many rows at a time, each time with how far it has come, so that memory stays flat and what is
// cut off goes on where it was.
import { utf8 } from '../../../protocol/bytes.ts';
import type { Kv, Write } from '../kv.ts';

/** Told how many rows were read so far. */
export type Progress = (rows: number) => void;

export interface RowWriterOptions {
  /** So many rows are read, or made, between two writes. */
  readonly together?: number | undefined;
  readonly progress: Progress;
}

const placeKey = utf8('migration');

export class RowWriter {
  readonly #kv: Kv;
  readonly #together: number;
  readonly #progress: Progress;
  #writes: Write[] = [];
  #place: Uint8Array | undefined;
  #read = 0;
  #since = 0;

  constructor({ together = 2_000, progress }: RowWriterOptions, kv: Kv) {
    this.#together = together;
    this.#progress = progress;
    this.#kv = kv;
  }

  /** The place that a run which was cut off has reached; undefined at the beginning. */
  reached(): Promise<Uint8Array | undefined> {
    return this.#kv.bucket('meta').get(placeKey);
  }

  /** Takes what one row that was read has become, all of it or nothing; durable some time later. */
  async took(...writes: readonly Write[]): Promise<void> {
    this.#writes.push(...writes);
    this.#read += 1;
    this.#since += 1;
    if (Math.max(this.#since, this.#writes.length) >= this.#together) await this.#flush([]);
  }

  /** Everything up to here is done when what was taken is durable: what is cut off later begins behind this. */
  done(place: Uint8Array): void {
    this.#place = place;
  }

  /** The step is complete; durable with these writes when it resolves. */
  async end(last: readonly Write[]): Promise<void> {
    this.#place = undefined;
    await this.#flush([...last, { bucket: 'meta', key: placeKey }]);
  }

  async #flush(last: readonly Write[]): Promise<void> {
    const place: Write[] = this.#place === undefined ? [] : [{ bucket: 'meta', key: placeKey, value: this.#place }];
    await this.#kv.commit([...this.#writes, ...place, ...last]);
    this.#writes = [];
    this.#since = 0;
    this.#progress(this.#read);
  }
}
