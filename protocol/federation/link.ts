// How one roster follows another.
import { signEnvelope, verifyEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { peerIdOf, type Signer, type Verify } from '../identity.ts';
import { payload, time } from '../schema.ts';
import { memberId, peerId } from './fields.ts';
import { checkIndexKey, checkKeyFollows, sameIndexKey } from './index-key.ts';
import type { Member, Roster } from './roster.ts';
import { checkSignatures, type ParsedRoster } from './signed.ts';

const successionPayload = payload({ member: memberId(), old: peerId(), new: peerId(), at: time() }, 512);

/** A member's own word that its peer's key changes. */
export type Succession = ReturnType<typeof successionPayload.decode>;

/** Signs the change of a member's peer id with the old peer's key. */
export const signSuccession = (
  value: { member: string; new: string; at: number },
  federation: string,
  old: Signer,
): Uint8Array =>
  signEnvelope('succession', successionPayload, { ...value, old: peerIdOf(old.publicKey) }, federation, old);

/** @throws PeerError roster/succession, envelope/*, cbor/*, field/* */
export function verifySuccession(bytes: Uint8Array, federation: string, verify: Verify): Succession {
  const { value, signer } = verifyEnvelope(bytes, 'succession', successionPayload, federation, verify);
  must(signer === value.old, 'roster/succession', { member: value.member });
  return value;
}

/** Roster 0 vouches for itself: its hash, the federation id, is what is compared out of band. */
export function checkFirst(parsed: ParsedRoster, verify: Verify): void {
  checkSignatures(parsed, [parsed.roster.authorities], verify);
  checkIndexKey(parsed.roster);
}

/**
 * `next` follows `previous` directly and is signed for.
 * @throws PeerError those of `checkContent` and `checkSignatures`
 */
export function checkLink(previous: ParsedRoster, next: ParsedRoster, verify: Verify): void {
  checkAuthorities(previous.roster, next, verify);
  checkContent(previous, next, verify);
}

/**
 * Everything but the authorities' signatures: also what an authority checks before it signs.
 * @throws PeerError roster/other-federation, roster/broken-chain, roster/dates, roster/succession, roster/key-change,
 * roster/index-key
 */
export function checkContent(previous: ParsedRoster, next: ParsedRoster, verify: Verify): void {
  must(next.federation === previous.federation, 'roster/other-federation', { federation: next.federation });
  const links = next.roster.previous === previous.hash && next.roster.number === previous.roster.number + 1;
  must(links, 'roster/broken-chain', { number: next.roster.number });
  // a clock that was set back would else make a roster that has lapsed before it is read
  const { issuedAt } = next.roster;
  must(issuedAt >= previous.roster.issuedAt, 'roster/dates', { number: next.roster.number });
  const before = new Map(previous.roster.members.map((each) => [each.id, each]));
  for (const member of next.roster.members) checkPeerId(before.get(member.id), member, next.federation, verify);
  if (!sameIndexKey(previous.roster.indexKey, next.roster.indexKey) || keeperLeft(next.roster)) {
    checkIndexKey(next.roster);
  }
  checkKeyFollows(previous.roster.indexKey, next.roster);
}

/** k of the authorities before and, where they changed, k of the new ones too. */
export function checkAuthorities(before: Roster, next: ParsedRoster, verify: Verify): void {
  checkSignatures(next, [before.authorities, next.roster.authorities], verify);
}

const keeperLeft = (roster: Roster): boolean => {
  const members = new Set(roster.members.map((each) => each.id));
  return roster.indexKey?.shares.some((each) => !members.has(each.member)) ?? false;
};

/** A member's peer id changes by its own signed succession, or openly by the authority's word that the key is lost. */
function checkPeerId(before: Member | undefined, now: Member, federation: string, verify: Verify): void {
  if (before === undefined || before.peerId === now.peerId) {
    // a mark left standing would let the next change pass in silence
    must(now.reissued !== true, 'roster/succession', { member: now.id });
    return;
  }
  if (now.reissued === true) return;
  must(now.succession !== undefined, 'roster/succession', { member: now.id });
  const said = verifySuccession(now.succession, federation, verify);
  const fits = said.member === now.id && said.old === before.peerId && said.new === now.peerId;
  must(fits, 'roster/succession', { member: now.id });
}
