import { expect, test } from 'vitest';
import {
  type AutoGrantRule,
  decideRequest,
  decideSummary,
  defaultPolicy,
  type Policy,
  type RequestFacts,
} from '../../../protocol/access/policy.ts';
import { purposes } from '../../../protocol/practitioner.ts';
import { memberOf, t0 } from '../../../protocol/vectors/federation-fixture.ts';

const hospital = { id: memberOf(2), kind: 'hospital' } as const;
const facts: RequestFacts = {
  member: hospital,
  practitioner: { name: 'Dr. Rusu', role: 'radiologist' },
  purpose: 'TREAT',
  refsHeld: true,
  patient: 'matches',
  issuedAt: t0,
  now: t0,
};
const tenMinutes = 600_000;
const auto = (rule: Partial<AutoGrantRule> = {}): Policy => ({ autoGrant: [{ purpose: 'TREAT', ...rule }] });
const byRule = { verdict: 'allow', reason: 'rule', review: false };
const atOnce = { verdict: 'allow', reason: 'emergency', review: true };
const pending = (code: string) => ({ verdict: 'pending', code });
const deny = (code: string) => ({ verdict: 'deny', code });

test.each<[string, Policy, Partial<RequestFacts>, object]>([
  ['treatment waits for a person', defaultPolicy, {}, pending('access/person')],
  ['research waits for a person', defaultPolicy, { purpose: 'HRESCH' }, pending('access/person')],
  [
    'a purpose that is not answered',
    { autoGrant: [], deny: ['HRESCH'] },
    { purpose: 'HRESCH' },
    deny('access/purpose'),
  ],
  ['an emergency is answered at once', defaultPolicy, { purpose: 'ETREAT' }, atOnce],
  ['breaking the glass is answered at once', defaultPolicy, { purpose: 'BTG' }, atOnce],
  ['an emergency with an unknown name', defaultPolicy, { purpose: 'ETREAT', patient: 'missing' }, atOnce],
  [
    'an emergency about somebody else',
    defaultPolicy,
    { purpose: 'ETREAT', patient: 'differs' },
    pending('access/demographics'),
  ],
  ['an emergency of ten minutes ago', defaultPolicy, { purpose: 'BTG', now: t0 + tenMinutes }, atOnce],
  [
    'an emergency kept back for longer',
    defaultPolicy,
    { purpose: 'BTG', now: t0 + tenMinutes + 1 },
    pending('access/stale'),
  ],
  [
    'a hospital that wants to see emergencies first',
    { autoGrant: [], deny: ['BTG'] },
    { purpose: 'BTG' },
    deny('access/purpose'),
  ],
  ['what is not this patient’s', defaultPolicy, { refsHeld: false }, deny('access/refs')],
  [
    'what is not this patient’s, in an emergency',
    defaultPolicy,
    { refsHeld: false, purpose: 'BTG' },
    deny('access/refs'),
  ],
  ['a relay', defaultPolicy, { member: { ...hospital, kind: 'relay' }, purpose: 'BTG' }, deny('access/no-rights')],
  ['an agency', auto(), { member: { ...hospital, kind: 'agency' } }, deny('access/no-rights')],
  ['a rule for the purpose', auto(), {}, byRule],
  ['a rule for another purpose', auto({ purpose: 'PATRQT' }), {}, pending('access/person')],
  ['a rule for the role', auto({ roles: ['surgeon', 'radiologist'] }), {}, byRule],
  ['a rule for another role', auto({ roles: ['surgeon'] }), {}, pending('access/person')],
  ['a rule for nobody', auto({ roles: [] }), {}, pending('access/person')],
  ['a rule for the member', auto({ members: [memberOf(2)] }), {}, byRule],
  ['a rule for another member', auto({ members: [memberOf(3)] }), {}, pending('access/person')],
  ['a rule, and no name', auto(), { patient: 'missing' }, pending('access/demographics')],
  ['a rule that needs no name', auto({ withoutDemographics: true }), { patient: 'missing' }, byRule],
  [
    'a rule that needs no name, and another name',
    auto({ withoutDemographics: true }),
    { patient: 'differs' },
    pending('access/demographics'),
  ],
  ['a rule, and an old request', auto(), { now: t0 + tenMinutes + 1 }, pending('access/stale')],
  [
    'a rule for emergencies is still reviewed',
    auto({ purpose: 'BTG' }),
    { purpose: 'BTG' },
    { ...byRule, review: true },
  ],
])('%s', (_, policy, changes, expected) => {
  expect(decideRequest(policy, { ...facts, ...changes })).toEqual(expected);
});

test('only an emergency or a rule is ever granted without a person', () => {
  for (const purpose of purposes) {
    const { verdict } = decideRequest(defaultPolicy, { ...facts, purpose });
    expect(verdict, purpose).toBe(purpose === 'ETREAT' || purpose === 'BTG' ? 'allow' : 'pending');
  }
});

test('a summary is for any hospital that says what for and why', () => {
  const ask = { member: hospital, purpose: 'TREAT', reason: 'Chest pain' };
  for (const purpose of purposes) expect(decideSummary({ ...ask, purpose }).verdict).toBe('allow');
  expect(decideSummary({ ...ask, purpose: '' })).toEqual(deny('advert/no-purpose'));
  expect(decideSummary({ ...ask, purpose: 'CURIOUS' })).toEqual(deny('advert/no-purpose'));
  expect(decideSummary({ ...ask, reason: ' \t' })).toEqual(deny('advert/no-purpose'));
  expect(decideSummary({ ...ask, member: { ...hospital, kind: 'relay' } })).toEqual(deny('access/no-rights'));
});
