// Peers for tests: on loopback with real sockets, or in memory.
import { Libp2pNetwork } from '../../../node/net/libp2p/network.ts';
import { MemoryHub, MemoryNetwork } from '../../../node/net/memory/network.ts';
import type { Doorkeeper, Network } from '../../../node/net/network.ts';
import { systemTimers } from '../../../node/system/machine.ts';
import { peerIdOf, signer } from '../../../protocol/identity.ts';
import { openDoors, pushProtocol, type World } from '../../contract/network.ts';

export const seedOf = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const peerOf = (n: number): string => peerIdOf(signer(seedOf(n)).publicKey);

/** A peer on a free port of 127.0.0.1. */
export async function loopbackPeer(n: number, doorkeeper: Doorkeeper = openDoors): Promise<Libp2pNetwork> {
  const network = new Libp2pNetwork(
    { seed: seedOf(n), listen: ['/ip4/127.0.0.1/tcp/0'], connectionsPerSecond: 1000 },
    { doorkeeper, timers: systemTimers },
  );
  await network.start();
  return network;
}

/** Everybody learns everybody's addresses, as from cards. */
export async function introduce(...peers: Network[]): Promise<void> {
  for (const one of peers) {
    for (const other of peers) if (one !== other) await one.learn(other.self, other.addresses());
  }
}

/** Turns the stranger away from all but one protocol, and who is expelled from everything. */
function doorkeeperOf(stranger: string, expelled: Set<string>): Doorkeeper {
  return {
    mayConnect: (peer, direction) => !expelled.has(peer) && (peer !== stranger || direction === 'in'),
    maySpeak: (peer, protocol) => !expelled.has(peer) && (peer !== stranger || protocol === pushProtocol),
    isMember: (peer) => !expelled.has(peer) && peer !== stranger,
  };
}

export const loopbackWorld = (): Promise<World> => world(loopbackPeer);

export function memoryWorld(): Promise<World> {
  const hub = new MemoryHub({ timers: systemTimers });
  return world(async (n, doorkeeper) => {
    const network = new MemoryNetwork({ self: peerOf(n) }, { hub, doorkeeper, timers: systemTimers });
    await network.start();
    return network;
  });
}

async function world(make: (n: number, doorkeeper: Doorkeeper) => Promise<Network>): Promise<World> {
  const expelled = new Set<string>();
  const a = await make(1, doorkeeperOf(peerOf(3), expelled));
  const b = await make(2, doorkeeperOf(peerOf(3), new Set()));
  const stranger = await make(3, openDoors);
  await introduce(a, b, stranger);
  const stop = async () => {
    for (const each of [a, b, stranger]) await each.stop();
  };
  return { a, b, stranger, expel: (peer) => expelled.add(peer), stop };
}
