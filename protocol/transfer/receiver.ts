// The receiving side of a transfer: what to ask for on which stream, what counts as had, when it is over. Bytes are
// checked and stored by the driver, which reports here in whole chunks; nothing is done before it is durably adopted.
import type { ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { moveToFront } from './order.ts';
import type { ReceiverAction, ReceiverEvent, ReceiverPlan, ReceiverState, WantedObject } from './receiver-state.ts';

export type * from './receiver-state.ts';

type Step = [ReceiverState, ReceiverAction[]];

/**
 * The state to begin with.
 * @param order every object once, in the order wanted
 * @param done objects that are durable already
 * @param partials verified bytes of objects that are partly there
 */
export function startReceiver(
  plan: ReceiverPlan,
  order: readonly number[],
  done: ReadonlySet<number> = new Set(),
  partials: ReadonlyMap<number, number> = new Map(),
): ReceiverState {
  const open = order.filter((index) => !done.has(index));
  const begun = open.filter((index) => partials.has(index));
  let bytes = 0;
  for (const index of done) bytes += plan.lengths[index] ?? 0;
  return settle({
    phase: { is: 'running' },
    queue: moveToFront(open, begun),
    next: 0,
    streams: new Map(),
    partials: new Map([...partials].filter(([index]) => !done.has(index))),
    struck: new Set(),
    received: new Set(),
    refused: new Map(),
    done: { objects: done.size, bytes },
    warm: false,
  })[0];
}

/** True if another stream would have something to do. */
export const needsStream = (state: ReceiverState): boolean =>
  state.phase.is === 'running' && state.next < state.queue.length;

/** Bytes verified and stored, whether their objects are complete or not. */
export function verifiedBytes(plan: ReceiverPlan, state: ReceiverState): number {
  let bytes = state.done.bytes;
  for (const at of state.partials.values()) bytes += at;
  for (const index of state.received) bytes += plan.lengths[index]!;
  for (const asked of state.streams.values()) for (const { at } of asked) bytes += at;
  return bytes;
}

/** One event; events of streams that are gone, and all after the end, change nothing. */
export function stepReceiver(plan: ReceiverPlan, state: ReceiverState, event: ReceiverEvent): Step {
  if (event.type === 'closed') return closed(plan, state, event.stream);
  if (state.phase.is !== 'running') return [state, []];
  switch (event.type) {
    case 'opened':
      return fill(plan, { ...state, streams: new Map(state.streams).set(event.stream, []) }, []);
    case 'front':
      return front(plan, state, event.indices);
    case 'adopted':
      return settle(adopted(plan, state, event.indices));
    case 'stop':
      return stop(state, event.code);
    default:
      return state.streams.has(event.stream) ? onStream(plan, state, event) : [state, []];
  }
}

type StreamEvent = Extract<ReceiverEvent, { type: 'object' | 'verified' | 'received' | 'bad' | 'refused' | 'error' }>;

function onStream(plan: ReceiverPlan, state: ReceiverState, event: StreamEvent): Step {
  if (event.type === 'error') {
    if (!event.retry) return stop(state, event.code);
    return [state, [{ type: 'abort', stream: event.stream, code: event.code }]];
  }
  const { stream, index } = event;
  const asked = state.streams.get(stream)!.find((each) => each.index === index);
  const length = plan.lengths[index];
  if (asked === undefined || length === undefined) return unexpected(state, index);
  switch (event.type) {
    case 'object': {
      const end = event.from + event.length;
      const inPlace = event.from === (asked.announced ?? asked.at) && event.length > 0 && end <= length;
      if (!inPlace || isBusyWithAnother(plan, state.streams.get(stream)!, index)) return unexpected(state, index);
      return [replace(state, stream, { ...asked, announced: end }), []];
    }
    case 'verified':
      if (event.at <= asked.at || event.at > (asked.announced ?? 0)) return unexpected(state, index);
      return fill(plan, replace(state, stream, { ...asked, at: event.at }), []);
    case 'received': {
      if (asked.at !== length) return unexpected(state, index);
      const received = new Set(state.received).add(index);
      const next = { ...without(state, stream, index), received, warm: true };
      return fill(plan, next, [{ type: 'adopt', index }]);
    }
    case 'bad':
      return bad(state, stream, { index, at: Math.min(event.at, asked.at) });
    case 'refused': {
      const refused = new Map(state.refused).set(index, event.code);
      const [next, actions] = settle({ ...without(state, stream, index), refused });
      return next.phase.is === 'running' ? fill(plan, next, actions) : [next, actions];
    }
  }
}

/** Between its first and its last object frame an object has the stream for itself. */
const isBusyWithAnother = (plan: ReceiverPlan, all: readonly WantedObject[], index: number): boolean =>
  all.some(
    (each) => each.index !== index && each.announced !== undefined && each.announced < plan.lengths[each.index]!,
  );

/** The sender broke the protocol: no honest one does, so nothing more is taken from it. */
function unexpected(state: ReceiverState, index: number): Step {
  const [next, actions] = stop(state, 'transfer/unexpected');
  return [next, [{ type: 'blame', code: 'transfer/unexpected', index }, ...actions]];
}

/** First time: once more from the start of that chunk, over a new stream. Second time: the end. */
function bad(state: ReceiverState, stream: number, from: WantedObject): Step {
  if (state.struck.has(from.index)) {
    const [next, actions] = stop(state, 'transfer/lying-source');
    return [next, [{ type: 'blame', code: 'transfer/lying-source', index: from.index }, ...actions]];
  }
  const struck = new Set(state.struck).add(from.index);
  return [
    { ...replace(state, stream, from), struck },
    [
      { type: 'blame', code: 'transfer/bad-chunk', index: from.index },
      { type: 'abort', stream, code: 'transfer/bad-chunk' },
    ],
  ];
}

/** What the stream still owed goes back to the front, what was begun first. */
function closed(plan: ReceiverPlan, state: ReceiverState, stream: number): Step {
  const asked = state.streams.get(stream);
  if (asked === undefined) return [state, []];
  const streams = new Map(state.streams);
  streams.delete(stream);
  const partials = new Map(state.partials);
  for (const { index, at } of asked) if (at > 0) partials.set(index, at);
  const queue = [...asked.map(({ index }) => index), ...state.queue.slice(state.next)];
  const next = { ...state, streams, partials, queue, next: 0 };
  return state.phase.is === 'running' ? fill(plan, next, []) : [next, []];
}

function adopted(plan: ReceiverPlan, state: ReceiverState, indices: readonly number[]): ReceiverState {
  const received = new Set(state.received);
  let { objects, bytes } = state.done;
  for (const index of indices) {
    if (!received.delete(index)) continue;
    objects++;
    bytes += plan.lengths[index]!;
  }
  return { ...state, received, done: { objects, bytes } };
}

/** Ends the transfer when nothing is missing that could still come. */
function settle(state: ReceiverState, actions: ReceiverAction[] = []): Step {
  const owed = [...state.streams.values()].some((asked) => asked.length > 0);
  if (owed || state.received.size > 0 || state.next < state.queue.length) return [state, actions];
  const ends = [...state.streams.keys()].map((stream): ReceiverAction => ({ type: 'end', stream }));
  if (state.refused.size === 0) return [{ ...state, phase: { is: 'finished' } }, [...actions, ...ends]];
  return [{ ...state, phase: { is: 'stopped', code: 'transfer/incomplete' } }, [...actions, ...ends]];
}

function stop(state: ReceiverState, code: ErrorCode): Step {
  const aborts = [...state.streams.keys()].map((stream): ReceiverAction => ({ type: 'abort', stream, code }));
  return [{ ...state, phase: { is: 'stopped', code } }, aborts];
}

/** Moves objects before all others, whether they are asked for already or not. */
function front(plan: ReceiverPlan, state: ReceiverState, wished: readonly number[]): Step {
  const indices = wished.slice(0, limits.transferFront);
  const queue = moveToFront(state.queue.slice(state.next), indices);
  let next: ReceiverState = { ...state, queue, next: 0 };
  const actions: ReceiverAction[] = [];
  const stream = leastBusy(plan, next);
  const spare = stream === undefined ? 0 : plan.windowObjects + limits.transferFront - next.streams.get(stream)!.length;
  const count = Math.min(spare, indices.filter((index) => queue.includes(index)).length);
  if (stream !== undefined && count > 0) next = ask(next, stream, count, actions);
  for (const [each, asked] of next.streams) {
    const mine = indices.filter((index) => asked.some((one) => one.index === index && one.announced === undefined));
    if (mine.length > 0) actions.push({ type: 'send', stream: each, frame: { type: 'front', indices: mine } });
  }
  return [next, actions];
}

/** Asks on every stream whose window is half empty, until it is full. */
function fill(plan: ReceiverPlan, state: ReceiverState, actions: ReceiverAction[]): Step {
  let next = state;
  const usable = state.warm ? [...state.streams.keys()] : [...state.streams.keys()].slice(0, 1);
  for (const stream of usable) {
    const asked = next.streams.get(stream)!;
    let bytes = owedBytes(plan, asked);
    if (bytes * 2 > plan.windowBytes || asked.length * 2 > plan.windowObjects) continue;
    let count = 0;
    while (next.next + count < next.queue.length && asked.length + count < plan.windowObjects) {
      const index = next.queue[next.next + count]!;
      bytes += plan.lengths[index]! - (next.partials.get(index) ?? 0);
      if (bytes > plan.windowBytes && asked.length + count > 0) break;
      count++;
    }
    if (count > 0) next = ask(next, stream, count, actions);
  }
  return [next, actions];
}

/** Asks a stream for the next `count` objects of the queue. */
function ask(state: ReceiverState, stream: number, count: number, actions: ReceiverAction[]) {
  const taken = state.queue.slice(state.next, state.next + count);
  const partials = new Map(state.partials);
  const wants = taken.map((index) => ({ index, from: partials.get(index) ?? 0 }));
  for (const index of taken) partials.delete(index);
  actions.push({ type: 'send', stream, frame: { type: 'want', wants } });
  const asked = [...state.streams.get(stream)!, ...wants.map(({ index, from }) => ({ index, at: from }))];
  return { ...state, partials, next: state.next + count, streams: new Map(state.streams).set(stream, asked) };
}

function leastBusy(plan: ReceiverPlan, state: ReceiverState): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [stream, asked] of state.streams) {
    const bytes = owedBytes(plan, asked);
    if (bytes < least) [best, least] = [stream, bytes];
  }
  return best;
}

const owedBytes = (plan: ReceiverPlan, asked: readonly WantedObject[]): number =>
  asked.reduce((sum, { index, at }) => sum + plan.lengths[index]! - at, 0);

const replace = (state: ReceiverState, stream: number, one: WantedObject): ReceiverState => ({
  ...state,
  streams: new Map(state.streams).set(
    stream,
    state.streams.get(stream)!.map((each) => (each.index === one.index ? one : each)),
  ),
});

const without = (state: ReceiverState, stream: number, index: number): ReceiverState => ({
  ...state,
  streams: new Map(state.streams).set(
    stream,
    state.streams.get(stream)!.filter((each) => each.index !== index),
  ),
});
