// What a roster changes against the one before it, for the person who is about to sign it.
import type { Member, Roster } from '../../../protocol/federation/roster.ts';

/** One change; names for people, ids to compare. */
export type RosterDifference =
  | {
      readonly change: 'admitted' | 'expelled' | 'new key';
      readonly id: string;
      readonly name: string;
      readonly peerId: string;
    }
  | { readonly change: 'keepers'; readonly t: number; readonly members: readonly string[] }
  | { readonly change: 'authorities'; readonly k: number; readonly keys: readonly string[] };

const member = (change: 'admitted' | 'expelled' | 'new key', { id, name, peerId }: Member): RosterDifference => ({
  change,
  id,
  name,
  peerId,
});

export function differences(before: Roster | undefined, next: Roster): RosterDifference[] {
  const was = new Map(before?.members.map((each) => [each.id, each]));
  const is = new Map(next.members.map((each) => [each.id, each]));
  const all: RosterDifference[] = [];
  for (const each of next.members) {
    const old = was.get(each.id);
    if (old === undefined) all.push(member('admitted', each));
    else if (old.peerId !== each.peerId) all.push(member('new key', each));
  }
  for (const each of was.values()) if (!is.has(each.id)) all.push(member('expelled', each));
  const key = next.indexKey;
  const keepers = key?.shares.map((each) => each.member) ?? [];
  const sameKeepers = keepers.join() === (before?.indexKey?.shares.map((each) => each.member) ?? []).join();
  if (key !== undefined && !(sameKeepers && key.id === before?.indexKey?.id)) {
    all.push({ change: 'keepers', t: key.t, members: keepers });
  }
  const { k, keys } = next.authorities;
  const same = before !== undefined && k === before.authorities.k && keys.join() === before.authorities.keys.join();
  if (!same) all.push({ change: 'authorities', k, keys });
  return all;
}
