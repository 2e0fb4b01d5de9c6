// A simulated hospital's network port: the one in memory, watched. What is carried, asked, answered and served is told
// as it happens; a process that has ended says and hears nothing more.
import { MemoryNetwork, type MemoryParts } from '../node/net/memory/network.ts';
import type { Channel, ChannelHandler, RequestHandler, RequestOptions } from '../node/net/network.ts';
import { FrameParser } from '../protocol/transfer/frame-parser.ts';
import { transferProtocol } from '../protocol/transfer/messages.ts';
import type { Process } from './process.ts';

/** Told of everything that passes, peers by their peer ids. */
export interface Wire {
  /** Bytes of one way of one stream, in order. `before` are the last of those that went before them. */
  carried(pass: { from: string; to: string; protocol: string; bytes: Uint8Array; before: Uint8Array }): void;
  /** A request is about to leave. */
  asks(from: string, to: string, protocol: string, body: Uint8Array): void;
  /** An answer is about to leave. */
  answers(from: string, to: string, protocol: string, body: Uint8Array): void;
  /** A manifest or an object is about to leave under a grant; `stream` stands for the stream that it leaves on. */
  serves(from: string, to: string, grant: string, stream: object): void;
}

/** Bytes kept of what went before, so that what is cut in two by a message's end is seen. */
const overlapBytes = 80;

export class SimNetwork extends MemoryNetwork {
  readonly #process: Process;
  readonly #wire: Wire;

  constructor(options: { self: string }, parts: MemoryParts & { process: Process; wire: Wire }) {
    super(options, parts);
    this.#process = parts.process;
    this.#wire = parts.wire;
  }

  override request(peer: string, protocol: string, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return this.#process.only(() => {
      this.#wire.asks(this.self, peer, protocol, body);
      return super.request(peer, protocol, body, options);
    });
  }

  override serve(protocol: string, handler: RequestHandler, options: { maxBytes?: number } = {}): void {
    const watched: RequestHandler = (peer, body, given) =>
      this.#process.only(async () => {
        const answer = await handler(peer, body, given);
        if (this.#process.alive) this.#wire.answers(this.self, peer, protocol, answer);
        return answer;
      });
    super.serve(protocol, watched, options);
  }

  override serveStream(protocol: string, handler: ChannelHandler): void {
    super.serveStream(protocol, (channel) => {
      const served = protocol === transferProtocol ? this.#served(channel) : channel;
      return this.#process.only(() => handler(served));
    });
  }

  override async open(peer: string, protocol: string, options: { signal?: AbortSignal | undefined } = {}) {
    const channel = await this.#process.only(() => super.open(peer, protocol, options));
    return this.#tapped(channel, protocol);
  }

  override connect(peer: string, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    return this.#process.only(() => super.connect(peer, options));
  }

  override disconnect(peer: string): Promise<void> {
    return this.#process.only(() => super.disconnect(peer));
  }

  /** Both ways of a channel that was opened here. */
  #tapped(channel: Channel, protocol: string): Channel {
    const way = (from: string, to: string) => {
      let before = new Uint8Array();
      return (bytes: Uint8Array) => {
        this.#wire.carried({ from, to, protocol, bytes, before });
        before = Buffer.concat([before, bytes]).subarray(-overlapBytes);
      };
    };
    const [out, back] = [way(this.self, channel.peer), way(channel.peer, this.self)];
    return {
      ...pass(channel),
      write: (bytes) => {
        out(bytes);
        return channel.write(bytes);
      },
      read: async function* () {
        for await (const bytes of channel.read()) {
          back(bytes);
          yield bytes;
        }
      },
    };
  }

  /** Our end of a transfer's stream: what is sent under which grant. */
  #served(channel: Channel): Channel {
    const [asked, sent] = [new FrameParser(), new FrameParser()];
    const stream = {};
    let grant = '';
    const wire = this.#wire;
    const { self } = this;
    return {
      ...pass(channel),
      write: (bytes) => {
        for (const parsed of sent.feed(bytes)) {
          if (parsed.type === 'manifest' || parsed.type === 'object') wire.serves(self, channel.peer, grant, stream);
        }
        return channel.write(bytes);
      },
      read: async function* () {
        for await (const bytes of channel.read()) {
          for (const parsed of asked.feed(bytes)) if (parsed.type === 'open') grant = parsed.grant;
          yield bytes;
        }
      },
    };
  }
}

const pass = (channel: Channel) => ({
  peer: channel.peer,
  end: () => channel.end(),
  abort: (error: Error) => channel.abort(error),
});
