// What an authority can change, each as an edit of the next roster's draft and of the cards beside it.
import { hex } from '../../../protocol/bytes.ts';
import type { VerifiedEnvelope } from '../../../protocol/envelope.ts';
import { must } from '../../../protocol/errors.ts';
import { admit, expel } from '../../../protocol/federation/authority.ts';
import { type Card, checkCard } from '../../../protocol/federation/card.ts';
import type { VerifiedJoin } from '../../../protocol/federation/join.ts';
import { dealKeepers } from '../../../protocol/federation/keepers.ts';
import type { Member, Roster } from '../../../protocol/federation/roster.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Random } from '../../../protocol/ports.ts';

/** The next roster as far as it is made, and the newest card of each member's peer by peer id. */
export interface Draft {
  readonly roster: Roster;
  readonly cards: ReadonlyMap<string, VerifiedEnvelope<Card>>;
}

interface EditParts {
  /** Unix ms. */
  readonly now: number;
  readonly random: Random;
  /** Hex of this authority's key. */
  readonly by: string;
}

export type Edit = (draft: Draft, parts: EditParts) => Draft;

/** Peers whose clocks are a little behind this machine's are members at once too. */
const clockSkewMs = limits.clockSkewMinutes * 60_000;

/** Admits the peers of join requests. @throws PeerError member/exists, card/validity for a request of long ago */
export const admitting =
  (requests: readonly VerifiedJoin[]): Edit =>
  (draft, parts) =>
    requests.reduce((before, request) => admitOne(before, request, parts), draft);

function admitOne({ roster, cards }: Draft, request: VerifiedJoin, { now, random }: EditParts): Draft {
  const next = admit(roster, request, { id: hex(random(16)), from: now - clockSkewMs });
  checkCard(request.card, next.members.at(-1)!, now);
  return { roster: next, cards: new Map(cards).set(request.peerId, request.card) };
}

/** Expels members, each by id, peer id or name. @throws PeerError member/unknown, authority/keepers */
export const expelling =
  (names: readonly string[]): Edit =>
  (draft, { now }) => ({
    ...draft,
    roster: names.reduce((roster, name) => expel(roster, memberNamed(roster, name).id, now), draft.roster),
  });

/**
 * Deals a new trial index key to these members, each by id, peer id or name; to all hospitals if none is named.
 * @param t how many of them it takes to look a patient up; more than half if absent
 * @throws PeerError member/unknown, authority/keepers, authority/card
 */
export const dealing =
  (names: readonly string[], t?: number): Edit =>
  (draft, { random, by }) => {
    const { roster, cards } = draft;
    const named = names.map((name) => memberNamed(roster, name));
    const members = names.length > 0 ? named : roster.members.filter((each) => each.kind === 'hospital');
    must(members.length <= limits.keepers, 'authority/keepers', { keepers: members.length, max: limits.keepers });
    const keepers = members.map(({ id, peerId }) => {
      const card = cards.get(peerId);
      must(card !== undefined, 'authority/card', { member: id });
      return { member: id, box: card.value.boxKeys };
    });
    const threshold = t ?? Math.floor(keepers.length / 2) + 1;
    return { ...draft, roster: dealKeepers(roster, { keepers, t: threshold, dealer: by }, random) };
  };

const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/** A member by member id, peer id or name. @throws PeerError member/unknown, member/ambiguous */
function memberNamed(roster: Pick<Roster, 'members'>, name: string): Member {
  const exact = roster.members.find((each) => each.id === name || each.peerId === name);
  if (exact !== undefined) return exact;
  const found = roster.members.filter((each) => folded(each.name) === folded(name));
  must(found.length < 2, 'member/ambiguous', { members: found.map((each) => each.id) });
  must(found[0] !== undefined, 'member/unknown');
  return found[0];
}
