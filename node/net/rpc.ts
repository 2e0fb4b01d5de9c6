// One request, one answer, over a channel of its own: a frame each way. The answer is CBOR [0, body] or
// [wire error number, text?]. The same code runs over libp2p and in memory.
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { codeOfWire, must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { PeerSemaphore } from '../flow/peer-semaphore.ts';
import type { Timers } from '../system/machine.ts';
import { FrameReader, frame } from './frames.ts';
import type { Channel, ChannelHandler, RequestHandler, RequestOptions } from './network.ts';
import { RequestMemory, type Reservation } from './request-memory.ts';

/** Array head, zero and byte string head of an answer, or an error's text. */
const answerOverheadBytes = 16 + limits.netErrorTextBytes;

export interface RpcParts {
  readonly open: (peer: string, protocol: string, options: { signal: AbortSignal }) => Promise<Channel>;
  readonly timers: Timers;
  /** Members' requests and those of others are handled in rooms of their own. */
  readonly isMember: (peer: string) => boolean;
  /** Told of handlers that failed with something uncoded, which the asker sees only as net/internal. */
  readonly onFailure?: ((error: unknown, protocol: string, peer: string) => void) | undefined;
}

/** Where requests are handled: how many of one peer at a time, and what their bodies take. */
interface Room {
  readonly places: PeerSemaphore;
  readonly memory: RequestMemory;
}

export class Rpc {
  readonly #parts: RpcParts;
  readonly #outbound = new PeerSemaphore({ active: limits.netOutbound, waiting: limits.netWaiting });
  readonly #members: Room = {
    places: new PeerSemaphore({ active: limits.netInbound, waiting: 0 }),
    memory: new RequestMemory(limits.netInboundBytes, limits.netPeerInboundBytes),
  };
  readonly #strangers: Room = {
    places: new PeerSemaphore({ active: limits.netStrangerInbound, waiting: 0 }),
    memory: new RequestMemory(limits.netStrangerBytes, limits.netStrangerBytes),
  };

  constructor(parts: RpcParts) {
    this.#parts = parts;
  }

  /** As Network.request. */
  async request(peer: string, protocol: string, body: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    const stop = new Deadline(this.#parts.timers, options.timeoutMs ?? limits.netRequestMs, options.signal);
    try {
      await this.#outbound.acquire(peer, stop.signal);
      try {
        const channel = await this.#parts.open(peer, protocol, { signal: stop.signal });
        stop.signal.addEventListener('abort', () => channel.abort(stop.signal.reason as Error), { once: true });
        return await exchange(channel, body, options.maxBytes ?? limits.netBodyBytes);
      } finally {
        this.#outbound.release(peer);
      }
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      stop.clear();
    }
  }

  /** The channel handler that serves one protocol's requests. */
  handler(protocol: string, handle: RequestHandler, maxBytes: number = limits.netBodyBytes): ChannelHandler {
    return async (channel) => {
      const stop = new Deadline(this.#parts.timers, limits.netRequestMs, undefined);
      stop.signal.addEventListener('abort', () => channel.abort(stop.signal.reason as Error), { once: true });
      try {
        const room = this.#parts.isMember(channel.peer) ? this.#members : this.#strangers;
        if (!room.places.tryAcquire(channel.peer)) return await refuse(channel, 'net/busy');
        const memory = room.memory.of(channel.peer);
        try {
          await this.#answer(channel, protocol, handle, maxBytes, stop, memory);
        } finally {
          memory.free();
          room.places.release(channel.peer);
        }
      } catch (error) {
        channel.abort(error as Error); // the asker is gone or broke the framing: it learns that by the broken channel
      } finally {
        stop.clear();
      }
    };
  }

  async #answer(
    channel: Channel,
    protocol: string,
    handle: RequestHandler,
    maxBytes: number,
    stop: Deadline,
    memory: Reservation,
  ): Promise<void> {
    const reader = new FrameReader(channel);
    let body: Uint8Array | undefined;
    try {
      body = await reader.next(maxBytes, (bytes) => memory.take(bytes));
    } catch (error) {
      const code = error instanceof PeerError ? error.code : undefined;
      if (code === 'net/too-large' || code === 'net/busy') return await refuse(channel, code);
      throw error;
    }
    must(body !== undefined, 'net/framing', { at: 'request' });
    // the asker says nothing more: an end is fine, anything else means that nobody waits for the answer
    const rest = reader.expectEnd().catch((error: unknown) => stop.abort(error));
    const answer = await this.#run(() => handle(channel.peer, body, { signal: stop.signal }), protocol, channel.peer);
    await channel.write(frame(encodeCbor(answer)));
    await channel.end();
    await rest;
  }

  async #run(handle: () => Promise<Uint8Array>, protocol: string, peer: string): Promise<unknown[]> {
    try {
      return [0, await handle()];
    } catch (error) {
      if (error instanceof PeerError) return [error.row.wire];
      this.#parts.onFailure?.(error, protocol, peer);
      return [new PeerError('net/internal').row.wire];
    }
  }
}

/** Answers with an error without reading the request further, and lets go of the channel. */
export async function refuse(channel: Channel, code: 'net/busy' | 'net/too-large' | 'net/refused'): Promise<void> {
  await channel.write(frame(encodeCbor([new PeerError(code).row.wire])));
  await channel.end();
  // whoever gets the answer ends; until then what it still sends is dropped, within the handler's deadline
  for await (const _ of channel.read());
}

async function exchange(channel: Channel, body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const reader = new FrameReader(channel);
  let written = false;
  channel.write(frame(body)).then(
    () => {
      written = true;
    },
    () => undefined, // a broken channel is told by the read below, unless the answer came before it broke
  );
  const answer = await reader.next(maxBytes + answerOverheadBytes);
  must(answer !== undefined, 'net/closed', { at: 'answer' });
  if (written) {
    await channel.end();
    // whole already; a channel that doesn't end as it should is only cleared away
    await reader.expectEnd().catch((error: unknown) => channel.abort(error as Error));
  } else channel.abort(new PeerError('net/closed')); // refused while the request was still being written
  return decodeAnswer(answer, maxBytes, channel.peer);
}

/** @throws PeerError what the other side answered with, its data {peer, remote: true} */
function decodeAnswer(bytes: Uint8Array, maxBytes: number, peer: string): Uint8Array {
  const answer = decodeCbor(bytes, maxBytes + answerOverheadBytes);
  must(Array.isArray(answer), 'net/framing', { at: 'answer' });
  const [wire, rest] = answer as unknown[];
  must(typeof wire === 'number', 'net/framing', { at: 'answer' });
  if (wire === 0) {
    must(rest instanceof Uint8Array && rest.length <= maxBytes, 'net/framing', { at: 'answer' });
    return rest;
  }
  const code = codeOfWire(wire);
  if (code === undefined) throw new PeerError('net/unknown-error', { peer, wire, remote: true });
  throw new PeerError(code, { peer, remote: true });
}

/** A signal that fires at a deadline, with the caller's own signal, or when told to. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #clear: () => void;

  constructor(timers: Timers, ms: number, signal: AbortSignal | undefined) {
    const cancel = timers.after(ms, () => this.abort(new PeerError('net/timeout', { ms })));
    const follow = () => this.abort(signal?.reason);
    if (signal?.aborted) follow();
    signal?.addEventListener('abort', follow, { once: true });
    this.#clear = () => {
      cancel();
      signal?.removeEventListener('abort', follow);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  clear(): void {
    this.#clear();
  }
}
