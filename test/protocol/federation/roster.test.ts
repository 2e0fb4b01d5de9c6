import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../../protocol/cbor.ts';
import { changeAuthorities, expel, propose, reissue, sign, succeed } from '../../../protocol/federation/authority.ts';
import { unpinned } from '../../../protocol/federation/chain.ts';
import { signSuccession } from '../../../protocol/federation/link.ts';
import { type Roster, rosterPayload } from '../../../protocol/federation/roster.ts';
import { encodeRoster, parseRoster } from '../../../protocol/federation/signed.ts';
import { verify } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import {
  authority,
  authorityId,
  dealt,
  firstDraft,
  memberOf,
  peer,
  peerOf,
  signed,
  t0,
  withMember,
} from '../../../protocol/vectors/federation-fixture.ts';
import { decoderHolds } from '../any-bytes.ts';
import { coded, draftAfter, following, refuses, take } from './kit.ts';

const draft = firstDraft({ keepers: 3 });
const zero = signed(draft, 1, 2);
const federation = parseRoster(zero).hash;
const pinned = following(zero);
const unchecked = (roster: Roster) => encodeRoster(rosterPayload.encode(roster), []);

describe('a roster', () => {
  it('comes back as it was written', () => {
    const one = withMember(draftAfter(zero), 4);
    const full: Roster = {
      ...one,
      resolves: [federation, memberOf(1).repeat(2)],
      allowances: [{ id: memberOf(9), member: memberOf(1), points: 50_000, from: t0, to: t0 + 1 }],
      revoked: [{ kind: 'grant', id: memberOf(8), at: t0 }],
    };
    expect(rosterPayload.decode(rosterPayload.encode(full))).toEqual(full);
  });

  it('takes any bytes, as envelope and as payload', () => {
    decoderHolds(parseRoster, { validSamples: [zero, signed(firstDraft(), 1)] });
    decoderHolds(rosterPayload.decode, {
      validSamples: [rosterPayload.encode(draft), rosterPayload.encode(draftAfter(zero))],
    });
  });

  const first = draft.members[0]!;
  const contradictions: [string, Partial<Roster>][] = [
    ['federation', { federation }],
    ['previous', { previous: federation }],
    ['expires', { expires: t0 }],
    ['authorities.keys', { authorities: { keys: [authorityId(1), authorityId(1)], k: 2 } }],
    ['authorities.k', { authorities: { keys: [authorityId(1), authorityId(2)], k: 1 } }],
    ['authorities.k', { authorities: { keys: [authorityId(1)], k: 2 } }],
    ['members.id', { members: [first, { ...first, peerId: peerOf(9) }] }],
    ['members.peerId', { members: [first, { ...first, id: memberOf(9) }] }],
    ['revoked.member', { revoked: [{ kind: 'member', id: first.id, at: t0 }] }],
    ['revoked.peer', { revoked: [{ kind: 'peer', id: first.peerId, at: t0 }] }],
  ];
  it.each(contradictions)('is refused when it contradicts itself in %s', (at, change) => {
    const bad = unchecked({ ...draft, ...change });
    expect(() => parseRoster(bad)).toThrow(expect.objectContaining({ code: 'roster/form', data: { at, number: 0 } }));
  });

  it('is refused over 2,000 members, above 15 authorities, and when too long, by its fields', () => {
    const members = Array.from({ length: limits.members + 1 }, () => first);
    expect(() => parseRoster(unchecked({ ...draft, members }))).toThrow(coded('field/invalid'));
    const keys = Array.from({ length: 16 }, (_, i) => authorityId(i));
    expect(() => parseRoster(unchecked({ ...draft, authorities: { keys, k: 9 } }))).toThrow(coded('field/invalid'));
    expect(() => parseRoster(new Uint8Array(limits.rosterBytes + 1))).toThrow(coded('cbor/too-long'));
  });
});

