// Who is in the federation, as everybody else in the program asks it: a read view over the followed chain.
import { must } from '../errors.ts';
import { inForce, type Pinned } from './chain.ts';
import type { IndexKey, Member, Revocation, Roster, Share } from './roster.ts';
import { parseRoster } from './signed.ts';

/** A keeper: a member and its share of the index key. */
export interface Keeper {
  readonly member: Member;
  readonly share: Share;
}

/** The current roster, read. Whoever is expelled, revoked, outside its validity or not yet admitted is undefined. */
export interface Membership {
  readonly federation: string;
  readonly number: number;
  readonly hash: string;
  readonly roster: Roster;
  readonly indexKey: IndexKey | undefined;
  /** The member that this base58 peer id speaks for now; undefined for everybody once the roster is out of force. */
  memberOf(peerId: string, now: number): Member | undefined;
  /** The member with this id as the roster lists it, whatever the time. */
  member(id: string): Member | undefined;
  /** Everybody who is a member now. */
  members(now: number): Member[];
  /** In the order of the index key's shares. */
  keepers(): Keeper[];
  isRevoked(kind: Revocation['kind'], id: string): boolean;
}

const memberAndPeer = (member: Member): string => `${member.id}/${member.peerId}`;

/** During a fork what either side revoked is revoked. */
function revocations(state: Pinned): readonly Revocation[] {
  const beside = state.kind === 'forked' ? state.fork.evidence : [];
  return [...state.current.revoked, ...beside.flatMap((each) => parseRoster(each.bytes).roster.revoked)];
}

/** The view over a followed chain. During a fork nobody new is admitted: only who was a member before it. */
export function membershipOf(state: Pinned): Membership {
  const { current } = state;
  const revoked = new Set(revocations(state).map((each) => `${each.kind}/${each.id}`));
  const gone = (each: Member) => revoked.has(`member/${each.id}`) || revoked.has(`peer/${each.peerId}`);
  const before = state.kind === 'forked' ? new Set(state.fork.before.members.map(memberAndPeer)) : undefined;
  const admitted = current.members.filter((each) => !gone(each) && (before?.has(memberAndPeer(each)) ?? true));
  const byId = new Map(admitted.map((each) => [each.id, each]));
  const byPeer = new Map(admitted.map((each) => [each.peerId, each]));
  const valid = (member: Member, now: number) => member.from <= now && (member.to === undefined || now < member.to);

  return {
    federation: state.federation,
    number: current.number,
    hash: state.hash,
    roster: current,
    indexKey: current.indexKey,
    memberOf(peerId, now) {
      const found = byPeer.get(peerId);
      return found !== undefined && inForce(current, now) && valid(found, now) ? found : undefined;
    },
    member: (id) => byId.get(id),
    members: (now) => (inForce(current, now) ? admitted.filter((each) => valid(each, now)) : []),
    keepers: () =>
      (current.indexKey?.shares ?? []).flatMap((share) => {
        const member = byId.get(share.member);
        return member === undefined ? [] : [{ member, share }];
      }),
    isRevoked: (kind, id) => revoked.has(`${kind}/${id}`),
  };
}

/** The member that a peer speaks for. @throws PeerError member/unknown */
export function mustBeMember(membership: Membership, peerId: string, now: number): Member {
  const found = membership.memberOf(peerId, now);
  must(found, 'member/unknown', { peerId, roster: membership.number });
  return found;
}
