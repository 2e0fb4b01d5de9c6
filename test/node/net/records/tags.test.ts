// Advertisements over real sockets: stored near their tags, found, and what a storing or publishing peer may try.
import { afterEach, expect, test } from 'vitest';
import { TagStore, type TagStoreOptions } from '../../../../node/net/records/tag-store.ts';
import { Tags } from '../../../../node/net/records/tags.ts';
import { nativeVerify, systemClock, systemTimers } from '../../../../node/system/machine.ts';
import { encodeAdvert, lifetimes, type SizeClass } from '../../../../protocol/adverts/record.ts';
import { encodeTagsRequest, getReply, putReply, tagsProtocol } from '../../../../protocol/adverts/store-messages.ts';
import { hex } from '../../../../protocol/bytes.ts';
import { codeOfWire, type PeerError } from '../../../../protocol/errors.ts';
import { sha256 } from '../../../../protocol/hash.ts';
import { signer } from '../../../../protocol/identity.ts';
import { limits } from '../../../../protocol/limits.ts';
import { epochAt } from '../../../../protocol/tags/epoch.ts';
import { openDoors } from '../../../contract/network.ts';
import { type Hospital, hospital, memberOf, TestAuthority } from '../federation.ts';
import { MemoryKv } from '../memory-kv.ts';
import { introduce, loopbackPeer, seedOf } from '../worlds.ts';

interface Site extends Hospital {
  readonly kv: MemoryKv;
  readonly records: TagStore;
  readonly tags: Tags;
}

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

async function site(n: number, authority: TestAuthority, options: TagStoreOptions = {}): Promise<Site> {
  const base = await hospital(n, authority.rosters, loopbackPeer);
  running.push(base);
  const kv = new MemoryKv();
  const membership = () => base.exchange.membership();
  const parts = { network: base.network, membership, verify: nativeVerify, clock: systemClock };
  const records = new TagStore(options, { ...parts, records: kv, timers: systemTimers });
  await records.start();
  running.push(records);
  return { ...base, kv, records, tags: new Tags({}, { ...parts, store: records }) };
}

/** Three hospitals of a federation that know each other's addresses. */
async function three(options: TagStoreOptions = {}) {
  const authority = new TestAuthority(3);
  const [a, b, c] = await Promise.all([
    site(1, authority, options),
    site(2, authority, options),
    site(3, authority, options),
  ]);
  await introduce(a.network, b.network, c.network);
  return { authority, a, b, c };
}

const now = systemClock.now();
const epoch = epochAt(now);
const tagOf = (name: string) => hex(sha256(Buffer.from(name)));

interface Wanted {
  readonly tag?: string;
  readonly seq?: number;
  readonly incarnation?: number;
  readonly size?: SizeClass;
  readonly signedBy?: number;
  readonly state?: 'holds' | 'withdrawn';
}

/** Hospital n's record. */
function record(authority: TestAuthority, n: number, wanted: Wanted = {}): Uint8Array {
  const { tag = tagOf('patient'), seq = now, incarnation = 1, size = 1024, signedBy = n, state = 'holds' } = wanted;
  const sealed = state === 'holds' ? { sealed: new Uint8Array(size - 512).fill(seq & 255) } : {};
  const fields = {
    tag,
    epoch,
    generation: 1,
    member: memberOf(n),
    incarnation,
    seq,
    state,
    ...lifetimes(now, epoch),
    ...sealed,
  };
  return encodeAdvert(fields, size, authority.federation, signer(seedOf(signedBy)));
}

test('a record is stored on everybody and found by everybody, newest wins, a tombstone too', async () => {
  const { authority, a, b, c } = await three();
  const tag = tagOf('patient');
  expect(await a.tags.publish([{ tag, bytes: record(authority, 1) }])).toEqual([{ stored: 3, wanted: 3, errors: [] }]);
  await b.tags.publish([{ tag, bytes: record(authority, 2) }]);
  for (const each of [a, b, c]) {
    const found = await each.tags.lookUp([tag, tagOf('another')]);
    expect(found.records.map((one) => one.advert.member).sort()).toEqual([memberOf(1), memberOf(2)]);
    expect(found).toMatchObject({ unreachable: [], complete: true, blamed: [] });
  }
  await a.tags.publish([{ tag, bytes: record(authority, 1, { seq: now + 1, state: 'withdrawn' }) }]);
  const after = await c.tags.lookUp([tag]);
  expect(after.records.find((one) => one.advert.member === memberOf(1))?.advert.state).toBe('withdrawn');
  expect(c.kv.entries.size).toBe(2);
});

test('many records go out in batches, and a look-up of many pages comes back whole', async () => {
  const { authority, a, b } = await three();
  const records = Array.from({ length: 300 }, (_, i) => {
    const tag = tagOf(`patient ${i}`);
    return { tag, bytes: record(authority, 1, { tag, size: 65_536 }) };
  });
  const placed = await a.tags.publish(records);
  expect(placed.every((each) => each.stored === 3)).toBe(true);
  const found = await b.tags.lookUp(records.slice(0, 256).map((each) => each.tag));
  expect(found.records.length).toBe(256);
  expect(found.complete).toBe(true);
});

