// Opening a sealed object while it arrives, in pieces of any size.
import type { Bulk } from '../bulk.ts';
import { must } from '../errors.ts';
import { chunkLength, headerBytes } from './header.ts';
import { type Opener, openHeader } from './opener.ts';

/**
 * Takes a sealed object from its first byte in any split and yields each chunk's plain bytes once it is authenticated.
 * A wrong byte throws at its own chunk, and nothing after it is opened.
 */
export class OpenStream {
  readonly #parentKey: Uint8Array;
  readonly #bulk: Bulk;
  #opener: Opener | undefined;
  #index = 0;
  #buffer = new Uint8Array(headerBytes);
  #held = 0;
  #failed = false;

  constructor(options: { parentKey: Uint8Array }, parts: { bulk: Bulk }) {
    this.#parentKey = options.parentKey;
    this.#bulk = parts.bulk;
  }

  /** Run it to its end before the next call. @throws PeerError as `openHeader` and `Opener.openChunk` */
  *push(sealed: Uint8Array): Generator<Uint8Array, void> {
    if (this.#failed) throw new Error('this stream has failed before, or its last push was not run to its end');
    this.#failed = true; // until this piece went through
    let at = 0;
    while (at < sealed.length) {
      const want = this.#wanted();
      if (this.#held === 0 && this.#opener !== undefined && sealed.length - at >= want) {
        yield this.#open(sealed.subarray(at, at + want));
        at += want;
        continue;
      }
      const piece = sealed.subarray(at, at + want - this.#held);
      this.#hold(piece, want);
      at += piece.length;
      if (this.#held < want) continue;
      this.#held = 0;
      if (this.#opener === undefined) this.#opener = openHeader(this.#buffer, this.#parentKey, this.#bulk);
      else yield this.#open(this.#buffer.subarray(0, want));
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

  #hold(piece: Uint8Array, want: number): void {
    if (this.#buffer.length < want) this.#buffer = new Uint8Array(want); // only between chunks, when nothing is held
    this.#buffer.set(piece, this.#held);
    this.#held += piece.length;
  }

  #open(sealed: Uint8Array): Uint8Array {
    const plain = this.#opener!.openChunk(this.#index, sealed);
    this.#index++;
    return plain;
  }
}
