// A keeper's arithmetic that can be told to lie.
import {
  type EvaluationJob,
  type Evaluator,
  InlineEvaluator,
  type ResultOf,
} from '../../node/net/keepers/evaluator.ts';
import { systemRandom } from '../../node/system/machine.ts';
import { answerEvaluation } from '../../protocol/tags/keeper.ts';
import { evaluateReply } from '../../protocol/tags/messages.ts';
import { decodeScalar, Point } from '../../protocol/tags/points.ts';

/**
 * `element`: an evaluated element that its proof doesn't cover; `proof`: one bit of the proof; `secret`: another secret,
 * with proofs that hold for it; `generation`; `garbage`: bytes that are no answer; `nothing`: no arithmetic at all.
 */
export type Lie = 'element' | 'proof' | 'secret' | 'generation' | 'garbage' | 'nothing';

export class LyingEvaluator implements Evaluator {
  readonly #honest = new InlineEvaluator({ random: systemRandom });
  lie: Lie | undefined;
  /** Answers given while it lied. */
  lies = 0;

  async run<J extends EvaluationJob>(job: J): Promise<ResultOf<J>> {
    if (job.type !== 'answer' || this.lie === undefined) return this.#honest.run(job);
    this.lies++;
    return this.#answer(this.lie, job as EvaluationJob & { type: 'answer' }) as ResultOf<J>;
  }

  async stop(): Promise<void> {
    await this.#honest.stop();
  }

  #answer(lie: Lie, { request, held }: EvaluationJob & { type: 'answer' }): Uint8Array {
    if (lie === 'garbage') return Uint8Array.of(0xff, 1, 2, 3);
    if (lie === 'nothing') {
      return evaluateReply.encode({
        generation: request.generation,
        evaluated: request.blinded,
        proof: new Uint8Array(64),
      });
    }
    const shares = lie === 'secret' ? held.map(anotherSecret) : held;
    const reply = answerEvaluation(request, shares, systemRandom);
    if (lie === 'element') reply.evaluated[0] = Point.fromBytes(reply.evaluated[0]!).double().toBytes();
    if (lie === 'proof') reply.proof[3]! ^= 1;
    if (lie === 'generation') reply.generation++;
    return evaluateReply.encode(reply);
  }
}

function anotherSecret<S extends { readonly secret: Uint8Array }>(share: S): S {
  const secret = Uint8Array.from(share.secret);
  secret[0]! ^= 1;
  return { ...share, secret, commitment: Point.BASE.multiply(decodeScalar(secret, 'tags/share')).toBytes() };
}
