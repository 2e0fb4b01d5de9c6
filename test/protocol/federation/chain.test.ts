import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeAuthorities, expel, resolvingRoster, revoke } from '../../../protocol/federation/authority.ts';
import {
  afterHello,
  alarms,
  type ChainState,
  type Pinned,
  served,
  stepChainThrough,
  unpinned,
} from '../../../protocol/federation/chain.ts';
import { membershipOf } from '../../../protocol/federation/membership.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import { limits } from '../../../protocol/limits.ts';
import {
  authorityId,
  day,
  firstDraft,
  memberOf,
  peerOf,
  signed,
  t0,
  validity,
  withMember,
} from '../../../protocol/vectors/federation-fixture.ts';
import { coded, draftAfter, following, forkedState, refuses, take } from './kit.ts';

const zero = signed(firstDraft(), 1, 2);
const one = signed(withMember(draftAfter(zero), 4), 1, 2);
const two = signed(withMember(draftAfter(one), 5), 1, 2);
const otherOne = signed(withMember(draftAfter(zero), 6), 2, 3);
const otherTwo = signed(withMember(draftAfter(otherOne), 7), 2, 3);
const hashOf = (roster: Uint8Array) => parseRoster(roster).hash;
const kinds = (actions: readonly { kind: string }[]) => actions.map((each) => each.kind);
const forkAlarm = expect.objectContaining({ kind: 'alarm', alarm: 'roster/fork' });

describe('the chain', () => {
  it('pins roster 0 and follows link by link', () => {
    const state = following(zero, one, two);
    expect(state).toMatchObject({
      kind: 'following',
      federation: hashOf(zero),
      hash: hashOf(two),
      current: { number: 2 },
    });
    expect(served(state, 1)).toEqual([one, two]);
    expect(kinds(take(state, two)[1])).toEqual(['known']);
  });
  it('asks for roster 0 and for numbers in between', () => {
    expect(take(unpinned(), one)).toEqual([unpinned(), [{ kind: 'fetch', from: 0 }]]);
    const state = following(zero);
    expect(take(state, two)).toEqual([state, [{ kind: 'fetch', from: 1 }]]);
  });
  it('refuses a lower number, a broken chain and another federation', () => {
    const state = following(zero, one, two);
    refuses(state, one, 'roster/lower-number');
    refuses(state, zero, 'roster/lower-number');
    const loose = signed({ ...draftAfter(two), previous: hashOf(one) }, 1, 2);
    const [, ask] = refuses(state, loose, 'roster/broken-chain');
    expect(ask).toEqual({ kind: 'fetch', from: 2 });
    refuses(state, signed({ ...firstDraft(), name: 'Alta' }, 1, 2), 'roster/other-federation');
  });
  it('takes a run, skipping what it has and stopping at a refusal', () => {
    const [state, actions] = stepChainThrough(following(zero), [zero, one, two], t0, { verify: () => true });
    expect(kinds(actions)).toEqual(['known', 'accepted', 'accepted']);
    const [same, refused] = stepChainThrough(
      state,
      [one, signed(draftAfter(two), 1), signed(draftAfter(two), 1, 2)],
      t0,
      {
        verify: () => true,
      },
    );
    expect(kinds(refused)).toEqual(['refused']);
    expect(same).toBe(state);
  });
  it('knows from a hello whether to ask or to push', () => {
    const state = following(zero, one);
    const at = (roster: Uint8Array) => ({ number: parseRoster(roster).roster.number, hash: hashOf(roster) });
    expect(afterHello(state, at(one))).toEqual({ kind: 'same' });
    expect(afterHello(state, at(zero))).toEqual({ kind: 'push', from: 1 });
    expect(afterHello(state, at(two))).toEqual({ kind: 'fetch', from: 2 });
    expect(afterHello(state, at(otherOne))).toEqual({ kind: 'fetch', from: 1 });
    expect(afterHello(take(state, otherOne)[0] as Pinned, at(otherOne))).toEqual({ kind: 'push', from: 1 });
  });
  it('raises an alarm past expiry, follows it for 30 days, then nobody is a member', () => {
    const state = following(zero);
    const late = validity.expires + 30 * day;
    expect(alarms(state, validity.expires - 1)).toEqual([]);
    expect(alarms(state, validity.expires)).toEqual([{ kind: 'alarm', alarm: 'roster/expired', number: 0 }]);
    const view = membershipOf(state);
    expect(view.memberOf(peerOf(1), late - 1)?.id).toBe(memberOf(1));
    expect(view.memberOf(peerOf(1), late)).toBeUndefined();
    expect(view.members(late)).toEqual([]);
    const [, actions] = take(state, one, late);
    expect(kinds(actions)).toEqual(['accepted', 'alarm']);
  });
  it('says when the roster asks for a later version', () => {
    const state = following(signed({ ...firstDraft(), minimumVersion: 2 }, 1, 2));
    expect(alarms(state, t0)).toEqual([{ kind: 'alarm', alarm: 'version/unsupported', number: 0 }]);
  });
});

