import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AskerAction,
  type AskerEvent,
  type AskerState,
  type DecisionFacts,
  startAsker,
  stepAsker,
} from '../../../protocol/access/asker.ts';
import {
  type OwnerAction,
  type OwnerEvent,
  type OwnerState,
  startOwner,
  stepOwner,
} from '../../../protocol/access/owner.ts';
import type { Verdict } from '../../../protocol/access/policy.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { day, t0 } from '../../../protocol/vectors/federation-fixture.ts';

const grants = ['a', 'b'];
const notAfter = t0 + day;
const until = t0 + 2 * day;

/** Steps through events; one that is refused with access/state leaves everything as it was. */
function run<S, E, A>(step: (state: S, event: E) => readonly [S, readonly A[]], start: S, events: readonly E[]) {
  const trail: { before: S; event: E; after: S; actions: readonly A[] }[] = [];
  let state = start;
  for (const event of events) {
    try {
      const [after, actions] = step(state, event);
      trail.push({ before: state, event, after, actions });
      state = after;
    } catch (error) {
      if (!(error instanceof PeerError) || error.code !== 'access/state') throw error;
    }
  }
  return { state, trail, actions: trail.flatMap((each) => each.actions) };
}

const asking = (...events: AskerEvent[]) =>
  run<AskerState, AskerEvent, AskerAction>(stepAsker, startAsker(notAfter)[0], events);
const answered = (answer: DecisionFacts): AskerEvent => ({ type: 'answered', answer });
const granted = answered({ state: 'granted', issuedAt: t0 + 5, grants, until });
const pendingAt = (issuedAt: number) => answered({ state: 'pending', issuedAt, code: 'access/person' });
const denied = answered({ state: 'denied', issuedAt: t0 + 9, code: 'access/denied' });

test('a request on its usual way: keys unwrapped before anything is fetched, a receipt at the end', () => {
  const { state, actions } = asking(
    { type: 'sent' },
    pendingAt(t0 + 1),
    granted,
    { type: 'started' },
    { type: 'arrived' },
  );
  expect(state).toEqual({ state: 'done', grants });
  expect(actions).toEqual([
    { type: 'tell', state: 'pending' },
    { type: 'unwrap', grants },
    { type: 'tell', state: 'granted' },
    { type: 'fetch', grants },
    { type: 'receipt', grants },
    { type: 'tell', state: 'done' },
  ]);
});

test('what comes late, twice or out of order changes nothing', () => {
  expect(asking(granted, pendingAt(t0 + 1)).state.state).toBe('granted');
  expect(asking(granted, granted).actions.length).toBe(3);
  expect(asking(granted, denied).state.state).toBe('granted');
  expect(asking(denied, granted).state.state).toBe('denied');
  const staging = answered({ state: 'staging', issuedAt: t0 + 4 });
  expect(asking(staging, pendingAt(t0 + 1)).state.state).toBe('staging');
});

test('an unanswered request expires and its keys go', () => {
  const tick = (now: number): AskerEvent => ({ type: 'tick', now });
  expect(asking({ type: 'sent' }, { type: 'unreachable' }).state.state).toBe('queued');
  expect(asking(tick(notAfter - 1)).state.state).toBe('queued');
  expect(asking(tick(notAfter), granted).state).toEqual({ state: 'expired', code: 'access/expired' });
  expect(asking(tick(notAfter)).actions[0]).toEqual({ type: 'forget-keys' });
  expect(asking(granted, tick(until)).state.state).toBe('expired');
  expect(asking(granted, { type: 'ended', code: 'access/revoked' }).state).toEqual({
    state: 'expired',
    code: 'access/revoked',
  });
});

const answers: fc.Arbitrary<DecisionFacts> = fc
  .record({ issuedAt: fc.integer({ min: t0, max: t0 + 20 }), pick: fc.nat(3) })
  .map(
    ({ issuedAt, pick }) =>
      [
        { state: 'pending', issuedAt } as const,
        { state: 'staging', issuedAt } as const,
        { state: 'denied', issuedAt, code: 'access/denied' } as const,
        { state: 'granted', issuedAt, grants, until } as const,
      ][pick]!,
  );
const times = fc.constantFrom(t0, t0 + 1000, notAfter - 1, notAfter, until);
const askEvents = fc.oneof(
  { weight: 3, arbitrary: answers.map(answered) },
  fc.constantFrom<AskerEvent>(
    { type: 'sent' },
    { type: 'unreachable' },
    { type: 'started' },
    { type: 'arrived' },
    { type: 'ended', code: 'access/revoked' },
  ),
  times.map((now): AskerEvent => ({ type: 'tick', now })),
);

