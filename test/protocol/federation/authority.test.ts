import { describe, expect, it } from 'vitest';
import { assemble, propose, review, sign } from '../../../protocol/federation/authority.ts';
import { dealKeepers, openShare } from '../../../protocol/federation/keepers.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import { dealTrialKey } from '../../../protocol/tags/threshold.ts';
import {
  authority,
  box,
  boxSecret,
  firstDraft,
  memberOf,
  signed,
  withMember,
} from '../../../protocol/vectors/federation-fixture.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';
import { coded, draftAfter, following, parts, take } from './kit.ts';

const zero = signed(firstDraft({ keepers: 3 }), 1, 2);
const one = signed(withMember(draftAfter(zero), 4), 1, 2);

describe('keepers', () => {
  const key = parseRoster(zero).roster.indexKey!;
  it('each open their own share and no other', () => {
    const share = openShare(key, memberOf(2), boxSecret(2))!;
    expect([share.index, share.secret.length]).toEqual([2, 32]);
    expect(() => openShare(key, memberOf(2), boxSecret(3))).toThrow(coded('box/unopenable'));
    expect(openShare(key, memberOf(4), boxSecret(4))).toBeUndefined();
  });
  it('find out a dealer that sealed another share than it committed to', () => {
    const other = dealTrialKey({ indices: [1, 2, 3], t: 2, random: seeded('other') });
    const shares = key.shares.map((each, i) => ({ ...each, commitment: other.shares[i]!.commitment }));
    expect(() => openShare({ ...key, shares }, memberOf(2), boxSecret(2))).toThrow(coded('roster/index-key'));
  });
  it('must be members, and at least t', () => {
    const deal = (n: number, t: number) => () =>
      dealKeepers(firstDraft(), { keepers: [{ member: memberOf(n), box: box(n).public }], t }, seeded('deal'));
    expect(deal(9, 1)).toThrow(coded('member/unknown'));
    expect(deal(1, 2)).toThrow(coded('authority/keepers'));
    const again = dealKeepers(
      draftAfter(zero),
      { keepers: [{ member: memberOf(1), box: box(1).public }], t: 1 },
      seeded('deal'),
    );
    expect(again.indexKey).toMatchObject({ generation: key.generation + 1, trial: true });
  });
});

describe('several authorities', () => {
  it('propose, review, sign apart and assemble', () => {
    const proposal = propose(withMember(draftAfter(zero), 4));
    expect(review(parseRoster(zero), proposal, parts.verify).roster.number).toBe(1);
    expect(() => review(parseRoster(one), proposal, parts.verify)).toThrow(coded('roster/broken-chain'));
    const envelope = assemble([
      sign(proposal, authority(1)),
      sign(proposal, authority(3)),
      sign(proposal, authority(3)),
    ]);
    expect(take(following(zero), envelope)[1]).toContainEqual(expect.objectContaining({ kind: 'accepted' }));
    expect(sign(sign(proposal, authority(1)), authority(1))).toEqual(sign(proposal, authority(1)));
    expect(() => assemble([proposal, one, zero])).toThrow(coded('authority/payload'));
    expect(() => assemble([])).toThrow(coded('authority/payload'));
  });
});
