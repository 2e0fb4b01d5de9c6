// The sending side of one transfer stream: a bounded queue of wants, and the guard asked anew before every object (and
// every segment of a long one). Reading and writing is the driver's; it reports when a segment has been handed on.
import { catalogue, type ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { type TransferFrame, transferVersion, type Want } from './messages.ts';
import { moveToFront } from './order.ts';

/** What is being sent: `from` is where its next segment begins. */
export type Sending = Want & { readonly begun: boolean };

export type SenderState =
  | { readonly is: 'new' }
  /** The guard is looking at the grant; wants may already come. */
  | { readonly is: 'opening'; readonly wants: readonly Want[]; readonly manifest: boolean; readonly finishing: boolean }
  | {
      readonly is: 'open';
      readonly wants: readonly Want[];
      /** The manifest is wanted. */
      readonly manifest: boolean;
      /** The receiver will want nothing more. */
      readonly finishing: boolean;
      readonly busy: 'manifest' | Sending | undefined;
    }
  | { readonly is: 'ended' };

export type SenderEvent =
  | { readonly type: 'frame'; readonly frame: TransferFrame }
  /** The guard has opened the grant for this connection's peer. */
  | { readonly type: 'opened' }
  /** The guard lets the object go, of this sealed length; undefined when the grant's manifest has no such object. */
  | { readonly type: 'authorized'; readonly length: number | undefined }
  /** The guard, or the state of this peer, forbids the grant from now on. */
  | { readonly type: 'denied'; readonly code: ErrorCode }
  /** What the last `send` or `send-manifest` named has been handed on. */
  | { readonly type: 'sent' }
  /** The object's bytes cannot be read, and nothing of this segment was sent. */
  | { readonly type: 'missing' }
  /** The channel has ended or broken, or only a part of what was announced could be sent. */
  | { readonly type: 'closed' };

export type SenderAction =
  | { readonly type: 'open'; readonly grant: string }
  | { readonly type: 'authorize'; readonly index: number }
  | { readonly type: 'send-manifest' }
  /** Send an object frame and these sealed bytes. */
  | { readonly type: 'send'; readonly index: number; readonly from: number; readonly to: number }
  | { readonly type: 'frame'; readonly frame: TransferFrame }
  /** Say what failed, if anything, and end our side. */
  | { readonly type: 'end'; readonly code?: ErrorCode };

type Open = Extract<SenderState, { is: 'open' }>;
type Step = [SenderState, SenderAction[]];

export const startSender = (): SenderState => ({ is: 'new' });

const end = (code?: ErrorCode): Step => [
  { is: 'ended' },
  [code === undefined ? { type: 'end' } : { type: 'end', code }],
];

/** One event. After the end nothing changes any more. */
export function stepSender(state: SenderState, event: SenderEvent): Step {
  if (state.is === 'ended') return [state, []];
  if (event.type === 'closed') return [{ is: 'ended' }, []];
  if (event.type === 'denied') return end(event.code);
  if (event.type === 'frame') return onFrame(state, event.frame);
  if (state.is === 'new') return [state, []];
  if (state.is === 'opening')
    return event.type === 'opened' ? next({ ...state, is: 'open', busy: undefined }) : [state, []];
  return onProgress(state, event);
}

function onFrame(state: Exclude<SenderState, { is: 'ended' }>, frame: TransferFrame): Step {
  if (state.is === 'new') {
    if (frame.type !== 'open') return end('transfer/unexpected');
    if (frame.version !== transferVersion) return end('version/unsupported');
    const opening: SenderState = { is: 'opening', wants: [], manifest: false, finishing: false };
    return [opening, [{ type: 'open', grant: frame.grant }]];
  }
  switch (frame.type) {
    case 'manifest-wanted':
      return state.manifest ? end('transfer/unexpected') : next({ ...state, manifest: true });
    case 'want':
      if (state.finishing) return end('transfer/unexpected');
      if (state.wants.length + frame.wants.length > limits.transferWants) return end('transfer/too-many-wants');
      return next({ ...state, wants: [...state.wants, ...frame.wants] });
    case 'front':
      return frame.indices.length > limits.transferFront
        ? end('transfer/unexpected')
        : [front(state, frame.indices), []];
    case 'done':
      return next({ ...state, finishing: true });
    case 'error':
      return [{ is: 'ended' }, [{ type: 'end' }]];
    default:
      return end('transfer/unexpected');
  }
}

function onProgress(state: Open, event: Exclude<SenderEvent, { type: 'frame' | 'closed' | 'denied' }>): Step {
  const { busy } = state;
  switch (event.type) {
    case 'authorized': {
      if (busy === undefined || busy === 'manifest' || busy.begun) return [state, []];
      if (event.length === undefined) return refuse(state, busy, 'transfer/no-such-object');
      if (busy.from >= event.length) return end('transfer/unexpected');
      const to = Math.min(busy.from + limits.transferSegmentBytes, event.length);
      const rest = to < event.length ? [{ index: busy.index, from: to }] : [];
      // what is left of the object stays at the head of the queue, ahead of anything moved to the front meanwhile
      const sending: Open = { ...state, busy: { ...busy, begun: true }, wants: [...rest, ...state.wants] };
      return [sending, [{ type: 'send', index: busy.index, from: busy.from, to }]];
    }
    case 'sent':
      return busy === undefined ? [state, []] : next({ ...state, busy: undefined });
    case 'missing':
      if (busy === undefined || busy === 'manifest') return [state, []];
      return refuse(
        { ...state, wants: state.wants.filter(({ index }) => index !== busy.index) },
        busy,
        'transfer/missing',
      );
    case 'opened':
      return [state, []];
  }
}

function refuse(state: Open, { index }: Want, code: ErrorCode): Step {
  const [after, actions] = next({ ...state, busy: undefined });
  return [after, [{ type: 'frame', frame: { type: 'refused', index, wire: catalogue[code].wire } }, ...actions]];
}

/** Takes up the next thing to do. */
function next(state: Exclude<SenderState, { is: 'new' | 'ended' }>): Step {
  if (state.is === 'opening' || state.busy !== undefined) return [state, []];
  if (state.manifest) return [{ ...state, manifest: false, busy: 'manifest' }, [{ type: 'send-manifest' }]];
  const [want, ...wants] = state.wants;
  if (want !== undefined)
    return [{ ...state, wants, busy: { ...want, begun: false } }, [{ type: 'authorize', index: want.index }]];
  return state.finishing ? end() : [state, []];
}

/** Moves wants to the front, but never ahead of the rest of an object that has begun. */
function front<S extends Exclude<SenderState, { is: 'new' | 'ended' }>>(state: S, indices: readonly number[]): S {
  const begun = state.is === 'open' && state.busy !== undefined && state.busy !== 'manifest' ? state.busy.index : -1;
  const kept = state.wants.filter(({ index }) => index === begun);
  const others = state.wants.filter(({ index }) => index !== begun);
  const order = moveToFront(
    others.map(({ index }) => index),
    indices,
  );
  const byIndex = new Map(others.map((want) => [want.index, want]));
  return { ...state, wants: [...kept, ...order.map((index) => byIndex.get(index)!)] };
}
