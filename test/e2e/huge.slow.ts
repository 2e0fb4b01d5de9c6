// One instance of 4 GiB, the longest whose pixel data an element can state, into a peer process and out again by every
// way there is: to the byte, and in as much memory as a tenth of it takes.
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { queryProposal } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import type { OpenStore } from '../../node/dicom/dimse/sink.ts';
import { systemClock, systemTimers } from '../../node/system/machine.ts';
import { type HugeInstance, hugeInstance } from '../../sim/studies/huge.ts';
import { PeerProcess } from './processes.ts';

const MiB = 1024 * 1024;
const patient = { id: '2000000010005', name: 'Huge^Test', birthDate: '19700101', sex: 'F' } as const;
/** Made as long as may be: 4 GiB but the last frame. */
const whole = 2 ** 32;
const frameBytes = 512 * 512 * 2;
let peer: PeerProcess;
let token: string;

beforeAll(async () => {
  peer = await PeerProcess.init('Huge');
  await peer.configure(({ dimse }) => ({ dimse: { ...dimse, callers: [{ aeTitle: 'TEST', host: '127.0.0.1' }] } }));
  await peer.start();
  token = await peer.token();
});
afterAll(() => peer.remove());

/** The data set while it is made; `sha` has seen all of it in the end. Copies: who sends may hold on to a chunk. */
async function* dataset(huge: HugeInstance, sha: Hash): AsyncGenerator<Uint8Array> {
  for (const chunk of huge.chunks()) {
    sha.update(chunk);
    yield Uint8Array.from(chunk);
  }
}

const at = () => ({ host: '127.0.0.1', port: peer.ports.dimse, calledAe: 'DICOMNET', callingAe: 'TEST' });

/** By C-STORE; gives what was sent. */
async function cStore(huge: HugeInstance): Promise<string> {
  const { sopClassUid, sopInstanceUid, transferSyntax } = huge;
  const contexts = [{ abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntax] }];
  const client = await DimseClient.connect({ ...at(), contexts }, { timers: systemTimers });
  const sha = createHash('sha256');
  expect(await client.store({ sopClassUid, sopInstanceUid, transferSyntax, bytes: dataset(huge, sha) })).toBe(0);
  await client.release();
  return sha.digest('hex');
}

/** By STOW-RS; gives what was sent. */
async function stow(huge: HugeInstance): Promise<string> {
  const sha = createHash('sha256');
  async function* body() {
    yield Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n');
    yield huge.part10Header;
    yield* dataset(huge, sha);
    yield Buffer.from('\r\n--b--');
  }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/related; boundary=b' };
  const sending = request(`${web()}/studies`, { method: 'POST', headers });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(body(), { objectMode: false, highWaterMark: MiB }), sending);
  const [answer] = await answered;
  expect([answer.statusCode, (await buffer(answer)).length > 0]).toEqual([200, true]);
  return sha.digest('hex');
}

const web = () => `http://127.0.0.1:${peer.ports.http}/dicom-web`;

async function retrieve(path: string, accept: string): Promise<IncomingMessage> {
  const [answer] = (await once(
    get(`${web()}${path}`, { headers: { authorization: `Bearer ${token}`, accept } }),
    'response',
  )) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  return answer;
}

const pathOf = (huge: HugeInstance) =>
  `/studies/${huge.studyUid}/series/${huge.seriesUid}/instances/${huge.sopInstanceUid}`;

/** By WADO-RS; gives what came after the file's header. */
async function wado(huge: HugeInstance): Promise<string> {
  const answer = await retrieve(pathOf(huge), 'application/dicom; transfer-syntax=*');
  let skip = Number(answer.headers['content-length']) - huge.length;
  const sha = createHash('sha256');
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sha.update(chunk.subarray(Math.min(skip, chunk.length)));
    skip = Math.max(0, skip - chunk.length);
  }
  return sha.digest('hex');
}

/** By C-GET; gives what came. */
async function cGet(huge: HugeInstance): Promise<string> {
  const { sopClassUid, sopInstanceUid, transferSyntax, studyUid, seriesUid } = huge;
  const contexts = [queryProposal('study', 'get'), { abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntax] }];
  const roles = [{ sopClassUid, scu: false, scp: true }];
  const sha = createHash('sha256');
  const store: OpenStore = () => ({
    write: (bytes) => void sha.update(bytes),
    finish: async () => 0,
    abort: async (reason) => Promise.reject(reason),
  });
  const client = await DimseClient.connect({ ...at(), contexts, roles }, { timers: systemTimers, store });
  const uids = { '0020000D': studyUid, '0020000E': seriesUid, '00080018': sopInstanceUid };
  const keys = Object.fromEntries(Object.entries(uids).map(([tag, uid]) => [tag, { vr: 'UI', Value: [uid] }]));
  expect(await client.get({ root: 'study', level: 'IMAGE', keys })).toMatchObject({ completed: 1, failed: 0 });
  await client.release();
  return sha.digest('hex');
}

/** A frame from its middle, as the one that was made. */
async function middleFrame(huge: HugeInstance): Promise<void> {
  const number = huge.frames >>> 1;
  const answer = await retrieve(`${pathOf(huge)}/frames/${number + 1}`, 'application/octet-stream');
  const frame = await buffer(answer);
  expect(frame.length).toBe(frameBytes);
  expect(frame.readUInt32LE()).toBe(((number & 0xfff) << 16) | (number >>> 12));
}

/** One instance in by C-STORE, another by STOW-RS, both out; gives the most memory that the peer took for each step. */
async function round(seed: number, bytes: number): Promise<Record<string, number>> {
  const peaks: Record<string, number> = {};
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const begun = systemClock.now();
    const result = await run();
    peaks[name] = await peer.peakBytes();
    console.log(`${bytes} bytes ${name}: ${(systemClock.now() - begun) / 1000} s, ${peaks[name] >> 20} MiB`);
    return result;
  };
  const [first, second] = [seed, seed + 1].map((each) => hugeInstance({ seed: each, bytes, patient })) as [
    HugeInstance,
    HugeInstance,
  ];
  const stored = await step('C-STORE', () => cStore(first));
  const sent = await step('STOW-RS', () => stow(second));
  expect(await step('WADO-RS', () => wado(first))).toBe(stored);
  expect(await step('C-GET', () => cGet(second))).toBe(sent);
  await step('frames', () => middleFrame(first));
  return peaks;
}

it('takes in 4 GiB and gives them out with flat memory', async () => {
  const tenth = await round(1, whole / 10);
  const all = await round(3, whole);
  expect(await peer.api('GET', '/peer')).toMatchObject({ instances: 4 });
  // its heap may grow to the 512 MiB that it is started with before anything is collected: that much is no leak
  expect(Math.max(...Object.values(all)) - Math.max(...Object.values(tenth))).toBeLessThan(96 * MiB);
});
