// Joining a federation while the peer is stopped: the roster and the cards go into its data folder, checked.
import { PeerError } from '../protocol/errors.ts';
import { chainOfBundle, decodeBundle } from '../protocol/federation/bundle.ts';
import { checkCard, openCard } from '../protocol/federation/card.ts';
import { membershipOf, mustBeMember } from '../protocol/federation/membership.ts';
import { cardStore, rosterStore } from './federation.ts';
import { openData, ownKeys } from './setup.ts';
import { nativeVerify, systemClock } from './system.ts';

/**
 * Takes a roster file into the data folder of a stopped peer.
 * @throws PeerError roster/*, member/unknown when it doesn't name this peer, roster/other-federation, store/locked
 */
export async function joinData(dir: string, file: Uint8Array): Promise<{ federation: string; number: number }> {
  const { kv } = await openData(dir);
  try {
    const now = systemClock.now();
    const bundle = decodeBundle(file);
    const { state } = chainOfBundle(bundle, { now }, { verify: nativeVerify });
    const membership = membershipOf(state);
    mustBeMember(membership, (await ownKeys(kv)).peerId, now);
    const rosters = rosterStore(kv);
    const known = (await rosters.load()).length;
    if (known > 0) await mustContinue(await rosters.load(), bundle.rosters);
    for (const roster of bundle.rosters.slice(known)) {
      await rosters.append(roster, { number: membership.number, hash: membership.hash, evidence: false });
    }
    const cards = cardStore(kv);
    for (const bytes of bundle.cards) {
      const card = openCard(bytes, membership.federation, nativeVerify);
      const member = membership.memberOf(card.signer, now);
      if (member === undefined) continue; // of somebody who was expelled since
      checkCard(card, member, now);
      await cards.put(card.signer, bytes);
    }
    return { federation: membership.federation, number: membership.number };
  } finally {
    await kv.close();
  }
}

/** A file of another federation, or of another branch, is for a person to look at. */
async function mustContinue(known: readonly Uint8Array[], offered: readonly Uint8Array[]): Promise<void> {
  const same = known.every((roster, i) => offered[i] !== undefined && Buffer.from(roster).equals(offered[i]));
  if (!same && known.length <= offered.length) throw new PeerError('roster/broken-chain', { missing: known.length });
  if (!same) throw new PeerError('roster/lower-number', { number: offered.length - 1 });
}
