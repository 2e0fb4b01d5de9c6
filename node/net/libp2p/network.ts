// The network port over libp2p: TCP, noise, yamux, identify, ping and a kad-dht under our own prefix.
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { multiaddr } from '@multiformats/multiaddr';
import { must, PeerError } from '../../../protocol/errors.ts';
import { peerIdOf } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import { nativeSigner, type Timers } from '../../system/machine.ts';
import type { Channel, ChannelHandler, Doorkeeper, Network, RequestHandler, RequestOptions } from '../network.ts';
import { libp2pPeerId } from '../peer-ids.ts';
import { closestOf } from '../records/distance.ts';
import { Rpc, refuse } from '../rpc.ts';
import { Entrance } from './entrance.ts';
import { createHost, type Host, identifyProtocol, kadProtocol, type Libp2pOptions } from './host.ts';
import { StreamChannel } from './stream-channel.ts';

export interface NetworkParts {
  readonly doorkeeper: Doorkeeper;
  readonly timers: Timers;
  /** Told of handlers that failed with something uncoded. */
  readonly onFailure?: ((error: unknown, protocol: string, peer: string) => void) | undefined;
}

interface Served {
  readonly handler: ChannelHandler;
  readonly oneAnswer: boolean;
}

export class Libp2pNetwork implements Network {
  readonly self: string;
  readonly #options: Libp2pOptions;
  readonly #parts: NetworkParts;
  readonly #rpc: Rpc;
  readonly #entrance: Entrance;
  readonly #served = new Map<string, Served>();
  readonly #listeners = { connect: new Set<(peer: string) => void>(), disconnect: new Set<(peer: string) => void>() };
  #host: Host | undefined;
  #gone: readonly string[] = [];

  constructor(options: Libp2pOptions, parts: NetworkParts) {
    this.#options = options;
    this.#parts = parts;
    this.self = peerIdOf(nativeSigner(options.seed).publicKey);
    const { doorkeeper, timers, onFailure } = parts;
    const isMember = (peer: string) => doorkeeper.isMember(peer);
    this.#rpc = new Rpc({ open: (...args) => this.open(...args), timers, isMember, onFailure });
    const perSecond = options.connectionsPerSecond ?? limits.netConnectionsPerSecond;
    this.#entrance = new Entrance(perSecond, { timers, isMember });
  }

