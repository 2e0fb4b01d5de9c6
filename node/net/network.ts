// The port between the peer and whatever carries its bytes: libp2p in production, memory in tests and the simulator.
// One contract suite (test/contract/network.ts) holds for every implementation.

/** One bidirectional byte stream with real backpressure. Message boundaries are not kept. */
export interface Channel {
  /** The peer at the other end, authenticated by the connection. */
  readonly peer: string;
  /**
   * What arrives, in order; ends when the other side has ended. Reading slowly slows the writer down. One reader only.
   * @throws PeerError net/closed when it broke before that: completeness is never assumed
   */
  read(): AsyncIterable<Uint8Array>;
  /** Resolves when the other side's window has room again. @throws PeerError net/closed */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more is written; what was written is delivered. Reading goes on. */
  end(): Promise<void>;
  /** Breaks both directions; the other side's read throws net/closed. */
  abort(error: Error): void;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** The largest answer taken, in bytes; refused by its length, before anything is allocated. */
  readonly maxBytes?: number | undefined;
  /** Deadline of the whole exchange; limits.netRequestMs without one. */
  readonly timeoutMs?: number | undefined;
}

/** Answers one request. The signal fires when the asker is gone or the deadline has passed. */
export type RequestHandler = (peer: string, body: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>;

export type ChannelHandler = (channel: Channel) => Promise<void>;

export interface Network {
  /** Our own peer id. */
  readonly self: string;
  /**
   * One request, one answer.
   * @throws PeerError the error that the other side answered with, or net/unreachable, net/timeout, net/closed,
   * net/refused, net/no-protocol, net/too-large, net/busy, net/framing
   */
  request(peer: string, protocol: string, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array>;
  /** Serves requests of one protocol. A coded error that the handler throws is what the asker gets. */
  serve(protocol: string, handler: RequestHandler, options?: { maxBytes?: number }): void;
  /** @throws PeerError net/unreachable, net/timeout, net/refused, net/no-protocol */
  open(peer: string, protocol: string, options?: { signal?: AbortSignal | undefined }): Promise<Channel>;
  serveStream(protocol: string, handler: ChannelHandler): void;
  /** Up to limits.netClosest peer ids closest to the key by kad-dht's distance, nearest first, self possibly included. */
  closest(key: Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<string[]>;
  /** Peers with an open connection. */
  connected(): string[];
  connect(peer: string, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Closes every connection to the peer at once. */
  disconnect(peer: string): Promise<void>;
  on(event: 'connect' | 'disconnect', run: (peer: string) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Multiaddrs under which others reach us, with our peer id. */
  addresses(): string[];
  /** What a peer's card says of its addresses; replaces what was known. */
  learn(peer: string, addresses: readonly string[]): Promise<void>;
  /** To be called when the gate's judgement of a peer changed: it is let into the DHT, or its connections are cut. */
  reconsider(peer: string): Promise<void>;
}

/** Who may talk. Asked by every implementation for every connection and every stream, in both directions. */
export interface Doorkeeper {
  /** False: no connection, not even for a moment. Strangers may come in to be told of; nobody dials them. */
  mayConnect(peer: string, direction: 'in' | 'out'): boolean;
  /** False: streams of this protocol are refused. */
  maySpeak(peer: string, protocol: string): boolean;
  /** Members are served from places and memory that nobody else has a part of. */
  isMember(peer: string): boolean;
}
