// What an index key must hold by itself, and how it may change from one roster to the next. Peers keep tags and look-ups by
// the key's generation: were the key another one under the same generation, patients would silently not be found.
import { equal, hex } from '../bytes.ts';
import { must } from '../errors.ts';
import { commitmentsInterpolate } from '../tags/threshold.ts';
import { distinct, type IndexKey, type Roster } from './roster.ts';

/**
 * A roster whose commitments do not all lie on one polynomial of degree t-1 through the public key is refused: else
 * different keepers would give different tags and a patient would silently not be found.
 * @throws PeerError roster/index-key
 */
export function checkIndexKey(roster: Roster): void {
  const key = roster.indexKey;
  if (key === undefined) return;
  const holds = (condition: boolean, at: string) => must(condition, 'roster/index-key', { at, number: roster.number });
  const members = new Set(roster.members.map((each) => each.id));
  holds(distinct(key.shares.map((each) => each.index)), 'index');
  holds(distinct(key.shares.map((each) => each.member)), 'member');
  holds(
    key.shares.every((each) => members.has(each.member)),
    'member',
  );
  holds(key.t <= key.shares.length, 't');
  // that nobody has seen a key is for its keepers to attest, and there is no form for that yet
  holds(key.trial, 'trial');
  holds(commitmentsInterpolate(key), 'commitments');
}

/**
 * That a roster's key may follow the one before (SPEC 2.3, K1 to K4).
 * @throws PeerError roster/key-change
 */
export function checkKeyFollows(before: IndexKey | undefined, { indexKey: key, number }: Roster): void {
  if (before === undefined) return;
  const holds: (condition: boolean, at: string) => asserts condition = (condition, at) =>
    must(condition, 'roster/key-change', { at, number });
  holds(key !== undefined, 'key');
  holds(key.generation >= before.generation, 'generation');
  const sameGeneration = key.generation === before.generation;
  holds(!sameGeneration || equal(key.publicKey, before.publicKey), 'publicKey');
  if (key.id !== before.id) return;
  const known = new Set(before.shares.map(shareForm));
  const sameSharing = key.t === before.t && key.shares.every((share) => known.has(shareForm(share)));
  holds(sameGeneration && sameSharing, 'id');
}

const shareForm = ({ index, member, commitment }: IndexKey['shares'][number]): string =>
  [index, member, hex(commitment)].join();

/** True if both name the same key held in the same way, so that what was checked once need not be again. */
export function sameIndexKey(a: IndexKey | undefined, b: IndexKey | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const form = (key: IndexKey) => [key.t, key.trial, hex(key.publicKey), ...key.shares.map(shareForm)].join();
  return form(a) === form(b);
}
