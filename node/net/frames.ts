// Length-prefixed frames over a channel: 4 bytes big-endian, then the body. The length is checked before anything is
// allocated, memory is taken as the body arrives, and since every body has its length, a connection that ends early is always noticed.
import { concat, uintBytes } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { Channel } from './network.ts';

const prefixBytes = 4;

/** What a body that does not come in one piece takes first; then twice what has arrived. */
const leastBytes = 4096;

/** One frame as it goes on the wire. */
export const frame = (body: Uint8Array): Uint8Array => concat(uintBytes(body.length, prefixBytes), body);

/** Takes frames and raw pieces from a channel in order. */
export class FrameReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(channel: Channel) {
    this.#source = channel.read()[Symbol.asyncIterator]();
  }

  /**
   * The next frame's body, or undefined when the other side ended where a frame would begin.
   * @param reserve called with the bytes by which the memory for the body grows, before it does; may refuse by throwing
   * @throws PeerError net/too-large before anything is allocated, net/closed in the middle of a frame
   */
  async next(maxBytes: number, reserve?: (length: number) => void): Promise<Uint8Array | undefined> {
    const prefix = await this.#take(prefixBytes, true);
    if (prefix === undefined) return undefined;
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
    if (length > maxBytes) throw new PeerError('net/too-large', { length, max: maxBytes });
    return this.#take(length, false, reserve);
  }

  /** Waits for the end of the other side's data. @throws PeerError net/framing when more comes, net/closed */
  async expectEnd(): Promise<void> {
    while (this.#rest.length === 0) if (!(await this.#pull())) return;
    throw new PeerError('net/framing', { at: 'end' });
  }

  async #take(length: number, mayEnd: boolean, reserve?: (bytes: number) => void): Promise<Uint8Array | undefined> {
    let out: Uint8Array = new Uint8Array();
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0 && !(await this.#pull())) {
        if (mayEnd && filled === 0) return undefined;
        throw new PeerError('net/closed', { expected: length, arrived: filled });
      }
      const piece = this.#rest.subarray(0, length - filled);
      this.#rest = this.#rest.subarray(piece.length);
      if (filled === 0 && piece.length === length) {
        reserve?.(length);
        return piece;
      }
      if (filled + piece.length > out.length) {
        const size = Math.min(length, Math.max(leastBytes, 2 * (filled + piece.length)));
        reserve?.(size - out.length);
        const larger = new Uint8Array(size);
        larger.set(out.subarray(0, filled));
        out = larger;
      }
      out.set(piece, filled);
      filled += piece.length;
    }
    return out;
  }

  async #pull(): Promise<boolean> {
    const step = await this.#source.next();
    if (step.done === true) return false;
    this.#rest = step.value;
    return true;
  }
}
