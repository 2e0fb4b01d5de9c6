import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../protocol/bytes.ts';
import type { ErrorCode } from '../../../protocol/errors.ts';
import { answerEvaluation, type HeldShare } from '../../../protocol/tags/keeper.ts';
import { type LookupAction, type LookupState, startLookup, stepLookup } from '../../../protocol/tags/lookup.ts';
import { evaluateReply, evaluateRequest } from '../../../protocol/tags/messages.ts';
import { dealTrialKey } from '../../../protocol/tags/threshold.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const random = seeded('lookup');
const dealt = dealTrialKey({ indices: [1, 2, 3, 4], t: 2, random });
const members = ['aa', 'bb', 'cc', 'dd'];
const id = '00112233445566778899aabbccddeeff';
const key = { id, generation: 7, t: 2, shares: dealt.shares.map((share, i) => ({ ...share, member: members[i]! })) };
const inputs = [utf8('one'), utf8('two')];

type Keeper = (body: Uint8Array, share: HeldShare) => Uint8Array | ErrorCode;
const honest = (body: Uint8Array, share: HeldShare): Uint8Array =>
  evaluateReply.encode(answerEvaluation(evaluateRequest.decode(body), [share], random));
const other = dealTrialKey({ indices: [9], t: 1, random }).shares[0]!;
/** Evaluates rightly with a share of its own making, and proves it. */
const liar: Keeper = (body, share) => honest(body, { ...share, ...other });
const ahead: Keeper = (body, share) => {
  const request = { ...evaluateRequest.decode(body), generation: 8 };
  return evaluateReply.encode(answerEvaluation(request, [{ ...share, generation: 8 }], random));
};
const stale: Keeper = (body, share) =>
  evaluateReply.encode({ ...evaluateReply.decode(honest(body, share)), generation: 6 });
const down: Keeper = () => 'net/timeout';
const spent: Keeper = () => 'tags/over-quota';
const babbler: Keeper = () => utf8('no CBOR');
const short: Keeper = (body, share) => {
  const reply = evaluateReply.decode(honest(body, share));
  return evaluateReply.encode({ ...reply, evaluated: reply.evaluated.slice(1) });
};

/** Runs a look-up against keepers that answer in the order asked; returns every action. */
function run(keepers: Record<string, Keeper>, order?: string[]) {
  let [state, actions] = startLookup({ key, inputs, random, ...(order && { order }) });
  const all: LookupAction[] = [];
  while (actions.length > 0) {
    const action = actions.shift()!;
    all.push(action);
    if (action.type !== 'ask') continue;
    const share = key.shares.find((each) => each.member === action.member)!;
    const said = (keepers[action.member] ?? honest)(action.body, { ...share, key: id, generation: 7 });
    const { member } = action;
    const event =
      typeof said === 'string' ? ({ type: 'failed', code: said } as const) : ({ type: 'reply', body: said } as const);
    const [next, more]: [LookupState, LookupAction[]] = stepLookup(state, { ...event, member });
    state = next;
    actions.push(...more);
  }
  const found = all.find((action) => action.type === 'found');
  return {
    state,
    outputs: found?.outputs.map(hex),
    asked: all.flatMap((action) => (action.type === 'ask' ? [action.member] : [])),
    blamed: all.flatMap((action) => (action.type === 'blame' ? [`${action.member} ${action.code}`] : [])),
    failed: all.find((action) => action.type === 'failed'),
  };
}

const expected = run({}).outputs;

describe('a look-up', () => {
  it('asks t keepers and no more, in the order wished for', () => {
    expect(expected).toHaveLength(2);
    expect(run({}).asked).toEqual(['aa', 'bb']);
    const wished = run({}, ['dd', 'nobody', 'cc', 'dd']);
    expect(wished.asked).toEqual(['dd', 'cc']);
    expect(wished.outputs).toEqual(expected);
  });

  it.each([
    ['a liar', liar, 'tags/proof'],
    ['one that leaves an element out', short, 'tags/proof'],
    ['one of an earlier generation', stale, 'tags/generation'],
    ['one of a later generation', ahead, 'tags/generation'],
    ['one that is down', down, 'net/timeout'],
    ['one whose meter is empty', spent, 'tags/over-quota'],
    ['one that babbles', babbler, 'cbor/malformed'],
  ])('blames %s and asks another', (_, keeper, code) => {
    const result = run({ aa: keeper });
    expect(result.blamed).toEqual([`aa ${code}`]);
    expect(result.asked).toEqual(['aa', 'bb', 'cc']);
    expect(result.outputs).toEqual(expected);
  });

  it('fails with how many are missing when too few are left', () => {
    const result = run({ aa: liar, bb: down, cc: stale });
    expect(result.failed).toMatchObject({ missing: 1 });
    expect(result.blamed).toEqual(['aa tags/proof', 'bb net/timeout', 'cc tags/generation']);
    expect(result.state).toEqual({ phase: 'failed' });
  });

  it('takes one answer a keeper, none unasked, none late', () => {
    const [start, asks] = startLookup({ key, inputs, random });
    const [ask] = asks as [Extract<LookupAction, { type: 'ask' }>];
    const body = honest(ask.body, { ...key.shares[0]!, key: id, generation: 7 });
    const reply = { type: 'reply', member: 'aa', body } as const;
    const [once] = stepLookup(start, reply);
    expect(stepLookup(once, reply)).toEqual([once, []]);
    expect(stepLookup(start, { ...reply, member: 'cc' })).toEqual([start, []]);
    expect(stepLookup(start, { ...reply, member: 'stranger' })).toEqual([start, []]);
    expect(stepLookup({ phase: 'found' }, reply)).toEqual([{ phase: 'found' }, []]);
  });

  it("blames a keeper that hands on another's answer as its own", () => {
    const result = run({ bb: (body) => honest(body, { ...key.shares[0]!, key: id, generation: 7 }) });
    expect(result.blamed).toEqual(['bb tags/proof']);
    expect(result.outputs).toEqual(expected);
  });

  it('whatever keepers do, ends with the right outputs or a count of the missing', () => {
    const kinds = [honest, liar, stale, down, spent, babbler, short];
    const property = fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 4, maxLength: 4 }), (chosen) => {
      const result = run(Object.fromEntries(chosen.map((keeper, i) => [members[i]!, keeper])));
      const good = chosen.filter((keeper) => keeper === honest).length;
      if (good >= key.t) expect(result.outputs).toEqual(expected);
      else expect(result.failed).toMatchObject({ missing: key.t - good });
    });
    fc.assert(property, { seed: 1, numRuns: 25 });
  });

  it('keeps its state and actions plain, so that a worker can hold them', () => {
    const started = startLookup({ key, inputs, random });
    expect(structuredClone(started)).toEqual(started);
  });

  it('takes 1 to 256 inputs', () => {
    expect(() => startLookup({ key, inputs: [], random })).toThrow('field/invalid');
    expect(() => startLookup({ key, inputs: Array(257).fill(inputs[0]), random })).toThrow('field/invalid');
  });
});

describe('a keeper', () => {
  const share = { ...key.shares[0]!, key: id, generation: 7 };
  const request = { key: id, generation: 7, blinded: [dealt.publicKey] };
  it('answers for its own keys and generations only', () => {
    expect(answerEvaluation(request, [share], random).generation).toBe(7);
    expect(() => answerEvaluation({ ...request, generation: 8 }, [share], random)).toThrow('tags/generation');
    expect(() => answerEvaluation({ ...request, key: 'ff'.repeat(16) }, [share], random)).toThrow('tags/not-keeper');
  });
});
