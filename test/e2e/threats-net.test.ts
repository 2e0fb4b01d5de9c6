// The threat table's rows about whoever connects: strangers, floods, hostile bytes on every protocol, an expelled member.
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FrameReader, frame } from '../../node/net/frames.ts';
import { systemRandom } from '../../node/system/machine.ts';
import { accessProtocol } from '../../protocol/access/messages.ts';
import { summaryProtocol } from '../../protocol/adverts/ask.ts';
import { tagsProtocol } from '../../protocol/adverts/store-messages.ts';
import { auditProtocol } from '../../protocol/audit/messages.ts';
import { concat, hex, uintBytes } from '../../protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { codeOfWire, PeerError } from '../../protocol/errors.ts';
import { expel } from '../../protocol/federation/authority.ts';
import { rosterProtocol } from '../../protocol/federation/messages.ts';
import { limits } from '../../protocol/limits.ts';
import { indexProtocol } from '../../protocol/tags/messages.ts';
import {
  encodeTransferFrame,
  type TransferFrame,
  transferProtocol,
  transferVersion,
} from '../../protocol/transfer/messages.ts';
import { seeded } from '../../protocol/vectors/seeded.ts';
import { eventually, type Hospital } from '../node/hospitals.ts';
import { type Attacker, codeOf } from './attacker.ts';
import { importAll, markedInstances, patient, query, reason } from './marked.ts';
import { RawTransfer } from './raw-transfer.ts';
import { startWorld } from './world.ts';

const doctor = { name: 'Dr. C', role: 'practitioner' } as const;
const oneAnswer = [rosterProtocol, indexProtocol, tagsProtocol, summaryProtocol, accessProtocol, auditProtocol];
const libp2ps = ['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/dicomnet/kad/1'];
const instances = markedInstances(6, 400_000);

const start = () =>
  startWorld({
    hospitals: {
      A: { config: (config) => ({ ...config, policy: { autoGrant: [{ purpose: 'TREAT' as const }] } }) },
      B: {},
      C: {},
    },
    attackers: { M: 'hospital', E: 'hospital' },
  });
let world: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  world = await start();
  await importAll(world.hospitals.A.core, instances);
  await world.hospitals.A.core.advertising.advertiser.flush();
});
afterAll(() => world.stop());

/** Whether a hospital finds what A holds. */
async function finds({ core }: Hospital): Promise<boolean> {
  const { hospitals } = await core.finder.find(query, doctor);
  return hospitals.some(({ studies }) => studies[0]?.instances === instances.length);
}

/** Whether a member is served, by A unless it says. */
const served = (by: Attacker, at: Hospital = world.hospitals.A) =>
  codeOf(by.put(at, [by.advert(hex(systemRandom(32)))]));

/** Opens a channel to A and says something there; gives the code of the answer, or how the channel ended. */
async function say(by: Attacker, protocol: string, bytes: Uint8Array, end: boolean): Promise<string> {
  const channel = await by.network.open(world.hospitals.A.core.peerId, protocol);
  const reading = new FrameReader(channel);
  return codeOf(
    (async () => {
      await channel.write(bytes);
      if (end) await channel.end();
      const answer = await reading.next(limits.netBodyBytes);
      if (answer === undefined) return;
      const [wire] = decodeCbor(answer, limits.netBodyBytes) as [number];
      if (wire !== 0) throw new PeerError(codeOfWire(wire)!);
    })(),
  );
}

const portOf = ({ core }: Hospital): number => Number(/tcp\/(\d+)/.exec(core.members.network.addresses()[0]!)![1]);

/** Opens a TCP connection and says nothing, or what it is told. */
function openSocket(port: number, localAddress: string, says?: Uint8Array): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => socket.destroy()); // refused: what the tests count
  socket.resume();
  if (says !== undefined) socket.write(says);
  return socket;
}

