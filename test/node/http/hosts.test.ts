// By which names a server may be called, and whose address counts behind a proxy.
import { request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { createHttp } from '../../../node/http/server.ts';
import { openPeer, type Peer, version } from './kit.ts';

let peer: Peer;
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

/** A server over a peer's parts. */
async function serverWith(options: { names?: string[]; publicUrl?: string; trustedProxies?: string[] }) {
  peer = await openPeer();
  closing.push(() => peer.close());
  const http = await createHttp({ host: '127.0.0.1', port: 0, version, ...options }, peer.parts);
  closing.push(() => http.close());
  return (await http.listen()).port;
}

const call = (port: number, path: string, headers: Record<string, string>, body?: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ port, path, method, headers: { ...type, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });

it('answers to its own names, to addresses and to local names; to no other', async () => {
  const port = await serverWith({ names: ['PACS.Hospital.example'], publicUrl: 'https://images.hospital.example/x' });
  for (const host of [
    ...['127.0.0.1', '127.0.0.1:8080', 'localhost:1', '[::1]:8080', '192.168.1.7', 'pacs', 'pacs.local', 'a.localhost'],
    ...['pacs.hospital.example', 'PACS.hospital.example.:8443', 'images.hospital.example'],
  ]) {
    expect([host, await call(port, '/healthz', { host })]).toEqual([host, 200]);
  }
  for (const host of [
    ...['evil.example', 'evil.example:8080', 'pacs.hospital.example.evil.example', '127.0.0.1.evil.example'],
    ...[
      'localhost.evil.example',
      'hospital.example',
      '1.2.3',
      'evil.local.example',
      '[evil.example]',
      'a b',
      'evil@pacs',
    ],
  ]) {
    expect([host, await call(port, '/healthz', { host })]).toEqual([host, 421]);
  }
});

it('takes the client’s address from a trusted proxy, and then the right password from another one', async () => {
  const port = await serverWith({ trustedProxies: ['127.0.0.0/8'] });
  const { username, password } = await peer.accounts.createUser('dr.ursu', 'imaging');
  const enter = (address: string, body: object) => call(port, '/api/v1/session', { 'x-forwarded-for': address }, body);
  for (let i = 0; i < 10; i++) {
    expect(await enter('192.0.2.1', { username: `guess ${i}`, password: 'x' })).toBe(401);
  }
  expect(await enter('192.0.2.1', { username, password })).toBe(429);
  expect(await enter('192.0.2.2', { username, password })).toBe(200);
});

it('counts what X-Forwarded-For says of nobody else', async () => {
  const port = await serverWith({ trustedProxies: ['192.0.2.9'] });
  const enter = (i: number) =>
    call(port, '/api/v1/session', { 'x-forwarded-for': `192.0.2.${i}` }, { username: `guess ${i}`, password: 'x' });
  for (let i = 0; i < 10; i++) expect(await enter(i)).toBe(401);
  expect(await enter(10)).toBe(429);
});