test('asking: whatever happens, ends are final, keys are used or destroyed once, nothing is fetched without a grant', () => {
  fc.assert(
    fc.property(fc.array(askEvents, { maxLength: 12 }), (events) => {
      const { state, trail, actions } = asking(...events);
      for (const { before, after } of trail) {
        if (['denied', 'done', 'expired'].includes(before.state)) expect(after).toEqual(before);
      }
      const count = (type: AskerAction['type']) => actions.filter((each) => each.type === type).length;
      const [opened, forgotten] = [count('unwrap'), count('forget-keys')];
      expect(opened + forgotten).toBe('notAfter' in state ? 0 : 1);
      expect(count('fetch')).toBe(opened);
      expect(count('receipt')).toBe(state.state === 'done' ? 1 : 0);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

const owning = (...events: OwnerEvent[]) =>
  run<OwnerState, OwnerEvent, OwnerAction>(stepOwner, startOwner(notAfter), events);
const draft = { grants, until };
const allow = (review: boolean): Verdict => ({ verdict: 'allow', reason: review ? 'emergency' : 'rule', review });
const wait: Verdict = { verdict: 'pending', code: 'access/person' };
const judged = (verdict: Verdict, ready = true): OwnerEvent => ({ type: 'judged', verdict, ready, draft, now: t0 });
const approved: OwnerEvent = { type: 'approved', ready: true, draft, now: t0 };

test('a request that a person approves: logged, issued, answered, in this order', () => {
  const { state, actions } = owning(judged(wait), approved);
  expect(state).toEqual({ state: 'granted', grants, until, review: 'none' });
  expect(actions).toEqual([
    { type: 'audit', outcome: 'pending', code: 'access/person' },
    { type: 'answer', state: 'pending', code: 'access/person' },
    { type: 'ask-person' },
    { type: 'audit', outcome: 'success' },
    { type: 'issue', draft },
    { type: 'answer', state: 'granted' },
  ]);
});

test('an emergency is granted at once, reviewed, and revoked if it was not in order', () => {
  const due = t0 + limits.reviewMs;
  expect(owning(judged(allow(true))).state).toEqual({ state: 'granted', grants, until, review: { due } });
  expect(owning(judged(allow(true))).actions.at(-1)).toEqual({ type: 'ask-person', due });
  expect(owning(judged(allow(true)), { type: 'reviewed', inOrder: true }).state).toMatchObject({ review: 'done' });
  const { state, actions } = owning(judged(allow(true)), { type: 'reviewed', inOrder: false });
  expect(state).toEqual({ state: 'revoked', grants, code: 'access/revoked' });
  expect(actions).toContainEqual({ type: 'kill', grants });
});

test('what must first be fetched is staged, also when the review is due later', () => {
  const { state, actions } = owning(judged(allow(true), false));
  expect([state.state, actions.at(-1)]).toEqual(['staging', { type: 'stage' }]);
  expect(owning(judged(allow(true), false), { type: 'staged', draft, now: t0 + 9 }).state).toMatchObject({
    state: 'granted',
    review: { due: t0 + 9 + limits.reviewMs },
  });
});

const ownEvents: fc.Arbitrary<OwnerEvent> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<Verdict>(allow(true), allow(false), wait, { verdict: 'deny', code: 'access/refs' }),
      fc.boolean(),
      times,
    )
    .map(([verdict, ready, now]): OwnerEvent => ({ type: 'judged', verdict, ready, draft, now })),
  fc.tuple(fc.boolean(), times).map(([ready, now]): OwnerEvent => ({ type: 'approved', ready, draft, now })),
  times.map((now): OwnerEvent => ({ type: 'staged', draft, now })),
  times.map((now): OwnerEvent => ({ type: 'tick', now })),
  fc.boolean().map((inOrder): OwnerEvent => ({ type: 'reviewed', inOrder })),
  fc.constantFrom<OwnerEvent>({ type: 'refused', code: 'access/denied' }, { type: 'revoked', code: 'access/revoked' }),
);

test('owning: whatever happens, grants are issued once at most, after an allowing verdict or a person, after the audit', () => {
  fc.assert(
    fc.property(fc.array(ownEvents, { maxLength: 12 }), (events) => {
      const { state, trail, actions } = owning(...events);
      const issued = actions.filter((each) => each.type === 'issue').length;
      expect(issued).toBeLessThanOrEqual(1);
      const let_in = trail.some(
        ({ event }) => event.type === 'approved' || (event.type === 'judged' && event.verdict.verdict === 'allow'),
      );
      if (issued > 0) expect(let_in).toBe(true);
      for (const { before, after, actions: step } of trail) {
        if (['denied', 'revoked', 'expired'].includes(before.state)) expect(after).toEqual(before);
        const audit = step.findIndex((each) => each.type === 'audit');
        const answer = step.findIndex((each) => each.type === 'answer' || each.type === 'issue');
        if (answer >= 0) expect(audit >= 0 && audit < answer).toBe(true);
      }
      const killed = actions.some((each) => each.type === 'kill');
      expect(killed).toBe(state.state === 'revoked');
    }),
    { seed: 1, numRuns: 2000 },
  );
});
