// What a peer and a keeper say to each other on /dicomnet/index/1. There is no share index in it: indices come from
// the roster alone.
import { limits } from '../limits.ts';
import { array, bytes, id, payload, uint } from '../schema.ts';

export const indexProtocol = '/dicomnet/index/1';

const points = () => array(bytes(32), limits.evaluationPoints, 1);

/** Asks a keeper for a blind evaluation. Refused with tags/not-keeper, tags/generation, tags/over-quota, tags/point. */
export const evaluateRequest = payload(
  {
    /** The index key's id. */
    key: id(16),
    generation: uint(),
    blinded: points(),
  },
  limits.evaluationBytes,
);

export const evaluateReply = payload(
  { generation: uint(), evaluated: points(), proof: bytes(64) },
  limits.evaluationBytes,
);

export type EvaluateRequest = ReturnType<typeof evaluateRequest.decode>;
export type EvaluateReply = ReturnType<typeof evaluateReply.decode>;
