// A trial index key: dealt by one authority, each share sealed to its keeper's box keys and carried in the roster.
import { type BoxPublic, type BoxSecret, openBox, sealTo } from '../box.ts';
import { equal, hex } from '../bytes.ts';
import { must } from '../errors.ts';
import { framed } from '../hash.ts';
import type { Random } from '../ports.ts';
import { decodeScalar, Point } from '../tags/points.ts';
import { dealTrialKey } from '../tags/threshold.ts';
import type { IndexKey, Roster, Share } from './roster.ts';

/** Binds a sealed share to its key, generation, index and keeper. */
const shareAad = (key: Pick<IndexKey, 'id' | 'generation'>, share: Pick<Share, 'index' | 'member'>): Uint8Array =>
  framed(['dicomnet/1/share', key.id, String(key.generation), String(share.index), share.member]);

/**
 * A draft with a new trial key for these keepers, any t of whom can evaluate a tag. A key that was there is replaced by
 * the next generation under a new id.
 * @param dealer hex of the authority key that deals
 * @throws PeerError member/unknown, authority/keepers when t is not 1 to n, box/key
 */
export function dealKeepers(
  draft: Roster,
  options: { keepers: readonly { member: string; box: BoxPublic }[]; t: number; dealer?: string | undefined },
  random: Random,
): Roster {
  const { keepers, t, dealer } = options;
  must(t >= 1 && t <= keepers.length && keepers.length <= 255, 'authority/keepers', { t, keepers: keepers.length });
  for (const each of keepers) {
    const known = draft.members.some((member) => member.id === each.member);
    must(known, 'member/unknown', { member: each.member });
  }
  const dealt = dealTrialKey({ indices: keepers.map((_, i) => i + 1), t, random });
  const key = { id: hex(random(16)), generation: (draft.indexKey?.generation ?? 0) + 1 };
  const shares = dealt.shares.map(({ index, secret, commitment }, i): Share => {
    const { member, box } = keepers[i]!;
    return { index, member, commitment, sealed: sealTo(box, secret, shareAad(key, { index, member }), random) };
  });
  return { ...draft, indexKey: { ...key, publicKey: dealt.publicKey, t, trial: true, dealer, shares } };
}

/**
 * A keeper opens its own share: index and 32-byte secret, or undefined if it holds none here. A dealer that sealed
 * another secret than it committed to is found out.
 * @throws PeerError box/unopenable, roster/index-key
 */
export function openShare(key: IndexKey, member: string, box: BoxSecret) {
  const share = key.shares.find((each) => each.member === member);
  if (share?.sealed === undefined) return undefined;
  const { index, commitment, sealed } = share;
  const secret = openBox(box, sealed, shareAad(key, share));
  const committed = Point.BASE.multiply(decodeScalar(secret, 'roster/index-key')).toBytes();
  must(equal(committed, commitment), 'roster/index-key', { at: 'sealed', index });
  return { index, commitment, secret };
}
