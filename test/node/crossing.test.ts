import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../../node/access/roles.ts';
import { importFile } from '../../node/exchange/import/from-file.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { eventually, type Hospital, initHospital, startFederation, startHospital } from './hospitals.ts';
import { rowsOf } from './stores.ts';

const patient = { id: '2000000010005', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const doctor: Principal = { name: 'Dr. C', role: 'practitioner' };
const custodian: Principal = { name: 'Custodian A', role: 'custodian' };
let world: Awaited<ReturnType<typeof startFederation>>;
let a: Hospital;
let c: Hospital;

beforeAll(async () => {
  world = await startFederation(['A', 'B', 'C']);
  [a, , c] = world.hospitals as [Hospital, Hospital, Hospital];
});
afterAll(() => world.stop());

async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

it('a study crosses the network: found by its patient, asked for, granted, there to the byte', async () => {
  const instances = [...markedStudy({ seed: 1, patient, instances: 12, bytesEach: 600_000 })];
  for (const each of instances) await importFile(a.core.imports.importer, whole(each.part10), 'test');
  const query = { value: patient.id, purpose: 'TREAT', reason: 'follow-up' };
  await eventually('the patient is found', async () => {
    const { hospitals } = await c.core.finder.find(query, doctor);
    return hospitals.some((each) => each.state === 'answered' && each.studies[0]?.instances === 12);
  });
  const asked = {
    member: 'A',
    patient: { value: patient.id },
    refs: 'all' as const,
    purpose: 'TREAT',
    reason: 'follow-up',
  };
  const { id, state } = await c.core.exchange.asking.create(asked, doctor);
  expect(state).toBe('pending');
  expect(await rowsOf(a.core.access.guard.requests)).toMatchObject([{ id, practitioner: doctor }]);
  expect(await a.core.access.guard.approve(id, custodian)).toEqual({ id, state: 'granted' });
  await eventually('the transfer is done', () => c.core.exchange.transfers.get(id)?.state === 'done');
  for (const each of instances) {
    const copy = (await c.core.store.index.instance(each.sopInstanceUid))!;
    const reader = await c.core.access.guard.view(each.studyUid, doctor, 'view');
    const parts: Uint8Array[] = [];
    for await (const part of reader.read(copy, copy.datasetOffset)) parts.push(part);
    expect(Buffer.concat(parts).equals(each.dataset)).toBe(true);
  }
  await eventually('the receipt is there', async () => {
    for await (const { entry } of a.core.audit.trail.entries()) if (entry?.kind === 'receipt') return true;
    return false;
  });
  for (const { core } of world.hospitals) expect(await core.audit.trail.verify()).toMatchObject({ ok: true });
  expect(c.core.exchange.asking.get(id)?.asking.state).toBe('done');
  expect(c.core.exchange.asking.get(id)?.secret).toBeUndefined();
});

it('a request to a hospital that is off line waits for it, and gets its answer', async () => {
  const [instance] = [...markedStudy({ seed: 2, patient, instances: 1, bytesEach: 50_000 })];
  const b = world.hospitals[1]!;
  await importFile(b.core.imports.importer, whole(instance!.part10), 'test');
  const query = { value: patient.id, purpose: 'TREAT', reason: 'follow-up' };
  const seen = async () => (await c.core.finder.find(query, doctor)).hospitals.find((each) => each.name === 'B');
  await eventually('B is found', async () => (await seen())?.state === 'answered');
  await b.stop();
  expect(await seen()).toMatchObject({ state: 'offline', online: false, studies: [] });
  expect(await c.core.finder.find(query, doctor)).toMatchObject({ complete: false });
  const asked = {
    member: 'B',
    patient: { value: patient.id },
    refs: 'all' as const,
    purpose: 'ETREAT',
    reason: 'stroke',
  };
  const { id, state } = await c.core.exchange.asking.create(asked, doctor);
  expect(state).toBe('queued');
  world.hospitals[1] = await startHospital(b.dir);
  // an emergency that is no longer fresh would wait for a person; this one is minutes old at most
  await eventually('B has granted it', () => c.core.exchange.transfers.get(id)?.state === 'done');
  expect(await c.core.store.index.instance(instance!.sopInstanceUid)).toBeDefined();
});

it('what came in before joining, or just before a crash, is found', async () => {
  const made = await initHospital('D');
  let d = await startHospital(made.dir);
  const other = { ...patient, id: '2000000010016' };
  const [first, second] = [...markedStudy({ seed: 3, patient: other, instances: 2, bytesEach: 20_000 })];
  await importFile(d.core.imports.importer, whole(first!.part10), 'before joining');
  const bundle = world.authority.admit([made.joinRequest]);
  await d.core.members.federation.join(bundle);
  const query = { value: other.id, purpose: 'TREAT', reason: 'transfer' };
  const instances = async () => (await c.core.finder.find(query, doctor)).hospitals[0]?.studies[0]?.instances;
  await eventually('D is found', async () => (await instances()) === 1);
  await importFile(d.core.imports.importer, whole(second!.part10), 'just before a crash');
  await d.stop(); // what waits to be published is gone with the process
  d = await startHospital(made.dir);
  world.hospitals.push(d);
  await eventually('the second one is told too', async () => (await instances()) === 2);
});

it('what is added after a grant has ended is under keys that its holder never had', async () => {
  const someone = { ...patient, id: '2000000000026' };
  const [first, second] = [...markedStudy({ seed: 4, patient: someone, instances: 2, bytesEach: 20_000 })];
  await importFile(a.core.imports.importer, whole(first!.part10), 'test');
  const query = { value: someone.id, purpose: 'TREAT', reason: 'x' };
  await eventually('it is found', async () => (await c.core.finder.find(query, doctor)).hospitals.length === 1);
  const asked = { member: 'A', patient: { value: someone.id }, refs: 'all' as const, purpose: 'ETREAT', reason: 'x' };
  const { id } = await c.core.exchange.asking.create(asked, doctor);
  await eventually('it is there', () => c.core.exchange.transfers.get(id)?.state === 'done');
  const [granted] = (await rowsOf(a.core.access.guard.requests)).filter((each) => each.id === id);
  const { owning } = granted!;
  if (owning.state !== 'granted') throw new Error(`it is ${owning.state}`);
  await a.core.access.guard.revoke(owning.grants[0]!, custodian);
  await importFile(a.core.imports.importer, whole(second!.part10), 'test');
  expect((await a.core.store.index.instance(first!.sopInstanceUid))!.generation).toBe(1);
  expect((await a.core.store.index.instance(second!.sopInstanceUid))!.generation).toBe(2);
});
