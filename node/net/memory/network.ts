// The network port in memory: the simulator's, and fast tests'. Nothing in it is random; with virtual timers a run is the
// same every time. A link's delay and whether it is up are asked for at every step.
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Timers } from '../../system/machine.ts';
import type { Channel, ChannelHandler, Doorkeeper, Network, RequestHandler, RequestOptions } from '../network.ts';
import { closestOf } from '../records/distance.ts';
import { Rpc, refuse } from '../rpc.ts';
import { MemoryChannel } from './channel.ts';

/** The state of the way from one peer to another. */
export type LinkState = (from: string, to: string) => { readonly delayMs: number; readonly up: boolean };

export interface MemoryParts {
  readonly hub: MemoryHub;
  readonly doorkeeper: Doorkeeper;
  readonly timers: Timers;
  readonly onFailure?: ((error: unknown, protocol: string, peer: string) => void) | undefined;
}

/** Everything that joins the peers of one world. */
export class MemoryHub {
  readonly nodes = new Map<string, MemoryNetwork>();
  readonly #timers: Timers;
  readonly #link: LinkState;
  readonly #onTheWay = new Map<string, (() => void)[]>();

  constructor(parts: { timers: Timers; link?: LinkState }) {
    this.#timers = parts.timers;
    this.#link = parts.link ?? (() => ({ delayMs: 0, up: true }));
  }

  isUp(from: string, to: string): boolean {
    return this.#link(from, to).up && this.#link(to, from).up;
  }

  /** Runs at the other side after the link's delay, never before what was sent earlier. */
  carry(from: string, to: string, run: () => void): void {
    const way = `${from} ${to}`;
    let queue = this.#onTheWay.get(way);
    if (queue === undefined) {
      queue = [];
      this.#onTheWay.set(way, queue);
    }
    queue.push(run);
    const arrive = () => {
      const next = queue.shift();
      if (queue.length === 0) this.#onTheWay.delete(way);
      if (this.isUp(from, to)) next?.();
      else this.cut(from, to);
    };
    const { delayMs } = this.#link(from, to);
    if (delayMs > 0) this.#timers.after(delayMs, arrive);
    else queueMicrotask(arrive);
  }

  /** To be called after a link went down: connections over it are noticed as broken, as by a keep-alive. */
  refresh(): void {
    for (const [self, node] of this.nodes) {
      for (const peer of node.connected()) if (!this.isUp(self, peer)) this.cut(self, peer);
    }
  }

  cut(a: string, b: string): void {
    this.nodes.get(a)?.lose(b);
    this.nodes.get(b)?.lose(a);
  }
}

interface Served {
  readonly handler: ChannelHandler;
  readonly oneAnswer: boolean;
}

export class MemoryNetwork implements Network {
  readonly self: string;
  readonly #parts: MemoryParts;
  readonly #rpc: Rpc;
  readonly #served = new Map<string, Served>();
  readonly #channels = new Map<string, Set<MemoryChannel>>();
  readonly #dials = new Map<string, Promise<void>>();
  readonly #listeners = { connect: new Set<(peer: string) => void>(), disconnect: new Set<(peer: string) => void>() };
  started = false;

  constructor(options: { self: string }, parts: MemoryParts) {
    this.self = options.self;
    this.#parts = parts;
    const { doorkeeper, timers, onFailure } = parts;
    const isMember = (peer: string) => doorkeeper.isMember(peer);
    this.#rpc = new Rpc({ open: (...args) => this.open(...args), timers, isMember, onFailure });
  }

  async start(): Promise<void> {
    this.started = true;
    this.#parts.hub.nodes.set(this.self, this);
  }

  async stop(): Promise<void> {
    this.started = false;
    for (const peer of this.connected()) this.#parts.hub.cut(this.self, peer);
    this.#parts.hub.nodes.delete(this.self);
  }

  request(peer: string, protocol: string, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return this.#rpc.request(peer, protocol, body, options);
  }

  serve(protocol: string, handler: RequestHandler, options: { maxBytes?: number } = {}): void {
    this.#served.set(protocol, { handler: this.#rpc.handler(protocol, handler, options.maxBytes), oneAnswer: true });
  }

  serveStream(protocol: string, handler: ChannelHandler): void {
    this.#served.set(protocol, { handler, oneAnswer: false });
  }

