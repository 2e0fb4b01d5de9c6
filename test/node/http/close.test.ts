// The server ends when its last answer has gone out.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { found, openPeer, type Peer } from './kit.ts';

/** Whether somebody still listens there. */
async function connects(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

it('does not wait for the connection of an answer that was under way', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<typeof found>();
  const find = () => {
    asked.resolve();
    return answer.promise;
  };
  const peer = await openPeer({ finder: { find } });
  const json = { value: '2000000000008', purpose: 'TREAT', reason: 'control' };
  const asking = peer.call('/api/v1/find', { json, as: 'practitioner' });
  await asked.promise;
  const closed = peer.http.close();
  while (await connects(peer.port));
  answer.resolve(found);
  const { status, headers } = await asking;
  expect([status, headers.get('connection')]).toEqual([200, 'keep-alive']); // so it would stay
  await closed;
  await peer.close();
});

const head = (request: string) => `${request} HTTP/1.1\r\nhost: here\r\n`;
const answered = async (socket: Socket) => expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 \d/);

it.each<[string, (socket: Socket) => Promise<void>]>([
  ['on which nothing came', async () => undefined],
  [
    'on which the next request has begun',
    async (socket) => {
      socket.write(`${head('GET /healthz')}\r\n`);
      await answered(socket);
      socket.write(head('GET /healthz'));
    },
  ],
  [
    'that was answered before all of the body came',
    async (socket) => {
      socket.write(`${head('POST /api/v1/import')}content-length: 1000\r\n\r\nbegun`);
      await answered(socket);
    },
  ],
])('does not wait for a connection %s', { timeout: 20_000 }, async (_, use) => {
  const peer: Peer = await openPeer();
  const socket = connect(peer.port, '127.0.0.1');
  await once(socket, 'connect');
  await use(socket);
  await peer.call('/healthz', { headers: { connection: 'close' } }); // the server has taken the connection before this one
  const closed = once(
    socket.resume().on('error', () => undefined),
    'close',
  );
  await peer.close();
  await closed;
});
