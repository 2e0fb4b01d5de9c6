// The roster: the numbered list of who is in the federation. What its fields are and what one roster must hold by
// itself; signed.ts says who must have signed it and link.ts how it follows the one before.
import { boxOverheadBytes } from '../box.ts';
import { hex } from '../bytes.ts';
import { must } from '../errors.ts';
import { sha256 } from '../hash.ts';
import { limits } from '../limits.ts';
import { array, bool, bytes, type Infer, id, oneOf, optional, payload, struct, text, time, uint } from '../schema.ts';
import { country, memberId, name, peerId } from './fields.ts';

/** The version of all that this code speaks; a roster names the least that its members must speak. */
export const protocolVersion = 1;

export const memberKind = () => oneOf('hospital', 'relay', 'agency');

const successionBytes = 512;

const member = struct({
  id: memberId(),
  peerId: peerId(),
  /** Legal name. */
  name: name(),
  country: country(),
  region: optional(name(128)),
  kind: memberKind(),
  from: time(),
  to: optional(time()),
  /** In the roster that changes the peer id: the change as signed by the old peer's key. */
  succession: optional(bytes({ min: 1, max: successionBytes })),
  /** In the roster that changes the peer id: the old key is lost and the authority vouches for the new one. */
  reissued: optional(bool()),
});

const authorities = struct({ keys: array(id(), limits.authorityKeys, 1), k: uint(limits.authorityKeys, 1) });

const share = struct({
  /** The point at which the polynomial is evaluated, never 0. */
  index: uint(255, 1),
  member: memberId(),
  /** The share times the generator of ristretto255. */
  commitment: bytes(32),
  /** A dealt share, sealed to the keeper's box keys (box.ts; associated data: `shareAad`). */
  sealed: optional(bytes({ min: boxOverheadBytes, max: boxOverheadBytes + 64 })),
});

const indexKey = struct({
  id: id(16),
  generation: uint(),
  publicKey: bytes(32),
  /** How many keepers it takes. */
  t: uint(limits.keepers, 1),
  trial: bool(),
  /** The authority key whose holder dealt the shares and so has seen the whole key. */
  dealer: optional(id()),
  shares: array(share, limits.keepers, 1),
});

const allowance = struct({ id: id(16), member: memberId(), points: uint(), from: time(), to: time() });

const revocation = struct({
  kind: oneOf('member', 'peer', 'grant'),
  /** Member id in hex, base58 peer id, or grant id in hex. */
  id: text(128, /^[0-9A-Za-z]+$/),
  at: time(),
});

export const rosterPayload = payload(
  {
    /** SHA-256 of roster 0's payload; absent in roster 0 itself. */
    federation: optional(id()),
    name: name(),
    number: uint(limits.rosterNumbers - 1),
    /** Hash of the roster before; absent in roster 0. */
    previous: optional(id()),
    authorities,
    minimumVersion: uint(1_000_000, 1),
    members: array(member, limits.members),
    indexKey: optional(indexKey),
    allowances: array(allowance, limits.allowances),
    revoked: array(revocation, limits.revocations),
    /** Ends a fork: the hashes of all rosters seen under the number where it began. */
    resolves: optional(array(id(), limits.forkEvidence + 1, 2)),
    /** URI of the federation's national identifier system. */
    defaultSystem: text(256, /^[a-z][a-z0-9+.-]*:\S+$/i),
    issuedAt: time(),
    expires: time(),
  },
  limits.rosterBytes - 8192,
);

export type Roster = ReturnType<typeof rosterPayload.decode>;
export type Member = Infer<typeof member>;
export type MemberKind = Member['kind'];
export type Authorities = Infer<typeof authorities>;
export type IndexKey = Infer<typeof indexKey>;
export type Share = Infer<typeof share>;
export type Allowance = Infer<typeof allowance>;
export type Revocation = Infer<typeof revocation>;

/** A roster's hash: SHA-256 of its payload, without signatures. */
export const rosterHash = (payloadBytes: Uint8Array): string => hex(sha256(payloadBytes));

/** The id of the federation that a roster belongs to: its own hash for roster 0. */
export const federationOf = (roster: Roster, hash: string): string => roster.federation ?? hash;

export const distinct = (list: readonly unknown[]): boolean => new Set(list).size === list.length;

/**
 * What every roster must hold by itself, but for the index key (`checkIndexKey` in index-key.ts).
 * @throws PeerError roster/form
 */
export function checkForm(roster: Roster): void {
  const holds = (condition: boolean, at: string) => must(condition, 'roster/form', { at, number: roster.number });
  const first = roster.number === 0;
  holds((roster.federation === undefined) === first, 'federation');
  holds((roster.previous === undefined) === first, 'previous');
  holds(roster.expires > roster.issuedAt, 'expires');

  const { keys, k } = roster.authorities;
  holds(distinct(keys), 'authorities.keys');
  holds(k <= keys.length && 2 * k > keys.length, 'authorities.k');

  const ids = roster.members.map((each) => each.id);
  const peers = roster.members.map((each) => each.peerId);
  holds(distinct(ids), 'members.id');
  holds(distinct(peers), 'members.peerId');
  holds(distinct(roster.allowances.map((each) => each.id)), 'allowances.id');
  const gone = (kind: Revocation['kind']) => new Set(roster.revoked.flatMap((r) => (r.kind === kind ? [r.id] : [])));
  const [goneMembers, gonePeers] = [gone('member'), gone('peer')];
  holds(!ids.some((each) => goneMembers.has(each)), 'revoked.member');
  holds(!peers.some((each) => gonePeers.has(each)), 'revoked.peer');
}
