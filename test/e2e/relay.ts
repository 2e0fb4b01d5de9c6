// A TCP relay between peers that keeps every byte that passes, both ways: what somebody on the line could record.
import { connect, createServer, type Server, type Socket } from 'node:net';

export class RecordingRelay {
  readonly #server: Server;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  /** What passed, in the order in which it came. */
  readonly recorded: Buffer[] = [];
  port = 0;

  private constructor(to: number) {
    this.#to = to;
    this.#server = createServer((inbound) => this.#join(inbound));
  }

  /** Passes on whatever connects to `to` on 127.0.0.1. */
  static async open(to: number): Promise<RecordingRelay> {
    const relay = new RecordingRelay(to);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    relay.port = (relay.#server.address() as { port: number }).port;
    return relay;
  }

  /** Connections that are open through it now. */
  get open(): number {
    return this.#sockets.size / 2;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(inbound: Socket): void {
    const outbound = connect({ host: '127.0.0.1', port: this.#to, noDelay: true });
    inbound.setNoDelay(true);
    for (const [from, into] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => this.recorded.push(bytes));
      from.pipe(into);
      from.on('error', () => into.destroy()); // the other side sees what this one did: a broken connection
      from.on('close', () => {
        into.destroy();
        this.#sockets.delete(from);
      });
    }
  }
}