test('forged, misattributed, rolled-back, conflicting and odd-sized records are refused over the network', async () => {
  const { authority, a, b } = await three();
  const tag = tagOf('patient');
  const put = async (...records: Uint8Array[]) => {
    const body = encodeTagsRequest({ type: 'put', records });
    const reply = putReply.decode(await b.network.request(a.network.self, tagsProtocol, body));
    return reply.results.map((wire) => (wire === 0 ? 'stored' : codeOfWire(wire)));
  };
  const good = record(authority, 2, { seq: now });
  const altered = Uint8Array.from(good);
  altered[200]! ^= 1;
  const answers = await put(
    good,
    altered,
    record(authority, 1, { signedBy: 2 }), // in another's name
    record(authority, 9), // by nobody
    record(authority, 2, { seq: now - 1 }), // older
    record(authority, 2, { seq: now + 5, incarnation: 0 }), // from before a restore
    record(authority, 2, { seq: now, size: 4096 }), // the same version, other content
    good.subarray(0, 1000), // no size class
    good, // again
  );
  expect(answers).toEqual([
    'stored',
    'envelope/signature',
    'advert/not-member',
    'advert/not-member',
    'advert/superseded',
    'advert/superseded',
    'advert/conflict',
    'advert/size',
    'stored',
  ]);
  expect((await a.tags.lookUp([tag])).records.map((one) => one.advert.seq)).toEqual([now]);
});

test('a message larger than allowed is refused before it is read', async () => {
  const { a, b } = await three();
  const body = new Uint8Array(limits.advertMessageBytes * 2);
  const error = await b.network.request(a.network.self, tagsProtocol, body).catch((cause: PeerError) => cause);
  expect(error).toMatchObject({ code: 'net/too-large' });
});

test('a publisher over its quota is refused, others are not', async () => {
  const { authority, a, b, c } = await three({ quotaBytes: 3 * 1024 });
  const records = Array.from({ length: 5 }, (_, i) => ({
    tag: tagOf(`p${i}`),
    bytes: record(authority, 2, { tag: tagOf(`p${i}`) }),
  }));
  const placed = await b.tags.publish(records);
  expect(placed.map((each) => each.stored)).toEqual([3, 3, 3, 0, 0]);
  expect(placed[4]?.errors).toEqual(Array(3).fill('advert/over-quota'));
  expect(
    (await c.tags.publish([{ tag: tagOf('x'), bytes: record(authority, 3, { tag: tagOf('x') }) }]))[0]?.stored,
  ).toBe(3);
  // a new version of what is there takes no more room
  const newer = { tag: tagOf('p0'), bytes: record(authority, 2, { tag: tagOf('p0'), seq: now + 1 }) };
  expect((await b.tags.publish([newer]))[0]?.stored).toBe(3);
  // the count survives a restart
  await a.records.sweep();
  expect((await b.tags.publish([records[4]!]))[0]).toMatchObject({ stored: 0 });
});

test('who is no member can neither store nor look up', async () => {
  const { authority, a } = await three();
  const stranger = await loopbackPeer(9, openDoors);
  running.push(stranger);
  await introduce(stranger, a.network);
  for (const body of [
    encodeTagsRequest({ type: 'put', records: [record(authority, 9)] }),
    encodeTagsRequest({ type: 'get', tags: [tagOf('patient')] }),
  ]) {
    const error = await stranger.request(a.network.self, tagsProtocol, body).catch((cause: PeerError) => cause);
    expect(error).toMatchObject({ code: 'net/refused' });
  }
  expect(a.kv.entries.size).toBe(0);
});

test('a storing peer that serves an old record, or another tag, loses and is named', async () => {
  const authority = new TestAuthority(3);
  const [a, b] = await Promise.all([site(1, authority), site(2, authority)]);
  const liar = await loopbackPeer(3, openDoors);
  running.push(liar);
  await introduce(a.network, b.network, liar);
  const tag = tagOf('patient');
  const old = record(authority, 1, { seq: now - 1000 });
  const elsewhere = record(authority, 1, { tag: tagOf('another') });
  const altered = Uint8Array.from(record(authority, 1, { seq: now + 1000 }));
  altered[300]! ^= 1;
  liar.serve(tagsProtocol, async () => getReply.encode({ records: [old, elsewhere, altered] }));
  await a.tags.publish([{ tag, bytes: record(authority, 1, { seq: now }) }]);
  const found = await b.tags.lookUp([tag]);
  expect(found.records.map((one) => one.advert.seq)).toEqual([now]);
  expect(found.records[0]?.behind).toEqual([{ from: memberOf(3), version: { incarnation: 1, seq: now - 1000 } }]);
  expect(found.blamed).toEqual([
    { member: memberOf(3), code: 'advert/wrong-tag' },
    { member: memberOf(3), code: 'envelope/signature' },
  ]);
});

test('a look-up says who could not be reached and that it is not complete', async () => {
  const { authority, a, b, c } = await three();
  const tag = tagOf('patient');
  await c.tags.publish([{ tag, bytes: record(authority, 3) }]);
  await c.network.stop();
  const found = await a.tags.lookUp([tag]);
  expect(found).toMatchObject({ unreachable: [memberOf(3)], complete: false, blamed: [] });
  expect(found.records.map((one) => one.advert.member)).toEqual([memberOf(3)]); // from b, though c is off line
  expect((await b.tags.publish([{ tag, bytes: record(authority, 2) }]))[0]).toMatchObject({ stored: 2, wanted: 3 });
});

test('an expelled publisher is found no more and its records go with the next sweep', async () => {
  const { authority, a, b } = await three();
  const tag = tagOf('patient');
  await b.tags.publish([{ tag, bytes: record(authority, 2) }]);
  authority.expel(2);
  await a.exchange.takeFile({ rosters: authority.rosters, cards: [] });
  expect((await a.tags.lookUp([tag])).records).toEqual([]);
  await a.records.sweep();
  expect(a.kv.entries.size).toBe(0);
});
