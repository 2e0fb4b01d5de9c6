// The threat table's rows about finding: advertisements that are forged, rolled back or too many, keepers that lie, a
// curious member that enumerates.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nationalSystem } from '../../node/setup/config.ts';
import { nativeSigner, nativeVerify, systemRandom } from '../../node/system/machine.ts';
import { verifyAdvert } from '../../protocol/adverts/record.ts';
import { tagsProtocol } from '../../protocol/adverts/store-messages.ts';
import { hex, unhex } from '../../protocol/bytes.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { limits } from '../../protocol/limits.ts';
import { epochAt, epochMs, patientTag } from '../../protocol/tags/epoch.ts';
import { evaluateRequest, indexProtocol } from '../../protocol/tags/messages.ts';
import { eventually } from '../node/hospitals.ts';
import { codeOf, memberOf } from './attacker.ts';
import { type Lie, LyingEvaluator } from './lying-evaluator.ts';
import { importAll, markedInstances, query, tagAt } from './marked.ts';
import { alarmsOf, startWorld } from './world.ts';

const doctor = { name: 'Dr. C', role: 'practitioner' } as const;
const quotaBytes = 8 * 1024;
const evaluator = new LyingEvaluator();
const day = 24 * 3_600_000;

const start = () =>
  startWorld({
    hospitals: { A: {}, B: { parts: { evaluator, tagStore: { quotaBytes } } }, C: {}, D: {} },
    attackers: { M: 'hospital', N: 'hospital' },
  });
let world: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  world = await start();
  await importAll(world.hospitals.A.core, markedInstances(1, 10_000));
  await world.hospitals.A.core.advertising.advertiser.flush();
});
afterAll(() => world.stop());

test('stuffing: forged, outdated, oversize records and those over the quota are not stored', async () => {
  const { A: a, B: b } = world.hospitals;
  const { M: m, N: n } = world.attackers;
  const now = Date.now();
  const tag = hex(systemRandom(32));
  const record = m.advert(tag, { seq: now });
  const altered = Uint8Array.from(m.advert(tag, { seq: now + 9 }));
  altered[altered.length - 1]! ^= 1;
  const cut = m.advert(tag, { seq: now + 9 }).subarray(0, 1000);
  const results = await m.put(b, [
    record,
    record,
    m.advert(tag, { seq: now, freshUntil: now + day }),
    m.advert(tag, { seq: now - 1 }),
    m.advert(tag, { incarnation: 0, seq: now + 9 }),
    m.advert(tag, { member: memberOf(a) }),
    m.advert(tag, {}, 1024, nativeSigner(systemRandom(32))),
    altered,
    cut,
    m.advert(tag, { epoch: epochAt(now) + 2 }),
    m.advert(tag, { keepUntil: now + 15 * day }),
    m.advert(tag, { freshUntil: now - 2, keepUntil: now - 1 }),
  ]);
  expect(results).toEqual([
    'stored',
    'stored',
    'advert/conflict',
    'advert/superseded',
    'advert/superseded',
    'advert/not-member',
    'advert/not-member',
    'envelope/signature',
    'advert/size',
    'advert/epoch',
    'advert/expiry',
    'advert/expiry',
  ]);
  expect(await m.get(b, tag)).toEqual([record]);

  expect(await codeOf(m.put(b, [new Uint8Array(limits.advertBytes + 1)]))).toBe('field/invalid');
  expect(
    await codeOf(
      m.put(
        b,
        Array.from({ length: limits.advertBatch + 1 }, () => Uint8Array.of(1)),
      ),
    ),
  ).toBe('field/invalid');
  expect(await codeOf(m.ask(b, tagsProtocol, new Uint8Array(limits.advertMessageBytes + 4096)))).toBe('net/too-large');

  // 1 KiB is used; a record of 4 KiB and three more fit, then it is full, for this publisher only
  const more = [m.advert(hex(systemRandom(32)), {}, 4096)];
  for (let i = 0; i < 4; i++) more.push(m.advert(hex(systemRandom(32))));
  expect(await m.put(b, more)).toEqual(['stored', 'stored', 'stored', 'stored', 'advert/over-quota']);
  const newer = m.advert(tag, { seq: now + 10 });
  expect(await m.put(b, [newer])).toEqual(['stored']); // in the place of the older one
  expect(await m.get(b, tag)).toEqual([newer]);
  expect(await n.put(b, [n.advert(tag)])).toEqual(['stored']);
  expect(await n.get(b, tag)).toHaveLength(2);
});

