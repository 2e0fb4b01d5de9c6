// What the federation's tests share.
import { expect } from 'vitest';
import { nextRoster, type Validity } from '../../../protocol/federation/authority.ts';
import {
  type ChainAction,
  type ChainState,
  type Forked,
  type Pinned,
  stepChain,
  unpinned,
} from '../../../protocol/federation/chain.ts';
import type { Roster } from '../../../protocol/federation/roster.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import { verify } from '../../../protocol/identity.ts';
import { t0, validity } from '../../../protocol/vectors/federation-fixture.ts';

export const parts = { verify };

/** Matches a PeerError of this code. */
export const coded = (code: string) => expect.objectContaining({ code });

export const take = (state: ChainState, roster: Uint8Array, now = t0): [ChainState, readonly ChainAction[]] =>
  stepChain(state, { roster, now }, parts);

/** Takes rosters that must all be accepted. */
export function following(...rosters: Uint8Array[]): Pinned {
  let state: ChainState = unpinned();
  for (const roster of rosters) {
    const [after, actions] = take(state, roster);
    expect(actions).toContainEqual(expect.objectContaining({ kind: 'accepted' }));
    state = after;
  }
  return state as Pinned;
}

/** The draft after an envelope. */
export const draftAfter = (roster: Uint8Array, at: Validity = validity): Roster => nextRoster(parseRoster(roster), at);

/** Takes a roster that must be refused with this code and change nothing. */
export function refuses(state: ChainState, roster: Uint8Array, code: string): readonly ChainAction[] {
  const [next, actions] = take(state, roster);
  expect(actions[0]).toEqual({ kind: 'refused', error: coded(code) });
  expect(next).toBe(state);
  return actions;
}

export function forkedState(state: ChainState): Forked {
  if (state.kind !== 'forked') throw new Error(`expected a fork, but the chain is ${state.kind}`);
  return state;
}
