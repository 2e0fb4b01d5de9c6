// The threat table's rows about what an owner shows: a source that lies, one object that is two images, an audit log that
// is rewritten.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeBulk } from '../../node/system/bulk.ts';
import { systemRandom } from '../../node/system/machine.ts';
import { concat } from '../../protocol/bytes.ts';
import { sealManifest } from '../../protocol/manifest/sealed-manifest.ts';
import { aadBytes, chunkNonce, encodeHeader, headerBytes } from '../../protocol/seal/header.ts';
import { commitmentOf, objectKey, seriesKey } from '../../protocol/seal/keys.ts';
import { objectIdOf } from '../../protocol/seal/object-id.ts';
import { eventually, type Hospital } from '../node/hospitals.ts';
import { memberOf } from './attacker.ts';
import { collide } from './gcm-collision.ts';
import { type Lies, LyingOwner, type Owned } from './lying-owner.ts';
import { importAll, markedInstances, patient, reason } from './marked.ts';
import { alarmsOf, startWorld } from './world.ts';

const doctor = { name: 'Dr. C', role: 'practitioner' } as const;
const instances = markedInstances(3, 600_000);
const { studyUid } = instances[0]!;

const start = () =>
  startWorld({
    hospitals: {
      A: { config: (config) => ({ ...config, policy: { autoGrant: [{ purpose: 'TREAT' as const }] } }) },
      B: {},
      C: { parts: { fetch: { backoffMs: { first: 10, most: 50 } } } },
    },
    attackers: { M: 'hospital' },
  });
let world: Awaited<ReturnType<typeof start>>;
let study: Owned;
let owner: LyingOwner;

beforeAll(async () => {
  world = await start();
  await importAll(world.hospitals.A.core, instances);
  study = await studyOf(world.hospitals.A);
  owner = new LyingOwner(world.attackers.M, study);
});
afterAll(() => world.stop());

/** A hospital's study with everything that opens it. */
async function studyOf({ core }: Hospital): Promise<Owned> {
  const record = core.store.index.study(studyUid)!;
  const { id: manifestId, bytes: manifest, key: manifestKey, manifest: content } = await core.manifests.cut(record);
  const { key } = await core.store.keys.own(record.id);
  const objects: { objectId: string; sealedLength: number; bytes: Uint8Array }[] = [];
  for (const { objectId, sealedLength } of content.series.flatMap((series) => series.instances)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of core.store.objects.read(objectId, 0, sealedLength)) pieces.push(piece);
    objects.push({ objectId, sealedLength, bytes: concat(...pieces) });
  }
  const series = content.series.map(({ uid, generation }) => ({
    uid,
    generation,
    key: seriesKey(key, uid, generation),
  }));
  return { manifestId, manifest, objects, keysFor: () => ({ manifestKey, series }) };
}

/** Asks a member for everything and waits for the end of the transfer; gives how it ended and whom it blamed. */
async function fetchFrom(member: string, { core, lines }: Hospital) {
  const from = lines.length;
  const query = { member, patient: { value: patient.id }, refs: 'all' as const, purpose: 'TREAT', reason };
  const { id } = await core.exchange.asking.create(query, doctor);
  await eventually('the transfer has ended', () => core.exchange.transfers.get(id)?.state !== 'running');
  const blames = lines.slice(from).filter((line) => line.includes('the source is blamed'));
  const blamed = blames.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as { peer: string; code: string });
  expect(blamed.every(({ peer }) => peer === world.attackers.M.peerId)).toBe(true);
  const { state, code } = core.exchange.transfers.get(id)!;
  return { state, code, blamed: blamed.map((each) => each.code) };
}

/** The plain data sets of what a hospital holds of the study. */
async function held({ core }: Hospital): Promise<(Buffer | undefined)[]> {
  const reader = core.store.index.study(studyUid) && (await core.access.guard.view(studyUid, doctor, 'view'));
  return Promise.all(
    instances.map(async ({ sopInstanceUid }) => {
      const copy = await core.store.index.instance(sopInstanceUid);
      if (copy === undefined || reader === undefined) return undefined;
      const parts: Uint8Array[] = [];
      for await (const part of reader.read(copy, copy.datasetOffset)) parts.push(part);
      return Buffer.concat(parts);
    }),
  );
}

/** One bit of a byte in the second chunk, or where it says. */
const flip = (bytes: Uint8Array, at = headerBytes + 300_000) => {
  bytes[at]! ^= 1;
  return bytes;
};

