// Byte ranges of a data set, in ascending order; of a deflated one they are cut from one run of inflating.
import { PeerError } from '../../../../protocol/errors.ts';
import { transferSyntax } from '../../model/transfer-syntax.ts';
import { inflatedRange } from '../../pixels/stored-bytes.ts';
import type { DatasetSource } from './nodes.ts';

export interface Ranges {
  /** Bytes [offset, offset + length). @throws PeerError dicom/truncated */
  take(offset: number, length: number): AsyncIterable<Uint8Array>;
  /** Lets go of what is half read. */
  close(): Promise<void>;
}

export function rangesOf(source: DatasetSource): Ranges {
  if (transferSyntax(source.transferSyntax).deflated) return new InflatedRanges(source);
  return {
    take: (offset, length) => whole(source.read(offset, offset + length), length),
    close: async () => undefined,
  };
}

async function* whole(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of bytes) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new PeerError('dicom/truncated', { missing: left });
}

class InflatedRanges implements Ranges {
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor({ read }: DatasetSource) {
    this.#chunks = inflatedRange(read(0), 0, Number.POSITIVE_INFINITY);
  }

  async *take(offset: number, length: number): AsyncGenerator<Uint8Array> {
    const end = offset + length;
    while (this.#at < end) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw new PeerError('dicom/truncated', { offset: this.#at });
        this.#chunk = next.value;
      }
      const skipped = Math.min(this.#chunk.length, Math.max(0, offset - this.#at));
      const taken = Math.min(this.#chunk.length - skipped, end - this.#at - skipped);
      const piece = this.#chunk.subarray(skipped, skipped + taken);
      this.#chunk = this.#chunk.subarray(skipped + taken);
      this.#at += skipped + taken;
      if (piece.length > 0) yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}
