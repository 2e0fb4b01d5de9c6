// Who a signed message comes from and whom it is for: the checks that all of asking and granting share.
import type { VerifiedEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import type { Membership } from '../federation/membership.ts';
import { limits } from '../limits.ts';

/** What is asked of the roster here. */
export type Members = Pick<Membership, 'memberOf'>;

/** The signer's peer speaks for `member` now. @throws PeerError member/unknown, envelope/signer */
export function mustSpeakFor(member: string, opened: VerifiedEnvelope<unknown>, members: Members, now: number): void {
  const found = members.memberOf(opened.signer, now);
  must(found !== undefined, 'member/unknown', { peerId: opened.signer });
  must(found.id === member, 'envelope/signer', { kind: opened.kind, peerId: opened.signer });
}

/** Clocks may differ by `limits.accessSkewMs`, and only for `issuedAt`. @throws PeerError access/clock */
export function mustNotBeFuture(issuedAt: number, now: number): void {
  must(issuedAt <= now + limits.accessSkewMs, 'access/clock', { aheadMs: issuedAt - now });
}
