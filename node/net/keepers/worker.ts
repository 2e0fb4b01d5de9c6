// The worker thread's side of worker-evaluator.ts: takes one job after another.
import { parentPort } from 'node:worker_threads';
import { PeerError } from '../../../protocol/errors.ts';
import { systemRandom } from '../../system/machine.ts';
import { type EvaluationJob, perform } from './evaluator.ts';

parentPort?.on('message', ({ id, job }: { id: number; job: EvaluationJob }) => {
  try {
    parentPort?.postMessage({ id, result: perform(job, systemRandom) });
  } catch (error) {
    const { code, data } = error instanceof PeerError ? error : new PeerError('net/worker');
    parentPort?.postMessage({ id, error: { code, data } });
  }
});
