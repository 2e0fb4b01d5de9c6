// The owner's answer to a request: the envelope kind `decision`. A later one supersedes an earlier one.
import { attachedHead } from '../audit/head.ts';
import type { VerifiedEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { memberId } from '../federation/fields.ts';
import { limits } from '../limits.ts';
import { array, bytes, id, oneOf, optional, payload, type Struct, text, time, uint } from '../schema.ts';
import { type Members, mustNotBeFuture, mustSpeakFor } from './parties.ts';
import type { Request } from './request.ts';

export const decisionKind = 'decision';

const fields = {
  request: id(16),
  requestDigest: id(32),
  /** The member that asked. */
  to: memberId(),
  state: oneOf('granted', 'pending', 'staging', 'denied'),
  /** A code of the catalogue: why it is denied, or pending. */
  code: optional(text(64, /^[a-z-]+\/[a-z-]+$/)),
  /** What a person wrote to the asker. */
  text: optional(text()),
  /** The grants' envelopes, one a study; with `granted`, and only then. */
  grants: optional(array(bytes({ max: limits.grantBytes + 256 }), limits.decisionGrants, 1)),
  /** The owner's audit log, which has the decision in it. */
  audit: optional(attachedHead),
  /** Entries of the asker's audit log that the owner has seen a head for: the receipt proves its head from there. */
  auditSeen: optional(uint()),
  issuedAt: time(),
};

const shape = payload(fields, limits.decisionBytes);

export type Decision = Struct<typeof fields>;

/** Payload of the envelope kind `decision`: granted with its grants, denied with a code. */
export const decision: typeof shape = {
  ...shape,
  decode(input) {
    const value = shape.decode(input);
    must((value.state === 'granted') === (value.grants !== undefined), 'field/invalid', { at: 'grants' });
    must(value.state !== 'denied' || value.code !== undefined, 'field/missing', { at: 'code' });
    return value;
  },
};

/**
 * Whether this answers my request. What it changes, also when it comes late or twice, is for asker.ts.
 * @throws PeerError access/misaddressed, access/mismatch, access/clock, member/unknown, envelope/signer
 */
export function checkDecision(input: {
  opened: VerifiedEnvelope<Decision>;
  /** The request as I sent it, and its digest. */
  request: Pick<Request, 'id' | 'from' | 'to'>;
  requestDigest: string;
  members: Members;
  now: number;
}): void {
  const { opened, request, requestDigest, members, now } = input;
  const { value } = opened;
  must(value.to === request.from, 'access/misaddressed', { to: value.to });
  must(value.request === request.id && value.requestDigest === requestDigest, 'access/mismatch', { id: value.request });
  mustSpeakFor(request.to, opened, members, now);
  mustNotBeFuture(value.issuedAt, now);
}
