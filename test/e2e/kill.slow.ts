// kill -9 at random points: of the sender and of the receiver of a transfer, and of the importer of a C-STORE run.
// Whatever was acknowledged is there; a transfer ends; at most a chunk a stream comes again.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { readFileHead } from '../../node/dicom/read/part10.ts';
import { fetchDefaults } from '../../node/exchange/transfer/fetch-job.ts';
import type { TransferView } from '../../node/exchange/transfer/transfers.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { seeded } from '../../protocol/vectors/seeded.ts';
import { markedStudy, type SyntheticInstance } from '../../sim/studies/studies.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { federatedPeers, json, PeerProcess } from './processes.ts';

const patient = { id: '2000000010005', name: 'Kill^Test', birthDate: '19700101', sex: 'M' } as const;
const kills = 20;
const seed = Number(process.env.SEED ?? 1);
const chunkBytes = 2 ** 18 + 16;
const all: PeerProcess[] = [];
const folders: string[] = [];

afterAll(async () => {
  for (const peer of all) await peer.remove();
  for (const dir of folders) await removeDir(dir);
});

const study = (instances: number, bytesEach: number) => [...markedStudy({ seed, patient, instances, bytesEach })];
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A number from 0 to below 1, the same for the same SEED. */
function chance(): () => number {
  const random = seeded(`kill ${seed}`);
  return () => random(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
}

async function associate(peer: PeerProcess, first: SyntheticInstance): Promise<DimseClient> {
  const contexts = [{ abstractSyntax: first.sopClassUid, transferSyntaxes: [first.transferSyntax] }];
  const options = { host: '127.0.0.1', port: peer.ports.dimse, calledAe: 'DICOMNET', callingAe: 'TEST', contexts };
  return DimseClient.connect(options, { timers: systemTimers });
}

/** SHA-256 of every data set that a peer exports of a study. */
async function exported(peer: PeerProcess, studyUid: string): Promise<string[]> {
  const out = await freshDir();
  folders.push(out);
  await json(['export', studyUid, '--out', out, '--data', peer.dir]);
  const names = await readdir(out, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file);
      return sha(bytes.subarray(readFileHead(bytes, true)!.datasetOffset));
    }),
  );
}

it(`loses nothing that a C-STORE acknowledged, killed ${kills} times (SEED=${seed})`, async () => {
  const peer = await PeerProcess.init('Importer');
  all.push(peer);
  await peer.start();
  const instances = study(500, 100_000);
  const next = chance();
  const killAt = new Set(Array.from({ length: kills }, () => Math.floor(next() * instances.length)));
  const acknowledged: SyntheticInstance[] = [];
  let client = await associate(peer, instances[0]!);
  for (const [i, instance] of instances.entries()) {
    const storing = client.store({ ...instance, bytes: instance.dataset });
    if (!killAt.has(i)) {
      expect(await storing).toBe(0);
      acknowledged.push(instance);
      continue;
    }
    const [settled] = await Promise.all([
      Promise.allSettled([storing]),
      systemTimers.sleep(next() * 8).then(() => peer.kill()),
    ]);
    if (settled[0].status === 'fulfilled' && settled[0].value === 0) acknowledged.push(instance);
    await peer.start();
    client = await associate(peer, instances[0]!);
  }
  await client.release();
  expect(killAt.size).toBeGreaterThan(kills / 2);
  const kept = new Set(await exported(peer, instances[0]!.studyUid));
  const lost = acknowledged.filter((each) => !kept.has(sha(each.dataset)));
  expect(lost.map((each) => each.sopInstanceUid)).toEqual([]);
  expect(kept.size).toBeLessThanOrEqual(instances.length);
  expect(await readdir(join(peer.dir, 'objects', 'partial'))).toEqual([]); // what was cut off is cleared away
});

it(`ends a transfer of 500 instances, either side killed ${kills} times (SEED=${seed})`, async () => {
  const { peers } = await federatedPeers(['Sender', 'Receiver']);
  const [sender, receiver] = peers as [PeerProcess, PeerProcess];
  all.push(...peers);
  for (const peer of peers) await peer.start();
  const instances = study(500, 512 * 1024);
  const client = await associate(sender, instances[0]!);
  for (const instance of instances) expect(await client.store({ ...instance, bytes: instance.dataset })).toBe(0);
  await client.release();
  const patientId = { value: patient.id };
  const about = { purpose: 'TREAT', reason: 'kill test' };
  await eventually('the study is found', async () => {
    const found = await receiver.api<{ hospitals: { studies: { instances: number }[] }[] }>('POST', '/find', {
      ...patientId,
      ...about,
    });
    return found.hospitals[0]?.studies[0]?.instances === instances.length;
  });
  const asked = { member: 'Sender', patient: patientId, refs: 'all', ...about };
  const { id } = await receiver.api<{ id: string }>('POST', '/requests', asked);
  await sender.api('POST', `/requests/${id}/approve`);
  const next = chance();
  const begun = async () => (await receiver.api<TransferView[]>('GET', '/transfers')).some((each) => each.id === id);
  await eventually('the transfer begins', begun);
  const view = () => receiver.api<TransferView>('GET', `/transfers/${id}`);
  let done = 0;
  for (let kill = 0; kill < kills; kill++) {
    const until = ((kill + next()) / kills) * 0.95;
    await eventually(
      `the transfer comes to ${until}`,
      async () => {
        const { bytes, state } = await view();
        done = Math.max(done, bytes.done);
        return state === 'done' || (bytes.total > 0 && bytes.done / bytes.total >= until);
      },
      60_000,
    );
    const victim = next() < 0.5 ? sender : receiver;
    await victim.kill();
    await victim.start();
    await eventually('the transfer is taken up', async () => (await view()).bytes.total > 0);
    const after = (await view()).bytes;
    // what had been seen to be there is there again, but for a chunk a stream
    expect(after.done).toBeGreaterThanOrEqual(done - fetchDefaults.streams * chunkBytes);
  }
  await eventually('the transfer ends', async () => (await view()).state === 'done', 120_000);
  const sent = instances.map((each) => sha(each.dataset)).sort();
  expect((await exported(receiver, instances[0]!.studyUid)).sort()).toEqual(sent);
  for (const peer of peers) {
    expect(await json(['audit', 'verify', '--data', peer.dir])).toMatchObject({ ok: true });
  }
});
