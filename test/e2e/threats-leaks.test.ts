// Nothing readable leaves or lies about: a patient made of marks is imported, found, asked for, granted and transferred
// between whole peers, and the marks are looked for in everything that the line, the disks and the logs got.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Network } from '../../node/net/network.ts';
import { type RunningPeer, startPeer } from '../../node/peer.ts';
import { openData, ownKeys } from '../../node/setup/data-folder.ts';
import { createData } from '../../node/setup/init.ts';
import type { PeerError } from '../../protocol/errors.ts';
import { eventually, initHospital, recordingLog, TestAuthority } from '../node/hospitals.ts';
import { removeDir } from '../node/stores.ts';
import { importAll, keyMarks, markedInstances, patient, query, readableMarks, reason, tagAt } from './marked.ts';
import { type Heard, recordingNetwork } from './recording-network.ts';
import { RecordingRelay } from './relay.ts';
import { Scanner } from './scanner.ts';
import { startWorld } from './world.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

interface Whole extends RunningPeer {
  readonly dir: string;
  readonly lines: string[];
  readonly relay: RecordingRelay;
  /** Calls the peer's HTTP API as its administrator; gives the status and the body. */
  call(method: string, path: string, body?: object | Uint8Array): Promise<{ status: number; text: string }>;
}

