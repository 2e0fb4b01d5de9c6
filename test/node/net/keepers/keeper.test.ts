// Blind evaluation over real sockets, in a real worker: honest keepers, a liar, one that is down, meters.
import { afterEach, expect, test } from 'vitest';
import { type Evaluator, InlineEvaluator } from '../../../../node/net/keepers/evaluator.ts';
import { IndexClient } from '../../../../node/net/keepers/index-client.ts';
import { type KeeperOptions, KeeperService } from '../../../../node/net/keepers/keeper.ts';
import { WorkerEvaluator } from '../../../../node/net/keepers/worker-evaluator.ts';
import { systemClock, systemRandom } from '../../../../node/system/machine.ts';
import { hex, unhex } from '../../../../protocol/bytes.ts';
import type { PeerError } from '../../../../protocol/errors.ts';
import { openShare } from '../../../../protocol/federation/keepers.ts';
import { oprfInput } from '../../../../protocol/tags/identifier.ts';
import type { HeldShare } from '../../../../protocol/tags/keeper.ts';
import type { Blame } from '../../../../protocol/tags/lookup.ts';
import { evaluateRequest, indexProtocol } from '../../../../protocol/tags/messages.ts';
import { decodeScalar, Point } from '../../../../protocol/tags/points.ts';
import { openDoors } from '../../../contract/network.ts';
import { boxOf, type Hospital, hospital, memberOf, TestAuthority } from '../federation.ts';
import { MemoryKv } from '../memory-kv.ts';
import { introduce, loopbackPeer } from '../worlds.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

interface Site extends Hospital {
  readonly client: IndexClient;
  readonly blamed: Blame[];
  readonly metered: { member: string; points: number; granted: boolean }[];
}

const plenty: KeeperOptions = { pointsPerHour: 100_000, burstPoints: 100_000 };

interface SiteOptions {
  readonly meter?: KeeperOptions;
  readonly evaluator?: Evaluator;
  /** The share that this keeper answers with instead of its own. */
  readonly lie?: (share: HeldShare) => HeldShare;
}

async function site(n: number, authority: TestAuthority, options: SiteOptions = {}): Promise<Site> {
  const base = await hospital(n, authority.rosters, loopbackPeer);
  running.push(base);
  const { network, exchange } = base;
  const evaluator = options.evaluator ?? new InlineEvaluator({ random: systemRandom });
  running.push(evaluator);
  const membership = () => exchange.membership();
  const key = membership().indexKey!;
  const share = openShare(key, memberOf(n), boxOf(n).secret);
  const honest: HeldShare[] = share === undefined ? [] : [{ ...share, key: key.id, generation: key.generation }];
  const held = honest.map((each) => options.lie?.(each) ?? each);
  const metered: Site['metered'] = [];
  const keeper = new KeeperService(options.meter ?? plenty, {
    network,
    evaluator,
    meterStore: new MemoryKv(),
    membership,
    heldShares: () => held,
    clock: systemClock,
    onMetered: (event) => metered.push(event),
  });
  const blamed: Blame[] = [];
  const client = new IndexClient(
    {},
    { network, evaluator, membership, random: systemRandom, keeper, onBlame: (blame) => blamed.push(blame) },
  );
  return { ...base, client, blamed, metered };
}

const input = (n: number) => oprfInput('urn:test', `patient ${n}`);

async function federation(size: number, keepers: number, options: (n: number) => SiteOptions = () => ({})) {
  const authority = new TestAuthority(size, keepers);
  const sites = await Promise.all(Array.from({ length: size }, (_, i) => site(i + 1, authority, options(i + 1))));
  await introduce(...sites.map((each) => each.network));
  return { authority, sites };
}

test('everybody gets the same y for a patient, whoever is asked, keepers and others, worker or not', async () => {
  const worker = new WorkerEvaluator();
  const { sites } = await federation(4, 3, (n) => (n === 4 ? { evaluator: worker } : {}));
  const inputs = [1, 2, 3].map(input);
  const results = await Promise.all(sites.map((each) => each.client.evaluate(inputs)));
  const [first] = results;
  expect(new Set(first!.outputs.map(hex)).size).toBe(3);
  for (const each of results) expect(each.outputs.map(hex)).toEqual(first!.outputs.map(hex));
  expect(first!.generation).toBe(1);
  expect(sites.flatMap((each) => each.blamed)).toEqual([]);
});

