// Deflated data sets (PS3.5 A.5): raw DEFLATE, inflated while it arrives, within a total and a ratio.
import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';

type Settle = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

export class InflatingReader {
  readonly #inflate: InflateRaw = createInflateRaw();
  readonly #take: (chunk: Uint8Array) => void;
  #received = 0;
  #inflated = 0;
  #failed: unknown;
  #ended = false;
  #waiting: Settle | undefined;

  /** `take` gets the inflated bytes in order; what it throws ends the reading. */
  constructor(take: (chunk: Uint8Array) => void) {
    this.#take = take;
    this.#inflate.on('data', (chunk: Uint8Array) => this.#data(chunk));
    this.#inflate.on('error', (error: NodeJS.ErrnoException) => this.#fail(inflateError(error)));
    this.#inflate.on('end', () => {
      this.#ended = true;
      this.#settle();
    });
  }

  /** Resolves when the chunk is used. Rejects with dicom/deflate, dicom/inflates-too-far or what `take` threw. */
  push(chunk: Uint8Array): Promise<void> {
    this.#received += chunk.length;
    return this.#wait(() => {
      // What follows the last DEFLATE block is padding (PS3.5 A.5 asks for an even length).
      if (this.#ended) this.#settle();
      else this.#inflate.write(chunk, () => this.#settle());
    });
  }

  /** Resolves when all is inflated; dicom/truncated when the last block is missing. */
  end(): Promise<void> {
    return this.#wait(() => {
      if (this.#ended) this.#settle();
      else this.#inflate.end();
    });
  }

  #wait(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failed) return reject(this.#failed);
      this.#waiting = { resolve, reject };
      work();
    });
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#failed) waiting?.reject(this.#failed);
    else waiting?.resolve();
  }

  #data(chunk: Uint8Array): void {
    if (this.#failed) return;
    this.#inflated += chunk.length;
    const allowed = limits.dicomInflateFreeBytes + limits.dicomInflateRatio * this.#received;
    try {
      if (this.#inflated > Math.min(allowed, limits.dicomInflatedBytes)) {
        throw new PeerError('dicom/inflates-too-far', { received: this.#received });
      }
      this.#take(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failed ??= error;
    this.#inflate.destroy();
    this.#settle();
  }
}

const inflateError = (error: NodeJS.ErrnoException): PeerError =>
  new PeerError(error.code === 'Z_BUF_ERROR' ? 'dicom/truncated' : 'dicom/deflate', {}, { cause: error });
