// A study takes no more series and instances than can be shown and granted: what is too much is refused by a code, and
// changes nothing.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeInto } from '../../../../node/exchange/import/from-dimse.ts';
import { importFile } from '../../../../node/exchange/import/from-file.ts';
import { Manifests } from '../../../../node/manifests/manifests.ts';
import { seriesWrite } from '../../../../node/store/index-rows.ts';
import { Events } from '../../../../node/system/events.ts';
import { systemRandom } from '../../../../node/system/machine.ts';
import { catalogue, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { markedStudy, type SyntheticInstance } from '../../../../sim/studies/studies.ts';
import { recordingLog } from '../../hospitals.ts';
import { freshDir, openStores, removeDir, rowsOf, type Stores } from '../../stores.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const instances = [...markedStudy({ seed: 1, patient, instances: 4, bytesEach: 20_000 })];
const [first, second, third] = instances as [SyntheticInstance, SyntheticInstance, SyntheticInstance];

let dir: string;
let stores: Stores;

beforeEach(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
});
afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const take = ({ part10 }: SyntheticInstance, to = stores) => importFile(to.importer, whole(part10), 'test');
const study = () => stores.index.study(first.studyUid)!;
const full = { outcome: 'refused', reason: 'import/study-full' };

/** The study says that it has so many instances, or series. */
async function pretend({ count = 1, series = 1 }): Promise<void> {
  const { id, series: known } = study();
  const [own] = known;
  const more = Array.from({ length: series - 1 }, (_, i) => ({ ...own!, uid: `1.2.${i}`, order: i + 1 }));
  await stores.kv.commit([{ ...own!, instances: count }, ...more].map((each) => seriesWrite(id, each)));
  await stores.close();
  stores = await openStores(dir);
}

/** Everything that is kept, by name. */
const kept = async () => (await readdir(join(dir, 'objects'), { recursive: true })).sort();

it('takes as many instances as a manifest may have, and none beyond', async () => {
  await take(first);
  await pretend({ count: limits.manifestInstances - 1 });
  const before = await kept();
  expect(await take(second)).toEqual({ outcome: 'imported', study: first.studyUid });
  expect(await take(third)).toEqual(full);
  expect(await take(second)).toMatchObject({ outcome: 'duplicate' });
  expect(study().series[0]!.instances).toBe(limits.manifestInstances);
  expect(await stores.index.instance(third.sopInstanceUid)).toBeUndefined();
  expect(await rowsOf(stores.aside)).toEqual([]);
  expect(await kept()).toEqual(before);
});

it('takes as many series as a grant has keys for, and none beyond; instances of those that are there come in', async () => {
  await take(first);
  await pretend({ series: limits.studySeries });
  const other = Buffer.from(third.part10);
  const at = other.indexOf(third.seriesUid);
  other.write(String(9 - Number(third.seriesUid.at(-1))), at + third.seriesUid.length - 1);
  expect(await importFile(stores.importer, whole(other), 'test')).toEqual(full);
  expect(study().series).toHaveLength(limits.studySeries);
  expect(await take(second)).toMatchObject({ outcome: 'imported' });
});

it('tells several at once, of which only some fit', async () => {
  await take(first);
  await pretend({ count: limits.manifestInstances - 1 });
  const results = await Promise.all(instances.slice(1).map((each) => take(each)));
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['imported', 'refused', 'refused']);
});

it('leaves no file of a large one', async () => {
  const [large, more] = [...markedStudy({ seed: 2, patient, instances: 2, bytesEach: 3_000_000 })];
  await take(large!);
  const { id, series } = stores.index.study(large!.studyUid)!;
  await stores.kv.commit([seriesWrite(id, { ...series[0]!, instances: limits.manifestInstances })]);
  await stores.close();
  stores = await openStores(dir);
  const before = (await kept()).filter((name) => /[0-9a-f]{64}/.test(name));
  expect(await take(more!)).toEqual(full);
  expect((await kept()).filter((name) => /[0-9a-f]{64}/.test(name))).toEqual(before);
  expect(await stores.objects.partials()).toEqual([]);
});

it('lets a person replace an instance in a full study, and keeps a study as it is that was larger already', async () => {
  await take(first);
  await pretend({ count: limits.manifestInstances + 5 });
  const { objectId } = (await stores.index.instance(first.sopInstanceUid))!;
  const other = Buffer.from(first.dataset);
  other[other.length - 1]! ^= 1;
  const { transferSyntax } = first;
  const incoming = await stores.importer.open({ transferSyntax, from: 'test', replaces: objectId });
  await incoming.write(other);
  expect(await incoming.finish()).toMatchObject({ outcome: 'imported' });
  expect(await take(second)).toEqual(full);
});

it('is told to a scanner as out of resources', async () => {
  await take(first);
  await pretend({ count: limits.manifestInstances });
  const { sopClassUid, sopInstanceUid, transferSyntax, dataset } = second;
  const open = storeInto(stores.importer, new Events({ log: recordingLog([]), process: false }));
  const about = { sopClassUid, sopInstanceUid, transferSyntax, callingAe: 'CT1', calledAe: 'US', remoteAddress: '::1' };
  const sink = await open(about as Parameters<typeof open>[0]);
  await sink.write(dataset);
  const refused = await Promise.resolve(sink.finish()).catch((error: PeerError) => error);
  expect(refused).toBeInstanceOf(PeerError);
  expect((refused as PeerError).code).toBe('import/study-full');
  expect(catalogue['import/study-full'].dimse).toBe(0xa700);
});

it('keeps a copy aside that is too much, since nobody would send it again', async () => {
  await take(first);
  const others = await freshDir();
  const owner = await openStores(others);
  await take(second, owner);
  await pretend({ count: limits.manifestInstances });
  const manifests = new Manifests({ ...owner, bucket: owner.kv.bucket('manifest'), random: systemRandom });
  const { manifest } = await manifests.cut(owner.index.study(first.studyUid)!);
  const [series] = manifest.series;
  const [instance] = series!.instances;
  const reader = await owner.objects.reader(instance!.objectId);
  const file = await stores.objects.partial(`${'ab'.repeat(8)}-1`);
  await file.append([await reader.read(0, instance!.sealedLength)]);
  await reader.close();
  const record = (await owner.index.instance(second.sopInstanceUid))!;
  const keys = [{ uid: series!.uid, generation: series!.generation, key: await owner.keys.seriesKey(record) }];
  const whose = { system: 'urn:dicomnet:id:md:idnp', value: patient.id, status: 'unchecked' as const };
  const copies = { source: 'ab'.repeat(16), patient: whose, studyUid: first.studyUid, keys };
  await stores.importer.adopt(copies, [{ series: series!, instance: instance!, file }]);
  expect(await rowsOf(stores.aside)).toMatchObject([
    { kind: 'conflict', reason: 'import/study-full', objectId: instance!.objectId },
  ]);
  expect(await stores.objects.has(instance!.objectId)).toBe(true);
  expect(study().series[0]!.instances).toBe(limits.manifestInstances);
  await owner.close();
  await removeDir(others);
});
