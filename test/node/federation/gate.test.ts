// The threat table's rows about who may connect, over real sockets: strangers, expelled members, floods.
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Libp2pNetwork } from '../../../node/net/libp2p/network.ts';
import type { Network } from '../../../node/net/network.ts';
import { systemTimers } from '../../../node/system/machine.ts';
import type { PeerError } from '../../../protocol/errors.ts';
import { encodeRosterRequest, rosterProtocol } from '../../../protocol/federation/messages.ts';
import { openDoors } from '../../contract/network.ts';
import {
  connected,
  disconnected,
  type Hospital,
  type HospitalOptions,
  hospital,
  TestAuthority,
} from '../net/federation.ts';
import { introduce, loopbackPeer, peerOf, seedOf } from '../net/worlds.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

async function start(n: number, rosters: readonly Uint8Array[], options?: HospitalOptions): Promise<Hospital> {
  const made = await hospital(n, rosters, loopbackPeer, options);
  running.push(made);
  return made;
}

async function attacker(n: number): Promise<Network> {
  const made = await loopbackPeer(n, openDoors);
  running.push(made);
  return made;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: PeerError) => error.code,
  );

const ours = ['/dicomnet/index/1', '/dicomnet/tags/1', '/dicomnet/summary/1', '/dicomnet/access/1'];
const libp2ps = ['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/dicomnet/kad/1'];

test('a stranger speaks no protocol and does not stay', async () => {
  const authority = new TestAuthority(2);
  const a = await start(1, authority.rosters, { gate: { strangerMs: 400 } });
  let handled = 0;
  for (const protocol of ours) {
    a.network.serve(protocol, async () => {
      handled++;
      return new Uint8Array();
    });
  }
  a.network.serveStream('/dicomnet/transfer/1', async () => {
    handled++;
  });
  const stranger = await attacker(9);
  await introduce(stranger, a.network);
  await stranger.connect(a.network.self);
  for (const protocol of ours) {
    expect(await codeOf(stranger.request(a.network.self, protocol, new Uint8Array()))).toBe('net/refused');
  }
  for (const protocol of [...libp2ps, '/dicomnet/transfer/1']) {
    const channel = await stranger.open(a.network.self, protocol);
    const answer = async () => {
      await channel.write(Uint8Array.of(1, 2, 3));
      for await (const _ of channel.read()) throw new Error(`${protocol} answered a stranger`);
    };
    expect(await codeOf(answer())).toBe('net/closed');
  }
  // nor does it learn rosters or cards
  const ask = encodeRosterRequest({ type: 'rosters', from: 0 });
  expect(await codeOf(stranger.request(a.network.self, rosterProtocol, ask))).toBe('member/unknown');
  expect(await a.network.closest(seedOf(1))).toEqual([a.network.self]);
  await disconnected(stranger, a.network.self);
  expect(a.network.connected()).toEqual([]);
  expect(handled).toBe(0);
});

