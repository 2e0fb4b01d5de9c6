// One received request as the owning side follows it. Sans I/O: `stepOwner` gives the next state and what is to be
// done, in order: the audit entry always before the answer.
import { PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Verdict } from './policy.ts';

/** The grants to be issued if it comes to that, one a study: random ids, and their `to`. */
interface GrantDraft {
  readonly grants: readonly string[];
  readonly until: number;
}

/** Whether a person has looked at a grant that nobody approved. */
type Review = { readonly due: number } | 'done' | 'none';

/** Times are unix ms; `notAfter` is the request's. */
export type OwnerState =
  | { readonly state: 'received'; readonly notAfter: number }
  | { readonly state: 'pending'; readonly notAfter: number; readonly code: string }
  /** Allowed; the study must first be sealed or fetched from the PACS. */
  | { readonly state: 'staging'; readonly notAfter: number; readonly review: boolean }
  | { readonly state: 'granted'; readonly grants: readonly string[]; readonly until: number; readonly review: Review }
  | { readonly state: 'denied'; readonly code: string }
  | { readonly state: 'revoked'; readonly grants: readonly string[]; readonly code: string }
  /** Undecided until its notAfter, or the grant's time is over. */
  | { readonly state: 'expired' };

export type OwnerEvent =
  /** The policy's verdict; `ready` says that everything asked for is sealed here. */
  | {
      readonly type: 'judged';
      readonly verdict: Verdict;
      readonly ready: boolean;
      readonly draft: GrantDraft;
      readonly now: number;
    }
  | { readonly type: 'approved'; readonly ready: boolean; readonly draft: GrantDraft; readonly now: number }
  | { readonly type: 'refused'; readonly code: string }
  | { readonly type: 'staged'; readonly draft: GrantDraft; readonly now: number }
  /** A person looked at an emergency grant; not in order: it is revoked. */
  | { readonly type: 'reviewed'; readonly inOrder: boolean }
  | { readonly type: 'revoked'; readonly code: string }
  | { readonly type: 'tick'; readonly now: number };

export type OwnerAction =
  | { readonly type: 'audit'; readonly outcome: 'success' | 'pending' | 'denied'; readonly code?: string }
  | { readonly type: 'issue'; readonly draft: GrantDraft }
  | { readonly type: 'answer'; readonly state: 'granted' | 'pending' | 'staging' | 'denied'; readonly code?: string }
  | { readonly type: 'stage' }
  /** Ask a person: to decide, or to review until `due`. */
  | { readonly type: 'ask-person'; readonly due?: number }
  /** Live checks refuse the grant from now on, and transfers under it stop. */
  | { readonly type: 'kill'; readonly grants: readonly string[] };

type Step = readonly [OwnerState, readonly OwnerAction[]];

export const startOwner = (notAfter: number): OwnerState => ({ state: 'received', notAfter });

/** @throws PeerError access/state for what can't be in this state */
export function stepOwner(state: OwnerState, event: OwnerEvent): Step {
  switch (event.type) {
    case 'judged':
      if (state.state !== 'received') throw wrong(state, event);
      return judged(state, event);
    case 'approved': // pending -> granted | staging
      if (state.state !== 'pending') throw wrong(state, event);
      return event.now >= state.notAfter ? expire : allow(state.notAfter, false, event);
    case 'staged': // staging -> granted
      if (state.state !== 'staging') throw wrong(state, event);
      return event.now >= state.notAfter ? expire : allow(state.notAfter, state.review, { ...event, ready: true });
    case 'refused': // pending | staging -> denied
      if (state.state !== 'pending' && state.state !== 'staging') throw wrong(state, event);
      return deny(event.code);
    case 'reviewed': // granted, review due -> granted, review done | revoked
      if (state.state !== 'granted' || typeof state.review === 'string') throw wrong(state, event);
      if (!event.inOrder) return revoke(state.grants, 'access/revoked');
      return [{ ...state, review: 'done' }, [{ type: 'audit', outcome: 'success' }]];
    case 'revoked': // granted -> revoked
      if (state.state !== 'granted') throw wrong(state, event);
      return revoke(state.grants, event.code);
    case 'tick':
      return tick(state, event.now);
  }
}

const wrong = (state: OwnerState, event: OwnerEvent): PeerError =>
  new PeerError('access/state', { state: state.state, event: event.type });

const expire: Step = [{ state: 'expired' }, [{ type: 'audit', outcome: 'denied', code: 'access/expired' }]];

/** received -> granted | staging | pending | denied */
function judged(state: { readonly notAfter: number }, event: Extract<OwnerEvent, { type: 'judged' }>): Step {
  const { verdict } = event;
  if (verdict.verdict === 'deny') return deny(verdict.code);
  if (verdict.verdict === 'allow') return allow(state.notAfter, verdict.review, event);
  const { code } = verdict;
  return [
    { state: 'pending', notAfter: state.notAfter, code },
    [{ type: 'audit', outcome: 'pending', code }, { type: 'answer', state: 'pending', code }, { type: 'ask-person' }],
  ];
}

function allow(
  notAfter: number,
  review: boolean,
  by: { readonly ready: boolean; readonly draft: GrantDraft; readonly now: number },
): Step {
  if (!by.ready) {
    const actions: OwnerAction[] = [
      { type: 'audit', outcome: 'pending' },
      { type: 'answer', state: 'staging' },
      { type: 'stage' },
    ];
    return [{ state: 'staging', notAfter, review }, actions];
  }
  const due = by.now + limits.reviewMs;
  const { grants, until } = by.draft;
  const actions: OwnerAction[] = [
    { type: 'audit', outcome: 'success' },
    { type: 'issue', draft: by.draft },
    { type: 'answer', state: 'granted' },
  ];
  if (review) actions.push({ type: 'ask-person', due });
  return [{ state: 'granted', grants, until, review: review ? { due } : 'none' }, actions];
}

const deny = (code: string): Step => [
  { state: 'denied', code },
  [
    { type: 'audit', outcome: 'denied', code },
    { type: 'answer', state: 'denied', code },
  ],
];

const revoke = (grants: readonly string[], code: string): Step => [
  { state: 'revoked', grants, code },
  [
    { type: 'kill', grants },
    { type: 'audit', outcome: 'success', code },
  ],
];

/** received | pending | staging past notAfter, granted past until -> expired; a review that is due stays due */
function tick(state: OwnerState, now: number): Step {
  if ('notAfter' in state && now >= state.notAfter) return expire;
  const over = state.state === 'granted' && now >= state.until && typeof state.review === 'string';
  return over ? [{ state: 'expired' }, []] : [state, []];
}