  /** @throws PeerError net/port-taken, net/address */
  async start(): Promise<void> {
    const { listen } = this.#options;
    try {
      await this.#start(listen);
    } catch (cause) {
      // an address that a machine has lost takes nothing from the others; the doctor tells of it
      const gone = goneIn(cause, listen);
      if (gone.length === 0 || gone.length === listen.length) throw listenError(cause, listen);
      const left = listen.filter((address) => !gone.includes(address));
      await this.#start(left).catch((again: unknown) => {
        throw listenError(again, left);
      });
      this.#gone = gone;
    }
  }

  /** Addresses to listen on that this machine does not have. */
  get gone(): readonly string[] {
    return this.#gone;
  }

  async #start(listen: readonly string[]): Promise<void> {
    const host = await createHost({ ...this.#options, listen }, this.#parts.doorkeeper, this.#entrance);
    this.#host = host;
    host.addEventListener('connection:open', (event) => this.#identify(event.detail));
    host.addEventListener('peer:connect', (event) => this.#tell('connect', event.detail.toString()));
    host.addEventListener('peer:disconnect', (event) => this.#tell('disconnect', event.detail.toString()));
    for (const [protocol, served] of this.#served) await this.#handle(host, protocol, served);
    try {
      await host.start();
    } catch (cause) {
      this.#host = undefined;
      await host.stop();
      throw cause;
    }
  }

  async stop(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.stop();
  }

  request(peer: string, protocol: string, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return this.#rpc.request(peer, protocol, body, options);
  }

  serve(protocol: string, handler: RequestHandler, options: { maxBytes?: number } = {}): void {
    this.#add(protocol, { handler: this.#rpc.handler(protocol, handler, options.maxBytes), oneAnswer: true });
  }

  serveStream(protocol: string, handler: ChannelHandler): void {
    this.#add(protocol, { handler, oneAnswer: false });
  }

  async open(peer: string, protocol: string, options: { signal?: AbortSignal | undefined } = {}): Promise<Channel> {
    const host = this.#running();
    must(this.#parts.doorkeeper.maySpeak(peer, protocol), 'net/refused', { peer, protocol });
    const deadline = AbortSignal.timeout(limits.netOpenMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    try {
      const stream = await host.dialProtocol(libp2pPeerId(peer), protocol, {
        signal,
        maxOutboundStreams: limits.netStreams,
      });
      return new StreamChannel(stream, peer);
    } catch (cause) {
      throw openError(cause, peer, options.signal);
    }
  }

  async closest(key: Uint8Array, options: { signal?: AbortSignal | undefined } = {}): Promise<string[]> {
    const found = [this.self];
    const dht = this.#running().services.dht as KadDHT;
    for await (const event of dht.getClosestPeers(key, {
      signal: options.signal ?? AbortSignal.timeout(limits.netRequestMs),
    })) {
      if (event.name === 'FINAL_PEER') found.push(event.peer.id.toString());
    }
    const members = found.filter((peer) => peer === this.self || this.#parts.doorkeeper.maySpeak(peer, kadProtocol));
    return closestOf(key, members, limits.netClosest);
  }

  connected(): string[] {
    return this.#host?.getPeers().map(String) ?? [];
  }

  async connect(peer: string, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const deadline = AbortSignal.timeout(limits.netOpenMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    try {
      await this.#running().dial(libp2pPeerId(peer), { signal });
    } catch (cause) {
      throw openError(cause, peer, options.signal);
    }
  }

  async disconnect(peer: string): Promise<void> {
    // not `hangUp`: it waits for streams to end and would leave an expelled peer its time
    for (const connection of this.#host?.getConnections(libp2pPeerId(peer)) ?? []) {
      connection.abort(new PeerError('net/refused', { peer }));
    }
  }

  on(event: 'connect' | 'disconnect', run: (peer: string) => void): () => void {
    this.#listeners[event].add(run);
    return () => this.#listeners[event].delete(run);
  }

  addresses(): string[] {
    return this.#host?.getMultiaddrs().map(String) ?? [];
  }

  /** @throws PeerError net/address */
  async learn(peer: string, addresses: readonly string[]): Promise<void> {
    this.#entrance.learn(peer, addresses);
    await this.#running().peerStore.patch(libp2pPeerId(peer), { multiaddrs: addresses.map(parseAddress) });
  }

  async reconsider(peer: string): Promise<void> {
    if (!this.#parts.doorkeeper.mayConnect(peer, 'in')) return this.disconnect(peer);
    for (const connection of this.#host?.getConnections(libp2pPeerId(peer)) ?? []) this.#identify(connection);
  }

  #running(): Host {
    must(this.#host !== undefined, 'net/stopped');
    return this.#host;
  }

  #tell(event: 'connect' | 'disconnect', peer: string): void {
    for (const run of this.#listeners[event]) run(peer);
  }

  /** Only members are asked who they are: what identify brings opens the way into the DHT's routing table. */
  #identify(connection: Connection): void {
    const peer = connection.remotePeer.toString();
    if (!this.#parts.doorkeeper.maySpeak(peer, identifyProtocol)) return;
    this.#host?.services.identify.identify(connection).catch((error: unknown) => {
      // a peer that has left, or that doesn't know us yet, is identified at the next connection or roster
      const expected = connection.status !== 'open' || (error as Error).name === 'StreamResetError';
      if (!expected) this.#parts.onFailure?.(error, identifyProtocol, peer);
    });
  }

  #add(protocol: string, served: Served): void {
    must(!this.#served.has(protocol), 'net/framing', { protocol });
    this.#served.set(protocol, served);
    const host = this.#host;
    if (host !== undefined) {
      this.#handle(host, protocol, served).catch((error: unknown) =>
        this.#parts.onFailure?.(error, protocol, this.self),
      );
    }
  }

  #handle(host: Libp2p, protocol: string, served: Served): Promise<void> {
    const limit = { maxInboundStreams: limits.netStreams, maxOutboundStreams: limits.netStreams };
    return host.handle(protocol, (stream, connection) => this.#inbound(stream, connection, protocol, served), limit);
  }

  async #inbound(stream: Stream, connection: Connection, protocol: string, served: Served): Promise<void> {
    const peer = connection.remotePeer.toString();
    const channel = new StreamChannel(stream, peer);
    try {
      if (this.#parts.doorkeeper.maySpeak(peer, protocol)) await served.handler(channel);
      else if (served.oneAnswer) await refuse(channel, 'net/refused');
      else channel.abort(new PeerError('net/refused', { peer, protocol }));
    } catch (error) {
      channel.abort(error as Error);
      if (!(error instanceof PeerError)) this.#parts.onFailure?.(error, protocol, peer);
    }
  }
}

function parseAddress(address: string) {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new PeerError('net/address', { address }, { cause });
  }
}

/** Which addresses libp2p says that this machine does not have. */
function goneIn(cause: unknown, listen: readonly string[]): string[] {
  const text = cause instanceof Error ? cause.message : '';
  return listen.filter((address) => text.includes(`${address}: Error: listen EADDRNOTAVAIL`));
}

function listenError(cause: unknown, listen: readonly string[]): unknown {
  const text = cause instanceof Error ? cause.message : '';
  const port = /EADDRINUSE.*?:(\d+)/.exec(text)?.[1];
  if (text.includes('EADDRINUSE')) throw new PeerError('net/port-taken', { port: Number(port), listen }, { cause });
  const address = goneIn(cause, listen).join(' ');
  if (address !== '') throw new PeerError('net/address', { address }, { cause });
  return cause;
}

/** What a failed dial or negotiation means, by the name of libp2p's error. */
function openError(cause: unknown, peer: string, signal: AbortSignal | undefined): unknown {
  if (cause instanceof PeerError) return cause;
  if (signal?.aborted) return signal.reason;
  const name = cause instanceof Error ? cause.name : '';
  const data = { peer };
  if (name === 'UnsupportedProtocolError') return new PeerError('net/no-protocol', data, { cause });
  if (name === 'DialDeniedError' || name === 'ConnectionInterceptedError')
    return new PeerError('net/refused', data, { cause });
  if (name === 'TooManyOutboundProtocolStreamsError') return new PeerError('net/busy', data, { cause });
  if (name === 'TimeoutError' || name === 'AbortError') return new PeerError('net/timeout', data, { cause });
  if (name === 'StreamResetError') return new PeerError('net/closed', data, { cause });
  return new PeerError('net/unreachable', data, { cause });
}
