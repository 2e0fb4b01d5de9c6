// The worker thread's side of pool.ts: one frame after another.
import { parentPort } from 'node:worker_threads';
import { PeerError } from '../../../protocol/errors.ts';
import { type PixelJob, performPixels } from './jobs.ts';
import { WasmCodecs } from './wasm-codecs.ts';

const codecs = WasmCodecs.load();

parentPort?.on('message', async (job: PixelJob) => {
  try {
    const result = performPixels(await codecs, job);
    parentPort?.postMessage({ result }, [...buffers(result)]);
  } catch (error) {
    const { code, data } = error instanceof PeerError ? error : new PeerError('pixels/worker');
    parentPort?.postMessage({ error: { code, data } });
  }
});

function* buffers(result: object): Generator<ArrayBuffer> {
  for (const value of Object.values(result)) {
    if (value instanceof Uint8Array && value.byteLength === value.buffer.byteLength) yield value.buffer as ArrayBuffer;
  }
}
