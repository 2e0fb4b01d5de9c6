// Joining a federation while the peer is stopped: the roster and the cards go into its data folder, checked.
import { PeerError } from '../../protocol/errors.ts';
import { type Bundle, decodeBundle } from '../../protocol/federation/bundle.ts';
import { checkCard, verifyCard } from '../../protocol/federation/card.ts';
import { stepChainThrough, unpinned } from '../../protocol/federation/chain.ts';
import { type Membership, membershipOf, mustBeMember } from '../../protocol/federation/membership.ts';
import { cardStore, rosterStore } from '../federation/federation.ts';
import type { Kv } from '../store/kv.ts';
import { nativeVerify, systemClock } from '../system/machine.ts';
import { openData, ownKeys } from './data-folder.ts';

/**
 * Takes a roster file into the data folder of a stopped peer.
 * @throws PeerError roster/*, member/unknown when it doesn't name this peer, store/locked
 */
export async function joinData(dir: string, file: Uint8Array): Promise<{ federation: string; number: number }> {
  const { kv } = await openData(dir);
  try {
    const bundle = decodeBundle(file);
    const membership = await takeRosters(kv, bundle.rosters);
    mustBeMember(membership, (await ownKeys(kv)).peerId, systemClock.now());
    await takeCards(kv, bundle.cards, membership);
    return { federation: membership.federation, number: membership.number };
  } finally {
    await kv.close();
  }
}

/** Continues the chain in the folder with what is new in the file. */
async function takeRosters(kv: Kv, rosters: Bundle['rosters']): Promise<Membership> {
  const store = rosterStore(kv);
  const now = systemClock.now();
  const parts = { verify: nativeVerify };
  const [known] = stepChainThrough(unpinned(), await store.load(), now, parts);
  const [state, actions] = stepChainThrough(known, rosters, now, parts);
  for (const action of actions) {
    if (action.kind === 'refused') throw action.error;
    if (action.kind === 'fetch') throw new PeerError('roster/broken-chain', { missing: action.from });
  }
  if (state.kind === 'unpinned') throw new PeerError('roster/broken-chain', { missing: 0 });
  for (const action of actions) {
    if (action.kind !== 'accepted' && action.kind !== 'evidence') continue;
    const { number, hash } = action;
    await store.append(action.bytes, { number, hash, evidence: action.kind === 'evidence' });
  }
  return membershipOf(state);
}

/** Cards of members; those of former members, and those that have lapsed since, come anew over the network. */
async function takeCards(kv: Kv, cards: Bundle['cards'], membership: Membership): Promise<void> {
  const store = cardStore(kv);
  const now = systemClock.now();
  for (const bytes of cards) {
    const card = verifyCard(bytes, membership.federation, nativeVerify);
    const member = membership.memberOf(card.signer, now);
    if (member === undefined || card.value.expires <= now) continue;
    checkCard(card, member, now);
    await store.put(card.signer, bytes);
  }
}