test('stranger: speaks no protocol, learns nothing, is cut off in seconds, and its silent connections keep nobody out', async () => {
  const { A: a, C: c } = world.hospitals;
  const { M: m } = world.attackers;
  const silent = [2, 3, 4, 5].flatMap((last) =>
    Array.from({ length: 2 * limits.netConnectionsPerSecond }, () => openSocket(portOf(a), `127.0.0.${last}`)),
  );
  const alive = () => silent.filter((socket) => !socket.destroyed).length;
  await eventually('half of them are refused', () => alive() <= 4 * limits.netConnectionsPerSecond);
  expect(alive()).toBeGreaterThan(0);

  const stranger = await world.stranger();
  await stranger.network.connect(a.core.peerId);
  for (const protocol of oneAnswer.filter((each) => each !== rosterProtocol)) {
    expect(await codeOf(stranger.ask(a, protocol, Uint8Array.of(0xa0)))).toBe('net/refused');
    expect(await codeOf(m.ask(a, protocol, Uint8Array.of(0xa0)))).not.toBe('net/refused');
  }
  expect(await codeOf(stranger.roster(a, { type: 'rosters', from: 0 }))).toBe('member/unknown');
  expect(await codeOf(stranger.roster(a, { type: 'cards', have: [] }))).toBe('member/unknown');
  const { federation, number, hash } = a.core.members.rosters.membership();
  const hello = await stranger.roster(a, { type: 'hello', federation, number, hash });
  expect(hello).toEqual({ federation, number, hash });
  expect(await codeOf(stranger.manifest(a, hex(systemRandom(16))))).toBe('net/closed');
  expect(await codeOf(m.manifest(a, hex(systemRandom(16))))).toBe('access/grant-unknown');
  for (const protocol of libp2ps) expect(await say(stranger, protocol, Uint8Array.of(1, 2), false)).toBe('net/closed');
  await eventually('it is cut off', () => !a.core.members.network.connected().includes(stranger.peerId), 10_000);
  expect(a.lines.some((line) => line.includes('turned away') && line.includes(stranger.peerId))).toBe(true);
  expect(await served(m)).toBe('none');
  expect(await finds(c)).toBe(true);
  await eventually('the silent ones are cut off', () => alive() === 0);
});

test('stranger: a flood of requests takes the places of its peer alone, which is served again afterwards', async () => {
  const { A: a, C: c } = world.hospitals;
  const { M: m } = world.attackers;
  // each announces a request that never comes
  const channels = await Promise.all(
    Array.from({ length: limits.netInbound + 20 }, async () => {
      const channel = await m.network.open(a.core.peerId, tagsProtocol);
      await channel.write(uintBytes(1000, 4));
      return channel;
    }),
  );
  const answers = channels.map((channel) =>
    codeOf(
      new FrameReader(channel).next(100).then((bytes) => {
        throw new PeerError(codeOfWire((decodeCbor(bytes!, 100) as [number])[0])!);
      }),
    ),
  );
  const refused = await Promise.all(answers.slice(limits.netInbound));
  expect(new Set(refused)).toEqual(new Set(['net/busy']));
  expect(await served(m)).toBe('net/busy');
  expect(await finds(c)).toBe(true);
  for (const channel of channels) channel.abort(new PeerError('net/closed'));
  await eventually('its places are free again', async () => (await served(m)) === 'none');

  // so do large ones: no more of a peer's bodies are in memory than its share
  const large = limits.advertMessageBytes;
  const announced = await Promise.all(
    Array.from({ length: limits.netPeerInboundBytes / large }, async () => {
      const channel = await m.network.open(a.core.peerId, tagsProtocol);
      await channel.write(concat(uintBytes(large, 4), new Uint8Array(10)));
      return channel;
    }),
  );
  // an announcement alone takes none of it
  expect(await served(m)).toBe('none');
  await Promise.all(announced.map((channel) => channel.write(new Uint8Array(large - 11))));
  await eventually('its share is used up', async () => (await served(m)) === 'net/busy');
  expect(await finds(c)).toBe(true);
  for (const channel of announced) channel.abort(new PeerError('net/closed'));
  await eventually('its share is free again', async () => (await served(m)) === 'none');

  // and streams of a transfer
  const { grant } = await m.granted(a, { value: patient.id });
  const streams = await Promise.all(Array.from({ length: limits.transferStreams }, () => m.transfer(a, grant.id)));
  await Promise.all(streams.map((stream) => stream.object(0)));
  expect(await codeOf(m.manifest(a, grant.id))).toBe('transfer/too-many-streams');
  expect((await streams[0]!.object(1)).length).toBeGreaterThan(400_000);
  for (const stream of streams) stream.close();
  await eventually('streams are free again', async () => (await codeOf(m.manifest(a, grant.id))) === 'none');
});

