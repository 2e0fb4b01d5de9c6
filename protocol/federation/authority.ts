// What the authority does, as pure steps: each takes a draft of the next roster and gives the next draft; `propose`,
// `sign` and `assemble` turn the last into an envelope. Only `stepChain` (chain.ts) says whether it is accepted.

import { hex } from '../bytes.ts';
import { must } from '../errors.ts';
import type { Signer, Verify } from '../identity.ts';
import { type Forked, highestSeen, rivalsOf } from './chain.ts';
import type { VerifiedJoin } from './join.ts';
import { checkContent, verifySuccession } from './link.ts';
import { type Authorities, checkForm, type Member, type Revocation, type Roster, rosterPayload } from './roster.ts';
import { encodeRoster, type ParsedRoster, parseRoster, rosterSignedBytes } from './signed.ts';

export interface Validity {
  /** Unix ms. */
  readonly issuedAt: number;
  readonly expires: number;
}

/** Roster 0 of a new federation, without members yet or with those that `admit` adds before it is signed. */
export const createRoster = (
  options: Validity & { name: string; authorities: Authorities; defaultSystem: string; minimumVersion?: number },
): Roster => ({ minimumVersion: 1, ...options, number: 0, members: [], allowances: [], revoked: [] });

/** The draft that follows a roster: everything as before, without what was said for that one number only. */
export function nextRoster(current: Pick<ParsedRoster, 'roster' | 'hash' | 'federation'>, validity: Validity): Roster {
  const { resolves: _resolves, ...kept } = current.roster;
  return {
    ...kept,
    ...validity,
    federation: current.federation,
    number: current.roster.number + 1,
    previous: current.hash,
    members: current.roster.members.map(({ succession: _succession, reissued: _reissued, ...each }) => each),
  };
}

/**
 * The draft that ends a fork, on the branch that `state` follows. Ordinary rosters must first have brought that branch
 * as high as the other. @throws PeerError roster/fork
 */
export function resolvingRoster(state: Forked, validity: Validity): Roster {
  const highest = highestSeen(state);
  must(state.current.number === highest, 'roster/fork', { number: state.current.number, highest });
  const { federation, hash, current } = state;
  const draft = nextRoster({ roster: current, hash, federation }, validity);
  return { ...draft, resolves: rivalsOf(state).map((each) => each.hash) };
}

/** Admits the peer of a join request as a new member. @throws PeerError member/exists */
export function admit(
  draft: Roster,
  { peerId, request }: Pick<VerifiedJoin, 'peerId' | 'request'>,
  as: { id: string; from: number; to?: number | undefined },
): Roster {
  const taken = draft.members.some((each) => each.peerId === peerId || each.id === as.id);
  const gone = draft.revoked.some((each) => each.id === peerId || each.id === as.id);
  must(!taken && !gone, 'member/exists', { peerId });
  const { name, country, region, kind } = request;
  return { ...draft, members: [...draft.members, { ...as, peerId, name, country, region, kind }] };
}

/**
 * Removes a member for good: member and peer id are revoked, its share of the index key is no longer asked for. (It
 * still knows the share; a new generation of the key takes that away.)
 * @throws PeerError member/unknown; authority/keepers when too few keepers would remain
 */
export function expel(draft: Roster, id: string, at: number): Roster {
  const { peerId } = memberIn(draft, id);
  const shares = draft.indexKey?.shares.filter((each) => each.member !== id) ?? [];
  const key = draft.indexKey;
  must(key === undefined || shares.length >= key.t, 'authority/keepers', { t: key?.t, remaining: shares.length });
  const out = { ...draft, members: draft.members.filter((each) => each.id !== id) };
  if (key !== undefined) out.indexKey = { ...key, shares };
  return revoke(revoke(out, { kind: 'member', id, at }), { kind: 'peer', id: peerId, at });
}

export const revoke = (draft: Roster, revocation: Revocation): Roster => ({
  ...draft,
  revoked: [...draft.revoked, revocation],
});

/** The new authorities must sign as well as the old ones. */
export const changeAuthorities = (draft: Roster, authorities: Authorities): Roster => ({ ...draft, authorities });

/** A member's peer gets a new key, as its old one has signed. @throws PeerError member/unknown, roster/succession, envelope/* */
export function succeed(draft: Roster, succession: Uint8Array, verify: Verify): Roster {
  const said = verifySuccession(succession, draft.federation ?? '', verify);
  must(memberIn(draft, said.member).peerId === said.old, 'roster/succession', { member: said.member });
  return replacePeer(draft, said.member, { peerId: said.new, succession });
}

/** A member's peer has lost its key: the authority vouches for the new one, and the old one is revoked. */
export function reissue(draft: Roster, id: string, peerId: string, at: number): Roster {
  const old = memberIn(draft, id).peerId;
  return revoke(replacePeer(draft, id, { peerId, reissued: true }), { kind: 'peer', id: old, at });
}

const replacePeer = (draft: Roster, id: string, change: Partial<Member>): Roster => ({
  ...draft,
  members: draft.members.map((each) => (each.id === id ? { ...each, ...change } : each)),
});

function memberIn(draft: Roster, id: string): Member {
  const found = draft.members.find((each) => each.id === id);
  must(found, 'member/unknown', { member: id });
  return found;
}

/** The draft as an envelope without signatures, to be passed to the authorities. @throws PeerError roster/form, field/*, cbor/* */
export function propose(draft: Roster): Uint8Array {
  checkForm(draft);
  return parseRoster(encodeRoster(rosterPayload.encode(draft), [])).bytes;
}

/** Before signing: that a proposal follows what this authority knows. @throws PeerError those of `checkContent` */
export function review(previous: ParsedRoster, proposal: Uint8Array, verify: Verify): ParsedRoster {
  const next = parseRoster(proposal);
  checkContent(previous, next, verify);
  return next;
}

/** Adds one authority's signature; signing again changes nothing. Whether it is an authority's, `stepChain` says */
export function sign(proposal: Uint8Array, by: Signer): Uint8Array {
  const parsed = parseRoster(proposal);
  return assemble([
    proposal,
    encodeRoster(parsed.payload, [{ signer: hex(by.publicKey), signature: by.sign(rosterSignedBytes(parsed)) }]),
  ]);
}

/** One envelope with the signatures of all copies of a proposal. @throws PeerError authority/payload, and as `parseRoster` */
export function assemble(signed: readonly Uint8Array[]): Uint8Array {
  const parsed = signed.map((each) => parseRoster(each));
  must(parsed.length > 0 && parsed.every((each) => each.hash === parsed[0]!.hash), 'authority/payload');
  const bySigner = new Map(parsed.flatMap((each) => each.signatures).map((each) => [each.signer, each]));
  const signatures = [...bySigner.values()].sort((a, b) => (a.signer < b.signer ? -1 : 1));
  return encodeRoster(parsed[0]!.payload, signatures);
}
