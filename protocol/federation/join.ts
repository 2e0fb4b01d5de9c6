// Asking to be admitted: signed by the peer, carried by hand to the authority, compared by telephone.
import { parseEnvelope, signEnvelope, type VerifiedEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { framed, sha256 } from '../hash.ts';
import type { Signer, Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { bytes, optional, payload, time } from '../schema.ts';
import { type Card, verifyCard } from './card.ts';
import { country, name } from './fields.ts';
import { memberKind } from './roster.ts';

export const joinPayload = payload(
  {
    /** Legal name. */
    name: name(),
    country: country(),
    region: optional(name(128)),
    kind: memberKind(),
    /** The peer's card, signed for no federation yet. */
    card: bytes({ min: 1, max: limits.cardBytes }),
    issuedAt: time(),
  },
  limits.cardBytes + 2048,
);

export type JoinRequest = ReturnType<typeof joinPayload.decode>;

/** A join request whose signature and card hold. */
export interface VerifiedJoin {
  /** The peer that asks, base58. */
  readonly peerId: string;
  readonly request: JoinRequest;
  readonly card: VerifiedEnvelope<Card>;
  readonly bytes: Uint8Array;
}

export const signJoin = (request: JoinRequest, by: Signer): Uint8Array =>
  signEnvelope('join', joinPayload, request, '', by);

/** @throws PeerError join/card, envelope/signature, kind/unexpected, cbor/*, field/* */
export function verifyJoin(input: Uint8Array, verify?: Verify): VerifiedJoin {
  const { value: request, signer: peerId } = verifyEnvelope(input, 'join', joinPayload, '', verify);
  const card = verifyCard(request.card, '', verify);
  must(card.signer === peerId, 'join/card', { peerId, signer: card.signer });
  return { peerId, request, card, bytes: input };
}

/**
 * What both sides read to each other over the telephone: 8 groups of 4 digits, 106 bits of SHA-256 over signer and
 * payload. @throws PeerError cbor/*, field/invalid when this is no envelope
 */
export function fingerprint(joinRequest: Uint8Array): string {
  const { signer, payload: said } = parseEnvelope(joinRequest, joinPayload.maxBytes);
  return digits(sha256(framed(['dicomnet/1/fingerprint', signer, said])));
}

/** The federation id (hex) in the same form, to be compared before joining. */
export const federationFingerprint = (federation: string): string =>
  digits(sha256(framed(['dicomnet/1/fingerprint', 'federation', federation])));

function digits(hash: Uint8Array): string {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return Array.from({ length: 8 }, (_, i) => String(view.getUint32(i * 4) % 10_000).padStart(4, '0')).join(' ');
}