const deep = (depth: number): Uint8Array => concat(new Uint8Array(depth).fill(0x81), Uint8Array.of(0x80));
/** CBOR that promises more than there is: 2^32 items, bytes, characters, pairs. */
const promising = [0x9b, 0x5b, 0x7b, 0xbb].map((head) =>
  concat(Uint8Array.of(head), uintBytes(2 ** 32, 6), new Uint8Array(9)),
);
const hostile: Uint8Array[] = [
  new Uint8Array(),
  Uint8Array.of(0xff),
  Uint8Array.of(0x9f, 0x01, 0xff), // of indefinite length
  Uint8Array.of(0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02), // one key twice
  Uint8Array.of(0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0), // not a number
  encodeCbor(['request', new Uint8Array(300), new Uint8Array(32), new Uint8Array(64)]),
  encodeCbor([1, new Uint8Array(300)]),
  encodeCbor(['__proto__', new Map([['__proto__', 1]])]),
  deep(50_000),
  new Uint8Array(100_000).fill(0x80), // an array's end, and much behind it
  ...promising,
];

test('hostile-input: on every protocol hostile bytes get a coded refusal, take no memory, and the peer goes on', async () => {
  const { A: a, C: c } = world.hospitals;
  const { M: m } = world.attackers;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const random = seeded('hostile bytes');
  for (const protocol of oneAnswer) {
    for (const bytes of [...hostile, ...Array.from({ length: 20 }, (_, i) => random(1 + i * 13))]) {
      const limit = bytes.length > 11_000 ? /^(cbor|net\/too-large|field)/ : /^(cbor|field|kind|envelope|crit)\//;
      expect(await codeOf(m.ask(a, protocol, bytes)), `${protocol} ${hex(bytes.subarray(0, 20))}`).toMatch(limit);
    }
    expect(await codeOf(m.ask(a, protocol, deep(9_000)))).toMatch(/^(cbor\/|net\/too-large)/);
    // lengths that lie about the frame
    expect(await say(m, protocol, uintBytes(2 ** 32 - 1, 4), false)).toBe('net/too-large');
    expect(await say(m, protocol, concat(uintBytes(1000, 4), new Uint8Array(10)), true)).toBe('net/closed');
    expect(await say(m, protocol, Uint8Array.of(0, 0), true)).toBe('net/closed');
    expect(await say(m, protocol, new Uint8Array(), true)).toBe('net/closed');
    expect(await say(m, protocol, concat(frame(Uint8Array.of(0xff)), random(50)), false)).not.toBe('none');
  }
  const varint = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f);
  for (const protocol of libp2ps) {
    for (const bytes of [varint, random(64), concat(Uint8Array.of(64), random(64)), new Uint8Array(300_000)]) {
      const channel = await m.network.open(a.core.peerId, protocol);
      await codeOf(channel.write(bytes)); // may be cut in the middle
      channel.abort(new PeerError('net/closed'));
    }
  }
  const port = portOf(a);
  const sockets = [random(2000), Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), varint].map((bytes) =>
    openSocket(port, '127.0.0.6', bytes),
  );
  expect(await finds(c)).toBe(true);
  expect(used() - before).toBeLessThan(32 * 1024 * 1024);
  expect(a.lines.filter((line) => line.includes('a handler failed'))).toEqual([]);
  expect(await served(m)).toBe('none');
  for (const socket of sockets) socket.destroy();
});

