// Outsiders and one hostile member at full rate, as a process of their own: told by its parent whom, how many, and when.
// Each outsider comes from an address of its own of loopback's (127.0.0.0/8), through a relay.
import { connect, createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { Libp2pNetwork } from '../../node/net/libp2p/network.ts';
import type { Network } from '../../node/net/network.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { tagsProtocol } from '../../protocol/adverts/store-messages.ts';
import { uintBytes, unhex } from '../../protocol/bytes.ts';
import { encodeRosterRequest, rosterProtocol } from '../../protocol/federation/messages.ts';
import { openDoors } from '../contract/network.ts';

/** What the parent sends first; afterwards `attack`, and `rest`. */
export interface Outsiders {
  readonly peer: string;
  readonly port: number;
  readonly outsiders: number;
  readonly federation: string;
  /** Seed of a member's key, hex. */
  readonly member: string;
}

/** What it answers `rest` with: how many times each kind has tried something. */
export interface Tried {
  readonly outsiders: number;
  readonly member: number;
}

let attacking = false;
const tried = { outsiders: 0, member: 0 };
const open = new Set<Socket>();

/** Ends by itself, refused or cut off: that is what is tried. */
function attempt(kind: keyof Tried, work: Promise<unknown>): Promise<unknown> {
  tried[kind]++;
  return work.catch(() => undefined);
}

function socketFrom(localAddress: string, port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  open.add(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => open.delete(socket));
  return socket;
}

/** The port at which one comes out from another address. */
async function relay(localAddress: string, port: number): Promise<number> {
  const server = createServer((near) => {
    const far = socketFrom(localAddress, port);
    near.on('error', () => far.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

async function peer(seed: Uint8Array, about: Outsiders, port: number): Promise<Network> {
  const options = { seed, listen: [], connectionsPerSecond: 1000 };
  const network = new Libp2pNetwork(options, { doorkeeper: openDoors, timers: systemTimers });
  await network.start();
  await network.learn(about.peer, [`/ip4/127.0.0.1/tcp/${port}`]);
  return network;
}

/** Connects, says hello, opens what it may not, and once more; and holds connections that say nothing. */
async function outsider(n: number, about: Outsiders): Promise<() => Promise<void>> {
  const address = `127.0.${1 + Math.floor(n / 200)}.${1 + (n % 200)}`;
  const seed = new Uint8Array(32).fill(7);
  new DataView(seed.buffer).setUint32(0, n + 1);
  const network = await peer(seed, about, await relay(address, about.port));
  const hello = encodeRosterRequest({ type: 'hello', federation: about.federation, number: 0, hash: about.federation });
  return async () => {
    for (let i = 0; i < 3; i++) socketFrom(address, about.port);
    await attempt('outsiders', network.connect(about.peer));
    const asks = Array.from({ length: 8 }, () => network.request(about.peer, rosterProtocol, hello));
    const others = Array.from({ length: 8 }, () => network.request(about.peer, tagsProtocol, new Uint8Array(1000)));
    await Promise.all([...asks, ...others].map((each) => attempt('outsiders', each)));
    await systemTimers.sleep(1);
  };
}

/** Announces what never comes on as many channels as it gets, and asks for nonsense at full rate. */
async function member(about: Outsiders): Promise<() => Promise<void>> {
  const network = await peer(unhex(about.member), about, about.port);
  const announce = async () => {
    const channel = await network.open(about.peer, tagsProtocol);
    await channel.write(uintBytes(4_000_000, 4));
  };
  return async () => {
    await Promise.all(Array.from({ length: 8 }, () => attempt('member', announce())));
    const nonsense = () => network.request(about.peer, tagsProtocol, new Uint8Array(200_000));
    await Promise.all(Array.from({ length: 32 }, () => attempt('member', nonsense())));
    await systemTimers.sleep(1);
  };
}

async function goOn(attack: () => Promise<void>): Promise<void> {
  for (;;) {
    if (attacking) await attack();
    else await systemTimers.sleep(20);
  }
}

process.on('message', (message: Outsiders | 'attack' | 'rest') => {
  if (message === 'attack') attacking = true;
  else if (message === 'rest') {
    attacking = false;
    for (const socket of open) socket.destroy();
    process.send?.({ ...tried } satisfies Tried);
  } else {
    setPriority(10); // what it takes of the processor is not what is measured
    const all = Array.from({ length: message.outsiders }, (_, n) => outsider(n, message));
    Promise.all([member(message), ...all]).then(
      (attacks) => {
        process.send?.('ready');
        for (const attack of attacks) void goOn(attack);
      },
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  }
});
process.on('disconnect', () => process.exit());
