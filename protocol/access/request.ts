// Asking for studies: the envelope kind `request`.

import { mlkemPublicBytes } from '../box.ts';
import { hex } from '../bytes.ts';
import type { VerifiedEnvelope } from '../envelope.ts';
import { must, PeerError } from '../errors.ts';
import { memberId } from '../federation/fields.ts';
import { sha256 } from '../hash.ts';
import { limits } from '../limits.ts';
import { practitioner, purposes } from '../practitioner.ts';
import {
  array,
  bytes,
  type Field,
  id,
  oneOf,
  optional,
  payload,
  type Struct,
  struct,
  text,
  time,
  uint,
} from '../schema.ts';
import { type Members, mustNotBeFuture, mustSpeakFor } from './parties.ts';

export const requestKind = 'request';

const refList = array(id(16), limits.requestRefs, 1);

/** Refs of the advertised summary, or everything advertised for the patient. */
const refs: Field<string[] | 'all'> = {
  decode: (value, at) => (value === 'all' ? 'all' : refList.decode(value, at)),
  encode: (value) => (value === 'all' ? 'all' : refList.encode(value)),
};

const fields = {
  /** Random, 16 bytes. Together with the signer it names the request for ever. */
  id: id(16),
  from: memberId(),
  to: memberId(),
  practitioner,
  purpose: oneOf(...purposes),
  /** For people to read: at least one character that is not a space. */
  reason: text(limits.textBytes, /\S/),
  /** See patient.ts. */
  patient: bytes({ max: limits.requestPatientBytes }),
  refs,
  /** The tag, and its epoch, under which the refs were found. */
  tag: id(32),
  epoch: uint(),
  /** Evidence of consent, for a person to look at. */
  consent: optional(bytes({ max: limits.requestConsentBytes })),
  /** Public keys of this request alone, to which a grant's keys are wrapped; the secret halves are destroyed after use. */
  keys: struct({ x25519: bytes(32), mlkem: bytes(mlkemPublicBytes) }),
  /** Entries of the owner's audit log that the asker has seen a head for: the answer proves its head from there. */
  auditSeen: optional(uint()),
  issuedAt: time(),
  notAfter: time(),
};

/** Payload of the envelope kind `request`. */
export const request = payload(fields);

export type Request = Struct<typeof fields>;

/** What decisions and grants name a request by: SHA-256 of its payload, hex. */
export const digestOf = (opened: Pick<VerifiedEnvelope<unknown>, 'payload'>): string => hex(sha256(opened.payload));

/**
 * Whether this request may be looked at at all: for me, from the member that signed it, now. Replays: see replay.ts.
 * @param me member id of the owner that received it
 * @throws PeerError access/misaddressed, access/clock, access/lifetime, access/expired, member/unknown, envelope/signer
 */
export function checkRequest(input: {
  opened: VerifiedEnvelope<Request>;
  me: string;
  members: Members;
  now: number;
}): void {
  const { opened, me, members, now } = input;
  const { to, from, issuedAt, notAfter } = opened.value;
  must(to === me, 'access/misaddressed', { to });
  mustSpeakFor(from, opened, members, now);
  mustNotBeFuture(issuedAt, now);
  must(notAfter > issuedAt && notAfter - issuedAt <= limits.requestLifetimeMs, 'access/lifetime', {
    ms: notAfter - issuedAt,
    max: limits.requestLifetimeMs,
  });
  if (now >= notAfter) throw new PeerError('access/expired', { notAfter });
}
