// What a peer answers by itself and what a person decides. Pure: the guard gathers the facts and does what comes out.
import type { ErrorCode } from '../errors.ts';
import type { MemberKind } from '../federation/roster.ts';
import { limits } from '../limits.ts';
import { isPurpose, type Practitioner, type Purpose } from '../practitioner.ts';
import type { PatientMatch } from './patient.ts';

/** Requests that are granted without a person. What a rule leaves out is any; an empty list is nobody. */
export interface AutoGrantRule {
  readonly purpose: Purpose;
  /** Roles of the practitioner, as the asking member states them. */
  readonly roles?: readonly string[];
  /** Member ids. */
  readonly members?: readonly string[];
  /** Grant also when the request gives no name or birth date to compare. What differs always goes to a person. */
  readonly withoutDemographics?: boolean;
}

export interface Policy {
  readonly autoGrant: readonly AutoGrantRule[];
  /** Purposes that are refused at once instead of waiting for a person. */
  readonly deny?: readonly Purpose[];
}

/** The policy of a new peer: every request but an emergency waits for a person. */
export const defaultPolicy: Policy = { autoGrant: [] };

/** `review`: a person on both sides looks at it within `limits.reviewMs`. */
export type Verdict =
  | { readonly verdict: 'allow'; readonly reason: 'summary' | 'emergency' | 'rule'; readonly review: boolean }
  | { readonly verdict: 'pending'; readonly code: ErrorCode }
  | { readonly verdict: 'deny'; readonly code: ErrorCode };

export interface Asker {
  readonly id: string;
  readonly kind: MemberKind;
}

const deny = (code: ErrorCode): Verdict => ({ verdict: 'deny', code });
const pending = (code: ErrorCode): Verdict => ({ verdict: 'pending', code });

/** Relays carry and agencies count; neither treats patients. */
const mayAsk = (member: Asker): boolean => member.kind === 'hospital';

/** Whether a summary is released: to any hospital's practitioner who says what for and why. */
export function decideSummary(facts: { member: Asker; purpose: string; reason: string }): Verdict {
  if (!mayAsk(facts.member)) return deny('access/no-rights');
  if (!isPurpose(facts.purpose) || facts.reason.trim() === '') return deny('advert/no-purpose');
  return { verdict: 'allow', reason: 'summary', review: false };
}

export interface RequestFacts {
  readonly member: Asker;
  readonly practitioner: Practitioner;
  readonly purpose: Purpose;
  /** Whether every ref is held here for exactly this patient. */
  readonly refsHeld: boolean;
  readonly patient: PatientMatch;
  /** Unix ms. */
  readonly issuedAt: number;
  readonly now: number;
}

/** What happens to a request that passed `checkRequest`. */
export function decideRequest(policy: Policy, facts: RequestFacts): Verdict {
  if (!mayAsk(facts.member)) return deny('access/no-rights');
  if (!facts.refsHeld) return deny('access/refs');
  if (policy.deny?.includes(facts.purpose)) return deny('access/purpose');
  if (facts.patient === 'differs') return pending('access/demographics');
  const emergency = facts.purpose === 'ETREAT' || facts.purpose === 'BTG';
  const rule = policy.autoGrant.find((each) => covers(each, facts));
  if (!emergency && rule === undefined) return pending('access/person');
  // an old request may have been kept back by whoever wants the grant to be made later, unseen
  if (facts.now - facts.issuedAt > limits.accessSkewMs) return pending('access/stale');
  if (rule !== undefined && (facts.patient === 'matches' || rule.withoutDemographics === true)) {
    return { verdict: 'allow', reason: 'rule', review: emergency };
  }
  // who treats the unconscious knows no name: the review makes up for it
  if (emergency) return { verdict: 'allow', reason: 'emergency', review: true };
  return pending('access/demographics');
}

const covers = (rule: AutoGrantRule, { purpose, practitioner, member }: RequestFacts): boolean =>
  rule.purpose === purpose &&
  (rule.roles === undefined || rule.roles.includes(practitioner.role)) &&
  (rule.members === undefined || rule.members.includes(member.id));
