// Opening a sealed object while it arrives, in pieces of any size.
import type { Bulk } from '../bulk.ts';
import { must } from '../errors.ts';
import { Gather } from './gather.ts';
import { chunkLength, headerBytes } from './header.ts';
import { type Opener, openHeader } from './opener.ts';

/**
 * Takes a sealed object from its first byte in any split and yields each chunk's plain bytes once it is authenticated.
 * A wrong byte throws at its own chunk, and nothing after it is opened.
 */
export class OpenStream {
  readonly #parentKey: Uint8Array;
  readonly #bulk: Bulk;
  readonly #gather = new Gather();
  #opener: Opener | undefined;
  #index = 0;
  #failed = false;

  constructor(options: { parentKey: Uint8Array }, parts: { bulk: Bulk }) {
    this.#parentKey = options.parentKey;
    this.#bulk = parts.bulk;
  }

  /** Run it to its end before the next call. @throws PeerError as `openHeader` and `Opener.openChunk` */
  *push(sealed: Uint8Array): Generator<Uint8Array, void> {
    if (this.#failed) throw new Error('this stream has failed before, or its last push was not run to its end');
    this.#failed = true; // until this piece went through
    for (let at = 0; at < sealed.length; ) {
      const { taken, unit } = this.#gather.take(sealed.subarray(at), this.#wanted());
      at += taken;
      if (unit === undefined) continue;
      if (this.#opener === undefined) this.#opener = openHeader(unit, this.#parentKey, this.#bulk);
      else yield this.#opener.openChunk(this.#index++, unit);
    }
    this.#failed = false;
  }

  /** Says that nothing more comes. @throws PeerError seal/truncated */
  finish(): void {
    const complete = this.#opener !== undefined && this.#index === this.#opener.chunks;
    must(complete && !this.#failed, 'seal/truncated', { index: this.#index });
  }

  /** Bytes of what comes next: the header or a chunk. */
  #wanted(): number {
    if (this.#opener === undefined) return headerBytes;
    must(this.#index < this.#opener.chunks, 'seal/trailing', { index: this.#index });
    return chunkLength(this.#opener.header, this.#index);
  }
}
