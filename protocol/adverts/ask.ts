// /dicomnet/summary/1: a finder names who asks, why and for which tag; the owner's guard decides, logs, and answers with
// the summary's key.
import { signEnvelope, type VerifiedEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import type { Signer, Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { isPurpose, practitioner } from '../practitioner.ts';
import { bytes, id, oneOf, optional, payload, text, time, uint } from '../schema.ts';
import type { MemberOf } from './checks.ts';
import { type Advert, verifyAdvert } from './record.ts';
import { openSummary, type Summary } from './summary.ts';

export const summaryProtocol = '/dicomnet/summary/1';
const summaryRequestKind = 'summary-request';

const requestPayload = payload(
  {
    id: id(16),
    from: id(16),
    /** The one member that may answer. */
    to: id(16),
    practitioner,
    /** HL7 v3 purpose of use (practitioner.ts). */
    purpose: text(16),
    reason: text(),
    tag: id(),
    epoch: uint(1_000_000),
    /** The version that the finder has, if it has one. */
    incarnation: optional(uint()),
    seq: optional(uint()),
    issuedAt: time(),
    notAfter: time(),
  },
  4096,
);

export type SummaryRequest = ReturnType<typeof requestPayload.decode>;

/**
 * The owner's answer. `answered` with `key`: it opens `sealed` of the version named, or of `record` where that was made
 * for this asker; without one: something is held and existence is all that is told.
 */
export const summaryReply = payload(
  {
    state: oneOf('answered', 'pending', 'denied'),
    /** Wire number of the reason, where it was denied. */
    code: optional(uint(999)),
    text: optional(text()),
    incarnation: optional(uint()),
    seq: optional(uint()),
    key: optional(bytes(32)),
    record: optional(bytes({ max: limits.advertBytes })),
  },
  limits.advertBytes + 4096,
);

export type SummaryReply = ReturnType<typeof summaryReply.decode>;

export const signSummaryRequest = (value: SummaryRequest, federation: string, by: Signer): Uint8Array =>
  signEnvelope(summaryRequestKind, requestPayload, value, federation, by);

/** @throws PeerError kind/unexpected, envelope/signature, cbor/*, field/*, crit/unknown */
export const verifySummaryRequest = (
  envelope: Uint8Array,
  federation: string,
  verify: Verify,
): VerifiedEnvelope<SummaryRequest> => verifyEnvelope(envelope, summaryRequestKind, requestPayload, federation, verify);

const skewMs = limits.clockSkewMinutes * 60_000;
/** Longest that a request may be valid. */
const summaryRequestMs = 3_600_000;

/**
 * What must hold before the guard looks at a request. Returns what the replay cache is to remember, and until when:
 * later the request is refused for its age.
 * @throws PeerError envelope/signer, advert/not-addressed, advert/no-purpose, advert/request-time, advert/replayed
 */
export function checkSummaryRequest(options: {
  request: VerifiedEnvelope<SummaryRequest>;
  me: string;
  memberOf: MemberOf;
  now: number;
  /** True if this key was remembered before. */
  seen: (replayKey: string) => boolean;
}): { replayKey: string; until: number } {
  const { request, me, memberOf, now, seen } = options;
  const { value, signer } = request;
  must(memberOf(signer) === value.from, 'envelope/signer');
  must(value.to === me, 'advert/not-addressed');
  const named = value.practitioner.name.trim() !== '' && value.practitioner.role.trim() !== '';
  must(isPurpose(value.purpose) && value.reason.trim() !== '' && named, 'advert/no-purpose');
  const current = Math.abs(now - value.issuedAt) <= skewMs && now < value.notAfter;
  must(current && value.notAfter <= value.issuedAt + summaryRequestMs, 'advert/request-time');
  const replayKey = `${signer}/${value.id}`;
  must(!seen(replayKey), 'advert/replayed');
  return { replayKey, until: value.issuedAt + skewMs + 1 };
}

/**
 * The summary in an `answered` reply, or undefined where only existence is told. `advert` is the record that was found.
 * @throws PeerError advert/summary, advert/superseded if the key is of another version than was found, and those of
 * `verifyAdvert` for a record made for this asker
 */
export function openSummaryReply(options: {
  reply: SummaryReply;
  advert: Advert;
  federation: string;
  memberOf: MemberOf;
  verify: Verify;
}): Summary | undefined {
  const { reply, advert, federation, memberOf, verify } = options;
  if (reply.state !== 'answered' || reply.key === undefined) return undefined;
  const record = reply.record === undefined ? advert : verifyAdvert(reply.record, federation, verify);
  const sameRecord =
    record.tag === advert.tag &&
    record.epoch === advert.epoch &&
    record.member === advert.member &&
    memberOf(record.signer) === advert.member;
  must(sameRecord && record.sealed !== undefined, 'advert/summary');
  const sameVersion = reply.incarnation === record.incarnation && reply.seq === record.seq;
  must(sameVersion, 'advert/superseded', { seq: record.seq, answered: reply.seq });
  return openSummary({ key: reply.key, sealed: record.sealed, of: { federation, ...record } });
}
