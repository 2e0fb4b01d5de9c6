// The threat table's rows about reading what one was not granted: grants, requests, answers, summaries, replays. One
// owner (A), its members B and C, and members that misbehave, over real sockets.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeBulk } from '../../node/system/bulk.ts';
import { nativeSigner, nativeVerify, systemRandom } from '../../node/system/machine.ts';
import { decision, decisionKind } from '../../protocol/access/decision.ts';
import { accessProtocol } from '../../protocol/access/messages.ts';
import { objectsOf, receipt, receiptKind } from '../../protocol/access/receipt.ts';
import { digestOf, request, requestKind } from '../../protocol/access/request.ts';
import { reservedKinds } from '../../protocol/access/reserved-kinds.ts';
import { openSummaryReply } from '../../protocol/adverts/ask.ts';
import { verifyAdvert } from '../../protocol/adverts/record.ts';
import { hex, unhex } from '../../protocol/bytes.ts';
import { signEnvelope, verifyEnvelope } from '../../protocol/envelope.ts';
import { catalogue } from '../../protocol/errors.ts';
import { openAll } from '../../protocol/seal/opener.ts';
import { eventually } from '../node/hospitals.ts';
import { codeOf, memberOf } from './attacker.ts';
import { importAll, markedInstances, patient, reason, tagAt } from './marked.ts';
import { auditOf, startWorld, TestClock } from './world.ts';

const clock = new TestClock();
const hour = 3_600_000;
const day = 24 * hour;
const custodian = { name: 'Custodian A', role: 'custodian' } as const;
const doctor = { name: 'Dr. C', role: 'practitioner' } as const;
const instances = markedInstances(3, 30_000);
const asked = { value: patient.id };

const start = () =>
  startWorld({
    hospitals: {
      A: {
        parts: { clock },
        config: (config) => ({ ...config, policy: { autoGrant: [{ purpose: 'TREAT' as const }] } }),
      },
      B: {},
      C: {},
    },
    attackers: { M: 'hospital', N: 'hospital', Agency: 'agency', Relay: 'relay' },
  });
let world: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  world = await start();
  await importAll(world.hospitals.A.core, instances);
  await world.hospitals.A.core.advertising.advertiser.flush();
});
afterAll(() => world.stop());

/** Runs with the owner's clock put forward, or back. */
async function ahead<T>(ms: number, run: () => Promise<T>): Promise<T> {
  clock.aheadMs = ms;
  try {
    return await run();
  } finally {
    clock.aheadMs = 0;
  }
}

test("no-grant: no grant, another's, an expired or a revoked one bring nothing, the own one what was granted", async () => {
  const { A: a } = world.hospitals;
  const { M: m, N: n } = world.attackers;
  const { grant, keys } = await m.granted(a, asked);
  const codeFor = (who: typeof m, id: string) => codeOf(who.manifest(a, id));

  const manifest = m.openManifest(await m.manifest(a, grant.id), grant, keys);
  const [series] = manifest.series;
  const stream = await m.transfer(a, grant.id);
  const middle = await stream.object(1);
  const plain = openAll(middle, keys.series[0]!.key, nativeBulk);
  expect(Buffer.from(plain).subarray(series!.instances[1]!.datasetOffset).equals(instances[1]!.dataset)).toBe(true);
  expect(await codeOf(stream.object(99))).toBe('transfer/no-such-object');

  expect(await codeFor(m, hex(systemRandom(16)))).toBe('access/grant-unknown');
  expect(await codeFor(n, grant.id)).toBe('access/holder');
  expect(await ahead(31 * day, () => codeFor(m, grant.id))).toBe('access/expired');
  expect(await ahead(-30_000, () => codeFor(m, grant.id))).toBe('access/not-yet');
  expect(await codeFor(m, grant.id)).toBe('none');

  // revoked while it is used: the next object does not come
  expect((await stream.object(0)).length).toBeGreaterThan(30_000);
  await a.core.access.guard.revoke(grant.id, custodian);
  expect(await codeOf(stream.object(2))).toBe('access/revoked');
  expect(await codeFor(m, grant.id)).toBe('access/revoked');

  const transfers = (await auditOf(a)).filter(({ kind, grant: of }) => kind === 'transfer' && of === grant.id);
  expect(new Set(transfers.map(({ peer }) => peer))).toEqual(new Set([m.member]));
});

