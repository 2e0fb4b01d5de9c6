// Turning a batch of identifiers into `y` with t of n keepers, without I/O. State, events and actions are plain data
// that can be posted to a worker: the start and every reply take up to a second of arithmetic.
import { type ErrorCode, must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { evaluateReply, evaluateRequest } from './messages.ts';
import { type Blinded, blind, finalize, verifyBatch } from './voprf.ts';

/** What a look-up needs of the roster's index key. */
export interface LookupKey {
  readonly id: string;
  readonly generation: number;
  readonly t: number;
  readonly shares: readonly { readonly index: number; readonly member: string; readonly commitment: Uint8Array }[];
}

/** A keeper's verified answer, under its index of the roster. */
interface Verified {
  readonly index: number;
  readonly evaluated: readonly Uint8Array[];
}

interface RunningLookup {
  readonly phase: 'asking';
  readonly key: LookupKey;
  readonly inputs: readonly Uint8Array[];
  readonly blinded: readonly Blinded[];
  /** Members whose answer is awaited. */
  readonly asked: readonly string[];
  /** Members to turn to next, in this order. */
  readonly untried: readonly string[];
  readonly verified: readonly Verified[];
  readonly blamed: readonly Blame[];
}

export interface Blame {
  /** Member id of the keeper. */
  readonly member: string;
  /** What it did: tags/proof for a lie; tags/generation, net/*, cbor/*, field/*, tags/over-quota. */
  readonly code: ErrorCode;
}

/** `found` and `failed` are ends: whatever comes then is ignored. */
export type LookupState = RunningLookup | { readonly phase: 'found' } | { readonly phase: 'failed' };

export type LookupEvent =
  | { readonly type: 'reply'; readonly member: string; readonly body: Uint8Array }
  /** The keeper could not be reached, timed out or refused; `code` says which. */
  | { readonly type: 'failed'; readonly member: string; readonly code: ErrorCode };

export type LookupAction =
  /** Send `body` to this keeper on /dicomnet/index/1. */
  | { readonly type: 'ask'; readonly member: string; readonly body: Uint8Array }
  | ({ readonly type: 'blame' } & Blame)
  /** 64 bytes for each input, in order. */
  | { readonly type: 'found'; readonly outputs: readonly Uint8Array[] }
  /** tags/no-keepers: `missing` more keepers would have been needed. */
  | { readonly type: 'failed'; readonly missing: number; readonly blamed: readonly Blame[] };

export type LookupStep = [LookupState, LookupAction[]];

/**
 * -> asking. `inputs` are 1 to 256 results of `oprfInput`. `order` lists members to be asked first (the peer's own
 * share, say, or whoever answered fastest); the other keepers follow as in the roster.
 * @throws PeerError field/invalid, tags/identifier
 */
export function startLookup(options: {
  key: LookupKey;
  inputs: readonly Uint8Array[];
  random: Random;
  order?: readonly string[];
}): LookupStep {
  const { key, inputs, random, order = [] } = options;
  must(inputs.length >= 1 && inputs.length <= limits.evaluationPoints, 'field/invalid', { at: 'inputs' });
  const keepers = key.shares.map((share) => share.member);
  const first = order.filter((member) => keepers.includes(member));
  return proceed({
    phase: 'asking',
    key,
    inputs,
    blinded: inputs.map((input) => blind(input, random)),
    asked: [],
    untried: [...new Set([...first, ...keepers])],
    verified: [],
    blamed: [],
  });
}

/** asking -> asking, found or failed. A reply that nobody awaits changes nothing. */
export function stepLookup(state: LookupState, event: LookupEvent): LookupStep {
  if (state.phase !== 'asking' || !state.asked.includes(event.member)) return [state, []];
  const waiting = { ...state, asked: state.asked.filter((member) => member !== event.member) };
  if (event.type === 'failed') return blame(waiting, event.member, event.code);
  const outcome = checkReply(state, event.member, event.body);
  if ('code' in outcome) return blame(waiting, event.member, outcome.code);
  return proceed({ ...waiting, verified: [...waiting.verified, outcome] });
}

function blame(state: RunningLookup, member: string, code: ErrorCode): LookupStep {
  const [next, actions] = proceed({ ...state, blamed: [...state.blamed, { member, code }] });
  return [next, [{ type: 'blame', member, code }, ...actions]];
}

/** Ends with enough verified answers, or asks as many more keepers as are needed, or fails for want of them. */
function proceed(state: RunningLookup): LookupStep {
  const { key, verified, asked, untried } = state;
  if (verified.length === key.t) return [{ phase: 'found' }, [{ type: 'found', outputs: outputsOf(state) }]];
  const needed = key.t - verified.length - asked.length;
  if (needed > untried.length && asked.length > 0) return [state, []]; // hopeless, but let the count be right
  if (needed > untried.length) {
    return [{ phase: 'failed' }, [{ type: 'failed', missing: needed - untried.length, blamed: state.blamed }]];
  }
  if (needed === 0) return [state, []];
  const now = untried.slice(0, needed);
  const blinded = state.blinded.map((each) => each.blinded);
  const body = evaluateRequest.encode({ key: key.id, generation: key.generation, blinded });
  const asking = { ...state, asked: [...asked, ...now], untried: untried.slice(needed) };
  return [asking, now.map((member) => ({ type: 'ask', member, body }))];
}

/** The answer if it is of our generation and its proof holds against the roster's commitment, else the code to blame. */
function checkReply(state: RunningLookup, member: string, body: Uint8Array): Verified | { code: ErrorCode } {
  const share = state.key.shares.find((each) => each.member === member)!;
  try {
    const { generation, evaluated, proof } = evaluateReply.decode(body);
    if (generation !== state.key.generation) return { code: 'tags/generation' };
    const blinded = state.blinded.map((each) => each.blinded);
    const holds = verifyBatch({ commitment: share.commitment, blinded, evaluated, proof });
    return holds ? { index: share.index, evaluated } : { code: 'tags/proof' };
  } catch (error) {
    if (error instanceof PeerError) return { code: error.code };
    throw error;
  }
}

const outputsOf = (state: RunningLookup): Uint8Array[] =>
  state.inputs.map((input, i) => {
    const shares = state.verified.map(({ index, evaluated }) => ({ index, evaluated: evaluated[i]! }));
    return finalize({ input, blind: state.blinded[i]!.blind, shares });
  });
