// What a sender writes: large pieces as they are, small ones gathered, and always one write under way while the next
// piece is read. Two pieces are in memory, whatever is sent.
import { concat } from '../../../protocol/bytes.ts';
import type { Channel } from '../../net/network.ts';

const gatherBytes = 128 * 1024;
/** Pieces below this are copied together: a write costs more than the copy. */
const smallBytes = 32 * 1024;

export class Outflow {
  readonly #channel: Channel;
  #gathered: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Writes a piece, at once or with those after it. It must stay as it is until the call after the next one returns.
   * @throws PeerError net/closed
   */
  async write(piece: Uint8Array): Promise<void> {
    if (piece.length > smallBytes) {
      await this.#push();
      return this.#start(piece);
    }
    this.#gathered.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= gatherBytes) await this.#push();
  }

  /** Resolves when everything is written. @throws PeerError net/closed */
  async flush(): Promise<void> {
    await this.#push();
    await this.#writing;
  }

  async #push(): Promise<void> {
    if (this.#gathered.length === 0) return;
    const all = this.#gathered.length === 1 ? this.#gathered[0]! : concat(...this.#gathered);
    this.#gathered = [];
    this.#bytes = 0;
    await this.#start(all);
  }

  /** Starts a write when the one before is done. */
  async #start(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    this.#writing = this.#channel.write(bytes);
    this.#writing.catch(() => undefined); // thrown where it is awaited: at the next write, or by flush()
  }
}