test('replay: a request that comes again, or from whom has not signed it, does nothing anew', async () => {
  const { A: a } = world.hospitals;
  const { M: m, N: n } = world.attackers;
  const crafted = await m.craft(a, asked);
  const first = await m.send(a, crafted);
  expect(m.opened(first).state).toBe('granted');
  const denied = async () => (await auditOf(a)).filter(({ outcome }) => outcome === 'denied');
  const done = async () => (await auditOf(a)).length - (await denied()).length;
  const [written, refused] = [await done(), (await denied()).length];
  const again = await m.send(a, crafted);
  expect(Buffer.from(again).equals(first)).toBe(true);
  expect(await done()).toBe(written);

  const { id } = crafted.value;
  expect(await codeOf(m.send(a, await m.craft(a, asked, { id, reason: 'another' })))).toBe('access/replayed');
  expect(await codeOf(n.send(a, await n.craft(a, asked, { id })))).toBe('access/replayed');
  expect(await codeOf(n.send(a, crafted))).toBe('envelope/signer');
  expect(await ahead(2 * hour, () => codeOf(m.send(a, crafted)))).toBe('access/expired');
  expect(await done()).toBe(written);
  const codes = (await denied()).slice(refused).map(({ code }) => code);
  expect(codes).toEqual(['access/replayed', 'access/replayed', 'access/expired']);
  expect(n.opened(await n.send(a, await n.craft(a, asked))).state).toBe('granted');
});

test('replay: a request for another member, in another name or federation, from another time is refused', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const { M: m, Agency: agency, Relay: relay } = world.attackers;
  const now = Date.now();
  const stranger = nativeSigner(systemRandom(32));
  const codeFor = async (...of: Parameters<typeof m.craft> extends [unknown, unknown, ...infer R] ? R : never) =>
    codeOf(m.send(a, await m.craft(a, asked, ...of)));

  expect(await codeFor({ to: memberOf(b) })).toBe('access/misaddressed');
  expect(await codeFor({ from: memberOf(c) })).toBe('envelope/signer');
  expect(await codeFor({}, stranger)).toBe('envelope/signer');
  expect(await codeFor({ issuedAt: now + 11 * 60_000, notAfter: now + hour })).toBe('access/clock');
  expect(await codeFor({ notAfter: now + 31 * day })).toBe('access/lifetime');
  expect(await codeFor({ issuedAt: now - 2 * hour, notAfter: now - hour })).toBe('access/expired');
  const sound = await m.craft(a, asked);
  const crit = signEnvelope(requestKind, request, { ...sound.value, crit: ['embargo'] }, m.federation, m.signer);
  expect(await codeOf(m.send(a, { envelope: crit }))).toBe('crit/unknown');
  const elsewhereSigned = signEnvelope(requestKind, request, sound.value, hex(systemRandom(32)), m.signer);
  expect(await codeOf(m.send(a, { envelope: elsewhereSigned }))).toBe('envelope/signature');
  const altered = Uint8Array.from(sound.envelope);
  altered[altered.length - 1]! ^= 1;
  expect(await codeOf(m.send(a, { envelope: altered }))).toBe('envelope/signature');
  // the patient was sealed for another request
  const moved = await m.craft(a, asked, { patient: sound.value.patient });
  expect(await codeOf(m.send(a, moved))).toBe('access/patient');

  // these are understood, and denied, or left to a person
  const answered = async (who: typeof m, ...of: Parameters<typeof m.craft>) => {
    const { state, code, grants } = who.opened(await who.send(a, await who.craft(...of)));
    return [state, code, grants?.length];
  };
  expect(await answered(m, a, asked, { refs: [hex(systemRandom(16))] })).toEqual(['denied', 'access/refs', undefined]);
  expect(await answered(m, a, { value: '2009999999991' })).toEqual(['denied', 'access/refs', undefined]);
  expect(await answered(agency, a, asked)).toEqual(['denied', 'access/no-rights', undefined]);
  expect(await answered(relay, a, asked)).toEqual(['denied', 'access/no-rights', undefined]);
  const kept = { issuedAt: now - hour, notAfter: now + hour };
  expect(await answered(m, a, asked, kept)).toEqual(['pending', 'access/stale', undefined]);
  const elsewhere = { ...asked, name: 'Altul^Cineva', birthDate: '19700101' };
  expect(await answered(m, a, elsewhere)).toEqual(['pending', 'access/demographics', undefined]);
  expect(await answered(m, a, asked)).toEqual(['granted', undefined, 1]);
});

