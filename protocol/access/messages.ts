// Everything that travels over /dicomnet/access/1 is one signed envelope; its kind says which.
import { parseEnvelope, type VerifiedEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import type { Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import type { Payload } from '../schema.ts';
import { type Decision, decision, decisionKind } from './decision.ts';
import { type Grant, grant, grantKind } from './grant.ts';
import { type Receipt, receipt, receiptKind } from './receipt.ts';
import { type Request, request, requestKind } from './request.ts';
import { isReservedKind, type ReservedKind, reservedKinds } from './reserved-kinds.ts';

export const accessProtocol = '/dicomnet/access/1';

/** The largest envelope of any kind here. */
export const accessMessageBytes = limits.decisionBytes + 256;

/** A message whose form and signature hold; whether it counts is for the kind's own check. */
export type AccessMessage =
  | { readonly kind: 'request'; readonly opened: VerifiedEnvelope<Request> }
  | { readonly kind: 'decision'; readonly opened: VerifiedEnvelope<Decision> }
  | { readonly kind: 'receipt'; readonly opened: VerifiedEnvelope<Receipt> }
  /** Keep its bytes, answer `kind/unsupported`. */
  | { readonly kind: 'reserved'; readonly of: ReservedKind; readonly opened: VerifiedEnvelope<unknown> };

/**
 * Reads any message of the protocol. A grant travels inside a decision only.
 * @throws PeerError cbor/*, field/*, crit/unknown, envelope/signature, kind/unexpected
 */
export function verifyAccessMessage(input: Uint8Array, federation: string, verify: Verify): AccessMessage {
  const { kind } = parseEnvelope(input, limits.decisionBytes);
  if (kind === requestKind) return { kind, opened: verifyEnvelope(input, kind, request, federation, verify) };
  if (kind === decisionKind) return { kind, opened: verifyEnvelope(input, kind, decision, federation, verify) };
  if (kind === receiptKind) return { kind, opened: verifyEnvelope(input, kind, receipt, federation, verify) };
  must(isReservedKind(kind), 'kind/unexpected', { kind });
  const opened = verifyEnvelope(input, kind, reservedKinds[kind] as unknown as Payload<unknown>, federation, verify);
  return { kind: 'reserved', of: kind, opened };
}

/** The grant inside a decision. @throws PeerError as `verifyAccessMessage` */
export const verifyGrant = (input: Uint8Array, federation: string, verify: Verify): VerifiedEnvelope<Grant> =>
  verifyEnvelope(input, grantKind, grant, federation, verify);
