// The arithmetic of blind evaluation as jobs: plain data in, plain data out, so that a worker can do them. Both sides'
// work is here, the keeper's and the asker's (blinding, checking proofs, combining): each takes up to a second.

import type { Random } from '../../../protocol/ports.ts';
import { answerEvaluation, type HeldShare } from '../../../protocol/tags/keeper.ts';
import {
  type LookupEvent,
  type LookupKey,
  type LookupState,
  type LookupStep,
  startLookup,
  stepLookup,
} from '../../../protocol/tags/lookup.ts';
import { type EvaluateReply, type EvaluateRequest, evaluateReply } from '../../../protocol/tags/messages.ts';

export type EvaluationJob =
  | { readonly type: 'answer'; readonly request: EvaluateRequest; readonly held: readonly HeldShare[] }
  | {
      readonly type: 'start';
      readonly key: LookupKey;
      readonly inputs: readonly Uint8Array[];
      readonly order: readonly string[];
    }
  | { readonly type: 'step'; readonly state: LookupState; readonly event: LookupEvent };

interface Results {
  answer: Uint8Array;
  start: LookupStep;
  step: LookupStep;
}

export type ResultOf<J extends EvaluationJob> = Results[J['type']];

export interface Evaluator {
  /** @throws PeerError tags/*, net/busy when too much waits, net/worker */
  run<J extends EvaluationJob>(job: J): Promise<ResultOf<J>>;
  stop(): Promise<void>;
}

/** Does one job now. @throws PeerError tags/* */
export function perform<J extends EvaluationJob>(job: J, random: Random): ResultOf<J> {
  return performAny(job, random) as ResultOf<J>;
}

function performAny(job: EvaluationJob, random: Random): Uint8Array | LookupStep {
  if (job.type === 'start') return startLookup({ key: job.key, inputs: job.inputs, random, order: job.order });
  if (job.type === 'step') return stepLookup(job.state, job.event);
  const reply: EvaluateReply = answerEvaluation(job.request, job.held, random);
  return evaluateReply.encode(reply);
}

/** Without a worker, for the simulator: the same work in the same thread, in virtual time. */
export class InlineEvaluator implements Evaluator {
  readonly #random: Random;

  constructor(parts: { random: Random }) {
    this.#random = parts.random;
  }

  async run<J extends EvaluationJob>(job: J): Promise<ResultOf<J>> {
    return perform(job, this.#random);
  }

  async stop(): Promise<void> {
    // nothing runs between two jobs
  }
}
