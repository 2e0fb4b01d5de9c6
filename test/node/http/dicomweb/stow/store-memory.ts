// A large STOW-RS request against a peer, and what both ends held meanwhile.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { hugeInstance } from '../../../../../sim/studies/huge.ts';
import { openPeer } from '../../kit.ts';

const MiB = 1024 * 1024;
const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is really held, not what waits for the collector. */
function held(): number {
  collect();
  collect(); // the first may still be sweeping buffers beside us: the next begins when it is done
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Stores one instance of so many bytes; `most`: what client and server together held more than before. */
export async function storeHuge(bytes: number, as: 'file' | 'bulk data'): Promise<{ most: number }> {
  const peer = await openPeer();
  try {
    const huge = hugeInstance({ seed: 1, bytes, patient });
    const before = held();
    let [most, passed, next] = [0, 0, 0];
    async function* chunks() {
      for (const chunk of huge.chunks()) {
        passed += chunk.length;
        if (passed >= next) {
          most = Math.max(most, held() - before);
          next += bytes / 16;
        }
        yield Uint8Array.from(chunk);
      }
    }
    async function* body() {
      if (as === 'file') {
        yield Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n');
        yield huge.part10Header;
      } else {
        const uids = {
          '00080016': '1.2.840.10008.5.1.4.1.1.7',
          '00080018': '1.2.3.4',
          '0020000D': '1.2.3',
          '0020000E': '1.2',
        };
        const values = Object.entries(uids).map(([tag, uid]) => [tag, { vr: 'UI', Value: [uid] }]);
        const metadata = { ...Object.fromEntries(values), '7FE00010': { vr: 'OW', BulkDataURI: 'p' } };
        yield Buffer.from(`--b\r\nContent-Type: application/dicom+json\r\n\r\n${JSON.stringify([metadata])}\r\n`);
        yield Buffer.from('--b\r\nContent-Type: application/octet-stream\r\nContent-Location: p\r\n\r\n');
      }
      yield* chunks();
      yield Buffer.from('\r\n--b--');
    }
    const type = as === 'file' ? 'application/dicom' : 'application/dicom+json';
    const headers = {
      'content-type': `multipart/related; type="${type}"; boundary=b`,
      authorization: `Bearer ${peer.tokens.device}`,
    };
    const sending = request(`${peer.url}/dicom-web/studies`, { method: 'POST', headers });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    await pipeline(Readable.from(body(), { objectMode: false, highWaterMark: MiB }), sending);
    const [answer] = await answered;
    expect([answer.statusCode, ((await json(answer)) as DicomJson)['00081199']?.Value]).toMatchObject([200, [{}]]);
    expect(await peer.stores.objects.partials()).toEqual([]);
    return { most };
  } finally {
    await peer.close();
  }
}
