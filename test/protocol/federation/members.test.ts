import { describe, expect, it } from 'vitest';
import { admit, expel } from '../../../protocol/federation/authority.ts';
import { cardPayload, checkCard, newerCard, signCard, verifyCard } from '../../../protocol/federation/card.ts';
import {
  federationFingerprint,
  fingerprint,
  joinPayload,
  signJoin,
  verifyJoin,
} from '../../../protocol/federation/join.ts';
import { membershipOf, mustBeMember } from '../../../protocol/federation/membership.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import {
  card,
  day,
  firstDraft,
  joinRequest,
  memberOf,
  peer,
  peerOf,
  signed,
  t0,
  withMember,
} from '../../../protocol/vectors/federation-fixture.ts';
import { decoderHolds } from '../any-bytes.ts';
import { coded, draftAfter, following } from './kit.ts';

const zero = signed(firstDraft({ keepers: 3 }), 1, 2);
const one = signed(withMember(draftAfter(zero), 4), 1, 2);
const federation = parseRoster(zero).hash;

describe('a card', () => {
  const state = following(zero, one);
  const member = membershipOf(state).member(memberOf(1))!;
  const opened = verifyCard(card(1, federation), federation);
  const edit = (change: object) =>
    verifyCard(signCard({ ...opened.value, ...change }, federation, peer(1)), federation);

  it('holds for its member, signed for the federation or before there was one', () => {
    checkCard(opened, member, t0);
    checkCard(verifyCard(card(1), federation), member, t0 + 90 * day - 1);
    checkCard(edit({ member: memberOf(1) }), member, t0);
    expect(() => verifyCard(card(1, '11'.repeat(32)), federation)).toThrow(coded('envelope/signature'));
  });
  it('lapses, does not start early and lasts 90 days at most', () => {
    expect(() => checkCard(opened, member, t0 + 90 * day)).toThrow(coded('card/validity'));
    expect(() => checkCard(opened, member, t0 - 11 * 60_000)).toThrow(coded('card/validity'));
    checkCard(opened, member, t0 - 10 * 60_000);
    expect(() => checkCard(edit({ expires: t0 + 90 * day + 1 }), member, t0)).toThrow(coded('card/validity'));
    expect(() => checkCard(edit({ issuedAt: t0 + 1, expires: t0 }), member, t0)).toThrow(coded('card/validity'));
  });
  it('of another peer, or that claims another member, is refused', () => {
    expect(() => checkCard(verifyCard(card(2), federation), member, t0)).toThrow(coded('card/member'));
    expect(() => checkCard(edit({ member: memberOf(2) }), member, t0)).toThrow(coded('card/member'));
  });
  it('gives way to a newer one only', () => {
    const newer = edit({ issuedAt: t0 + 1 });
    expect(newerCard(undefined, opened)).toBe(opened);
    expect(newerCard(opened, newer)).toBe(newer);
    expect(newerCard(newer, opened)).toBe(newer);
    expect(newerCard(opened, edit({ name: 'Alta' }))).toBe(opened);
  });
  it('takes any bytes', () => {
    decoderHolds((bytes) => verifyCard(bytes, federation), { validSamples: [card(1)], numRuns: 100 });
    decoderHolds(cardPayload.decode, { validSamples: [cardPayload.encode(opened.value)] });
  });
});

describe('a join request', () => {
  it('is opened with its card, and read over the telephone as 8 groups of 4 digits', () => {
    const { peerId, request } = verifyJoin(joinRequest(4));
    expect([peerId, request.name, request.kind]).toEqual([peerOf(4), 'Spitalul 4', 'hospital']);
    expect(fingerprint(joinRequest(4))).toMatch(/^(\d{4} ){7}\d{4}$/);
    expect(fingerprint(joinRequest(4))).not.toBe(fingerprint(joinRequest(5)));
    expect(federationFingerprint(federation)).toMatch(/^(\d{4} ){7}\d{4}$/);
  });
  it("with another peer's card is refused, and admitted once only", () => {
    const { request } = verifyJoin(joinRequest(4));
    expect(() => verifyJoin(signJoin({ ...request, card: card(5) }, peer(4)))).toThrow(coded('join/card'));
    const draft = withMember(draftAfter(zero), 4);
    expect(() => withMember(draft, 4)).toThrow(coded('member/exists'));
    const gone = expel(draft, memberOf(4), t0);
    const again = () => admit(gone, verifyJoin(joinRequest(4)), { id: memberOf(44), from: t0 });
    expect(again).toThrow(coded('member/exists'));
  });
  it('takes any bytes', () => {
    decoderHolds((bytes) => verifyJoin(bytes), { validSamples: [joinRequest(4)], numRuns: 100 });
    decoderHolds(joinPayload.decode, { validSamples: [joinPayload.encode(verifyJoin(joinRequest(4)).request)] });
    decoderHolds(fingerprint, { validSamples: [joinRequest(4)] });
  });
});

describe('membership', () => {
  it('is for who is named, in time, and not expelled', () => {
    const draft = draftAfter(one);
    const members = draft.members.map((each, i) =>
      i === 1 ? { ...each, to: t0 + 5 } : i === 2 ? { ...each, from: t0 + 5 } : each,
    );
    const view = membershipOf(following(zero, one, signed(expel({ ...draft, members }, memberOf(4), t0), 1, 2)));
    expect(view.memberOf(peerOf(1), t0)?.id).toBe(memberOf(1));
    expect([view.memberOf(peerOf(2), t0 + 4), view.memberOf(peerOf(2), t0 + 5)].map(Boolean)).toEqual([true, false]);
    expect([view.memberOf(peerOf(3), t0 + 4), view.memberOf(peerOf(3), t0 + 5)].map(Boolean)).toEqual([false, true]);
    expect(view.memberOf(peerOf(4), t0)).toBeUndefined();
    expect(view.isRevoked('member', memberOf(4)) && view.isRevoked('peer', peerOf(4))).toBe(true);
    expect(() => mustBeMember(view, peerOf(4), t0)).toThrow(coded('member/unknown'));
    expect(view.members(t0).map((each) => each.id)).toEqual([memberOf(1), memberOf(2)]);
    expect(view.keepers().map(({ member, share }) => [member.id, share.index])).toEqual(
      [1, 2, 3].map((n) => [memberOf(n), n]),
    );
  });
});