  async open(peer: string, protocol: string, options: { signal?: AbortSignal | undefined } = {}): Promise<Channel> {
    must(this.#parts.doorkeeper.maySpeak(peer, protocol), 'net/refused', { peer, protocol });
    await this.connect(peer, options);
    await this.#travel(peer, options.signal);
    must(this.started, 'net/stopped');
    const other = this.#parts.hub.nodes.get(peer);
    const [ours, theirs] = [this.#channels.get(peer), other === undefined ? undefined : other.#channels.get(this.self)];
    must(other !== undefined && ours !== undefined && theirs !== undefined, 'net/closed', { peer });
    const served = other.#served.get(protocol);
    must(served !== undefined, 'net/no-protocol', { peer, protocol });
    const { hub } = this.#parts;
    const [near, far] = MemoryChannel.pair(this.self, peer, (from, to) => (run) => hub.carry(from, to, run));
    for (const [channels, channel] of [
      [ours, near],
      [theirs, far],
    ] as const) {
      channels.add(channel);
      channel.onDone = () => channels.delete(channel);
    }
    other
      .#inbound(far, protocol, served)
      .catch((error: unknown) => other.#parts.onFailure?.(error, protocol, this.self));
    return near;
  }

  async closest(key: Uint8Array): Promise<string[]> {
    const mayKnow = (peer: string) => peer === this.self || this.#parts.doorkeeper.maySpeak(peer, '/dicomnet/kad/1');
    return closestOf(key, [this.self, ...this.#parts.hub.nodes.keys()].filter(mayKnow), limits.netClosest);
  }

  connected(): string[] {
    return [...this.#channels.keys()];
  }

  async connect(peer: string, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    must(this.started, 'net/stopped');
    options.signal?.throwIfAborted();
    if (this.#channels.has(peer)) return;
    let dial = this.#dials.get(peer);
    if (dial === undefined) {
      dial = this.#dial(peer).finally(() => this.#dials.delete(peer));
      this.#dials.set(peer, dial);
    }
    await orAborted(dial, options.signal);
  }

  async disconnect(peer: string): Promise<void> {
    this.#parts.hub.cut(this.self, peer);
  }

  on(event: 'connect' | 'disconnect', run: (peer: string) => void): () => void {
    this.#listeners[event].add(run);
    return () => this.#listeners[event].delete(run);
  }

  addresses(): string[] {
    return [`/memory/${this.self}/p2p/${this.self}`];
  }

  async learn(): Promise<void> {
    // peers in memory are found by their id
  }

  async reconsider(peer: string): Promise<void> {
    if (!this.#parts.doorkeeper.mayConnect(peer, 'in')) await this.disconnect(peer);
  }

  /** The connection to `peer` is gone; for the hub. */
  lose(peer: string): void {
    const channels = this.#channels.get(peer);
    if (channels === undefined) return;
    this.#channels.delete(peer);
    for (const channel of channels) channel.break(new PeerError('net/closed', { peer }));
    this.#tell('disconnect', peer);
  }

  async #dial(peer: string): Promise<void> {
    must(this.#parts.doorkeeper.mayConnect(peer, 'out'), 'net/refused', { peer });
    await this.#travel(peer, undefined);
    must(this.started, 'net/stopped');
    const other = this.#parts.hub.nodes.get(peer);
    must(other?.started, 'net/unreachable', { peer });
    must(other.#parts.doorkeeper.mayConnect(this.self, 'in'), 'net/unreachable', { peer });
    if (this.#channels.has(peer)) return;
    this.#channels.set(peer, new Set());
    other.#channels.set(this.self, new Set());
    other.#tell('connect', this.self);
    this.#tell('connect', peer);
  }

  /** There and back. @throws PeerError net/unreachable */
  async #travel(peer: string, signal: AbortSignal | undefined): Promise<void> {
    const { hub, timers } = this.#parts;
    must(hub.isUp(this.self, peer), 'net/unreachable', { peer });
    const arrived = new Promise<void>((resolve) => {
      hub.carry(this.self, peer, () => hub.carry(peer, this.self, resolve));
    });
    // lost on the way, nothing comes back
    let cancel: (() => void) | undefined;
    const lost = new Promise<never>((_, reject) => {
      cancel = timers.after(limits.netOpenMs, () => reject(new PeerError('net/unreachable', { peer })));
    });
    await orAborted(
      Promise.race([arrived, lost]).finally(() => cancel?.()),
      signal,
    );
  }

  async #inbound(channel: MemoryChannel, protocol: string, served: Served): Promise<void> {
    try {
      if (this.#parts.doorkeeper.maySpeak(channel.peer, protocol)) await served.handler(channel);
      else if (served.oneAnswer) await refuse(channel, 'net/refused');
      else channel.abort(new PeerError('net/refused', { peer: channel.peer, protocol }));
    } catch (error) {
      channel.abort(error as Error);
      if (!(error instanceof PeerError)) this.#parts.onFailure?.(error, protocol, channel.peer);
    }
  }

  #tell(event: 'connect' | 'disconnect', peer: string): void {
    for (const run of this.#listeners[event]) run(peer);
  }
}

/** What the promise gives, unless the signal fires first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}