test('who brings a roster that names it is let in', async () => {
  const authority = new TestAuthority(2);
  const before = [...authority.rosters];
  const a = await start(1, before, { gate: { strangerMs: 60_000 } });
  authority.admit(3);
  const newcomer = await start(3, authority.rosters);
  await introduce(newcomer.network, a.network);
  a.network.serve('/test/1', async (_, body) => body);
  await newcomer.network.connect(a.network.self);
  const membership = await a.atRoster(1);
  expect(membership.memberOf(peerOf(3), Date.now())?.name).toBe('Spitalul 3');
  expect(await newcomer.network.request(a.network.self, '/test/1', Uint8Array.of(5))).toEqual(Uint8Array.of(5));
  expect(a.store.kept.length).toBe(2);
  // and it is in the DHT on both sides: the gate had identify ask again
  for (const each of [a, newcomer]) {
    for (;;) {
      if ((await each.network.closest(seedOf(1))).length === 2) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});

test('a pushed roster that is forged lets nobody in', async () => {
  const authority = new TestAuthority(2);
  const a = await start(1, authority.rosters, { gate: { strangerMs: 60_000 } });
  const forged = new TestAuthority(2, 0, 201).admit(9); // another authority's
  const altered = Uint8Array.from(authority.admit(9));
  altered[altered.length - 3]! ^= 1; // in the signature
  const spy = await attacker(9);
  await introduce(spy, a.network);
  for (const roster of [forged, altered]) {
    await spy.request(a.network.self, rosterProtocol, encodeRosterRequest({ type: 'push', rosters: [roster] }));
    expect(a.gate.standing(spy.self)).toBe('stranger');
    expect(a.exchange.membership().number).toBe(0);
  }
  expect(a.failures.length).toBe(2);
});

test('an expelled member is cut off at once, with its streams, and never comes back', async () => {
  const authority = new TestAuthority(3);
  const a = await start(1, [...authority.rosters]);
  const bad = await attacker(2);
  await introduce(bad, a.network);
  const streamBroke = Promise.withResolvers<string>();
  const opened = Promise.withResolvers<void>();
  a.network.serveStream('/dicomnet/transfer/1', async (channel) => {
    opened.resolve();
    const reading = async () => {
      for await (const _ of channel.read());
    };
    streamBroke.resolve(await codeOf(reading()));
  });
  const stream = await bad.open(a.network.self, '/dicomnet/transfer/1');
  await stream.write(new Uint8Array(1000));
  await opened.promise;
  const gone = disconnected(bad, a.network.self);
  authority.expel(2);
  await a.exchange.takeFile({ rosters: authority.rosters, cards: [] });
  await gone;
  expect(await streamBroke.promise).toBe('net/refused');
  expect(a.gate.standing(bad.self)).toBe('expelled');
  const hello = encodeRosterRequest({ type: 'rosters', from: 0 });
  for (let i = 0; i < 3; i++) expect(await codeOf(bad.request(a.network.self, rosterProtocol, hello))).not.toBe('none');
  expect(a.network.connected()).toEqual([]);
  expect(await codeOf(a.network.connect(bad.self))).toBe('net/refused');
});

test('one address opens no more connections a second than allowed', async () => {
  const network = new Libp2pNetwork(
    { seed: seedOf(1), listen: ['/ip4/127.0.0.1/tcp/0'], connectionsPerSecond: 5 },
    { doorkeeper: openDoors, timers: systemTimers },
  );
  running.push(network);
  await network.start();
  const port = Number(/tcp\/(\d+)/.exec(network.addresses()[0]!)?.[1]);
  let closed = 0;
  const someClosed = Promise.withResolvers<void>();
  const sockets = Array.from({ length: 30 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (++closed === 25) someClosed.resolve();
    });
    socket.resume();
    return socket;
  });
  await someClosed.promise;
  expect(sockets.filter((each) => !each.destroyed).length).toBeLessThanOrEqual(5);
  for (const socket of sockets) socket.destroy();
});

test('a port that is taken is told by its code', async () => {
  const a = await attacker(1);
  const address = a.addresses()[0]!.replace(/\/p2p\/.*/, '');
  const second = new Libp2pNetwork(
    { seed: seedOf(2), listen: [address] },
    { doorkeeper: openDoors, timers: systemTimers },
  );
  const error = await second.start().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'net/port-taken', data: { port: Number(/tcp\/(\d+)/.exec(address)?.[1]) } });
});

test('a roster spreads from one to all in seconds, over cards learned from others', async () => {
  const authority = new TestAuthority(4);
  const peers = await Promise.all([1, 2, 3, 4].map((n) => start(n, [...authority.rosters])));
  // everybody knows only the first one's card; the others' come from it
  for (const each of peers) {
    const own = authority.card(each.n, each.network.addresses());
    await each.exchange.publishCard(own);
    if (each.n !== 1) {
      await each.exchange.takeFile({ rosters: [], cards: [authority.card(1, peers[0]!.network.addresses())] });
    }
  }
  const mesh = peers.flatMap((one) =>
    peers.filter((other) => other !== one).map((other) => connected(one.network, other.network.self)),
  );
  await Promise.all(mesh);
  authority.expel(4);
  const gone = peers.slice(0, 3).map((each) => disconnected(each.network, peerOf(4)));
  await peers[1]!.exchange.takeFile({ rosters: authority.rosters, cards: [] });
  await Promise.all(peers.slice(0, 3).map((each) => each.atRoster(1)));
  await Promise.all(gone);
  for (const each of peers.slice(0, 3)) expect(each.gate.standing(peerOf(4))).toBe('expelled');
});