describe('a fork', () => {
  const [state, actions] = take(following(zero, one), otherOne);
  const forked = forkedState(state);

  it('is kept as evidence with an alarm, and both rosters are served', () => {
    expect(kinds(actions)).toEqual(['evidence', 'alarm']);
    expect(actions).toContainEqual(forkAlarm);
    expect(served(forked, 1)).toEqual([one, otherOne]);
    expect(kinds(take(forked, otherOne)[1])).toEqual(['known']);
  });
  it('admits nobody new on either side, and the number goes on', () => {
    const [next, more] = take(forked, two);
    expect(kinds(more)).toEqual(['accepted', 'alarm']);
    const view = membershipOf(next as Pinned);
    expect(view.number).toBe(2);
    expect([1, 2, 3, 4, 5, 6].map((n) => view.memberOf(peerOf(n), t0)?.id)).toEqual(
      [1, 2, 3].map(memberOf).concat(new Array(3).fill(undefined)),
    );
  });
  it('lets either side revoke', () => {
    const expelling = signed(
      expel(revoke(draftAfter(zero), { kind: 'grant', id: 'ab', at: t0 }), memberOf(2), t0),
      1,
      3,
    );
    const view = membershipOf(take(following(zero, one), expelling)[0] as Pinned);
    expect(view.memberOf(peerOf(2), t0)).toBeUndefined();
    expect(view.isRevoked('grant', 'ab')).toBe(true);
    expect(view.memberOf(peerOf(1), t0)).toBeDefined();
  });
  it('ends with a higher number that names both, on either side', () => {
    const naming = signed(resolvingRoster(forked, validity), 1, 2);
    const [ours, accepted] = take(forked, naming);
    expect(kinds(accepted)).toEqual(['accepted']);
    expect(ours).toMatchObject({ kind: 'following', current: { number: 2 }, settled: [{ hash: hashOf(otherOne) }] });
    expect(membershipOf(ours as Pinned).memberOf(peerOf(4), t0)).toBeDefined();

    const beside = take(following(zero, otherOne), one)[0];
    const [theirs] = take(beside, naming);
    expect(theirs).toMatchObject({ kind: 'following', hash: hashOf(naming), settled: [{ hash: hashOf(otherOne) }] });
    expect(served(theirs as Pinned, 0)).toEqual([zero, one, naming]);
    expect(kinds(take(theirs, otherOne)[1])).toEqual(['known']);
  });
  it('does not end with a number that names one only, or is not above all', () => {
    const half = { ...resolvingRoster(forked, validity), resolves: [hashOf(one), hashOf(zero)] };
    expect(take(forked, signed(half, 1, 2))[0].kind).toBe('forked');
    const longer = forkedState(take(forked, otherTwo)[0]);
    expect(() => resolvingRoster(longer, validity)).toThrow(coded('roster/fork'));
    const tooLow = signed(resolvingRoster(forked, validity), 1, 2);
    const [still] = take(longer, tooLow);
    expect(still.kind).toBe('forked');
    const level = forkedState(take(longer, two)[0]);
    expect(take(level, signed(resolvingRoster(level, validity), 1, 2))[0].kind).toBe('following');
  });
  it('of deeper branches is walked back to its root', () => {
    const [near, asks] = take(following(zero, one, two), otherTwo);
    expect(asks).toContainEqual({ kind: 'fetch', from: 1 });
    const root = forkedState(take(near, otherOne)[0]);
    expect(root.fork.at).toBe(1);
    const naming = signed(resolvingRoster(root, validity), 1, 2);
    expect(take(root, naming)[0].kind).toBe('following');
    const other = forkedState(
      stepChainThrough(following(zero, otherOne, otherTwo), [one, two], t0, { verify: () => true })[0],
    );
    expect(take(other, naming)[0]).toMatchObject({ kind: 'following', hash: hashOf(naming) });
  });
  it('needs the authorities of the number before', () => {
    refuses(following(zero, one), signed(withMember(draftAfter(zero), 6), 2), 'roster/too-few-signatures');
    refuses(following(zero, one), signed(withMember(draftAfter(zero), 6), 2, 9), 'roster/signer-unknown');
  });
  it('by keys that are replaced raises the alarm but stops no admission', () => {
    const rotated = changeAuthorities(withMember(draftAfter(zero), 4), { keys: [authorityId(4)], k: 1 });
    const [after4, told] = take(following(zero, signed(rotated, 1, 2, 4)), otherOne);
    expect(told).toContainEqual(forkAlarm);
    expect(after4).toMatchObject({ kind: 'following', settled: [{ hash: hashOf(otherOne) }] });
    expect(membershipOf(after4 as Pinned).memberOf(peerOf(4), t0)).toBeDefined();
  });
  it('keeps a bounded amount of evidence', () => {
    let at: ChainState = following(zero, one);
    for (let i = 0; i < limits.forkEvidence + 3; i++) {
      const rival = signed({ ...draftAfter(zero), name: `Rival ${i}` }, 1, 2);
      [at] = stepChainThrough(at, [rival], t0, { verify: () => true });
    }
    expect(forkedState(at).fork.evidence.length).toBe(limits.forkEvidence);
  });
});

