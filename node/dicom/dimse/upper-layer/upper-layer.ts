// Runs the association machine over one socket: bytes in and out, backpressure both ways, ARTIM and silence timers.
import type { Socket } from 'node:net';
import { PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Timers } from '../../../system/machine.ts';
import { encodePdu, type Pdu } from './pdu.ts';
import { abortReason, PduReader, type ReceivedPdu } from './pdu-reader.ts';
import { readIntoOwnMemory } from './read-memory.ts';
import {
  type AssociationAction,
  type AssociationEvent,
  type AssociationState,
  type Indication,
  idle,
  stepAssociation,
} from './state-machine.ts';

/** Whoever uses the association: told what comes in, and once that it is over. */
export interface UpperLayerUser {
  /** While a returned promise is pending nothing more is read. What it throws or rejects with aborts the association. */
  indicate(indication: Exclude<Indication, { kind: 'aborted' }>): void | Promise<void>;
  /** Called exactly once. Without a reason the association was released (or rejected) in order. */
  ended(reason: PeerError | undefined): void;
  /** How many messages have come whole, and whether the next has begun; for `leastMessageBytes`. */
  received?(): { readonly whole: number; readonly begun: boolean };
}

interface UpperLayerOptions {
  /** Longest P-DATA-TF body taken. */
  readonly maxPduBytes: number;
  readonly artimMs: number;
  /** Abort after this long without a byte either way, while `watch` is on. */
  readonly idleMs: number;
  /** Abort when less than this comes of one message in `idleMs`; without it any byte will do. */
  readonly leastMessageBytes?: number;
}

/** Where the message that is under way stood when its time began to count. */
interface Progress {
  readonly whole: number;
  readonly bytes: number;
  ticks: number;
}

/** Silence is measured in this many ticks of idleMs / ticks each, so that no timer is set for every chunk. */
const idleTicks = 4;

/** A command is copied into one piece: several pieces cost more than so few bytes. */
const copiedBytes = 4096;

export class UpperLayer {
  readonly #options: UpperLayerOptions;
  readonly #socket: Socket;
  readonly #timers: Timers;
  readonly #user: UpperLayerUser;
  readonly #reader: PduReader;
  #state: AssociationState = idle;
  #cancelArtim: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #quietTicks = 0;
  #receivedBytes = 0;
  #progress: Progress | undefined;
  /** True while the user works: silence is then ours. */
  #userBusy = false;
  #ended = false;
  #invalid: PeerError | undefined;
  #socketError: Error | undefined;
  /** What came and is still worked on. */
  #working: Promise<void> | undefined;

