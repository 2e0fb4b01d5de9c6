// The server ends when its last answer has gone out.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { found, openPeer } from './kit.ts';

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
