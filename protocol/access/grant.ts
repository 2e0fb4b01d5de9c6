// Permission to fetch and use one manifest, bound to one holder and one request: the envelope kind `grant`.
import type { VerifiedEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { memberId } from '../federation/fields.ts';
import { limits } from '../limits.ts';
import { array, bytes, type Field, id, oneOf, optional, payload, type Struct, text, time, uint } from '../schema.ts';
import { type Members, mustNotBeFuture, mustSpeakFor } from './parties.ts';

export const grantKind = 'grant';

const uidList = array(text(64, /^[0-9.]+$/), limits.grantSeries, 1);

/** Series Instance UIDs, or the whole manifest. */
const scope: Field<string[] | 'all'> = {
  decode: (value, at) => (value === 'all' ? 'all' : uidList.decode(value, at)),
  encode: (value) => (value === 'all' ? 'all' : uidList.encode(value)),
};

/** Look at it, keep a copy, advertise and pass it on inside the federation, hand it out beyond it. */
const actions = ['view', 'store', 'forward', 'release'] as const;

const fields = {
  /** Random, 16 bytes. */
  id: id(16),
  requestDigest: id(32),
  owner: memberId(),
  holder: memberId(),
  manifest: id(32),
  /** Bytes of the sealed manifest. */
  manifestLength: uint(),
  scope,
  actions: array(oneOf(...actions), actions.length, 1),
  /** Who at the holder's may use it: contracted and logged, not enforced from here. */
  audience: oneOf('person', 'team', 'hospital'),
  from: time(),
  /** Exclusive. */
  to: time(),
  /** Until when the holder must have deleted its copy. */
  deleteBy: optional(time()),
  /** [reserved] Until when later versions of the study are covered. */
  followUntil: optional(time()),
  /** See wrap.ts. */
  wrapped: bytes({ max: limits.grantWrappedBytes }),
  issuedAt: time(),
};

const shape = payload(fields, limits.grantBytes);

export type Grant = Struct<typeof fields>;
export type GrantAction = (typeof actions)[number];

/** Payload of the envelope kind `grant`. */
export const grant: typeof shape = {
  ...shape,
  decode(input) {
    const value = shape.decode(input);
    must(value.to > value.from, 'field/invalid', { at: 'to' });
    must(new Set(value.actions).size === value.actions.length, 'field/invalid', { at: 'actions' });
    must(value.scope === 'all' || new Set(value.scope).size === value.scope.length, 'field/invalid', { at: 'scope' });
    return value;
  },
};

/** Whether the grant covers this series. */
export const inScope = (value: Pick<Grant, 'scope'>, series: string): boolean =>
  value.scope === 'all' || value.scope.includes(series);

/**
 * The live check, made by the owner for the manifest and anew for every object.
 * @param input.connection base58 peer id at the other end
 * @param input.series Series Instance UID of the object at hand, unless it is the manifest
 * @throws PeerError member/unknown, access/holder, access/revoked, access/not-yet, access/expired, access/scope
 */
export function checkGrant(input: {
  grant: Grant;
  connection: string;
  members: Members;
  now: number;
  revoked: boolean;
  series?: string;
  action?: GrantAction;
}): void {
  const { grant: value, connection, members, now, revoked, series, action } = input;
  const member = members.memberOf(connection, now);
  must(member !== undefined, 'member/unknown', { peerId: connection });
  must(member.id === value.holder, 'access/holder', { grant: value.id });
  must(!revoked, 'access/revoked', { grant: value.id });
  must(now >= value.from, 'access/not-yet', { grant: value.id, from: value.from });
  must(now < value.to, 'access/expired', { grant: value.id, to: value.to });
  must(series === undefined || inScope(value, series), 'access/scope', { grant: value.id });
  must(action === undefined || value.actions.includes(action), 'access/scope', { grant: value.id, action });
}

/**
 * Whether this is the grant that my request was answered with. Its times are judged by the owner's clock, at use.
 * @throws PeerError access/mismatch, access/holder, access/clock, member/unknown, envelope/signer
 */
export function checkReceivedGrant(input: {
  opened: VerifiedEnvelope<Grant>;
  request: { readonly from: string; readonly to: string };
  requestDigest: string;
  members: Members;
  now: number;
}): void {
  const { opened, request, requestDigest, members, now } = input;
  const { value } = opened;
  must(value.holder === request.from, 'access/holder', { grant: value.id });
  const fits = value.owner === request.to && value.requestDigest === requestDigest;
  must(fits, 'access/mismatch', { grant: value.id });
  mustSpeakFor(value.owner, opened, members, now);
  mustNotBeFuture(value.issuedAt, now);
}