test('replay: forged answers and receipts change nothing, only what their author brings counts', async () => {
  const { A: a, C: c } = world.hospitals;
  const { M: m } = world.attackers;
  const query = { member: 'A', patient: asked, refs: 'all' as const, purpose: 'PATRQT', reason };
  const { id, state } = await c.core.exchange.asking.create(query, doctor);
  expect(state).toBe('pending');
  const sent = verifyEnvelope(
    unhex(c.core.exchange.asking.get(id)!.envelope),
    requestKind,
    request,
    m.federation,
    nativeVerify,
  );
  const forged = {
    request: id,
    requestDigest: digestOf(sent),
    to: memberOf(c),
    state: 'denied' as const,
    code: 'access/denied',
    issuedAt: Date.now(),
  };
  const say = (to: typeof a, envelope: Uint8Array) => codeOf(m.ask(to, accessProtocol, envelope));
  const decide = (change: Partial<typeof forged>, by = m.signer) =>
    say(c, signEnvelope(decisionKind, decision, { ...forged, ...change }, m.federation, by));
  expect(await decide({})).toBe('envelope/signer');
  expect(await decide({}, nativeSigner(systemRandom(32)))).toBe('envelope/signer');
  expect(await decide({ request: hex(systemRandom(16)) })).toBe('access/request-unknown');
  expect(await decide({ requestDigest: hex(systemRandom(32)) })).toBe('access/mismatch');
  expect(await decide({ to: m.member })).toBe('access/misaddressed');
  expect(c.core.exchange.asking.get(id)?.asking.state).toBe('pending');
  await a.core.access.guard.approve(id, custodian);
  await eventually('the transfer is done', () => c.core.exchange.transfers.get(id)?.state === 'done');

  // receipts: for another's grant, for none, and for its own
  const { grant } = await m.granted(a, asked);
  const theirs = (await auditOf(a)).findLast(({ kind, peer }) => kind === 'transfer' && peer === memberOf(c))!.grant!;
  const { grant: ofC } = await a.core.access.grants.get(theirs);
  const receiptFor = ({ id: of, manifest }: Pick<typeof grant, 'id' | 'manifest'>) => {
    const value = { grant: of, manifest, owner: memberOf(a), objects: objectsOf([]), complete: true, at: Date.now() };
    return say(a, signEnvelope(receiptKind, receipt, value, m.federation, m.signer));
  };
  const receipts = async () =>
    (await auditOf(a)).filter((each) => each.kind === 'receipt' && each.peer === m.member).length;
  expect(await receiptFor(ofC)).toBe('envelope/signer');
  expect(await receiptFor({ ...grant, id: hex(systemRandom(16)) })).toBe('access/grant-unknown');
  expect(await receiptFor({ ...grant, manifest: hex(systemRandom(32)) })).toBe('access/mismatch');
  expect(await receipts()).toBe(0);
  expect(await receiptFor(grant)).toBe('none');
  expect(await receipts()).toBe(1);

  // what this version knows and does not act on, and what does not belong there
  const notice = {
    ...{ id, from: m.member, to: memberOf(a), manifest: grant.manifest },
    ...{ change: 'erased' as const, issuedAt: Date.now() },
  };
  expect(await say(a, signEnvelope('notice', reservedKinds.notice, notice, m.federation, m.signer))).toBe(
    'kind/unsupported',
  );
  expect(await say(a, signEnvelope('grant', reservedKinds.notice, notice, m.federation, m.signer))).toBe(
    'kind/unexpected',
  );
});

