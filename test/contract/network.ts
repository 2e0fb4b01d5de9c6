// What every implementation of the network port must do. Run against libp2p on loopback and against memory.
import { afterEach, describe, expect, test } from 'vitest';
import type { Channel, Doorkeeper, Network } from '../../node/net/network.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

/** Two started peers that can reach each other; `stranger` is known to neither and may only speak /test/push/1. */
export interface World {
  readonly a: Network;
  readonly b: Network;
  readonly stranger: Network;
  /** Peers that a's doorkeeper turns away from now on. */
  expel(peer: string): void;
  stop(): Promise<void>;
}

export const openDoors: Doorkeeper = { mayConnect: () => true, maySpeak: () => true, isMember: () => true };
export const pushProtocol = '/test/push/1';

const protocol = '/test/1';
const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
}

async function readAll(channel: Channel): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of channel.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

export function networkContract(name: string, make: () => Promise<World>): void {
  describe(name, () => {
    let world: World;
    afterEach(() => world?.stop());
    const setUp = async () => {
      world = await make();
      return world;
    };

    test('a request is answered, in both directions, many at a time', async () => {
      const { a, b } = await setUp();
      for (const [here, there] of [
        [a, b],
        [b, a],
      ] as const) {
        there.serve(protocol, async (peer, body) => {
          expect(peer).toBe(here.self);
          return Uint8Array.from(body).reverse();
        });
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, i) => here.request(there.self, protocol, Uint8Array.of(i, 7))),
        );
        expect(answers.map((answer) => [...answer])).toEqual(Array.from({ length: 100 }, (_, i) => [7, i]));
      }
    });

    test('empty and large bodies arrive whole', async () => {
      const { a, b } = await setUp();
      const maxBytes = 3_000_000;
      b.serve(protocol, async (_, body) => body, { maxBytes });
      expect(await a.request(b.self, protocol, new Uint8Array())).toEqual(new Uint8Array());
      const large = bytes(maxBytes, 31);
      const back = await a.request(b.self, protocol, large, { maxBytes });
      expect(Buffer.compare(back, large)).toBe(0);
    });

    test('a coded error crosses the wire, an uncoded one becomes net/internal', async () => {
      const { a, b } = await setUp();
      b.serve(protocol, async (_, body) => {
        if (body[0] === 1) throw new PeerError('envelope/signature');
        throw new Error('not for others to see');
      });
      const coded = await a.request(b.self, protocol, Uint8Array.of(1)).catch((error: unknown) => error);
      expect(coded).toMatchObject({ code: 'envelope/signature', data: { peer: b.self, remote: true } });
      expect(await codeOf(a.request(b.self, protocol, Uint8Array.of(2)))).toBe('net/internal');
    });

    test('a request larger than allowed is refused by its length, even one that says four gigabytes', async () => {
      const { a, b } = await setUp();
      let handled = 0;
      b.serve(
        protocol,
        async () => {
          handled++;
          return new Uint8Array();
        },
        { maxBytes: 1000 },
      );
      expect(await codeOf(a.request(b.self, protocol, bytes(2_000_000)))).toBe('net/too-large');
      const raw = await a.open(b.self, protocol);
      await raw.write(Uint8Array.of(255, 255, 255, 255, 1, 2, 3));
      const before = process.memoryUsage().arrayBuffers;
      await raw.end();
      expect((await readAll(raw)).length).toBeGreaterThan(4);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
      expect(handled).toBe(0);
    });

    test('an answer larger than the asker takes is refused', async () => {
      const { a, b } = await setUp();
      b.serve(protocol, async () => bytes(5000));
      expect(await codeOf(a.request(b.self, protocol, new Uint8Array(), { maxBytes: 4000 }))).toBe('net/too-large');
      expect((await a.request(b.self, protocol, new Uint8Array(), { maxBytes: 5000 })).length).toBe(5000);
    });

    test('a request that is cut short is never handled', async () => {
      const { a, b } = await setUp();
      let handled = 0;
      b.serve(protocol, async () => {
        handled++;
        return new Uint8Array();
      });
      const raw = await a.open(b.self, protocol);
      await raw.write(Uint8Array.of(0, 0, 0, 9, 1, 2, 3));
      await raw.end();
      expect(await codeOf(readAll(raw))).toBe('net/closed');
      expect(handled).toBe(0);
    });

    test('deadline and signal end a request, and the handler learns of it', async () => {
      const { a, b } = await setUp();
      const aborted: unknown[] = [];
      const bothAborted = Promise.withResolvers<void>();
      b.serve(
        protocol,
        (_, __, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted.push(signal.reason);
              if (aborted.length === 2) bothAborted.resolve();
              reject(signal.reason);
            });
          }),
      );
      expect(await codeOf(a.request(b.self, protocol, new Uint8Array(), { timeoutMs: 50 }))).toBe('net/timeout');
      const controller = new AbortController();
      const asked = a.request(b.self, protocol, new Uint8Array(), { signal: controller.signal });
      controller.abort(new PeerError('net/stopped'));
      expect(await codeOf(asked)).toBe('net/stopped');
      const second = new AbortController();
      const asked2 = a.request(b.self, '/test/2', new Uint8Array(), { signal: second.signal });
      expect(await codeOf(asked2)).toBe('net/no-protocol');
      const third = new AbortController();
      const asked3 = a.request(b.self, protocol, new Uint8Array(), { signal: third.signal });
      // only once the handler runs is there something to abort
      const running = a.request(b.self, protocol, new Uint8Array(), { timeoutMs: 80 });
      expect(await codeOf(running)).toBe('net/timeout');
      third.abort(new PeerError('net/stopped'));
      expect(await codeOf(asked3)).toBe('net/stopped');
      await bothAborted.promise;
      for (const reason of aborted) expect(reason).toBeInstanceOf(PeerError);
    });

    test('a peer asks no more at a time than allowed, the rest waits, too many are refused', async () => {
      const { a, b } = await setUp();
      let now = 0;
      let most = 0;
      const gate = Promise.withResolvers<void>();
      const full = Promise.withResolvers<void>();
      b.serve(protocol, async () => {
        most = Math.max(most, ++now);
        if (now === limits.netOutbound) full.resolve();
        await gate.promise;
        now--;
        return new Uint8Array();
      });
      const total = limits.netOutbound + limits.netWaiting;
      const asked = Array.from({ length: total }, () => a.request(b.self, protocol, new Uint8Array()));
      expect(await codeOf(a.request(b.self, protocol, new Uint8Array()))).toBe('net/busy');
      await full.promise;
      gate.resolve();
      await Promise.all(asked);
      expect(most).toBe(limits.netOutbound);
    });

    test('what one peer may have in memory is bounded, by what has come and not by what was announced', async () => {
      const { a, b } = await setUp();
      const maxBytes = limits.netPeerInboundBytes;
      b.serve(protocol, async () => new Uint8Array(), { maxBytes });
      // announces half of what is allowed, twice: nothing is taken by that
      const holders: Channel[] = [];
      for (let i = 0; i < 2; i++) {
        const channel = await a.open(b.self, protocol);
        await channel.write(Uint8Array.of(maxBytes >> 25, (maxBytes >> 17) & 255, (maxBytes >> 9) & 255, 0));
        holders.push(channel);
      }
      expect(await codeOf(a.request(b.self, protocol, bytes(1000)))).toBe('none');
      // sends all but the last byte and holds it; a third has no room until one lets go
      for (const each of holders) await each.write(new Uint8Array(maxBytes / 2 - 1));
      let code: string | undefined;
      while (code !== 'net/busy') code = await codeOf(a.request(b.self, protocol, bytes(1000)));
      for (const each of holders) each.abort(new Error('enough'));
      while (code !== 'none') code = await codeOf(a.request(b.self, protocol, bytes(1000)));
    });

    test('streams carry bytes both ways and end each way by itself', async () => {
      const { a, b } = await setUp();
      const got = Promise.withResolvers<Uint8Array>();
      b.serveStream(protocol, async (channel) => {
        expect(channel.peer).toBe(a.self);
        got.resolve(await readAll(channel));
        await channel.write(bytes(700_000, 3)); // after the other side's end
        await channel.end();
      });
      const channel = await a.open(b.self, protocol);
      await channel.write(bytes(500_000));
      await channel.write(bytes(500_000, 5));
      await channel.end();
      expect(Buffer.compare(await got.promise, Buffer.concat([bytes(500_000), bytes(500_000, 5)]))).toBe(0);
      expect(Buffer.compare(await readAll(channel), bytes(700_000, 3))).toBe(0);
    });

    test('a slow reader stops the writer; nothing is lost when it reads on', async () => {
      const { a, b } = await setUp();
      const goOn = Promise.withResolvers<void>();
      const total = 96;
      const piece = bytes(1024 * 1024, 7);
      const done = Promise.withResolvers<number>();
      b.serveStream(protocol, async (channel) => {
        await goOn.promise;
        let length = 0;
        for await (const each of channel.read()) length += each.length;
        done.resolve(length);
        await channel.end();
      });
      const channel = await a.open(b.self, protocol);
      let written = 0;
      const writing = (async () => {
        for (let i = 0; i < total; i++) {
          await channel.write(piece);
          written++;
        }
        await channel.end();
      })();
      // the writer comes to a stop by itself: as many turns of the event loop without progress as took it there
      let idle = 0;
      for (let last = written; idle < 2000; ) {
        await new Promise((resolve) => setImmediate(resolve));
        idle = written === last ? idle + 1 : 0;
        last = written;
      }
      expect(written).toBeLessThan((3 * limits.netWindowBytes) / piece.length);
      goOn.resolve();
      await writing;
      expect(await done.promise).toBe(total * piece.length);
    });

    test('an aborted stream, and a lost connection, is never taken for the end', async () => {
      const { a, b } = await setUp();
      const results: Promise<ErrorCode | 'none'>[] = [];
      const opened = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      b.serveStream(protocol, async (channel) => {
        results.push(codeOf(readAll(channel)));
        opened[results.length - 1]?.resolve();
        await results.at(-1);
      });
      const first = await a.open(b.self, protocol);
      await first.write(bytes(1000));
      await opened[0]!.promise;
      first.abort(new Error('changed my mind'));
      const second = await a.open(b.self, protocol);
      await second.write(bytes(1000));
      await opened[1]!.promise;
      await a.disconnect(b.self);
      expect(await Promise.all(results)).toEqual(['net/closed', 'net/closed']);
      expect(await codeOf(readAll(second))).not.toBe('none');
      expect(await codeOf(second.write(bytes(1)))).not.toBe('none');
    });

    test('connects and disconnects are told on both sides, once', async () => {
      const { a, b } = await setUp();
      const events: string[] = [];
      const bothGone = Promise.withResolvers<void>();
      for (const [name, network] of [
        ['a', a],
        ['b', b],
      ] as const) {
        network.on('connect', (peer) => events.push(`${name}+${peer === a.self ? 'a' : 'b'}`));
        network.on('disconnect', (peer) => {
          events.push(`${name}-${peer === a.self ? 'a' : 'b'}`);
          if (events.length === 4) bothGone.resolve();
        });
      }
      b.serve(protocol, async () => new Uint8Array());
      await Promise.all([a.connect(b.self), a.connect(b.self)]);
      await a.request(b.self, protocol, new Uint8Array());
      expect(a.connected()).toEqual([b.self]);
      expect(b.connected()).toEqual([a.self]);
      await b.disconnect(a.self);
      await bothGone.promise;
      expect(events.sort()).toEqual(['a+b', 'a-b', 'b+a', 'b-a']);
      expect(a.connected()).toEqual([]);
    });

    test('nobody there: net/unreachable', async () => {
      const { a, b } = await setUp();
      await b.stop();
      expect(await codeOf(a.request(b.self, protocol, new Uint8Array()))).toBe('net/unreachable');
      expect(await codeOf(a.connect(b.self))).toBe('net/unreachable');
    });

    test('a stranger gets no protocol but the one it is allowed', async () => {
      const { b, stranger } = await setUp();
      let handled = 0;
      const handler = async () => {
        handled++;
        return new Uint8Array();
      };
      b.serve(protocol, handler);
      b.serve(pushProtocol, handler);
      b.serveStream('/test/stream/1', async () => {
        handled++;
      });
      expect(await codeOf(stranger.request(b.self, protocol, new Uint8Array()))).toBe('net/refused');
      expect(await codeOf(stranger.open(b.self, '/test/stream/1').then(readAll))).toBe('net/closed');
      expect(handled).toBe(0);
      await stranger.request(b.self, pushProtocol, new Uint8Array());
      expect(handled).toBe(1);
      expect(await codeOf(b.request(stranger.self, protocol, new Uint8Array()))).toBe('net/refused');
    });

    test('who is expelled is cut off and does not come back', async () => {
      const world = await setUp();
      const { a, b } = world;
      a.serve(protocol, async () => new Uint8Array());
      await b.request(a.self, protocol, new Uint8Array());
      const gone = Promise.withResolvers<void>();
      b.on('disconnect', () => gone.resolve());
      world.expel(b.self);
      await a.reconsider(b.self);
      await gone.promise;
      expect(await codeOf(b.request(a.self, protocol, new Uint8Array()))).not.toBe('none');
      expect(await codeOf(a.request(b.self, protocol, new Uint8Array()))).toBe('net/refused');
      expect(a.connected()).toEqual([]);
    });

    test('the closest peers to a key are the same for everybody', async () => {
      const { a, b } = await setUp();
      await a.connect(b.self);
      const known = async (network: Network) => {
        for (;;) {
          const found = await network.closest(bytes(32, 9));
          if (found.length === 2) return found;
          await new Promise((resolve) => setImmediate(resolve)); // until identify has told the DHT
        }
      };
      expect(await known(a)).toEqual(await known(b));
      expect((await known(a)).sort()).toEqual([a.self, b.self].sort());
    });
  });
}
