// A keeper's answer: its share applied to points that it cannot look into. Metering (meter.ts) comes before this.
import { must } from '../errors.ts';
import type { Random } from '../ports.ts';
import type { EvaluateReply, EvaluateRequest } from './messages.ts';
import { evaluateBatch } from './voprf.ts';

/** A share as its keeper holds it. */
export interface HeldShare {
  /** The index key's id, 16 bytes in hex. */
  readonly key: string;
  readonly generation: number;
  /** Scalar, 32 bytes. */
  readonly secret: Uint8Array;
  /** 32 bytes, equal to this keeper's in the roster. */
  readonly commitment: Uint8Array;
}

/**
 * The reply to a decoded request, from the shares held (two generations while a new key takes over). Takes some 2 ms a
 * point: for a worker.
 * @throws PeerError tags/not-keeper, tags/generation, tags/point, tags/share
 */
export function answerEvaluation(request: EvaluateRequest, held: readonly HeldShare[], random: Random): EvaluateReply {
  const ofKey = held.filter((share) => share.key === request.key);
  must(ofKey.length > 0, 'tags/not-keeper');
  const share = ofKey.find((each) => each.generation === request.generation);
  must(share, 'tags/generation', { asked: request.generation, held: ofKey.map((each) => each.generation) });
  const { secret, commitment } = share;
  const evaluation = evaluateBatch({ secret, commitment, blinded: request.blinded, random });
  return { generation: share.generation, ...evaluation };
}
