// The threat table's rows about the roster: a stolen authority key, forks, shares that make no key. The authority has
// three keys, two of which must sign.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeSigner, nativeVerify, systemRandom } from '../../node/system/machine.ts';
import { hex } from '../../protocol/bytes.ts';
import { admit, changeAuthorities, expel, nextRoster, propose } from '../../protocol/federation/authority.ts';
import { encodeBundle } from '../../protocol/federation/bundle.ts';
import { verifyJoin } from '../../protocol/federation/join.ts';
import { dealKeepers } from '../../protocol/federation/keepers.ts';
import type { Roster } from '../../protocol/federation/roster.ts';
import { encodeRoster, parseRoster } from '../../protocol/federation/signed.ts';
import { eventually, type Hospital } from '../node/hospitals.ts';
import type { Attacker } from './attacker.ts';
import { codeOf } from './attacker.ts';
import { importAll, markedInstances, query } from './marked.ts';
import { alarmsOf, startWorld } from './world.ts';

const doctor = { name: 'Dr. B', role: 'practitioner' } as const;
const start = () => startWorld({ hospitals: { A: {}, B: {} }, authority: { keys: 3, k: 2 } });
let world: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  world = await start();
  await importAll(world.hospitals.A.core, markedInstances(1, 10_000));
  await world.hospitals.A.core.advertising.advertiser.flush();
});
afterAll(() => world.stop());

const number = ({ core }: Hospital): number => core.members.rosters.membership().number;

function admitted(draft: Roster, attacker: Attacker): Roster {
  attacker.member = hex(systemRandom(16));
  return admit(draft, verifyJoin(attacker.joinRequest(), nativeVerify), {
    id: attacker.member,
    from: Date.now() - 1000,
  });
}

const push = (by: Attacker, to: Hospital, ...rosters: Uint8Array[]) => by.roster(to, { type: 'push', rosters });

/** Whether somebody is served: `stored` or why not. */
const served = async (by: Attacker, at: Hospital) =>
  codeOf(by.put(at, [by.advert(hex(systemRandom(32)))])).then((code) => (code === 'none' ? 'served' : code));

/** What a hospital wrote down of rosters that it refused. */
const refusals = ({ lines }: Hospital): string[] =>
  lines
    .filter((line) => line.includes('an exchange of rosters failed'))
    .map((line) => /"code":"([^"]*)"/.exec(line)![1]!);

test('stolen-authority: one stolen key admits no spy, in whatever way it signs; two keys admit whom they name', async () => {
  const { A: a } = world.hospitals;
  const { authority } = world;
  const [stolen, second] = authority.signers;
  const spy = await world.stranger('Spy');
  const before = number(a);
  const draft = admitted(authority.draft(), spy);
  const own = nativeSigner(systemRandom(32));
  const one = parseRoster(authority.signed(draft, [stolen!]));
  const takeOver = changeAuthorities(draft, { keys: [hex(own.publicKey)], k: 1 });
  const forged: [Uint8Array, string][] = [
    [one.bytes, 'roster/too-few-signatures'],
    [propose(draft), 'roster/too-few-signatures'],
    [encodeRoster(one.payload, [one.signatures[0]!, one.signatures[0]!]), 'roster/signer-twice'],
    [authority.signed(draft, [stolen!, own]), 'roster/signer-unknown'],
    [authority.signed(takeOver, [stolen!, own]), 'roster/too-few-signatures'],
    [
      encodeRoster(one.payload, [one.signatures[0]!, { ...one.signatures[0]!, signer: hex(second!.publicKey) }]),
      'envelope/signature',
    ],
    [authority.signed({ ...draft, previous: hex(systemRandom(32)) }, [stolen!, second!]), 'roster/broken-chain'],
  ];
  for (const [roster, code] of forged) {
    const seen = refusals(a).length;
    expect(await push(spy, a, roster)).toMatchObject({ number: before });
    expect(refusals(a).slice(seen)).toEqual([code]);
    expect(await served(spy, a)).toBe('net/refused');
  }
  // an older roster changes nothing
  expect(await push(spy, a, ...authority.rosters.slice(0, -1))).toMatchObject({ number: before });

  expect(await push(spy, a, authority.signed(draft))).toMatchObject({ number: before + 1 });
  expect(await served(spy, a)).toBe('served');
  await eventually('the other hospital follows', () => number(world.hospitals.B) === before + 1);
  authority.change(() => draft); // the authority knows its own roster
});

