import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBox } from '../../../protocol/box.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { chainOfBundle, decodeBundle } from '../../../protocol/federation/bundle.ts';
import { checkCard, verifyCard } from '../../../protocol/federation/card.ts';
import { type ChainAction, type ChainState, unpinned } from '../../../protocol/federation/chain.ts';
import { federationFingerprint, fingerprint, verifyJoin } from '../../../protocol/federation/join.ts';
import { decodeRosterRequest, encodeRosterRequest } from '../../../protocol/federation/messages.ts';
import { verify } from '../../../protocol/identity.ts';
import { parts, take } from './kit.ts';

const folder = new URL('../../../protocol/vectors/federation/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

const inWords = (action: ChainAction): string => {
  if (action.kind === 'refused') return `refused ${action.error.code}`;
  if (action.kind === 'fetch') return `fetch ${action.from}`;
  return action.kind === 'alarm' ? `alarm ${action.alarm}` : action.kind;
};

// biome-ignore lint/suspicious/noExplicitAny: each kind of vector has its own shape, given by the script that makes it
const replay: Record<string, (input: any) => unknown> = {
  chain({ now, rosters }) {
    let state = unpinned() as ChainState;
    const actions = rosters.map((roster: string) => {
      const [after, done] = take(state, unhex(roster), now);
      state = after;
      return done.map(inWords);
    });
    return { actions, ...(state.kind === 'unpinned' ? { kind: state.kind } : { kind: state.kind, hash: state.hash }) };
  },
  card({ federation, member, peerId, now, card }) {
    const opened = verifyCard(unhex(card), federation, verify);
    const about = { id: member, peerId, name: '', country: 'MD', kind: 'hospital', from: 0 } as const;
    checkCard(opened, about, now);
    const { addresses, issuedAt, expires } = opened.value;
    return { addresses, issuedAt, expires };
  },
  join(input) {
    const { peerId, request } = verifyJoin(unhex(input));
    return { peerId, name: request.name, fingerprint: fingerprint(unhex(input)) };
  },
  fingerprint: federationFingerprint,
  box: ({ secret, sealed, aad }) =>
    hex(openBox({ x25519: unhex(secret.x25519), mlkemSeed: unhex(secret.mlkemSeed) }, unhex(sealed), unhex(aad))),
  request(input) {
    const request = decodeRosterRequest(unhex(input));
    expect(hex(encodeRosterRequest(request))).toBe(input);
    return request;
  },
  bundle(input) {
    const bundle = decodeBundle(unhex(input));
    return { hash: chainOfBundle(bundle, { now: 0 }, parts).state.hash, cards: bundle.cards.map(hex) };
  },
};

describe('vectors of the federation', () => {
  it.each(files)('%s', (file) => {
    const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    let result: unknown;
    try {
      result = replay[what]!(input);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      result = error.code;
    }
    expect(result).toEqual(expected);
  });
});