test('hostile-input: frames of a transfer that break its rules end the stream with a code', async () => {
  const { A: a } = world.hospitals;
  const { M: m } = world.attackers;
  const { grant } = await m.granted(a, { value: patient.id });
  const open: TransferFrame = { type: 'open', version: transferVersion, grant: grant.id };
  const random = seeded('hostile frames');
  const wants = Array.from({ length: 5000 }, (_, index) => ({ index, from: 0 }));
  const outcome = async (...says: (TransferFrame | Uint8Array)[]) => {
    const stream = new RawTransfer(await m.network.open(a.core.peerId, transferProtocol));
    const bytes = says.map((each) => (each instanceof Uint8Array ? each : encodeTransferFrame(each)));
    await stream.channel.write(concat(...bytes));
    const code = await codeOf(stream.next());
    stream.close();
    return code;
  };
  const want = (index: number, from = 0): TransferFrame => ({ type: 'want', wants: [{ index, from }] });
  expect(await outcome(want(0))).toBe('transfer/unexpected');
  expect(await outcome({ ...open, version: 99 })).toBe('version/unsupported');
  expect(await outcome(open, open)).toBe('transfer/unexpected');
  expect(await outcome(open, { type: 'want', wants })).toBe('transfer/too-many-wants');
  expect(await outcome(open, { type: 'object', index: 0, from: 0, length: 10 })).toBe('transfer/unexpected');
  expect(await outcome(open, { type: 'manifest', length: 2 ** 50 })).toBe('transfer/unexpected');
  expect(await outcome(open, want(0, 2 ** 40))).toBe('transfer/unexpected');
  expect(await outcome(Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff))).toBe('transfer/framing');
  expect(await outcome(Uint8Array.of(77, 0xff, 0xff, 0xff, 0xff))).toBe('transfer/framing');
  expect(await outcome(Uint8Array.of(1, 0, 0, 0, 2, 1, 2))).toBe('transfer/framing');
  expect(await outcome(open, Uint8Array.of(4, 0, 0, 0, 5, 1, 2, 3, 4, 5))).toBe('transfer/framing');
  for (let i = 0; i < 20; i++)
    expect(await outcome(concat(Uint8Array.of(1 + (i % 9), 0, 0, 0, 20), random(20)))).toMatch(/^transfer\//);
  expect(await outcome(open, want(0))).toBe('none');
});

test('expelled: in the middle of a transfer everything ends at once, on all hospitals, and nothing begins anew', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const { E: e } = world.attackers;
  const { grant } = await e.granted(a, { value: patient.id });
  const stream = await e.transfer(a, grant.id);
  expect((await stream.object(0)).length).toBeGreaterThan(400_000);
  expect(await served(e, b)).toBe('none');
  const rosters = world.authority.rosters;

  const bundle = world.authority.change((draft) => expel(draft, e.member, Date.now()));
  await b.core.members.federation.join(bundle); // A hears of it from B
  let code = 'none';
  while (code === 'none') code = await codeOf(stream.object(1)); // until A has heard
  expect(code).toMatch(/^(net\/closed|access\/|member\/)/);
  for (const { core } of [a, b, c]) {
    await eventually('it is gone everywhere', () => core.members.gate.standing(e.peerId) === 'expelled');
    expect(core.members.network.connected()).not.toContain(e.peerId);
    expect(await codeOf(core.members.network.connect(e.peerId))).toBe('net/refused');
  }
  const cut = /^net\/(closed|unreachable|refused)$/;
  for (const hospital of [a, b, c]) {
    expect(await served(e, hospital)).toMatch(cut);
    expect(await codeOf(e.roster(hospital, { type: 'push', rosters: [...rosters] }))).toMatch(cut);
  }
  expect(await codeOf(e.manifest(a, grant.id))).toMatch(cut);
  expect(await codeOf(a.core.access.guard.check(grant.id, e.peerId))).toBe('member/unknown');

  // a member's transfer goes on as before
  const ask = { member: 'A', patient: { value: patient.id }, refs: 'all' as const, purpose: 'TREAT', reason };
  const { id } = await c.core.exchange.asking.create(ask, doctor);
  await eventually('the transfer is done', () => c.core.exchange.transfers.get(id)?.state === 'done');
});