test('no-purpose: a summary is released to a hospital that says who asks, what for and why, once', async () => {
  const { A: a, B: b, C: c } = world.hospitals;
  const { M: m, N: n, Agency: agency, Relay: relay } = world.attackers;
  const { tag } = await tagAt(a.core);
  await eventually('B stores the record', async () => (await m.get(b, tag)).length === 1);
  const [record] = await m.get(b, tag);
  const advert = verifyAdvert(record!, m.federation, nativeVerify);
  const memberOfPeer = (peer: string) => a.core.members.federation.us().membership.memberOf(peer, Date.now())?.id;

  const sound = m.craftSummary(a, tag, { incarnation: advert.incarnation, seq: advert.seq });
  const reply = await m.summary(a, sound);
  const read = { reply, advert, federation: m.federation, memberOf: memberOfPeer, verify: nativeVerify };
  expect(openSummaryReply(read)?.studies).toMatchObject([{ instances: 3, modalities: ['CT'] }]);
  const released = async () =>
    (await auditOf(a)).filter(({ kind, outcome }) => kind === 'summary' && outcome === 'success').length;
  const before = await released();

  const now = Date.now();
  const codeFor = (...of: Parameters<typeof m.craftSummary> extends [unknown, unknown, ...infer R] ? R : never) =>
    codeOf(m.summary(a, m.craftSummary(a, tag, ...of)));
  expect(await codeOf(m.summary(a, sound))).toBe('advert/replayed');
  expect(await codeOf(n.summary(a, sound))).toBe('envelope/signer');
  expect(await codeFor({ purpose: '' })).toBe('advert/no-purpose');
  expect(await codeFor({ purpose: 'CURIOSITY' })).toBe('advert/no-purpose');
  expect(await codeFor({ reason: '  ' })).toBe('advert/no-purpose');
  expect(await codeFor({ practitioner: { name: ' ', role: 'practitioner' } })).toBe('advert/no-purpose');
  expect(await codeFor({ to: memberOf(b) })).toBe('advert/not-addressed');
  expect(await codeFor({ from: memberOf(c) })).toBe('envelope/signer');
  expect(await codeFor({}, nativeSigner(systemRandom(32)))).toBe('envelope/signer');
  expect(await codeFor({ issuedAt: now + 11 * 60_000 })).toBe('advert/request-time');
  expect(await codeFor({ issuedAt: now - 11 * 60_000 })).toBe('advert/request-time');
  expect(await codeFor({ notAfter: now + 2 * hour })).toBe('advert/request-time');
  const denied = async (who: typeof m, of = tag) => {
    const { state, code, key, record: made } = await who.summary(a, who.craftSummary(a, of));
    expect([state, key, made]).toEqual(['denied', undefined, undefined]);
    return code;
  };
  expect(await denied(m, hex(systemRandom(32)))).toBe(catalogue['access/refs'].wire);
  expect(await denied(agency)).toBe(catalogue['access/no-rights'].wire);
  expect(await denied(relay)).toBe(catalogue['access/no-rights'].wire);
  expect(await released()).toBe(before);
  expect((await m.summary(a, m.craftSummary(a, tag))).key).toEqual(reply.key);
  expect(await released()).toBe(before + 1);
  // what was denied is written down too, with who asked
  const denials = (await auditOf(a)).filter(({ kind, outcome }) => kind === 'summary' && outcome === 'denied');
  const looked = denials.filter(({ person }) => person !== undefined);
  expect(looked.map(({ peer }) => peer)).toEqual([m.member, agency.member, relay.member]);
  expect(new Set(denials.map(({ code }) => code))).toEqual(
    new Set([
      ...['advert/replayed', 'envelope/signer', 'advert/no-purpose', 'advert/not-addressed', 'advert/request-time'],
      undefined,
    ]),
  );
});