  constructor(options: UpperLayerOptions, parts: { socket: Socket; timers: Timers; user: UpperLayerUser }) {
    this.#options = options;
    this.#socket = parts.socket;
    this.#timers = parts.timers;
    this.#user = parts.user;
    this.#reader = new PduReader(options);
    const socket = this.#socket;
    socket.setNoDelay(true);
    const received = (chunk: Uint8Array) => this.#received(chunk);
    const release = readIntoOwnMemory(socket, received);
    if (release === undefined) socket.on('data', received);
    socket.on('drain', () => this.#noise());
    socket.on('error', (error) => {
      this.#socketError = error;
    });
    socket.on('close', () => {
      this.#closed();
      void Promise.resolve(this.#working).then(release);
    });
  }

  get state(): AssociationState['name'] {
    return this.#state.name;
  }

  /** Steps the machine and does what it says. A promise is the user's, still at work on an indication. */
  dispatch(event: AssociationEvent): void | Promise<void> {
    const [state, actions] = stepAssociation(this.#state, event);
    this.#state = state;
    const work = actions.map((action) => this.#perform(action)).at(-1);
    if (event.type === 'answer-release' || event.type === 'answer-reject') this.#end(undefined);
    return work;
  }

  /** Ends the association from our side with an A-ABORT, whatever is under way; without effect once it is over. */
  abort(reason: PeerError): void {
    if (this.#ended) return;
    this.#end(reason);
    const { name } = this.#state;
    if (name === 'Sta1' || name === 'Sta2' || name === 'Sta4') this.#socket.destroy();
    else if (name !== 'Sta13') this.dispatch({ type: 'request-abort' });
  }

  /** Turns the watch for silence on or off. */
  watch(on: boolean): void {
    this.#cancelIdle?.();
    this.#quietTicks = 0;
    this.#cancelIdle = on ? this.#timers.every(this.#options.idleMs / idleTicks, () => this.#tick()) : undefined;
  }

  /** Resolves when more may be sent, or the connection is over; undefined if that is now. */
  drained(maxUnsentBytes: number = limits.dimseUnsentBytes): Promise<void> | undefined {
    const socket = this.#socket;
    if (socket.writableLength <= maxUnsentBytes || socket.destroyed || !socket.writableNeedDrain) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  #perform(action: AssociationAction): void | Promise<void> {
    switch (action.type) {
      case 'connect':
        return undefined; // the owner of the socket connects it
      case 'send':
        return this.#send(action.pdu);
      case 'start-artim':
        return this.#startArtim();
      case 'stop-artim':
        return this.#cancelArtim?.();
      case 'close':
        return this.#close();
      case 'indicate':
        return this.#indicate(action.indication);
    }
  }

  #send(pdu: Pdu): void {
    if (!this.#socket.writable) return; // the close that follows tells
    const pieces = encodePdu(pdu);
    const length = pieces.reduce((sum, each) => sum + each.length, 0);
    if (length <= copiedBytes) {
      this.#socket.write(Buffer.concat(pieces, length));
      return;
    }
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #startArtim(): void {
    this.#cancelArtim?.();
    this.#cancelArtim = this.#timers.after(this.#options.artimMs, () => this.dispatch({ type: 'artim-expired' }));
  }

  /** Closes once all is sent, and at the latest after one ARTIM more: the other side may never read. */
  #close(): void {
    this.#socket.destroySoon();
    this.#cancelArtim?.();
    this.#cancelArtim = this.#timers.after(this.#options.artimMs, () => this.#socket.destroy());
  }

  #indicate(indication: Indication): void | Promise<void> {
    if (indication.kind !== 'aborted') {
      const work = this.#user.indicate(indication);
      if (indication.kind === 'released' || indication.kind === 'rejected') this.#end(undefined);
      return work;
    }
    if (indication.by === 'peer') {
      const { source, reason } = indication;
      return this.#end(new PeerError('dimse/aborted', { source, reason }));
    }
    if (indication.by === 'transport') return this.#end(this.#lost());
    return this.#end(this.#invalid ?? new PeerError('dimse/sequence', { at: 'unexpected PDU' }));
  }

  #lost(): PeerError {
    return new PeerError('dimse/closed', {}, { cause: this.#socketError });
  }

  #end(reason: PeerError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelIdle?.();
    this.#user.ended(reason);
  }

  #received(chunk: Uint8Array): void {
    this.#noise();
    this.#receivedBytes += chunk.length;
    this.#reader.feed(chunk);
    const work = this.#pump();
    if (work === undefined) return;
    this.#socket.pause();
    this.#working = work.then(() => void this.#socket.resume());
  }

  /** Hands on all that has been fed; synchronously, until somebody has to be waited for. Never throws or rejects. */
  #pump(): Promise<void> | undefined {
    for (;;) {
      const work = this.#one();
      if (work === 'empty') return undefined;
      if (work !== undefined) return this.#pumpOn(work);
    }
  }

  async #pumpOn(first: Promise<void>): Promise<void> {
    for (let work: Promise<void> | 'empty' | undefined = first; work !== 'empty'; work = this.#one()) await work;
  }

  #one(): Promise<void> | 'empty' | undefined {
    let received: ReceivedPdu | undefined;
    try {
      received = this.#reader.next();
    } catch (error) {
      this.#refuse(error as PeerError);
      return undefined;
    }
    if (received === undefined) return 'empty';
    try {
      const work = this.dispatch(received);
      return work === undefined ? this.drained() : this.#await(work);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #await(work: Promise<void>): Promise<void> {
    this.#userBusy = true;
    try {
      await work;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#userBusy = false;
      this.#quietTicks = 0;
    }
    await this.drained();
  }

  /** The reader threw: an invalid PDU (Evt19). */
  #refuse(error: PeerError): void {
    this.#invalid = error;
    this.dispatch({ type: 'invalid-pdu', reason: abortReason(error) });
    this.#end(error);
  }

  /** The user threw: it aborts (Evt15). */
  #failed(error: unknown): void {
    this.abort(error instanceof PeerError ? error : new PeerError('dimse/internal', {}, { cause: error }));
  }

  #noise(): void {
    this.#quietTicks = 0;
  }

  #tick(): void {
    const { idleMs } = this.#options;
    if (!this.#userBusy && ++this.#quietTicks >= idleTicks) this.abort(new PeerError('dimse/timeout', { idleMs }));
    else if (this.#trickles()) this.abort(new PeerError('dimse/too-slow', { idleMs }));
  }

  /** Asked at each tick: whether one message has been under way for `idleMs` and too little of it has come. */
  #trickles(): boolean {
    const { leastMessageBytes = 0 } = this.#options;
    const received = this.#user.received?.();
    const open = received !== undefined && (received.begun || this.#reader.inside);
    const before = this.#progress;
    // while the user works it is not the other side that is slow
    if (!open || this.#userBusy || before?.whole !== received.whole) {
      this.#progress = open && !this.#userBusy ? this.#standing(received.whole) : undefined;
      return false;
    }
    if (++before.ticks < idleTicks) return false;
    const came = this.#receivedBytes - before.bytes;
    this.#progress = this.#standing(received.whole);
    return came < leastMessageBytes;
  }

  #standing(whole: number): Progress {
    return { whole, bytes: this.#receivedBytes, ticks: 0 };
  }

  #closed(): void {
    this.#cancelArtim?.();
    this.dispatch({ type: 'closed' });
    this.#end(this.#lost());
  }
}