test('a lying keeper is blamed, replaced and asked last from then on', async () => {
  const { sites } = await federation(4, 3, (n) => (n === 2 ? { lie: anotherSecret } : {}));
  const [, liar, , asker] = sites as [Site, Site, Site, Site];
  const honest = await sites[0]!.client.evaluate([input(1)]);
  // with all keepers connected each is as likely to be asked as the others
  for (const each of sites.slice(0, 3)) await asker.network.connect(each.network.self);
  let lies = 0;
  for (let i = 0; i < 20 && lies === 0; i++) {
    const found = await asker.client.evaluate([input(1)]);
    expect(found.outputs.map(hex)).toEqual(honest.outputs.map(hex));
    lies = asker.blamed.length;
  }
  expect(asker.blamed).toEqual([{ member: memberOf(2), code: 'tags/proof' }]);
  const asked = liar.metered.length;
  for (let i = 0; i < 5; i++) await asker.client.evaluate([input(i)]);
  expect(liar.metered.length).toBe(asked);
});

test('a keeper that is down is replaced; with too few the failure is named', async () => {
  const { sites } = await federation(4, 3);
  const asker = sites[3]!;
  const before = await asker.client.evaluate([input(1)]);
  await sites[0]!.network.stop();
  for (let i = 0; i < 3; i++) {
    expect((await asker.client.evaluate([input(1)])).outputs.map(hex)).toEqual(before.outputs.map(hex));
  }
  await sites[1]!.network.stop();
  const error = await asker.client.evaluate([input(1)]).catch((cause: PeerError) => cause);
  expect(error).toMatchObject({ code: 'tags/no-keepers', data: { missing: 1 } });
});

test('a curious member runs into the meter of each keeper; others do not', async () => {
  const meter = { pointsPerHour: 3, burstPoints: 3 };
  const { sites } = await federation(5, 3, () => ({ meter }));
  const curious = sites[3]!;
  // each keeper lets one full batch through; any two of three are needed
  const batch = (n: number) => curious.client.evaluate(Array.from({ length: 200 }, (_, i) => input(n * 200 + i)));
  await batch(0);
  const error = await batch(1).catch((cause: PeerError) => cause);
  expect(error).toMatchObject({ code: 'tags/no-keepers' });
  expect(curious.blamed.map((each) => each.code)).toEqual(['tags/over-quota', 'tags/over-quota']);
  expect((await sites[4]!.client.evaluate([input(1)])).outputs.length).toBe(1);
  const refused = sites.flatMap((each) => each.metered).filter((each) => !each.granted);
  expect(refused.map((each) => each.member)).toEqual([memberOf(4), memberOf(4)]);
}, 60_000);

test('who is no member, or asks for another key, gets nothing', async () => {
  const { sites } = await federation(2, 2);
  const keeper = sites[0]!.network;
  const key = sites[0]!.exchange.membership().indexKey!;
  const ask = (id: string, generation: number) =>
    evaluateRequest.encode({
      key: id,
      generation,
      blinded: [unhex('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76')],
    });
  const stranger = await loopbackPeer(9, openDoors);
  running.push(stranger);
  await introduce(stranger, keeper);
  const codeFrom = (network: typeof keeper, body: Uint8Array) =>
    network.request(keeper.self, indexProtocol, body).then(
      () => 'none',
      (error: PeerError) => error.code,
    );
  expect(await codeFrom(stranger, ask(key.id, key.generation))).toBe('net/refused');
  expect(await codeFrom(sites[1]!.network, ask(memberOf(7), 1))).toBe('tags/not-keeper');
  expect(await codeFrom(sites[1]!.network, ask(key.id, 99))).toBe('tags/generation');
  expect(await codeFrom(sites[1]!.network, ask(key.id, key.generation))).toBe('none');
});

test('a worker that dies fails what it had and is started again', async () => {
  const crashing = new URL('./crashing-worker.ts', import.meta.url);
  const evaluator = new WorkerEvaluator({ script: crashing });
  running.push(evaluator);
  const job = { type: 'start', key: { id: '', generation: 0, t: 1, shares: [] }, inputs: [], order: [] } as const;
  for (let i = 0; i < 2; i++) {
    const error = await evaluator.run(job).catch((cause: PeerError) => cause);
    expect(error).toMatchObject({ code: 'net/worker' });
  }
  await evaluator.stop();
  expect(await evaluator.run(job).catch((cause: PeerError) => cause.code)).toBe('net/stopped');
});

/** A share of another key, with proofs that hold for it. */
function anotherSecret(share: HeldShare): HeldShare {
  const secret = Uint8Array.from(share.secret);
  secret[0]! ^= 1;
  return { ...share, secret, commitment: Point.BASE.multiply(decodeScalar(secret, 'tags/share')).toBytes() };
}
