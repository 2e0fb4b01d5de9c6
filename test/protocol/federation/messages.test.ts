import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../../protocol/cbor.ts';
import { bundlePayload, chainOfBundle, decodeBundle, encodeBundle } from '../../../protocol/federation/bundle.ts';
import {
  decodeRosterRequest,
  encodeRosterRequest,
  fitIntoMessage,
  type RosterRequest,
  rosterReplies,
} from '../../../protocol/federation/messages.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import { limits } from '../../../protocol/limits.ts';
import { card, firstDraft, peerOf, signed, t0, withMember } from '../../../protocol/vectors/federation-fixture.ts';
import { decoderHolds } from '../any-bytes.ts';
import { coded, draftAfter, parts } from './kit.ts';

const zero = signed(firstDraft({ keepers: 3 }), 1, 2);
const one = signed(withMember(draftAfter(zero), 4), 1, 2);
const federation = parseRoster(zero).hash;

describe('messages of /dicomnet/roster/1', () => {
  const requests: RosterRequest[] = [
    { type: 'hello', federation, number: 1, hash: federation, card: card(1) },
    { type: 'rosters', from: 3 },
    { type: 'push', rosters: [zero, one] },
    { type: 'cards', have: [{ peerId: peerOf(1), issuedAt: t0 }] },
  ];
  it.each(requests)('$type comes back as it was written', (request) => {
    expect(decodeRosterRequest(encodeRosterRequest(request))).toEqual(request);
  });
  it('take any bytes', () => {
    decoderHolds(decodeRosterRequest, { validSamples: requests.map(encodeRosterRequest) });
    decoderHolds(rosterReplies.rosters.decode, { validSamples: [rosterReplies.rosters.encode({ rosters: [zero] })] });
    decoderHolds(rosterReplies.cards.decode, { validSamples: [rosterReplies.cards.encode({ cards: [card(1)] })] });
    decoderHolds(rosterReplies.push.decode, {
      validSamples: [rosterReplies.push.encode({ number: 1, hash: federation })],
    });
    const hello = rosterReplies.hello.encode({ federation, number: 0, hash: federation });
    decoderHolds(rosterReplies.hello.decode, { validSamples: [hello] });
  });
  it('of later versions are told apart from broken ones', () => {
    expect(() => decodeRosterRequest(encodeCbor(['gossip', {}]))).toThrow(coded('kind/unsupported'));
    expect(() => decodeRosterRequest(encodeCbor(['toString', {}]))).toThrow(coded('kind/unsupported'));
    expect(() => decodeRosterRequest(encodeCbor(['rosters', {}]))).toThrow(coded('field/missing'));
    expect(() => decodeRosterRequest(encodeCbor(['cards', { have: [{ peerId: 'Qm', issuedAt: 1 }] }]))).toThrow(
      coded('field/invalid'),
    );
  });
  it('hold as many rosters as fit', () => {
    const big = new Uint8Array(limits.rosterBytes);
    expect(fitIntoMessage([big, big, big]).length).toBe(1);
    expect(fitIntoMessage([zero, one, zero], 2)).toEqual([zero, one]);
    const reply = rosterReplies.rosters.encode({ rosters: fitIntoMessage([big, zero, one]) });
    expect(reply.length).toBeLessThanOrEqual(limits.rosterMessageBytes);
  });
});

describe('a roster file', () => {
  const bundle = { rosters: [zero, one], cards: [card(1), card(2)] };
  const at = { now: t0 };
  it('comes back as it was written and gives the chain', () => {
    expect(decodeBundle(encodeBundle(bundle))).toEqual(bundle);
    expect(chainOfBundle(bundle, { federation, now: t0 }, parts).state.hash).toBe(parseRoster(one).hash);
  });
  it('is refused for another federation, with numbers missing, or with a roster that does not hold', () => {
    const other = { federation: '22'.repeat(32), now: t0 };
    expect(() => chainOfBundle(bundle, other, parts)).toThrow(coded('roster/other-federation'));
    expect(() => chainOfBundle({ ...bundle, rosters: [one] }, at, parts)).toThrow(coded('roster/broken-chain'));
    const weak = signed(draftAfter(one), 1);
    expect(() => chainOfBundle({ ...bundle, rosters: [zero, one, weak] }, at, parts)).toThrow(
      coded('roster/too-few-signatures'),
    );
  });
  it('takes any bytes', () => {
    decoderHolds(bundlePayload.decode, { validSamples: [encodeBundle(bundle)] });
  });
});
