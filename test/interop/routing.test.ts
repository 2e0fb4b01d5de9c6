// A peer as a hospital runs it, between a scanner (storescu) and the hospital's PACS (storescp, Orthanc): what arrives and
// matches goes on, through an outage; studies are found in the PACS, fetched from it and sent to it.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../node/dicom/model/attributes.ts';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { uids } from '../../node/dicom/model/transfer-syntax.ts';
import { readFileHead } from '../../node/dicom/read/part10.ts';
import { readDataset } from '../../node/dicom/read/read-dataset.ts';
import type { JobView } from '../../node/pacs/jobs.ts';
import { freePort } from '../../sim/ports.ts';
import type { SyntheticInstance } from '../../sim/studies/studies.ts';
import { command, json, PeerProcess } from '../e2e/processes.ts';
import { samples } from '../node/dicom/samples.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { requires } from '../programs.ts';
import { connect, type Node, orthanc, received, storescp } from './nodes.ts';
import { configure, dataset, destination, expectAll, filesOf, made, patient, peerWith, scan } from './routing-kit.ts';

const ended = async (peer: PeerProcess, job: JobView): Promise<JobView> => {
  let now = job;
  await eventually('the job ends', async () => {
    now = await peer.api<JobView>('GET', `/remotes/jobs/${job.id}`);
    return now.state !== 'running';
  });
  return now;
};

describe('routing from storescu to storescp', () => {
  const programs = { storescu: requires('storescu'), storescp: requires('storescp') };
  if (programs.storescu === undefined || programs.storescp === undefined) return;
  const { storescu } = programs;
  let pacs: Node;
  let peer: PeerProcess;
  const folders: string[] = [];

  beforeAll(async () => {
    pacs = await storescp(programs.storescp!);
    peer = await peerWith([pacs], [{ match: { callingAe: 'SCAN*', modality: 'CT' }, to: ['RECEIVER'] }]);
  });
  afterAll(async () => {
    await peer?.remove();
    await pacs?.remove();
    for (const dir of folders) await removeDir(dir);
  });

  const send = async (study: readonly SyntheticInstance[], callingAe?: string) =>
    void folders.push(await scan(storescu, peer, study, callingAe));

  test('what matches goes on to the byte, what does not stays', async () => {
    const [wanted, other] = [made(1, 20), made(2, 3)];
    await send(other, 'ELSEWHERE');
    await send(wanted);
    await eventually('it has been sent on', async () => (await destination(peer, 'RECEIVER')).sent === wanted.length);
    const files = await received(pacs);
    expectAll(files, wanted);
    expect(files.size).toBe(wanted.length);
    // one entry for the study and its destination
    const entries = await peer.api<{ kind: string; person?: { name: string } }[]>('GET', '/audit?from=0');
    const exports = entries.filter((each) => each.kind === 'export');
    expect(exports.map((each) => each.person?.name)).toEqual(['route to RECEIVER']);
  });

  test('the PACS is down for a while: it waits, and goes when it is up again', async () => {
    await pacs.stop();
    const study = made(3, 10);
    await send(study);
    await eventually('it pauses', async () => (await destination(peer, 'RECEIVER')).state === 'pausing');
    expect(await destination(peer, 'RECEIVER')).toMatchObject({ waiting: 10, code: 'dimse/unreachable' });
    await pacs.start();
    await eventually('it has gone', async () => (await destination(peer, 'RECEIVER')).waiting === 0, 30_000);
    expectAll(await received(pacs), study);
  });
});

