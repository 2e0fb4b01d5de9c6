// An advertisement: "this member holds (or no longer holds) something for the patient behind this tag". Every envelope
// is exactly 1, 4, 16 or 64 KiB, so that its length says next to nothing.

import { signEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import type { Signer, Verify } from '../identity.ts';
import { KiB, limits } from '../limits.ts';
import { bytes, id, oneOf, optional, payload, time, uint } from '../schema.ts';
import { epochOverlapMs, epochStart } from '../tags/epoch.ts';

export const advertKind = 'advert';

/** Lengths of a whole envelope. */
export const sizeClasses = [1 * KiB, 4 * KiB, 16 * KiB, 64 * KiB] as const;
export type SizeClass = (typeof sizeClasses)[number];

/** What is left of a size class for everything but `sealed`; whatever the fields' lengths, padding fills it exactly. */
export const reservedBytes = 512;

/** How long a record counts as fresh, and is kept at all, after it was made. */
export const freshMs = 48 * 3_600_000;
export const keepMs = 14 * 24 * 3_600_000;

const fields = {
  tag: id(),
  epoch: uint(1_000_000),
  generation: uint(),
  member: id(16),
  /** Counts a peer's restores; with `seq` it orders the versions of one record. */
  incarnation: uint(),
  seq: uint(),
  freshUntil: time(),
  keepUntil: time(),
  state: oneOf('holds', 'withdrawn'),
  /** The encrypted summary, its size class less 512 bytes; absent when withdrawn or where existence is all that is told. */
  sealed: optional(bytes({ max: limits.advertBytes - reservedBytes })),
};
const advertPayload = payload({ ...fields, pad: bytes({ max: limits.advertBytes }) }, limits.advertBytes);
const unpadded = payload(fields, limits.advertBytes);

export type AdvertFields = Omit<ReturnType<typeof unpadded.decode>, 'crit'>;

/** A record whose signature holds and whose size is right; whether its signer is the member is for checks.ts. */
export interface Advert extends AdvertFields {
  /** libp2p peer id (base58) of the signer's key. */
  readonly signer: string;
  /** The envelope as it came. */
  readonly bytes: Uint8Array;
}

/** What orders the versions of one member's record under one tag. */
export type Version = Pick<AdvertFields, 'incarnation' | 'seq'>;

export const isSizeClass = (length: number): length is SizeClass => (sizeClasses as readonly number[]).includes(length);

// CBOR around the payload: array head, "advert", a payload of 256 to 65,535 bytes, signer, signature
const envelopeBytes = 1 + 7 + 3 + 34 + 66;

/**
 * Signs a record, padded to its size class: that of `sealed`, or `size` for a record without it.
 * @throws PeerError advert/size
 */
export function encodeAdvert(value: AdvertFields, size: SizeClass, federation: string, by: Signer): Uint8Array {
  const { sealed } = value;
  must(sealed === undefined || sealed.length === size - reservedBytes, 'advert/size', { size });
  const room = size - envelopeBytes - advertPayload.encode({ ...value, pad: new Uint8Array(0) }).length;
  // the length of the padding's own length counts too
  const length = [0, 1, 2].map((extra) => room - extra).find((each, extra) => headExtra(each) === extra) ?? -1;
  must(length >= 0, 'advert/size', { size });
  const envelope = signEnvelope(advertKind, advertPayload, { ...value, pad: new Uint8Array(length) }, federation, by);
  must(envelope.length === size, 'advert/size', { size, length: envelope.length });
  return envelope;
}

/** Bytes that a CBOR byte string's head takes beyond its first. */
const headExtra = (length: number): number => (length < 24 ? 0 : length < 256 ? 1 : 2);

/** @throws PeerError advert/size, kind/unexpected, envelope/signature, cbor/*, field/*, crit/unknown */
export function verifyAdvert(envelope: Uint8Array, federation: string, verify: Verify): Advert {
  must(isSizeClass(envelope.length), 'advert/size', { length: envelope.length });
  const opened = verifyEnvelope(envelope, advertKind, advertPayload, federation, verify);
  const { pad: _, crit: __, ...value } = opened.value;
  const fits = value.sealed === undefined || value.sealed.length === envelope.length - reservedBytes;
  must(fits && (value.sealed === undefined || value.state === 'holds'), 'advert/size', { length: envelope.length });
  return { ...value, signer: opened.signer, bytes: envelope };
}

/** The next version's number: never below the last one, near the clock so that a lost count does no harm. */
export const nextSeq = (last: number | undefined, now: number): number => Math.max((last ?? -1) + 1, now);

/** Below 0, 0 or above 0 as `a` is older than, the same as or newer than `b`. */
export const compareVersions = (a: Version, b: Version): number => a.incarnation - b.incarnation || a.seq - b.seq;

/** True if `a` is a newer version than `b`. */
export const supersedes = (a: Version, b: Version): boolean => compareVersions(a, b) > 0;

/**
 * When a record made now lapses and may be forgotten: no later than a day after its epoch, so that a tombstone outlives
 * every earlier version and nothing is kept that nobody looks up.
 */
export function lifetimes(now: number, epoch: number): { freshUntil: number; keepUntil: number } {
  const freshUntil = now + freshMs;
  const end = epochStart(epoch + 1) + epochOverlapMs;
  return { freshUntil, keepUntil: Math.min(now + keepMs, Math.max(freshUntil, end)) };
}

/** The tombstone of a record, in the same size class, for the next version. */
export function withdrawal(of: Advert, seq: number, now: number): { value: AdvertFields; size: SizeClass } {
  const { tag, epoch, generation, member, incarnation } = of;
  const value = { tag, epoch, generation, member, incarnation, seq, ...lifetimes(now, epoch), state: 'withdrawn' };
  return { value: value as AdvertFields, size: of.bytes.length as SizeClass };
}
