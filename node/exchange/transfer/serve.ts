// Serving granted studies: one machine a stream (protocol/transfer/sender.ts). The guard opens the grant and is asked
// again before every object; what it lets go is read in large pieces and handed to the channel as it is.
import { catalogue, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { FrameParser } from '../../../protocol/transfer/frame-parser.ts';
import { encodeTransferFrame } from '../../../protocol/transfer/messages.ts';
import {
  type SenderAction,
  type SenderEvent,
  type SenderState,
  startSender,
  stepSender,
} from '../../../protocol/transfer/sender.ts';
import type { ServedGrant, TransferGuard } from '../../access/transfer-guard.ts';
import type { Channel } from '../../net/network.ts';
import type { StoredObjects } from '../../store/objects.ts';
import { errorFields, type Log } from '../../system/log.ts';
import type { Timers } from '../../system/machine.ts';
import { Outflow } from './outflow.ts';

export interface ServeParts {
  readonly guard: TransferGuard;
  readonly objects: Pick<StoredObjects, 'read'>;
  readonly timers: Timers;
  readonly log: Log;
}

const manifestPiece = 1024 * 1024;
const tickMs = 15_000;
/** Ticks without anything to do after which a stream is ended. */
const idleTicks = 8;

export class TransferServer {
  readonly #parts: ServeParts;
  readonly #open = new Map<string, number>();

  constructor(parts: ServeParts) {
    this.#parts = parts;
  }

  /** Serves one stream to its end; the handler of transferProtocol. Never throws: a failure breaks the channel. */
  readonly serve = async (channel: Channel): Promise<void> => {
    const { peer } = channel;
    const open = (this.#open.get(peer) ?? 0) + 1;
    this.#open.set(peer, open);
    try {
      await new ServedStream(this.#parts, channel).run(open > limits.transferStreams);
    } catch (error) {
      this.#parts.log.info({ peer, ...errorFields(error) }, 'transfer: a stream broke off');
      channel.abort(error instanceof PeerError ? error : new PeerError('net/closed'));
    } finally {
      const left = this.#open.get(peer)! - 1;
      if (left === 0) this.#open.delete(peer);
      else this.#open.set(peer, left);
    }
  };
}

class ServedStream {
  readonly #parts: ServeParts;
  readonly #channel: Channel;
  readonly #out: Outflow;
  #state: SenderState = startSender();
  #grantId = '';
  #grant: ServedGrant | undefined;
  /** Actions not yet carried out, in order; one at a time. */
  readonly #todo: SenderAction[] = [];
  #working: Promise<void> | undefined;
  #idleTicks = 0;

  constructor(parts: ServeParts, channel: Channel) {
    this.#parts = parts;
    this.#channel = channel;
    this.#out = new Outflow(channel);
  }

  async run(tooMany: boolean): Promise<void> {
    if (tooMany) this.#event({ type: 'denied', code: 'transfer/too-many-streams' });
    const parser = new FrameParser();
    const stopTicks = this.#parts.timers.every(tickMs, () => this.#tick());
    try {
      for await (const piece of this.#channel.read()) {
        for (const parsed of parser.feed(piece)) {
          if (parsed.type === 'body') throw new PeerError('transfer/unexpected', { type: parsed.type });
          this.#idleTicks = 0;
          this.#event({ type: 'frame', frame: parsed });
        }
      }
    } catch (error) {
      if (!(error instanceof PeerError) || !error.code.startsWith('transfer/')) throw error;
      this.#event({ type: 'denied', code: error.code });
    } finally {
      stopTicks();
      // nobody reads any more, or will say what else it wants
      this.#event({ type: 'closed' });
      await this.#working;
    }
  }

  #event(event: SenderEvent): void {
    const [state, actions] = stepSender(this.#state, event);
    this.#state = state;
    this.#todo.push(...actions);
    if (this.#working !== undefined || this.#todo.length === 0) return;
    this.#working = this.#work();
    this.#working.catch((error: unknown) => this.#channel.abort(error as Error)); // thrown by run()
  }

  async #work(): Promise<void> {
    while (this.#todo.length > 0) {
      for (let action = this.#todo.shift(); action !== undefined; action = this.#todo.shift()) {
        const event = await this.#act(action);
        if (event !== undefined) this.#event(event);
      }
      await this.#out.flush();
    }
    this.#working = undefined;
  }

  /** Lets go of a receiver that wants nothing and doesn't leave. */
  #tick(): void {
    if (this.#working !== undefined) this.#idleTicks = 0;
    else if (this.#state.is === 'ended') this.#channel.abort(new PeerError('transfer/stalled'));
    else if (++this.#idleTicks >= idleTicks) this.#event({ type: 'denied', code: 'transfer/stalled' });
  }

  async #act(action: SenderAction): Promise<SenderEvent | undefined> {
    switch (action.type) {
      case 'open':
        return this.#guarded(async () => {
          this.#grantId = action.grant;
          this.#grant = await this.#parts.guard.admitTransfer(action.grant, this.#channel.peer);
          return { type: 'opened' };
        });
      case 'authorize':
        return this.#guarded(async () => {
          await this.#parts.guard.check(this.#grantId, this.#channel.peer);
          return { type: 'authorized', length: this.#grant!.object(action.index)?.sealedLength };
        });
      case 'send-manifest': {
        const { manifest } = this.#grant!;
        await this.#out.write(encodeTransferFrame({ type: 'manifest', length: manifest.length }));
        for (let at = 0; at < manifest.length; at += manifestPiece) {
          await this.#out.write(manifest.subarray(at, at + manifestPiece));
        }
        return { type: 'sent' };
      }
      case 'send':
        return this.#send(action);
      case 'frame':
        await this.#out.write(encodeTransferFrame(action.frame));
        return undefined;
      case 'end':
        if (action.code !== undefined)
          await this.#out.write(encodeTransferFrame({ type: 'error', wire: catalogue[action.code].wire }));
        await this.#out.flush();
        await this.#channel.end();
        return undefined;
    }
  }

  /** What the guard says, or why not. */
  async #guarded(ask: () => Promise<SenderEvent>): Promise<SenderEvent> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof PeerError) return { type: 'denied', code: error.code };
      this.#parts.log.error(errorFields(error), 'transfer: the guard failed');
      return { type: 'denied', code: 'net/internal' };
    }
  }

  /** @throws what broke in the middle of what was announced */
  async #send({ index, from, to }: Extract<SenderAction, { type: 'send' }>): Promise<SenderEvent> {
    const { objectId } = this.#grant!.object(index)!;
    const pieces = this.#parts.objects.read(objectId, from, to)[Symbol.asyncIterator]();
    try {
      let piece: IteratorResult<Uint8Array>;
      try {
        piece = await pieces.next();
      } catch (error) {
        this.#parts.log.error({ objectId, ...errorFields(error) }, 'transfer: an object cannot be read');
        return { type: 'missing' };
      }
      await this.#out.write(encodeTransferFrame({ type: 'object', index, from, length: to - from }));
      let sent = 0;
      for (; piece.done !== true; piece = await pieces.next()) {
        await this.#out.write(piece.value);
        sent += piece.value.length;
      }
      if (sent !== to - from) throw new PeerError('store/corrupt', { objectId });
      return { type: 'sent' };
    } finally {
      await pieces.return?.();
    }
  }
}