describe('signatures', () => {
  const signature = (n: number) => parseRoster(sign(propose(draft), authority(n))).signatures[0]!;
  const envelope = (...signatures: ReturnType<typeof signature>[]) =>
    encodeRoster(rosterPayload.encode(draft), signatures);

  it('are needed from k authorities: a stolen key alone does nothing', () => {
    refuses(unpinned(), envelope(), 'roster/too-few-signatures');
    refuses(unpinned(), envelope(signature(1)), 'roster/too-few-signatures');
    refuses(pinned, signed(withMember(draftAfter(zero), 9), 3), 'roster/too-few-signatures');
  });
  it('of one authority count once', () => {
    refuses(unpinned(), envelope(signature(1), signature(1)), 'roster/signer-twice');
  });
  it('by a stranger are refused, as are ones of another roster or federation', () => {
    refuses(unpinned(), envelope(signature(1), signature(2), signature(7)), 'roster/signer-unknown');
    const other = parseRoster(signed({ ...draft, name: 'Alta' }, 2)).signatures[0]!;
    refuses(unpinned(), envelope(signature(1), other), 'envelope/signature');
    refuses(unpinned('00'.repeat(32)), zero, 'roster/other-federation');
    const foreign = signed({ ...draftAfter(zero), federation: '11'.repeat(32) }, 1, 2);
    refuses(pinned, foreign, 'roster/other-federation');
  });
  it('come as one of three parts of a known kind', () => {
    for (const parts of [
      ['card', new Uint8Array(), []],
      ['roster', 'text', []],
      ['roster', new Uint8Array(), [[1, 2]]],
    ]) {
      expect(() => parseRoster(encodeCbor(parts))).toThrow(expect.objectContaining({ name: 'PeerError' }));
    }
  });

  it('on new authorities are needed from k old and k new', () => {
    const next = changeAuthorities(draftAfter(zero), { keys: [authorityId(3), authorityId(4), authorityId(5)], k: 2 });
    refuses(pinned, signed(next, 1, 2), 'roster/too-few-signatures');
    refuses(pinned, signed(next, 4, 5), 'roster/too-few-signatures');
    refuses(pinned, signed(next, 3, 4), 'roster/too-few-signatures');
    const rotated = following(zero, signed(next, 1, 3, 4)); // key 3 counts on both sides
    const one = signed(next, 1, 3, 4);
    refuses(rotated, signed(draftAfter(one), 1, 2), 'roster/signer-unknown');
    expect(take(rotated, signed(draftAfter(one), 3, 5))[1]).toContainEqual(
      expect.objectContaining({ kind: 'accepted' }),
    );
  });
});

describe('the index key', () => {
  const key = draft.indexKey!;
  const withShares = (shares: typeof key.shares, change = {}) =>
    signed({ ...draft, indexKey: { ...key, ...change, shares } }, 1, 2);

  it('must interpolate from all commitments', () => {
    const [a, b, c] = key.shares;
    refuses(unpinned(), withShares([a!, b!, { ...c!, commitment: a!.commitment }]), 'roster/index-key');
    refuses(unpinned(), withShares(key.shares, { publicKey: a!.commitment }), 'roster/index-key');
    refuses(unpinned(), withShares(key.shares, { t: 1 }), 'roster/index-key');
    refuses(unpinned(), withShares(key.shares, { t: 4 }), 'roster/index-key');
    refuses(unpinned(), withShares([a!, b!, { ...c!, index: 2 }]), 'roster/index-key');
    refuses(unpinned(), withShares([a!, b!, { ...c!, member: b!.member }]), 'roster/index-key');
    refuses(unpinned(), withShares([a!, b!, { ...c!, member: memberOf(99) }]), 'roster/index-key');
    refuses(unpinned(), withShares(key.shares, { trial: false }), 'roster/index-key');
  });

  const other = dealt(draftAfter(zero), 3, 'another').indexKey!;
  const changes: [string, string, Roster['indexKey']][] = [
    ['key', 'is dropped', undefined],
    ['generation', 'falls', { ...other, generation: key.generation - 1 }],
    ['publicKey', 'is another one in its generation', { ...other, generation: key.generation }],
    ['id', 'keeps its id under another generation', { ...other, id: key.id }],
    ['id', 'changes t under its id', { ...key, t: 3 }],
  ];
  it.each(changes)('may not follow the one before when its %s changes: it %s', (at, _, indexKey) => {
    const [refusal] = refuses(pinned, signed({ ...draftAfter(zero), indexKey }, 1, 2), 'roster/key-change');
    expect(refusal).toMatchObject({ error: { data: { at, number: 1 } } });
  });
  it('may be dealt anew, with a new id in a higher generation', () => {
    for (const generation of [2, 7]) {
      following(zero, signed({ ...draftAfter(zero), indexKey: { ...other, generation } }, 1, 2));
    }
  });
  it('may come where none was', () => {
    const bare = signed(firstDraft(), 1, 2);
    following(bare, signed(dealt(draftAfter(bare), 3, 'first'), 1, 2));
  });
  it('is checked again when it changes or a keeper leaves', () => {
    const next = draftAfter(zero);
    const shares = key.shares.map((each, i) => (i === 2 ? { ...each, commitment: key.publicKey } : each));
    refuses(pinned, signed({ ...next, indexKey: { ...key, shares } }, 1, 2), 'roster/index-key');
    const left = { ...next, members: next.members.slice(1) };
    refuses(pinned, signed(left, 1, 2), 'roster/index-key');
    following(zero, signed(expel(next, memberOf(1), t0), 1, 2));
    const twice = () => expel(expel(next, memberOf(1), t0), memberOf(2), t0);
    expect(twice).toThrow(coded('authority/keepers'));
  });
});

