// Writes vectors/federation/*.json. Run with `node protocol/vectors/make-federation.ts`; running it again changes nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { sealTo } from '../box.ts';
import { hex, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { expel, nextRoster, reissue, succeed } from '../federation/authority.ts';
import { encodeBundle } from '../federation/bundle.ts';
import { federationFingerprint, fingerprint, signJoin, verifyJoin } from '../federation/join.ts';
import { signSuccession } from '../federation/link.ts';
import { encodeRosterRequest } from '../federation/messages.ts';
import { type Roster, rosterPayload } from '../federation/roster.ts';
import { encodeRoster, parseRoster } from '../federation/signed.ts';
import { verify } from '../identity.ts';
import {
  authorityId,
  box,
  boxSecret,
  card,
  day,
  dealt,
  firstDraft,
  joinRequest,
  memberOf,
  peer,
  peerOf,
  signed,
  t0,
  validity,
  withMember,
} from './federation-fixture.ts';
import { seeded } from './seeded.ts';

const folder = new URL('federation/', import.meta.url);
mkdirSync(folder, { recursive: true });
const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(vector, null, 2)}\n`);

const draft = firstDraft({ keepers: 3 });
const zero = signed(draft, 1, 2);
const federation = parseRoster(zero).hash;
const after = (roster: Uint8Array): Roster => nextRoster(parseRoster(roster), validity);
const one = signed(withMember(after(zero), 4), 1, 2);
const two = signed(expel(after(one), memberOf(4), t0), 1, 3);
const otherOne = signed(withMember(after(zero), 5), 2, 3);

/** A run of rosters into a chain that has nothing: what each leads to, and where it ends. */
const chain = (name: string, comment: string, rosters: Uint8Array[], actions: string[][], end: object) =>
  write(name, { comment, what: 'chain', input: { now: t0, rosters: rosters.map(hex) }, expect: { actions, ...end } });
const refused = (name: string, comment: string, rosters: Uint8Array[], code: string, end: object) =>
  chain(name, comment, rosters, [...rosters.slice(1).map(() => ['accepted']), [`refused ${code}`]], end);
const at = (roster: Uint8Array) => ({ kind: 'following', hash: parseRoster(roster).hash });
const nothing = { kind: 'unpinned' };

chain('chain', 'Roster 0, an admission, an expulsion.', [zero, one, two], [['accepted'], ['accepted'], ['accepted']], {
  ...at(two),
});
chain('chain-gap', 'Number 1 is missing.', [zero, two], [['accepted'], ['fetch 1']], at(zero));
refused('chain-lower-number', 'Number 1 again after number 2.', [zero, one, two, one], 'roster/lower-number', at(two));
const fork = [['accepted'], ['accepted'], ['evidence', 'alarm roster/fork']];
chain('chain-fork', 'Two rosters under number 1.', [zero, one, otherOne], fork, {
  kind: 'forked',
  hash: parseRoster(one).hash,
});
const naming = signed({ ...after(one), resolves: [parseRoster(one).hash, parseRoster(otherOne).hash] }, 1, 2);
chain(
  'chain-fork-resolved',
  'Number 2 names both.',
  [zero, one, otherOne, naming],
  [...fork, ['accepted']],
  at(naming),
);
const naming1 = signed({ ...after(one), resolves: [parseRoster(one).hash, federation] }, 1, 2);
chain(
  'chain-fork-half-resolved',
  'Number 2 names one of both only.',
  [zero, one, otherOne, naming1],
  [...fork, ['accepted', 'alarm roster/fork']],
  { kind: 'forked', hash: parseRoster(naming1).hash },
);
const loose = { ...after(one), previous: federation };
chain(
  'chain-broken',
  'Number 2 names roster 0 as the one before.',
  [zero, one, signed(loose, 1, 2)],
  [['accepted'], ['accepted'], ['refused roster/broken-chain', 'fetch 1']],
  at(one),
);

const of = (n: number) => parseRoster(signed(draft, n)).signatures[0]!;
const { payload } = parseRoster(zero);
refused(
  'roster-one-signature',
  'One of two needed.',
  [encodeRoster(payload, [of(1)])],
  'roster/too-few-signatures',
  nothing,
);
refused(
  'roster-signer-twice',
  'One signer twice.',
  [encodeRoster(payload, [of(1), of(1)])],
  'roster/signer-twice',
  nothing,
);
refused(
  'roster-stranger',
  'A signer that is no authority.',
  [signed(draft, 1, 2, 9)],
  'roster/signer-unknown',
  nothing,
);
const forged = { signer: authorityId(2), signature: of(1).signature };
refused(
  'roster-forged',
  "Another's signature.",
  [encodeRoster(payload, [of(1), forged])],
  'envelope/signature',
  nothing,
);
const key = draft.indexKey!;
const swapped = key.shares.map((each, i) => ({ ...each, commitment: key.shares[(i + 1) % 3]!.commitment }));
refused(
  'roster-index-key',
  'Commitments that do not interpolate to the public key.',
  [signed({ ...draft, indexKey: { ...key, shares: swapped } }, 1, 2)],
  'roster/index-key',
  nothing,
);
const changed = (name: string, comment: string, change: Partial<Roster>, code: string) =>
  refused(name, comment, [zero, signed({ ...after(zero), ...change }, 1, 2)], code, at(zero));
const next = dealt(after(zero), 3, 'another key');
const other = next.indexKey!;
changed('key-gone', 'K1: a roster without index key after one with it.', { indexKey: undefined }, 'roster/key-change');
changed('key-falls', 'K2: a generation below.', { indexKey: { ...other, generation: 0 } }, 'roster/key-change');
const inSame = { ...other, generation: key.generation };
changed('key-replaced', 'K3: another public key in one generation.', { indexKey: inSame }, 'roster/key-change');
changed(
  'key-id-again',
  'K4: another sharing under the same id.',
  { indexKey: { ...other, id: key.id } },
  'roster/key-change',
);
changed(
  'key-not-trial',
  'K5: a dealt key that says it is none.',
  { indexKey: { ...key, trial: false } },
  'roster/index-key',
);
changed('roster-dates', 'Dated before roster 0.', { issuedAt: t0 - 1 }, 'roster/dates');
const renewed = signed(next, 1, 2);
chain('key-next', 'A new key is the next generation.', [zero, renewed], [['accepted'], ['accepted']], at(renewed));
const crit = encodeRoster(rosterPayload.encode({ ...draft, crit: ['quorum'] }), []);
refused('roster-crit', 'Needs a field of a later version.', [crit], 'crit/unknown', nothing);

const said = signSuccession({ member: memberOf(1), new: peerOf(1, 1), at: t0 }, federation, peer(1));
const succeeded = signed(succeed(after(zero), said, verify), 1, 2);
chain(
  'peer-succession',
  'A peer id changes by its old key.',
  [zero, succeeded],
  [['accepted'], ['accepted']],
  at(succeeded),
);
const reissued = signed(reissue(after(zero), memberOf(1), peerOf(1, 1), t0), 1, 2);
chain('peer-reissued', 'A peer id changes openly.', [zero, reissued], [['accepted'], ['accepted']], at(reissued));
const silent = after(zero).members.map((each, i) => (i === 0 ? { ...each, peerId: peerOf(1, 1) } : each));
const silently = signed({ ...after(zero), members: silent }, 1, 2);
refused('peer-silent-change', 'A peer id changes without a word.', [zero, silently], 'roster/succession', at(zero));

const cardAt = (name: string, comment: string, input: object, expected: unknown) =>
  write(name, {
    comment,
    what: 'card',
    input: { federation, member: memberOf(1), peerId: peerOf(1), now: t0, card: hex(card(1, federation)), ...input },
    expect: expected,
  });
cardAt('card', 'Valid.', {}, { addresses: ['/ip4/192.0.2.1/tcp/4001'], issuedAt: t0, expires: t0 + 90 * day });
cardAt('card-lapsed', 'After 90 days.', { now: t0 + 90 * day }, 'card/validity');
cardAt('card-other-peer', "Another peer's.", { card: hex(card(2, federation)) }, 'card/member');
cardAt('card-other-federation', 'Signed for another.', { card: hex(card(1, '11'.repeat(32))) }, 'envelope/signature');

const { request } = verifyJoin(joinRequest(4));
write('join', {
  comment: 'A join request and what is read over the telephone.',
  what: 'join',
  input: hex(joinRequest(4)),
  expect: { peerId: peerOf(4), name: request.name, fingerprint: fingerprint(joinRequest(4)) },
});
write('join-other-card', {
  comment: "With another peer's card.",
  what: 'join',
  input: hex(signJoin({ ...request, card: card(5) }, peer(4))),
  expect: 'join/card',
});
write('federation-fingerprint', {
  comment: 'The federation id as read over the telephone.',
  what: 'fingerprint',
  input: federation,
  expect: federationFingerprint(federation),
});

const secret = { x25519: hex(boxSecret(1).x25519), mlkemSeed: hex(boxSecret(1).mlkemSeed) };
const sealed = hex(sealTo(box(1).public, utf8('secret'), utf8('bound'), seeded('box vector')));
const boxOf = (name: string, comment: string, input: object, expected: string) =>
  write(name, { comment, what: 'box', input: { secret, aad: hex(utf8('bound')), sealed, ...input }, expect: expected });
boxOf('box', 'X-Wing, HKDF, AES-256-GCM.', {}, hex(utf8('secret')));
boxOf('box-other-aad', 'Other associated data.', { aad: '00' }, 'box/unopenable');
boxOf('box-version', 'A later version.', { sealed: `02${sealed.slice(2)}` }, 'box/unopenable');
boxOf('box-short', 'Cut.', { sealed: sealed.slice(0, 2000) }, 'box/unopenable');

const message = (name: string, comment: string, input: Uint8Array, expected: unknown) =>
  write(name, { comment, what: 'request', input: hex(input), expect: expected });
const hello = { type: 'hello', federation, number: 2, hash: parseRoster(two).hash } as const;
message('message-hello', 'Where the sender stands.', encodeRosterRequest(hello), hello);
message('message-unknown', 'Of a later version.', encodeCbor(['gossip', {}]), 'kind/unsupported');
message('message-no-number', 'A field is missing.', encodeCbor(['rosters', {}]), 'field/missing');
write('bundle', {
  comment: 'A roster file with two rosters and a card.',
  what: 'bundle',
  input: hex(encodeBundle({ rosters: [zero, one], cards: [card(1)] })),
  expect: { hash: parseRoster(one).hash, cards: [hex(card(1))] },
});
