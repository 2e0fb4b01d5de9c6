// Twenty senders at once, each with studies of its own and one instance that all of them send, while others search:
// what was acknowledged is there, once and to the byte.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queryProposal } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { headerValue } from '../../node/http/content-type.ts';
import { MultipartReader } from '../../node/http/multipart-reader.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { markedStudy, type SyntheticInstance } from '../../sim/studies/studies.ts';
import { PeerProcess } from './processes.ts';

const MiB = 1024 * 1024;
const senders = 20;
const sizes = [1_000, 20_000, 300_000, 1_000_000];
const instancesEach = 5;
const patientOf = (sender: number) =>
  ({ id: `20000000${10_000 + sender}`, name: `Sender^Nr${sender}`, birthDate: '19700101', sex: 'F' }) as const;
const aeTitle = (sender: number) => `SENDER${sender}`;
let peer: PeerProcess;
let token: string;

beforeAll(async () => {
  peer = await PeerProcess.init('Senders');
  const listed = Array.from({ length: senders + 1 }, (_, i) => ({ aeTitle: aeTitle(i), host: '127.0.0.1' }));
  const callers = listed.map((caller) => ({ ...caller, maxAssociations: 2 }));
  await peer.configure(({ dimse }) => ({ dimse: { ...dimse, callers } }));
  await peer.start();
  token = await peer.token();
});
afterAll(() => peer.remove());

const [common] = [...markedStudy({ seed: 999, patient: patientOf(999), instances: 1, bytesEach: 50_000 })];

/** A study of every size; each made when its turn comes. */
function* studiesOf(sender: number): Generator<SyntheticInstance> {
  for (const [i, bytesEach] of sizes.entries()) {
    yield* markedStudy({ seed: sender * 10 + i, patient: patientOf(sender), instances: instancesEach, bytesEach });
    yield common!;
  }
}

function associate(sender: number): Promise<DimseClient> {
  const { sopClassUid, transferSyntax } = common!;
  const contexts = [
    { abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntax] },
    queryProposal('study', 'find'),
  ];
  const at = { host: '127.0.0.1', port: peer.ports.dimse, calledAe: 'DICOMNET', callingAe: aeTitle(sender) };
  return DimseClient.connect({ ...at, contexts }, { timers: systemTimers });
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Sends all; gives the studies and what was acknowledged of each. */
async function send(sender: number): Promise<Map<string, string[]>> {
  const sent = new Map<string, string[]>();
  const client = await associate(sender);
  for (const instance of studiesOf(sender)) {
    expect(await client.store({ ...instance, bytes: instance.dataset })).toBe(0);
    if (instance !== common) {
      sent.set(instance.studyUid, [...(sent.get(instance.studyUid) ?? []), sha(instance.dataset)]);
    }
  }
  await client.release();
  return sent;
}

const web = (path: string, accept: string) =>
  fetch(`http://127.0.0.1:${peer.ports.http}/dicom-web${path}`, {
    headers: { authorization: `Bearer ${token}`, accept },
  });

/** Searches by both protocols until it is told to stop; gives how often. */
async function search(stop: AbortSignal): Promise<number> {
  const client = await associate(senders);
  let count = 0;
  for (; !stop.aborted; count++) {
    const answer = await web('/studies?PatientName=Sender*&limit=20', 'application/dicom+json');
    expect([200, 204]).toContain(answer.status);
    await answer.arrayBuffer();
    const keys = {
      '00100010': { vr: 'PN' as const, Value: [{ Alphabetic: 'Sender*' }] },
      '0020000D': { vr: 'UI' as const },
    };
    for await (const { '00100010': name } of client.find({ root: 'study', level: 'STUDY', keys })) {
      expect(JSON.stringify(name)).toContain('Sender^');
    }
  }
  await client.release();
  return count;
}

/** SHA-256 of every data set of a study. */
async function kept(studyUid: string): Promise<string[]> {
  const answer = await web(`/studies/${studyUid}`, 'multipart/related; type="application/dicom"; transfer-syntax=*');
  expect(answer.status).toBe(200);
  const { boundary } = headerValue(answer.headers.get('content-type')!).parameters;
  const reader = new MultipartReader(answer.body!, boundary);
  const all: string[] = [];
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    const pieces: Buffer[] = [];
    for await (const piece of part.body) pieces.push(Buffer.from(piece));
    all.push(sha(datasetOf(Buffer.concat(pieces))));
  }
  return all.sort();
}

/** What stands behind the file meta, whose length its first element says (PS3.10 7.1). */
const datasetOf = (part10: Buffer): Buffer => part10.subarray(144 + part10.readUInt32LE(140));

it('takes from 20 senders at once what each of them sends', async () => {
  await send(0);
  const before = await peer.collectedBytes();
  const stop = new AbortController();
  const searching = search(stop.signal);
  const sent = await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  stop.abort();
  expect(await searching).toBeGreaterThan(0);
  for (const [studyUid, hashes] of sent.flatMap((each) => [...each])) {
    expect(await kept(studyUid)).toEqual(hashes.sort());
  }
  expect(await kept(common!.studyUid)).toEqual([sha(common!.dataset)]);
  const instances = senders * sizes.length * instancesEach + 1;
  expect(await peer.api('GET', '/peer')).toMatchObject({ instances, studies: senders * sizes.length + 1 });
  const after = await peer.collectedBytes();
  console.log(`holds ${before / MiB} MiB, then ${after / MiB} MiB`);
  expect(after - before).toBeLessThan(16 * MiB);
});

it('lets nobody have more associations than are theirs', async () => {
  const open = [await associate(1), await associate(1)];
  await expect(associate(1)).rejects.toMatchObject({ code: 'dimse/rejected' });
  const other = await associate(2);
  await open[0]!.release();
  const again = await associate(1);
  for (const client of [open[1]!, other, again]) await client.release();
});