describe('dates', () => {
  it('do not go backwards; the same moment is no fault', () => {
    refuses(pinned, signed({ ...draftAfter(zero), issuedAt: t0 - 1 }, 1, 2), 'roster/dates');
    following(zero, signed(draftAfter(zero), 1, 2), signed(draftAfter(signed(draftAfter(zero), 1, 2)), 1, 2));
  });
});

describe("a member's peer id", () => {
  const next = draftAfter(zero);
  const moved = (change: object): Roster => ({
    ...next,
    members: next.members.map((each, i) => (i === 0 ? { ...each, peerId: peerOf(1, 1), ...change } : each)),
  });
  const said = (value: { member: string; new: string }, by = peer(1), of = federation) =>
    signSuccession({ ...value, at: t0 }, of, by);
  const good = { member: memberOf(1), new: peerOf(1, 1) };

  it('changes by a succession that the old key signed, or as reissued', () => {
    following(zero, signed(succeed(next, said(good), verify), 1, 2));
    const replaced = following(zero, signed(reissue(next, memberOf(1), peerOf(1, 1), t0), 1, 2));
    expect(replaced.current.revoked).toEqual([{ kind: 'peer', id: peerOf(1), at: t0 }]);
  });
  it('does not change otherwise', () => {
    refuses(pinned, signed(moved({}), 1, 2), 'roster/succession');
    refuses(pinned, signed(moved({ succession: said({ ...good, member: memberOf(2) }) }), 1, 2), 'roster/succession');
    refuses(pinned, signed(moved({ succession: said({ ...good, new: peerOf(1, 2) }) }), 1, 2), 'roster/succession');
    refuses(pinned, signed(moved({ succession: said(good, peer(2)) }), 1, 2), 'roster/succession');
    refuses(pinned, signed(moved({ succession: said(good, peer(1), '') }), 1, 2), 'envelope/signature');
    expect(() => succeed(next, said({ ...good, member: memberOf(2) }), verify)).toThrow(coded('roster/succession'));
  });
  it('leaves no mark behind that would let the next change pass', () => {
    const one = signed(reissue(next, memberOf(1), peerOf(1, 1), t0), 1, 2);
    expect(draftAfter(one).members[0]).not.toHaveProperty('reissued');
    const marked = draftAfter(one).members.map((each, i) => (i === 0 ? { ...each, reissued: true } : each));
    refuses(following(zero, one), signed({ ...draftAfter(one), members: marked }, 1, 2), 'roster/succession');
  });
});