test('rollback: who serves older, altered or foreign records is seen, and the newest is found', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const { M: m } = world.attackers;
  const { tag } = await tagAt(a.core);
  await eventually('the first version is stored', async () => (await m.get(b, tag)).length === 1);
  const [old] = await m.get(b, tag);
  const version = (bytes: Uint8Array) => verifyAdvert(bytes, m.federation, nativeVerify).seq;
  await importAll(a.core, markedInstances(1, 10_000, 2));
  await a.core.advertising.advertiser.flush();
  await eventually('the second version is stored', async () => version((await m.get(b, tag))[0]!) > version(old!));
  expect(await m.put(b, [old!])).toEqual(['advert/superseded']);

  const altered = Uint8Array.from(old!);
  altered[altered.length - 1]! ^= 1;
  m.onTags = ({ type }) => (type === 'get' ? [old!, altered, m.advert(hex(systemRandom(32)))] : []);
  const found = await c.core.records.tags.lookUp([tag]);
  expect(found.records.map(({ advert }) => advert.seq)).toEqual([version((await m.get(b, tag))[0]!)]);
  expect(found.records[0]!.behind.map(({ from }) => from)).toEqual([m.member]);
  expect(found.blamed).toEqual([
    { member: m.member, code: 'envelope/signature' },
    { member: m.member, code: 'advert/wrong-tag' },
  ]);
  const { hospitals } = await c.core.finder.find(query, doctor);
  expect(hospitals).toMatchObject([{ member: memberOf(a), state: 'answered', studies: [{}, {}] }]);
  for (const code of ['envelope/signature', 'advert/wrong-tag', 'advert/rolled-back']) {
    expect(c.lines.some((line) => line.includes(m.member) && line.includes(code))).toBe(true);
  }

  // who is silent hides nothing either
  m.onTags = () => [];
  expect((await c.core.finder.find(query, doctor)).hospitals).toMatchObject([{ studies: [{}, {}] }]);
});

test('dht-node: tags are new every week and other for every patient, and it takes the keepers to make them', async () => {
  const { A: a, C: c } = world.hospitals;
  const { y, generation, epoch, tag } = await tagAt(a.core);
  const other = await tagAt(a.core, '2000000000015');
  expect(patientTag(y, generation, epoch + 1)).not.toBe(tag);
  expect(epochMs).toBe(7 * day);
  expect(other.tag).not.toBe(tag);
  expect((await tagAt(c.core)).tag).toBe(tag);
  // no peer but the owner keeps what leads from its records back to a patient
  const stored = await c.core.records.tagStore.get({ tags: [tag] });
  expect(stored.records).toHaveLength(1);
});

test('lying-keeper: is blamed and replaced, and the find succeeds with the others', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const liar = memberOf(b);
  const { y } = await tagAt(a.core);
  const lies: [Lie, string][] = [
    ['generation', 'tags/generation'],
    ['garbage', 'cbor/malformed'],
    ['element', 'tags/proof'],
  ];
  const alarms = alarmsOf(c);
  for (const [lie, code] of lies) {
    evaluator.lie = lie;
    // the other keeper to be asked is drawn anew each time
    for (let i = 0; i < 60 && alarms.length === 0; i++) expect((await tagAt(c.core)).y).toEqual(y);
    expect(alarms.splice(0)).toMatchObject([{ kind: 'keeper', member: liar, code }]);
  }
  expect((await c.core.finder.find(query, doctor)).hospitals).toMatchObject([{ state: 'answered' }]);
  // who lied about its share is asked last from then on
  const { lies: told } = evaluator;
  for (let i = 0; i < 10; i++) expect((await tagAt(c.core)).y).toEqual(y);
  expect(evaluator.lies).toBe(told);

  // another asker meets the other lies
  const { D: d } = world.hospitals;
  const seen = alarmsOf(d);
  evaluator.lie = 'secret';
  for (let i = 0; i < 60 && seen.length === 0; i++) expect((await tagAt(d.core)).y).toEqual(y);
  expect(seen).toMatchObject([{ kind: 'keeper', member: liar, code: 'tags/proof' }]);
  evaluator.lie = undefined;
});

test('enumeration: runs into the meter of a keeper, which writes it down, while others go on', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const { M: m, N: n } = world.attackers;
  const key = b.core.members.rosters.membership().indexKey!;
  const point = unhex('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76');
  const ask = (who: typeof m, points: number) => {
    const blinded = Array.from({ length: points }, () => point);
    const request = evaluateRequest.encode({ key: key.id, generation: key.generation, blinded });
    return codeOf(who.ask(b, indexProtocol, request));
  };
  const before = await tagAt(c.core);
  evaluator.lie = 'nothing'; // the meter comes before the arithmetic, which would take a minute here
  let points = 0;
  let code = await ask(m, 256);
  for (; code === 'none' && points < 20_000; code = await ask(m, 256)) points += 256;
  expect(code).toBe('tags/over-quota');
  // t of n keepers must help: each gives t/n of what the federation grants
  expect(points).toBeGreaterThan(9_000);
  expect(points).toBeLessThanOrEqual(10_000);
  expect(b.lines.filter((line) => line.includes(m.member) && line.includes('"granted":false')).length).toBeGreaterThan(
    0,
  );
  expect(await ask(n, 256)).toBe('none');
  evaluator.lie = undefined;
  expect((await tagAt(c.core)).y).toEqual(before.y);
  // batches that are too large, and points that are none, never reach the meter
  expect(await ask(n, limits.evaluationPoints + 1)).toBe('field/invalid');
  const short = encodeCbor(
    new Map<string, unknown>([
      ['key', unhex(key.id)],
      ['generation', 1],
      ['blinded', []],
    ]),
  );
  expect(await codeOf(n.ask(b, indexProtocol, short))).toBe('field/invalid');
  expect((await a.core.advertising.patientTags.secret(nationalSystem, 'another')).y).toHaveLength(64);
});
