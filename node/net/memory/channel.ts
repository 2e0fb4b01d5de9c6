// Two channel ends joined in memory, with a window like yamux's: a writer waits until the reader has taken enough.
import { PeerError } from '../../../protocol/errors.ts';
import type { Channel } from '../network.ts';

const windowBytes = 256 * 1024;

/** Brings `run` to the other side, in order and after the link's delay. */
export type Carry = (run: () => void) => void;

export class MemoryChannel implements Channel {
  readonly peer: string;
  readonly #carry: Carry;
  #other: MemoryChannel | undefined;
  readonly #queue: Uint8Array[] = [];
  #unacknowledged = 0;
  #writeEnded = false;
  #readEnded = false;
  #broken: PeerError | undefined;
  #waiting: (() => void)[] = [];
  /** Called once, when nothing more can come or go. */
  onDone: (() => void) | undefined;

  constructor(peer: string, carry: Carry) {
    this.peer = peer;
    this.#carry = carry;
  }

  static pair(
    a: string,
    b: string,
    carry: (from: string, to: string) => Carry,
  ): [ofA: MemoryChannel, ofB: MemoryChannel] {
    const ofA = new MemoryChannel(b, carry(a, b));
    const ofB = new MemoryChannel(a, carry(b, a));
    ofA.#other = ofB;
    ofB.#other = ofA;
    return [ofA, ofB];
  }

  /** Does something to the other end when this end's word has reached it. */
  #there(run: (other: MemoryChannel) => void): void {
    const other = this.#other;
    if (other !== undefined) this.#carry(() => run(other));
  }

  async *read(): AsyncIterable<Uint8Array> {
    for (;;) {
      const piece = this.#queue.shift();
      if (piece !== undefined) {
        this.#there((other) => other.#acknowledge(piece.length));
        yield piece;
      } else if (this.#readEnded) return;
      else if (this.#broken !== undefined) throw this.#broken;
      else await this.#wait();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += windowBytes) {
      this.#check();
      const piece = bytes.slice(at, at + windowBytes); // the caller may reuse its buffer
      this.#unacknowledged += piece.length;
      this.#there((other) => other.#receive(piece));
      while (this.#unacknowledged > windowBytes) {
        await this.#wait();
        this.#check();
      }
    }
    this.#check();
  }

  async end(): Promise<void> {
    if (this.#writeEnded) return;
    if (this.#broken !== undefined) throw this.#broken;
    this.#writeEnded = true;
    this.#there((other) => other.#receive(undefined));
    this.#settle();
  }

  abort(error: Error): void {
    this.#queue.length = 0;
    this.#readEnded = false;
    this.#there((other) => other.break(new PeerError('net/closed')));
    this.break(error instanceof PeerError ? error : new PeerError('net/closed', {}, { cause: error }));
  }

  /** The connection is gone. What had arrived can still be read; data that had its end is whole. */
  break(error: PeerError): void {
    this.#broken ??= error;
    this.#settle();
  }

  #settle(): void {
    this.#wake();
    if (this.#broken === undefined && !(this.#readEnded && this.#writeEnded)) return;
    this.onDone?.();
    this.onDone = undefined;
  }

  #check(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#writeEnded) throw new PeerError('net/closed', { at: 'write' });
  }

  #receive(piece: Uint8Array | undefined): void {
    if (this.#broken !== undefined) return;
    if (piece === undefined) this.#readEnded = true;
    else if (piece.length > 0) this.#queue.push(piece);
    this.#settle();
  }

  #acknowledge(length: number): void {
    this.#unacknowledged -= length;
    this.#wake();
  }

  #wait(): Promise<void> {
    return new Promise((wake) => this.#waiting.push(wake));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
