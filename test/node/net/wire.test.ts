// What somebody on the wire can do: change bytes, cut the connection, stall it. Over real sockets, through a relay.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Channel, Network } from '../../../node/net/network.ts';
import type { PeerError } from '../../../protocol/errors.ts';
import { loopbackPeer } from './worlds.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

type Meddle = (piece: Buffer, sentSoFar: number, socket: Socket) => Buffer | undefined;

/** A TCP relay in front of `to`; `meddle` sees everything on the way there. Its own address. */
async function relay(to: Network, meddle: Meddle): Promise<string> {
  const port = Number(/tcp\/(\d+)/.exec(to.addresses()[0]!)?.[1]);
  const sockets = new Set<Socket>();
  const server: Server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    let sent = 0;
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
    inside.on('data', (piece) => {
      const out = meddle(piece as Buffer, sent, inside);
      sent += piece.length;
      if (out !== undefined) outside.write(out);
    });
    outside.on('data', (piece) => inside.write(piece));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`;
}

/** What b gets of a 2 MB stream that a sends through the relay, and how it ended. */
async function streamThrough(meddle: Meddle) {
  const [a, b] = await Promise.all([loopbackPeer(1), loopbackPeer(2)]);
  running.push(a, b);
  await a.learn(b.self, [await relay(b, meddle)]);
  const got = Promise.withResolvers<{ length: number; code: string }>();
  b.serveStream('/test/1', async (channel: Channel) => {
    let length = 0;
    try {
      for await (const piece of channel.read()) length += piece.length;
      got.resolve({ length, code: 'none' });
    } catch (error) {
      got.resolve({ length, code: (error as PeerError).code });
    }
  });
  const channel = await a.open(b.self, '/test/1');
  const sending = (async () => {
    for (let i = 0; i < 20; i++) await channel.write(new Uint8Array(100_000).fill(i));
    await channel.end();
  })().catch((error: PeerError) => error.code);
  const result = await got.promise;
  await sending;
  return result;
}

test('an untouched stream arrives whole through the relay', async () => {
  expect(await streamThrough((piece) => piece)).toEqual({ length: 2_000_000, code: 'none' });
});

test('a changed byte ends the stream as broken, never as complete', async () => {
  let changed = false;
  const result = await streamThrough((piece, sent) => {
    if (changed || sent < 500_000) return piece;
    changed = true;
    const out = Buffer.from(piece);
    out[out.length >> 1]! ^= 1;
    return out;
  });
  expect(changed).toBe(true);
  expect(result.code).toBe('net/closed');
  expect(result.length).toBeLessThan(2_000_000);
});

test('a connection cut in the middle ends the stream as broken, never as complete', async () => {
  const result = await streamThrough((piece, sent, socket) => {
    if (sent < 500_000) return piece;
    socket.destroy();
    return undefined;
  });
  expect(result.code).toBe('net/closed');
  expect(result.length).toBeLessThan(2_000_000);
});

test('nothing that is sent can be read on the wire', async () => {
  const seen: Buffer[] = [];
  const [a, b] = await Promise.all([loopbackPeer(1), loopbackPeer(2)]);
  running.push(a, b);
  const address = await relay(b, (piece) => {
    seen.push(Buffer.from(piece));
    return piece;
  });
  await a.learn(b.self, [address]);
  b.serve('/test/1', async (_, body) => body);
  const marker = 'POPESCU^ION-2001001123456';
  const answer = await a.request(b.self, '/test/1', Buffer.from(marker));
  expect(Buffer.from(answer).toString()).toBe(marker);
  expect(seen.length).toBeGreaterThan(0);
  expect(Buffer.concat(seen).includes(marker)).toBe(false);
});
