// A libp2p stream as a channel. js-libp2p's own helpers apply no backpressure (`for await`) or only once (`onDrain`), so
// this listens to the stream's events itself.
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Channel } from '../network.ts';

/** What one `send` gets: yamux cuts larger ones into frames of its own, this keeps its write queue short. */
const sendBytes = 1024 * 1024;

export class StreamChannel implements Channel {
  readonly peer: string;
  readonly #stream: Stream;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #broken: PeerError | undefined;
  #wakeReader: (() => void) | undefined;
  #closed = false;
  readonly #wakeWriters = new Set<() => void>();

  /** To be made in the same turn in which the stream appears: one without listener is reset under load. */
  constructor(stream: Stream, peer: string) {
    this.peer = peer;
    this.#stream = stream;
    // only the other side's own word ends the data: a cut connection closes a stream just as quietly
    if (stream.remoteWriteStatus === 'closed' && (stream.status === 'open' || stream.status === 'closing'))
      this.#ended = true;
    stream.addEventListener('remoteCloseWrite', () => this.#onEnd());
    stream.addEventListener('message', (event: StreamMessageEvent) => this.#onMessage(event));
    stream.addEventListener('close', (event: StreamCloseEvent) => this.#onClose(event.error));
    for (const event of ['drain', 'idle'] as const) stream.addEventListener(event, () => this.#wake());
    if (stream.status !== 'open' && stream.status !== 'closing') this.#onClose(undefined);
  }

  async *read(): AsyncIterable<Uint8Array> {
    for (;;) {
      const piece = this.#queue.shift();
      if (piece !== undefined) {
        this.#queued -= piece.length;
        if (this.#queued < limits.netReadAheadBytes / 2) this.#resume();
        yield piece;
        continue;
      }
      this.#resume();
      if (this.#queue.length > 0) continue;
      if (this.#broken !== undefined) throw this.#broken;
      if (this.#ended) return;
      await new Promise<void>((wake) => {
        this.#wakeReader = wake;
      });
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += sendBytes) {
      this.#check();
      try {
        this.#stream.send(bytes.subarray(at, at + sendBytes));
      } catch (cause) {
        throw new PeerError('net/closed', { at: 'write' }, { cause });
      }
      // `drain` comes before the stream has sent what it kept, `idle` after: look again on each
      while (this.#stream.writeBufferLength > 0 || this.#stream.writableNeedsDrain) {
        await new Promise<void>((wake) => this.#wakeWriters.add(wake));
        this.#check();
      }
    }
  }

  async end(): Promise<void> {
    try {
      await this.#stream.close();
    } catch (cause) {
      throw new PeerError('net/closed', { at: 'end' }, { cause });
    }
  }

  abort(error: Error): void {
    this.#queue.length = 0;
    this.#broken ??= closedBy(error);
    this.#stream.abort(error);
    this.#onClose(error);
  }

  /** Hands over what was kept while the stream was paused, in this turn, and opens the window again. */
  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return;
    try {
      this.#stream.resume();
    } catch (cause) {
      // the data is out, only the window update found no connection any more
      if (!this.#ended) this.#broken ??= closedBy(cause as Error);
    }
  }

  #check(): void {
    if (this.#closed) throw this.#broken ?? new PeerError('net/closed', { at: 'write' });
  }

  #onMessage(event: StreamMessageEvent): void {
    const data = event.data;
    const pieces = data instanceof Uint8Array ? [data] : [...data];
    for (const piece of pieces) {
      this.#queue.push(piece);
      this.#queued += piece.length;
    }
    // the buffer behind a paused stream is as large as its window (see libp2p.ts): the other side stops by itself
    if (this.#queued >= limits.netReadAheadBytes && this.#stream.readStatus === 'readable') this.#stream.pause();
    this.#wake();
  }

  #onEnd(): void {
    this.#ended = true;
    this.#wake();
  }

  #onClose(cause: Error | undefined): void {
    this.#closed = true;
    if (!this.#ended || cause !== undefined) this.#broken ??= closedBy(cause);
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
    for (const wake of this.#wakeWriters) wake();
    this.#wakeWriters.clear();
  }
}

const closedBy = (cause: Error | undefined): PeerError =>
  cause instanceof PeerError ? cause : new PeerError('net/closed', {}, cause === undefined ? {} : { cause });
