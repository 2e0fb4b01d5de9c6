// Who this peer is in its federation now: what everything that speaks to others needs.

import type { Membership } from '../../protocol/federation/membership.ts';
import type { Member } from '../../protocol/federation/roster.ts';
import type { Signer, Verify } from '../../protocol/identity.ts';

export interface Us {
  /** Federation id, hex. */
  readonly federation: string;
  /** This peer's own entry in the roster. */
  readonly member: Member;
  readonly membership: Membership;
  readonly signer: Signer;
  readonly verify: Verify;
}