/** A made peer, started with everything it has; others reach it through a relay only. */
async function startWhole(made: { dir: string; relay: RecordingRelay }): Promise<Whole> {
  const lines: string[] = [];
  const peer = await startPeer(made.dir, recordingLog(lines));
  const token = (await readFile(join(made.dir, 'token'), 'utf8')).trim();
  const call: Whole['call'] = async (method, path, body) => {
    const raw = body instanceof Uint8Array;
    const type = raw ? 'application/dicom' : 'application/json';
    const response = await fetch(`http://127.0.0.1:${peer.ports.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: raw ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
  return { ...peer, ...made, lines, call };
}

async function wholeFederation(names: readonly string[]): Promise<Whole[]> {
  const made = await Promise.all(
    names.map(async (name) => {
      let relay: RecordingRelay | undefined;
      const { dir, joinRequest } = await initHospital(name, async (port) => {
        relay = await RecordingRelay.open(port);
        return [`/ip4/127.0.0.1/tcp/${relay.port}`];
      });
      cleanUp.push(
        () => removeDir(dir),
        () => relay!.close(),
      );
      return { dir, joinRequest, relay: relay! };
    }),
  );
  const authority = new TestAuthority('Test');
  authority.admit(made.map((each) => each.joinRequest));
  const bundle = authority.keepers(2);
  const peers: Whole[] = [];
  for (const each of made) {
    const peer = await startWhole(each);
    cleanUp.push(() => peer.stop());
    peers.push(peer);
  }
  for (const { core } of peers) await core.members.federation.join(bundle);
  return peers;
}

test('harvest: a study crosses and leaves no mark on the wire, on disks, in logs or figures', async () => {
  const [a, b, c] = (await wholeFederation(['A', 'B', 'C'])) as [Whole, Whole, Whole];
  const all = [a, b, c];
  const instances = markedInstances(3, 60_000);
  const { studyUid } = instances[0]!;
  for (const { part10 } of instances) expect((await a.call('POST', '/api/v1/import', part10)).status).toBe(200);
  // what fails must not tell either: a file cut short, one of somebody else's study, calls that are not right
  await a.call('POST', '/api/v1/import', instances[0]!.part10.subarray(0, 900));
  await a.call('POST', '/api/v1/import', Buffer.concat([instances[1]!.part10, Buffer.from('more')]));
  const { purpose } = query;
  const demographics = { value: patient.id, name: patient.name, birthDate: patient.birthDate };
  const ask = { member: 'A', patient: demographics, refs: 'all', purpose, reason };
  for (const { call } of all) {
    const failing = [
      call('POST', '/api/v1/find', { ...query, purpose: patient.name }),
      call('POST', '/api/v1/find', { ...query, value: `${patient.name}\u0000` }),
      call('GET', `/dicom-web/studies?PatientID=${patient.id}&PatientName=${encodeURIComponent(patient.name)}`),
      call('GET', `/dicom-web/studies/${studyUid}/nothing`),
      call('POST', '/api/v1/requests', { ...ask, member: patient.name }),
    ];
    const statuses = (await Promise.all(failing)).map(({ status }) => status);
    expect(statuses).toEqual([400, 400, expect.toBeOneOf([200, 204]), 404, 403]);
  }

  await eventually('the study is found', async () => {
    const { hospitals } = JSON.parse((await c.call('POST', '/api/v1/find', query)).text) as {
      hospitals: { studies: { instances: number }[] }[];
    };
    return hospitals[0]?.studies[0]?.instances === 3;
  });
  const { id } = JSON.parse((await c.call('POST', '/api/v1/requests', ask)).text) as { id: string };
  await eventually('the request is there', async () => (await a.call('GET', '/api/v1/requests')).text.includes(id));
  expect((await a.call('POST', `/api/v1/requests/${id}/approve`)).text).toContain('granted');
  await eventually('the transfer is done', () => c.core.exchange.transfers.get(id)?.state === 'done');
  await eventually('the receipt is written down', async () =>
    (await a.call('GET', '/api/v1/audit')).text.includes('receipt'),
  );

  const marks = readableMarks(instances);
  const keys = await keyMarks(a.core, instances[0]!);
  const { y, tag } = await tagAt(a.core);
  const { key: summary } = (await a.core.advertising.advertiser.publication(tag))!;
  const scanner = new Scanner({
    ...marks,
    ...keys,
    'tag secret': y,
    'summary key': Buffer.from(summary!, 'hex'),
    reason,
  });

  // the scanner sees what is there: in the plain study as C gives it out, and planted among C's sealed objects
  const view = await c.core.access.guard.view(studyUid, { name: 'Dr. C', role: 'practitioner' }, 'export');
  const copy = (await c.core.store.index.instance(instances[2]!.sopInstanceUid))!;
  const plain: Uint8Array[] = [];
  for await (const piece of view.read(copy, 0)) plain.push(piece);
  const readable = Object.keys(marks).filter((name) => !/instance UID [01]$/.test(name));
  expect(scanner.find(Buffer.concat(plain)).sort()).toEqual(readable.sort());
  const planted = join(c.dir, 'objects', `planted-${instances[0]!.sopInstanceUid}`);
  await writeFile(planted, `x${Buffer.from(keys['study key']).toString('base64')}`);
  expect((await scanner.findInFolder(c.dir)).map((each) => each.split(': ')[1]).sort()).toEqual([
    'SOP instance UID 0',
    'study key',
  ]);
  await rm(planted);

  for (const { dir, lines, relay, core, call } of all) {
    expect(await scanner.findInFolder(dir)).toEqual([]);
    expect(lines.join('\n')).toContain('a roster is in force');
    expect(scanner.find(lines.join('\n'))).toEqual([]);
    const figures = (await call('GET', '/metrics')).text;
    expect(figures).toContain('dicomnet_');
    expect(scanner.find(figures)).toEqual([]);
    const { records } = await core.records.tagStore.get({ tags: [tag] });
    expect(records).toHaveLength(1);
    expect(scanner.find(records[0]!)).toEqual([]);
    expect(scanner.find(Buffer.concat(relay.recorded))).toEqual([]);
  }
  // and the relays had everything: the study's bytes passed, and without them nobody is connected
  const sent = all.reduce((sum, { relay }) => sum + Buffer.concat(relay.recorded).length, 0);
  expect(sent).toBeGreaterThan(3 * 60_000);
  for (const { relay } of all) await relay.close();
  await eventually('all is silent', () => all.every(({ core }) => core.members.network.connected().length === 0));
});

test('harvest: inside the encrypted connections the patient is sealed too, from keepers and storing peers altogether', async () => {
  const heard: Heard[] = [];
  const recorded = { network: (real: Network) => recordingNetwork(real, heard) };
  // B is a keeper whom both need, and stores the record
  const keepers = { t: 2, of: ['A', 'B'] as const };
  const world = await startWorld({ hospitals: { A: recorded, B: recorded, C: recorded }, keepers });
  cleanUp.push(() => world.stop());
  const { A, B, C } = world.hospitals;
  const [a, b, c] = [A.core, B.core, C.core];
  const instances = markedInstances(2, 60_000);
  await importAll(a, instances);
  await a.advertising.advertiser.flush();
  const doctor = { name: 'Dr. Cosmina', role: 'practitioner' } as const;
  await eventually('the study is found', async () => {
    const { hospitals } = await c.finder.find(query, doctor);
    return hospitals[0]?.studies[0]?.instances === 2;
  });
  const { value, purpose } = query;
  const demographics = { value, name: patient.name, birthDate: patient.birthDate };
  const { id } = await c.exchange.asking.create(
    { member: 'A', patient: demographics, refs: 'all', purpose, reason },
    doctor,
  );
  await a.access.guard.approve(id, { name: 'Custodian', role: 'custodian' });
  await eventually('the transfer is done', () => c.exchange.transfers.get(id)?.state === 'done');

  const between = (...peers: string[]) =>
    heard.filter(({ from, to }) => peers.includes(from) && peers.includes(to)).map(({ bytes }) => bytes);
  const ofAAndC = Buffer.concat(between(a.peerId, c.peerId));
  // the recorder sees what the two say to each other, and who does not take part sees less
  expect(ofAAndC.length).toBeGreaterThan(2 * 60_000);
  expect(new Scanner({ reason }).find(ofAAndC)).toEqual(['reason']);
  const sealed = new Scanner({ ...readableMarks(instances), ...(await keyMarks(a, instances[0]!)) });
  expect(sealed.find(ofAAndC)).toEqual([]);
  const withB = heard.filter(({ from, to }) => [from, to].includes(b.peerId));
  expect(new Set(withB.map(({ protocol }) => protocol))).toContain('/dicomnet/index/1');
  expect(new Set(withB.map(({ protocol }) => protocol))).toContain('/dicomnet/tags/1');
  const { y } = await tagAt(a);
  const forB = new Scanner({ ...readableMarks(instances), 'tag secret': y, reason, doctor: doctor.name });
  expect(forB.find(Buffer.concat(withB.map(({ bytes }) => bytes)))).toEqual([]);
  // of a size that says nothing: what B stores is one of the four classes
  const stored = await b.records.tagStore.get({ tags: [(await tagAt(a)).tag] });
  expect(stored.records.map((record) => record.length)).toEqual([1024]);
});

test('harvest: without the passphrase the keys of a stolen data folder stay closed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dicomnet-thief-'));
  cleanUp.push(() => removeDir(dir));
  const passphrase = 'patru cuvinte lungi ușoare';
  const { password } = await createData(dir, { name: 'A', country: 'MD' }, passphrase);
  const opened = await openData(dir, passphrase);
  const { seed, box, audit } = await ownKeys(opened.kv);
  await opened.kv.close();
  const codeOf = (given: string | undefined) => openData(dir, given).catch((error: PeerError) => error.code);
  expect(await codeOf('')).toBe('vault/passphrase');
  const keys = { seed, x25519: box.x25519, mlkem: box.mlkemSeed, audit, password, passphrase };
  expect(await new Scanner(keys).findInFolder(dir)).toEqual([]);
});

test('hostile-text: a header, a name, a reason full of script come out as JSON that no browser runs', async () => {
  const script = '<script>alert(1)</script>';
  const { dir } = await initHospital(`A ${script}`);
  cleanUp.push(() => removeDir(dir));
  const peer = await startPeer(dir, recordingLog([]));
  cleanUp.push(() => peer.stop());
  const [instance] = markedInstances(1, 1_000, 1, { ...patient, name: `${script}^Ion` });
  await importAll(peer.core, [instance!]);
  const token = (await readFile(join(dir, 'token'), 'utf8')).trim();
  const get = (path: string) =>
    fetch(`http://127.0.0.1:${peer.ports.http}${path}`, { headers: { authorization: `Bearer ${token}` } });
  for (const path of ['/dicom-web/studies?includefield=all', `/dicom-web/studies/${instance!.studyUid}/metadata`]) {
    const response = await get(path);
    expect(response.headers.get('content-type')).toMatch(/^application\/dicom\+json/);
    expect(await response.text()).toContain(script);
  }
  for (const path of [
    '/',
    '/api/v1/peer',
    `/api/v1/requests/${encodeURIComponent(script)}`,
    `/${script}`,
    '/dicom-web/studies',
  ]) {
    const response = await get(path);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const html = response.headers.get('content-type')!.includes('html');
    if (html) expect(await response.text()).not.toContain(script);
  }
});