describe('a PACS as the peer sees it: Orthanc', () => {
  const program = requires('Orthanc');
  if (program === undefined) return;
  let pacs: Node & { http: string };
  let peer: PeerProcess;
  const there = made(7, 15);
  const out: string[] = [];

  beforeAll(async () => {
    const port = await freePort();
    peer = await PeerProcess.init('Router');
    // it reports what it commits to on an association of its own
    pacs = await orthanc(program, [{ aeTitle: 'DICOMNET', port: peer.ports.dimse }]);
    const nodes = [pacs, { aeTitle: 'NOBODY', host: '127.0.0.1', port }];
    await configure(peer, nodes, [{ match: {}, to: ['ORTHANC'] }], [{ aeTitle: 'ORTHANC' }]);
    await peer.start();
    const client = await connect(pacs, [there[0]!.sopClassUid]);
    for (const each of there) expect(await client.store({ ...each, bytes: each.dataset })).toBe(0);
    await client.release();
  });
  afterAll(async () => {
    await peer?.remove();
    await pacs?.remove();
    for (const dir of out) await removeDir(dir);
  });

  test('pacs list, echo, find', async () => {
    const data = ['--data', peer.dir];
    expect(await json(['pacs', 'list', ...data])).toMatchObject([{ aeTitle: 'ORTHANC' }, { aeTitle: 'NOBODY' }]);
    expect(await json(['pacs', 'echo', 'ORTHANC', ...data])).toMatchObject({ aeTitle: 'ORTHANC' });
    await expect(json(['pacs', 'echo', 'NOBODY', ...data])).rejects.toThrow('dimse/unreachable');
    await expect(json(['pacs', 'echo', 'STRANGER', ...data])).rejects.toThrow('remote/unknown');
    const found = await json<{ answers: DicomJson[]; complete: boolean }>([
      ...['pacs', 'find', 'ORTHANC', '--key', `PatientID=${patient.id}`, 'StudyDate=', ...data],
    ]);
    expect(found.complete).toBe(true);
    const shown = await command(['pacs', 'find', 'ORTHANC', '--key', `PatientID=${patient.id}`, ...data]);
    expect(shown.stdout).toMatch(new RegExp(`^Patient .*\\n${patient.id} +Rusu\\^Ana .*${there[0]!.studyUid}`));
    expect((await command(['routing', ...data])).stdout).toMatch(/^AE title .*\nORTHANC +idle +0 +0 +0/);
    expect(found.answers.map((each) => textOf(each, '0020000D'))).toEqual([there[0]!.studyUid]);
  });

  test('pull brings a study to the byte, and does not send it back', async () => {
    const study = there[0]!.studyUid;
    expect(await json(['pacs', 'pull', 'ORTHANC', study, '--data', peer.dir])).toMatchObject({
      ...{ state: 'done', by: 'C-GET' },
      objects: { done: there.length, failed: 0, total: there.length },
    });
    const dir = await freshDir();
    out.push(dir);
    await mkdir(dir, { recursive: true });
    await json(['export', study, '--out', dir, '--data', peer.dir]);
    const files = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name))));
    const bytes = files.map((file) => Buffer.from(dataset(file)).toString('base64')).sort();
    expect(bytes).toEqual(there.map((each) => Buffer.from(each.dataset).toString('base64')).sort());
    expect(await destination(peer, 'ORTHANC')).toMatchObject({ waiting: 0, sent: 0 });
  });

  test('what is imported goes to the PACS, and send brings one series again', async () => {
    const study = made(8, 6);
    const dir = await filesOf(study);
    out.push(dir);
    await json(['import', dir, '--data', peer.dir]);
    await eventually('it is there', async () => (await destination(peer, 'ORTHANC')).sent === study.length);
    const [one] = study;
    const job = await peer.api<JobView>('POST', '/remotes/ORTHANC/send', {
      study: one!.studyUid,
      series: one!.seriesUid,
    });
    expect(await ended(peer, job)).toMatchObject({ state: 'done', objects: { done: 6, failed: 0, total: 6 } });
    const found = await peer.api<{ answers: DicomJson[] }>('POST', '/remotes/ORTHANC/find', {
      level: 'STUDY',
      keys: { StudyInstanceUID: one!.studyUid },
    });
    expect(found.answers.map((each) => textOf(each, '00201208'))).toEqual(['6']);
  });

  test('storage commitment: it confirms what it keeps, and names what it does not', async () => {
    const [study] = there;
    expect(await json(['pacs', 'commit', 'ORTHANC', study!.studyUid, '--data', peer.dir])).toMatchObject({
      ...{ kind: 'commit', state: 'done', by: 'N-ACTION' },
      objects: { done: there.length, failed: 0, total: there.length },
    });
    const id = await (await fetch(`${pacs.http}/tools/lookup`, { method: 'POST', body: study!.sopInstanceUid })).json();
    const [{ Path }] = id as [{ Path: string }];
    expect((await fetch(`${pacs.http}${Path}`, { method: 'DELETE' })).ok).toBe(true);
    const job = await peer.api<JobView>('POST', '/remotes/ORTHANC/commit', { study: study!.studyUid });
    expect(await ended(peer, job)).toMatchObject({
      ...{ state: 'failed', code: 'remote/not-kept', reasons: [{ reason: '0112', instances: 1 }] },
      objects: { done: there.length - 1, failed: 1, total: there.length },
    });
    const said = await command(['pacs', 'commit', 'ORTHANC', study!.studyUid, '--data', peer.dir]);
    expect(said.code).not.toBe(0);
    expect(said.stdout).toContain('1 not kept: it does not have them (0112H)');
    await expect(peer.api('POST', '/remotes/ORTHANC/commit', { study: '1.2.3' })).rejects.toThrow('http/not-found');
  });

  test('a destination that refuses is paused and named; unknown studies and keys are said', async () => {
    const { studyUid } = there[0]!;
    await peer.api<JobView>('POST', '/remotes/NOBODY/send', { study: studyUid });
    await eventually('it pauses', async () => (await destination(peer, 'NOBODY')).state === 'pausing');
    expect(await destination(peer, 'NOBODY')).toMatchObject({ waiting: there.length, code: 'dimse/unreachable' });
    await expect(peer.api('POST', '/remotes/NOBODY/send', { study: '1.2.3' })).rejects.toThrow('http/not-found');
    const find = { level: 'STUDY', keys: { NoSuchKey: '' } };
    await expect(peer.api('POST', '/remotes/ORTHANC/find', find)).rejects.toThrow('remote/key');
  });
});

describe('a PACS that takes nothing but implicit VR', () => {
  const program = requires('storescp');
  if (program === undefined) return;
  const nodes: Node[] = [];
  const peers: PeerProcess[] = [];
  afterAll(async () => {
    for (const peer of peers) await peer.remove();
    for (const node of nodes) await node.remove();
  });

  const compressed = samples().find(({ path }) => path.endsWith('pydicom/data/test_files/MR_small_jp2klossless.dcm'));
  if (compressed === undefined) return;
  test('gets compressed images decoded', async () => {
    const pacs = await storescp(program, ['+xi', '+B']);
    nodes.push(pacs);
    const peer = await peerWith([pacs], [{ match: {}, to: ['RECEIVER'] }]);
    peers.push(peer);
    await json(['import', compressed.file, '--data', peer.dir]);
    await eventually('it is there', async () => (await destination(peer, 'RECEIVER')).sent === 1);
    const [file] = [...(await received(pacs)).values()];
    const { transferSyntax } = readFileHead(file!, true)!;
    expect(transferSyntax).toBe(uids.implicitLittleEndian);
    const pixels = readDataset(dataset(file!), transferSyntax)['7FE00010'];
    expect(pixels?.BulkDataURI?.split('/')[1]).toBe(String(64 * 64 * 2));
  });
});
