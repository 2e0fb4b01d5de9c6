// A peer's card: its own signed addresses and box keys. Whom it belongs to says the roster, by the signer's peer id.
import { mlkemPublicBytes } from '../box.ts';
import { parseEnvelope, signEnvelope, signedBytes, type VerifiedEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { verify as nobleVerify, type Signer, type Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { array, bytes, optional, payload, struct, text, time } from '../schema.ts';
import { country, memberId, name } from './fields.ts';
import type { Member } from './roster.ts';

export const cardPayload = payload(
  {
    /** Absent until the peer knows its member id. */
    member: optional(memberId()),
    name: name(),
    country: country(),
    /** Multiaddrs as text. */
    addresses: array(text(256, /^\/[\x21-\x7e]+$/), limits.cardAddresses),
    boxKeys: struct({ x25519: bytes(32), mlkem: bytes(mlkemPublicBytes) }),
    /** What it serves, by protocol id or word. */
    services: array(text(64, /^[\x21-\x7e]+$/), 32),
    /** For people: who to call about this peer. */
    contacts: optional(array(name(128), 8)),
    /** The software's version, for people. */
    version: text(64, /^[\x21-\x7e]*$/),
    issuedAt: time(),
    expires: time(),
  },
  limits.cardBytes - 256,
);

export type Card = ReturnType<typeof cardPayload.decode>;

const dayMs = 24 * 3_600_000;
const kind = 'card';

/** A card for the longest time allowed. */
export const cardValidity = (now: number) => ({ issuedAt: now, expires: now + limits.cardDays * dayMs });

/** `federation` is `''` until the peer has joined. */
export const signCard = (card: Card, federation: string, by: Signer): Uint8Array =>
  signEnvelope(kind, cardPayload, card, federation, by);

/**
 * A card that its peer signed for this federation, or before it joined one (as in its join request). Not yet checked:
 * `checkCard`.
 * @throws PeerError envelope/signature, kind/unexpected, cbor/*, field/*
 */
export function verifyCard(
  bytes: Uint8Array,
  federation: string,
  verify: Verify = nobleVerify,
): VerifiedEnvelope<Card> {
  const parts = parseEnvelope(bytes, cardPayload.maxBytes);
  const before = federation !== '' && verify(parts.signature, signedBytes('', kind, parts.payload), parts.signer);
  return verifyEnvelope(bytes, kind, cardPayload, before ? '' : federation, verify);
}

/**
 * That the card is valid now and says no other member than its peer is.
 * @param member whom the roster names for the card's signer
 * @throws PeerError card/validity, card/member
 */
export function checkCard(card: VerifiedEnvelope<Card>, member: Member, now: number): void {
  const { issuedAt, expires } = card.value;
  const lasts = expires - issuedAt;
  const current = issuedAt <= now + limits.clockSkewMinutes * 60_000 && now < expires;
  must(current && lasts > 0 && lasts <= limits.cardDays * dayMs, 'card/validity', { issuedAt, expires });
  const fits = member.peerId === card.signer && (card.value.member ?? member.id) === member.id;
  must(fits, 'card/member', { member: member.id });
}

/** The newer of two cards of one peer; of two with one time the first stays. */
export const newerCard = (
  held: VerifiedEnvelope<Card> | undefined,
  offered: VerifiedEnvelope<Card>,
): VerifiedEnvelope<Card> => (held !== undefined && held.value.issuedAt >= offered.value.issuedAt ? held : offered);
