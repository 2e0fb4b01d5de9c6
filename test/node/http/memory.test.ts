import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hugeInstance } from '../../../sim/studies/huge.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { openPeer, type Peer } from './kit.ts';

const MiB = 1024 * 1024;
const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const huge = hugeInstance({ seed: 1, bytes: 128 * MiB, patient });
/** What client and server together may hold at a time. */
const allowed = 48 * MiB;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer.close());

/** What is really held, not what waits for the collector. */
function held(): number {
  collect();
  collect(); // the first may still be sweeping buffers beside us: the next begins when it is done
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Watches what is held while bytes go by, every 16 MiB. */
function watch() {
  const before = held();
  let [bytes, next, most] = [0, 16 * MiB, 0];
  return {
    passed(count: number): void {
      bytes += count;
      if (bytes < next) return;
      next += 16 * MiB;
      most = Math.max(most, held() - before);
    },
    get figures() {
      return { bytes, most };
    },
  };
}

/** fetch reads a body ahead without bound; a plain request waits for the socket. */
async function send(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const headers = { 'content-type': 'application/dicom', authorization: `Bearer ${peer.tokens.admin}` };
  const sending = request(`${peer.url}/api/v1/import`, { method: 'POST', headers });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(body, { objectMode: false, highWaterMark: MiB }), sending);
  const [answer] = await answered;
  return json(answer);
}

it('takes in and gives out what is far larger than what it holds', async () => {
  // tables that the first instance has made stay: they are not the large one's
  const [small] = [...markedStudy({ seed: 2, patient, instances: 1, bytesEach: 4 * MiB })];
  expect(await send(Readable.from([small!.part10]))).toMatchObject({ outcome: 'imported' });
  const [coming, going] = [watch(), watch()];
  async function* file() {
    yield huge.part10Header;
    for (const chunk of huge.chunks()) {
      coming.passed(chunk.length);
      yield Uint8Array.from(chunk);
    }
  }
  expect(await send(file())).toEqual({ outcome: 'imported', study: huge.studyUid });
  expect(coming.figures.bytes).toBe(huge.length);
  expect(coming.figures.most).toBeLessThan(allowed);

  const answer = await peer.call(`/dicom-web/studies/${huge.studyUid}`);
  for await (const piece of answer.body!) going.passed(piece.length);
  expect(going.figures.bytes).toBeGreaterThan(huge.length);
  expect(going.figures.most).toBeLessThan(allowed);
});
