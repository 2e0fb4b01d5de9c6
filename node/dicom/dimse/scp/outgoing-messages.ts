// What an association that we accepted sends: whole messages, one after the other, as fast as they are taken; and what
// it asks of the other side, with the answers that come.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { type Command, encodeCommand } from '../command.ts';
import type { Context } from '../contexts.ts';
import { type ByteSource, commandValues, dataValues } from '../upper-layer/fragments.ts';
import type { DataValue } from '../upper-layer/pdu.ts';
import type { UpperLayer } from '../upper-layer/upper-layer.ts';

interface PendingRequest {
  resolve(answer: Command): void;
  reject(reason: Error): void;
}

/** Messages of several operations share one association: their fragments must not mix (PS3.8 annex E). */
export class OutgoingMessages {
  readonly #layer: UpperLayer;
  readonly #pduBytes: number;
  readonly #queue: (() => void)[] = [];
  readonly #asked = new Map<number, PendingRequest>();
  #sending = false;
  /** Ends the wait of the message that is being sent. */
  #wake: (() => void) | undefined;
  #over: PeerError | undefined;
  #lastMessageId = 0;
  /** Operations of ours that are at work, and those of them that wait for the other side. */
  #working = 0;
  #waiting = 0;
  #watching = true;

  constructor(layer: UpperLayer, pduBytes: number) {
    this.#layer = layer;
    this.#pduBytes = pduBytes;
  }

  /** Sends a command without data set: at once, or after the message that is being sent. Nothing once it is over. */
  command(context: Context, command: Command): void {
    const send = () => this.#values(context, command);
    if (!this.#sending) send();
    else this.#queue.push(() => this.#then(send));
  }

  /**
   * Sends a command and its data set, if it has one; resolves when the connection has taken it. Rejects with why the
   * association ended; a source that fails in the middle ends it.
   */
  async message(context: Context, command: Command, dataset?: ByteSource): Promise<void> {
    await this.#turn();
    try {
      if (this.#over !== undefined) throw this.#over;
      this.#values(context, command);
      if (dataset !== undefined) await this.#dataset(context, dataset);
      await this.#drained();
    } catch (cause) {
      // half a message can't be taken back
      const reason = cause instanceof PeerError ? cause : new PeerError('dimse/internal', {}, { cause });
      this.#layer.abort(reason);
      throw this.#over ?? reason;
    } finally {
      this.#next();
    }
  }

  /** Asks the other side something; resolves with its answer, rejects when the association is over. */
  async request(context: Context, command: Command, dataset: ByteSource): Promise<Command> {
    const messageId = this.#nextMessageId();
    const answer = new Promise<Command>((resolve, reject) => this.#asked.set(messageId, { resolve, reject }));
    // a lost association rejects both
    answer.catch(() => undefined);
    try {
      await this.message(context, { ...command, messageId }, dataset);
      return await this.#forTheOtherSide(answer);
    } finally {
      this.#asked.delete(messageId);
    }
  }

  /** A response came. Throws `dimse/sequence` when nothing was asked. */
  answered(response: Command): void {
    const asked = this.#asked.get(response.respondedTo ?? 0);
    must(asked !== undefined, 'dimse/sequence', { at: 'response without request' });
    asked.resolve(response);
  }

  /** Runs what is ours to finish: silence meanwhile is not the other side's, but where it is waited for. */
  async work<T>(run: () => Promise<T>): Promise<T> {
    this.#working++;
    this.#watch();
    try {
      return await run();
    } finally {
      this.#working--;
      this.#watch();
    }
  }

  ended(reason: PeerError): void {
    this.#over = reason;
    for (const { reject } of this.#asked.values()) reject(reason);
    // whoever is sending notices, and lets the next do so
    this.#wake?.();
  }

  async #dataset(context: Context, dataset: ByteSource): Promise<void> {
    for await (const value of dataValues(dataset, context.id, this.#pduBytes)) {
      if (this.#over !== undefined) throw this.#over;
      this.#send(value);
      await this.#drained();
    }
  }

  #values(context: Context, command: Command): void {
    for (const value of commandValues(encodeCommand(command), context.id, this.#pduBytes)) this.#send(value);
  }

  #send(value: DataValue): void {
    // an association that has ended takes nothing more; who waits is told by `ended`
    if (this.#layer.state === 'Sta6') this.#layer.dispatch({ type: 'request-data', values: [value] });
  }

  #turn(): Promise<void> | undefined {
    if (!this.#sending) {
      this.#sending = true;
      return undefined;
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #next(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#sending = false;
    else next();
  }

  #then(send: () => void): void {
    send();
    this.#next();
  }

  /** Until the connection takes more, or the association is over: its connection may be open much longer. */
  #drained(): Promise<void> | undefined {
    const drained = this.#layer.drained();
    if (drained === undefined || this.#over !== undefined) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    void drained.then(resolve);
    return this.#forTheOtherSide(promise);
  }

  async #forTheOtherSide<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    this.#watch();
    try {
      return await promise;
    } finally {
      this.#waiting--;
      this.#watch();
    }
  }

  #watch(): void {
    const watching = this.#working === 0 || this.#waiting > 0;
    if (watching === this.#watching || this.#over !== undefined) return;
    this.#watching = watching;
    this.#layer.watch(watching);
  }

  #nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    while (this.#asked.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}