describe('any sequence of rosters', () => {
  const three = signed(draftAfter(two), 1, 3);
  const named = [hashOf(one), hashOf(otherOne)];
  const fixed = signed({ ...draftAfter(three), resolves: named }, 1, 2);
  const otherFixed = signed({ ...draftAfter(otherTwo), resolves: named }, 1, 2);
  const weak = signed(draftAfter(two), 2);
  const pool = [zero, one, two, three, otherOne, otherTwo, fixed, otherFixed, weak];

  it('never lowers the number, keeps one linked chain, leaves no fork unalarmed, and is the same after a restart', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(pool.length - 1), { maxLength: 25 }), (order) => {
        let state: ChainState = following(zero);
        const seen = new Map<number, Set<string>>();
        const stored = [zero];
        for (const each of order) {
          const before = state as Pinned;
          const [now, actions] = take(state, pool[each]!);
          const next = now as Pinned;
          expect(next.current.number).toBeGreaterThanOrEqual(before.current.number);
          expect(next.links.map((link) => link.number)).toEqual(next.links.map((_, i) => i));
          expect(next.links.at(-1)?.hash).toBe(next.hash);
          for (const action of actions) {
            if (action.kind !== 'accepted' && action.kind !== 'evidence') continue;
            stored.push(action.bytes);
            const rivals = seen.get(action.number) ?? new Set();
            seen.set(action.number, rivals.add(action.hash));
            if (action.kind === 'evidence') expect(actions).toContainEqual(forkAlarm);
          }
          const twice = [...seen.values()].some((hashes) => hashes.size > 1);
          const resolved = next.current.resolves !== undefined || next.settled.length > 0;
          if (twice && !resolved) expect(next.kind).toBe('forked');
          if (next.kind === 'forked') {
            const old = next.fork.before.members.map((each) => each.id);
            expect(old).toEqual(
              expect.arrayContaining(
                membershipOf(next)
                  .members(t0)
                  .map((each) => each.id),
              ),
            );
          }
          state = next;
        }
        expect(stepChainThrough(unpinned(), stored, t0, { verify: () => true })[0]).toEqual(state);
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