test('bad-index-key: a roster whose shares make no one key is refused, even signed as it should be', async () => {
  const { A: a, B: b } = world.hospitals;
  const { authority } = world;
  const before = number(a);
  const draft = authority.draft();
  const key = draft.indexKey!;
  const [first, second] = key.shares;
  const crossed = [
    { ...first!, commitment: second!.commitment },
    { ...second!, commitment: first!.commitment },
  ];
  const bad = authority.signed({ ...draft, indexKey: { ...key, shares: crossed } });
  const bundle = encodeBundle({ rosters: [...authority.rosters, bad], cards: [] });
  expect(await codeOf(a.core.members.federation.join(bundle))).toBe('roster/index-key');
  expect(number(a)).toBe(before);
  expect((await b.core.finder.find(query, doctor)).hospitals).toMatchObject([{ state: 'answered' }]);
});

test('bad-roster: swapped, dropped, falling and dressed-up keys and dates that go backwards are refused, whoever signed', async () => {
  const { A: a, B: b } = world.hospitals;
  const { authority } = world;
  const messenger = await world.stranger('Messenger');
  const before = number(a);
  const draft = authority.draft();
  const key = draft.indexKey!;
  const box = (member: string) => a.core.members.federation.boxOf(a.core.members.rosters.membership().member(member)!);
  const keepers = key.shares.map(({ member }) => ({ member, box: box(member) }));
  const other = dealKeepers(draft, { keepers, t: key.t }, systemRandom).indexKey!;
  const { issuedAt } = parseRoster(authority.rosters.at(-1)!).roster;
  const bad: [Partial<Roster>, string][] = [
    [{ indexKey: { ...other, generation: key.generation } }, 'roster/key-change'],
    [{ indexKey: { ...other, generation: 0 } }, 'roster/key-change'],
    [{ indexKey: { ...other, id: key.id } }, 'roster/key-change'],
    [{ indexKey: undefined }, 'roster/key-change'],
    [{ indexKey: { ...key, trial: false } }, 'roster/index-key'],
    [{ issuedAt: issuedAt - 1 }, 'roster/dates'],
  ];
  for (const [change, code] of bad) {
    const roster = authority.signed({ ...draft, ...change });
    const seen = refusals(a).length;
    expect(await push(messenger, a, roster)).toMatchObject({ number: before });
    expect(refusals(a).slice(seen)).toEqual([code]);
    expect(
      await codeOf(
        b.core.members.federation.join(encodeBundle({ rosters: [...authority.rosters, roster], cards: [] })),
      ),
    ).toBe(code);
  }
  const lapsed = authority.signed({ ...draft, expires: Date.now() - 1, issuedAt });
  expect(
    await codeOf(b.core.members.federation.join(encodeBundle({ rosters: [...authority.rosters, lapsed], cards: [] }))),
  ).toBe('roster/expired');
  expect([number(a), number(b)]).toEqual([before, before]);
  expect((await b.core.finder.find(query, doctor)).hospitals).toMatchObject([{ state: 'answered' }]);
});

test('stolen-authority: two rosters of one number stop admissions until a higher one names both; members go on', async () => {
  const { A: a, B: b } = world.hospitals;
  const { authority } = world;
  const both = [a, b];
  const alarms = both.map(alarmsOf);
  const [spy, accomplice, honest] = [
    await world.stranger('One'),
    await world.stranger('Two'),
    await world.stranger('H'),
  ];
  const validity = () => ({ issuedAt: Date.now(), expires: Date.now() + 24 * 3_600_000 });
  const one = authority.signed(admitted(authority.draft(), spy));
  const two = authority.signed(admitted(authority.draft(), accomplice));
  await Promise.all([push(spy, a, one), push(accomplice, b, two)]);
  for (const [i, each] of both.entries()) {
    await eventually('the fork is seen', () => alarms[i]!.some(({ kind }) => kind === 'roster-roster/fork'));
    await eventually('nobody new is a member', async () => (await served(spy, each)) === 'net/refused');
    expect(await served(accomplice, each)).toBe('net/refused');
  }
  // nor by a roster that follows one of the two without a word about the other
  const next = authority.signed(admitted(nextRoster(parseRoster(one), validity()), honest));
  await push(honest, a, next);
  expect(await served(honest, a)).toBe('net/refused');
  expect(await served(honest, b)).toBe('net/refused');
  expect((await b.core.finder.find(query, doctor)).hospitals).toMatchObject([{ state: 'answered' }]);

  const resolves = [parseRoster(one).hash, parseRoster(two).hash];
  const without = expel(nextRoster(parseRoster(next), validity()), spy.member, Date.now());
  await push(honest, a, authority.signed({ ...without, resolves }));
  for (const each of both) {
    await eventually('the fork is resolved', () => number(each) === without.number);
    expect(await served(honest, each)).toBe('served');
    expect(await served(spy, each)).not.toBe('served');
    expect(await served(accomplice, each)).toBe('net/refused');
  }
});
