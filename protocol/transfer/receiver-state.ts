// What the receiving side of a transfer knows, hears and does; how it steps is in receiver.ts.
import type { ErrorCode } from '../errors.ts';
import type { TransferFrame } from './messages.ts';

/** What is to be fetched, and how far ahead of the answers each stream asks. */
export interface ReceiverPlan {
  /** Sealed length in bytes of every object. */
  readonly lengths: readonly number[];
  /** Bytes asked for and not yet verified, of one stream. At least one object is always asked for. */
  readonly windowBytes: number;
  /** Objects asked for and not yet received, of one stream. */
  readonly windowObjects: number;
}

/** One object that a stream was asked for. */
export interface WantedObject {
  readonly index: number;
  /** Verified and stored up to here. */
  readonly at: number;
  /** Where the next object frame must begin; undefined until the first one came. */
  readonly announced?: number;
}

export type ReceiverPhase =
  | { readonly is: 'running' }
  | { readonly is: 'finished' }
  | { readonly is: 'stopped'; readonly code: ErrorCode };

export interface ReceiverState {
  readonly phase: ReceiverPhase;
  /** Objects not yet asked for, from `next` on, in the order wanted. */
  readonly queue: readonly number[];
  readonly next: number;
  readonly streams: ReadonlyMap<number, readonly WantedObject[]>;
  /** Verified bytes of objects that are partly there and asked for on no stream. */
  readonly partials: ReadonlyMap<number, number>;
  /** Objects that once failed to verify. */
  readonly struck: ReadonlySet<number>;
  /** Complete and verified, but not durable yet. */
  readonly received: ReadonlySet<number>;
  readonly refused: ReadonlyMap<number, ErrorCode>;
  readonly done: { readonly objects: number; readonly bytes: number };
  /** Has any object been received: until then one stream has the whole link to itself. */
  readonly warm: boolean;
}

export type ReceiverEvent =
  | { readonly type: 'opened'; readonly stream: number }
  /** The stream is gone and nothing of it is being stored any more. */
  | { readonly type: 'closed'; readonly stream: number }
  | { readonly type: 'object'; readonly stream: number; readonly index: number; from: number; length: number }
  /** Chunks up to offset `at` are verified and stored. */
  | { readonly type: 'verified'; readonly stream: number; readonly index: number; readonly at: number }
  /** All chunks and the object id are verified. */
  | { readonly type: 'received'; readonly stream: number; readonly index: number }
  /** Something does not verify; what is verified ends at `at` (0: start anew). */
  | { readonly type: 'bad'; readonly stream: number; readonly index: number; readonly at: number }
  | { readonly type: 'adopted'; readonly indices: readonly number[] }
  | { readonly type: 'refused'; readonly stream: number; readonly index: number; readonly code: ErrorCode }
  /** The other side ended the stream, or broke the protocol; `retry` if a new stream may do better. */
  | { readonly type: 'error'; readonly stream: number; readonly code: ErrorCode; readonly retry: boolean }
  | { readonly type: 'front'; readonly indices: readonly number[] }
  | { readonly type: 'stop'; readonly code: ErrorCode };

export type ReceiverAction =
  | { readonly type: 'send'; readonly stream: number; readonly frame: TransferFrame }
  /** Break the stream; `closed` is reported when that is done. */
  | { readonly type: 'abort'; readonly stream: number; readonly code: ErrorCode }
  /** Say done and end the stream. */
  | { readonly type: 'end'; readonly stream: number }
  | { readonly type: 'adopt'; readonly index: number }
  | { readonly type: 'blame'; readonly code: ErrorCode; readonly index: number };