test('lying-source: wrong bytes, another object, a wrong length or manifest are caught, blamed and kept nowhere', async () => {
  const { C: c } = world.hospitals;
  const caught = async (lies: Lies) => {
    owner.lies = lies;
    const outcome = await fetchFrom('M', c);
    // whatever is there is right, and the object that was lied about is not
    const there = await held(c);
    for (const [i, dataset] of there.entries())
      expect(dataset === undefined || dataset.equals(instances[i]!.dataset)).toBe(true);
    expect(there[1]).toBeUndefined();
    return outcome;
  };
  const twice = {
    state: 'failed',
    code: 'transfer/lying-source',
    blamed: ['transfer/bad-chunk', 'transfer/lying-source'],
  };
  const second = (change: (bytes: Uint8Array) => Uint8Array): Lies => ({
    bytes: (index, bytes) => (index === 1 ? change(bytes) : bytes),
  });
  expect(await caught(second((bytes) => flip(bytes)))).toEqual(twice);
  expect(await caught(second((bytes) => flip(bytes, 20)))).toEqual(twice);
  expect(await caught(second((bytes) => flip(bytes, bytes.length - 1)))).toEqual(twice);
  // sealed by the same keys, every chunk sound, but not the one that was asked for
  expect(await caught(second(() => study.objects[0]!.bytes))).toEqual(twice);
  const outOfPlace = { state: 'failed', code: 'transfer/unexpected', blamed: ['transfer/unexpected'] };
  expect(await caught({ length: (index, length) => (index === 1 ? length + 100 : length) })).toEqual(outOfPlace);
  expect(await caught({ length: (index, length) => (index === 1 ? length - 100 : length) })).toEqual(outOfPlace);
  const other = { state: 'failed', code: 'transfer/manifest', blamed: ['transfer/manifest'] };
  expect(await caught({ manifest: (bytes) => flip(bytes.slice(), 200) })).toEqual(other);

  // one slip is forgiven: blamed, asked for once more, and right in the end
  let slips = 0;
  owner.lies = { bytes: (index, bytes) => (index === 1 && slips++ === 0 ? flip(bytes) : bytes) };
  expect(await fetchFrom('M', c)).toEqual({ state: 'done', code: undefined, blamed: ['transfer/bad-chunk'] });
  expect((await held(c)).map((dataset, i) => dataset?.equals(instances[i]!.dataset))).toEqual([true, true, true]);
  owner.lies = {};
  expect(await fetchFrom('M', c)).toEqual({ state: 'done', code: undefined, blamed: [] });
});

test('two-faces: an object opens under the key that it commits to and under no other', async () => {
  const { A: a, B: b } = world.hospitals;
  const { core } = a;
  const { manifest, key: manifestKey } = await core.manifests.cut(core.store.index.study(studyUid)!);
  const [series] = manifest.series;
  const { uid, generation } = series!;
  // one ciphertext that GCM opens under both keys, as two different images
  const [shown, hidden] = [systemRandom(32), systemRandom(32)];
  const salt = systemRandom(32);
  const keys = [objectKey(shown, salt), objectKey(hidden, salt)] as const;
  const header = encodeHeader({
    ...{ log2ChunkSize: 18, encoding: 0, salt },
    ...{ commitment: commitmentOf(keys[0]), plainLength: 16 },
  });
  const aad = header.subarray(0, aadBytes);
  const chunk = collide(...keys, chunkNonce(0, true), aad);
  const images = keys.map((key) => nativeBulk.gcm(key).open(chunkNonce(0, true), aad, chunk));
  expect(images[0]).toHaveLength(16);
  expect(images[1]).toHaveLength(16);
  expect(images[0]).not.toEqual(images[1]);

  const bytes = concat(header, chunk);
  const object = { objectId: objectIdOf(header, nativeBulk.blake3(chunk), nativeBulk), sealedLength: bytes.length };
  const { digest: _, ...instance } = series!.instances[0]!;
  const forged = { ...instance, ...object, plainLength: 16, datasetOffset: 0 };
  const made = sealManifest(
    { ...manifest, series: [{ ...series!, instances: [forged] }] },
    { key: manifestKey, salt: systemRandom(32) },
    { bulk: nativeBulk },
  );
  const honest = memberOf(b);
  owner.study = {
    manifestId: made.id,
    manifest: made.bytes,
    objects: [{ ...object, bytes }],
    keysFor: (holder) => ({ manifestKey, series: [{ uid, generation, key: holder === honest ? shown : hidden }] }),
  };
  expect(await fetchFrom('M', b)).toMatchObject({ state: 'done', blamed: [] });
  const copy = (await b.core.store.index.instance(instance.sopInstanceUid))!;
  expect(copy.objectId).toBe(object.objectId);
  const blamed = ['transfer/bad-chunk', 'transfer/lying-source'];
  expect(await fetchFrom('M', a)).toEqual({ state: 'failed', code: 'transfer/lying-source', blamed });
  owner.study = study;
});

test('rewritten-log: a member that saw an earlier head notices, and is not alarmed by an honest log', async () => {
  const { B: b } = world.hospitals;
  const alarms = alarmsOf(b);
  const copy = join(world.hospitals.A.dir, 'audit-then');
  const askAgain = async () => {
    const seen = await b.core.audit.heads.size(memberOf(world.hospitals.A));
    await eventually('both are connected', () =>
      b.core.members.network.connected().includes(world.hospitals.A.core.peerId),
    );
    expect(await fetchFrom('A', b)).toMatchObject({ state: 'done' });
    return seen;
  };
  await world.restart('A', (dir) => cp(join(dir, 'audit'), copy, { recursive: true }));
  expect(await askAgain()).toBe(0);
  const first = await b.core.audit.heads.size(memberOf(world.hospitals.A));
  expect(first).toBeGreaterThan(0);
  await world.restart('A');
  expect(await askAgain()).toBe(first);
  expect(await b.core.audit.heads.size(memberOf(world.hospitals.A))).toBeGreaterThan(first);
  const forks = () => alarms.filter(({ kind }) => kind === 'audit-forked');
  expect(forks()).toEqual([]);

  // the log as it was before anybody had asked, gone on with from there
  await world.restart('A', async (dir) => {
    await rm(join(dir, 'audit'), { recursive: true });
    await cp(copy, join(dir, 'audit'), { recursive: true });
  });
  await askAgain();
  expect(forks()).toMatchObject([{ member: memberOf(world.hospitals.A) }]);
});
