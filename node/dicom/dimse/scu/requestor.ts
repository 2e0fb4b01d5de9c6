// One association that we opened: operations by message id, as many at a time as the other side takes, each with its
// responses; what it sends us in between goes to the inbox.
import type { Socket } from 'node:net';
import { type ErrorCode, must, PeerError } from '../../../../protocol/errors.ts';
import { KeyedQueue } from '../../../flow/keyed-queue.ts';
import { answerTo, type Command, commandFields, encodeCommand, isPending, statusOf } from '../command.ts';
import { acceptedContexts, type Context, sendablePduBytes } from '../contexts.ts';
import { commandValues, dataValues } from '../upper-layer/fragments.ts';
import type { AssociateAc, AssociateRj, AssociateRq } from '../upper-layer/pdu.ts';
import { UpperLayer, type UpperLayerUser } from '../upper-layer/upper-layer.ts';
import { Inbox, type Message, silentLog } from './inbox.ts';
import {
  type DimseClientOptions,
  type DimseClientParts,
  type Filled,
  filled,
  type Invocation,
  openSocket,
  requestOf,
  unreachable,
  windowOf,
} from './requestor-options.ts';

export type { DimseClientOptions, DimseClientParts, Proposal } from './requestor-options.ts';

interface Operation {
  readonly invocation: Invocation;
  resolve(response: Message): void;
  reject(error: Error): void;
}

type Indication = Parameters<UpperLayerUser['indicate']>[0];

const rejected = ({ result, source, reason }: AssociateRj) =>
  new PeerError('dimse/rejected', { result, source, reason });

export class Requestor {
  readonly #layer: UpperLayer;
  readonly #parts: DimseClientParts;
  readonly #request: AssociateRq;
  readonly #inbox: Inbox;
  readonly #operations = new Map<number, Operation>();
  /** Messages are sent whole, one after the other. */
  readonly #queue = new KeyedQueue();
  #contexts = new Map<number, Context>();
  #served = new Set<string>();
  #window = 1;
  #sendPduBytes = 0;
  #lastMessageId = 0;
  /** The association's beginning or its release, while it is awaited. */
  #milestone: PromiseWithResolvers<void> | undefined;
  /** While our own source is awaited, silence is ours. */
  #reading = false;
  #over: PeerError | undefined;
  #connected = false;

  private constructor(options: Filled, parts: DimseClientParts, socket: Socket) {
    this.#parts = parts;
    this.#request = requestOf(options);
    this.#inbox = new Inbox({
      context: (id) => this.#contexts.get(id),
      message: (message) => this.#message(message),
      answer: (context, answer) => this.#queue.run('send', async () => this.#sendCommand(answer, context)),
      subOperations: parts.store && {
        log: parts.log ?? silentLog,
        open: parts.store,
        from: { callingAe: options.calledAe, calledAe: options.callingAe, remoteAddress: options.host },
        may: (sopClassUid) => this.#served.has(sopClassUid),
      },
    });
    const user = {
      indicate: (indication: Indication) => this.#indicate(indication),
      ended: (reason: PeerError | undefined) => this.#ended(reason),
    };
    this.#layer = new UpperLayer(options, { socket, timers: parts.timers, user });
  }

  /**
   * Connects and opens an association. Rejects with `dimse/unreachable`, `dimse/rejected` {result, source, reason},
   * `dimse/aborted`, `dimse/timeout` or `dimse/closed`.
   */
  static async open(options: DimseClientOptions, parts: DimseClientParts): Promise<Requestor> {
    const all = filled(options);
    const { signal } = all;
    must(signal?.aborted !== true, 'dimse/cancelled');
    const socket = openSocket(all);
    const requestor = new Requestor(all, parts, socket);
    requestor.#layer.dispatch({ type: 'request-associate', request: requestor.#request });
    const abort = () => requestor.abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal?.removeEventListener('abort', abort));
    const answered = requestor.#await();
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      requestor.#connected = true;
      requestor.#layer.dispatch({ type: 'connected' });
    });
    try {
      await answered;
    } catch (error) {
      throw requestor.#connected ? error : unreachable(all, error);
    }
    return requestor;
  }

  /** The contexts that the other side accepted. */
  get contexts(): readonly Context[] {
    return [...this.#contexts.values()];
  }

  /** SOP classes of which the other side may send us instances on this association. */
  get served(): ReadonlySet<string> {
    return this.#served;
  }

  /** Operations that may be under way at a time. */
  get window(): number {
    return this.#window;
  }

  /** @throws PeerError `code` when none was accepted that matches */
  context(matches: (context: Context) => boolean, code: ErrorCode = 'dimse/context-refused'): Context {
    const context = this.contexts.find(matches);
    must(context !== undefined, code);
    return context;
  }

  /**
   * One operation: resolves with its last response, whatever its status. Rejects with `dimse/sequence` when as many as
   * may be are under way, or with why the association ended.
   */
  async invoke(invocation: Invocation): Promise<Message & { readonly status: number }> {
    if (this.#over !== undefined) throw this.#over;
    const free = this.#milestone === undefined && this.#operations.size < this.#window;
    must(free, 'dimse/sequence', { at: 'operations at a time' });
    must(invocation.signal?.aborted !== true, 'dimse/cancelled');
    const id = this.#nextMessageId();
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    this.#operations.set(id, { invocation, resolve, reject });
    const sending = this.#queue.run('send', () => this.#send(invocation, id));
    const cancel = () => void this.#queue.run('send', async () => this.#cancel(id, invocation.context));
    invocation.signal?.addEventListener('abort', cancel, { once: true });
    try {
      const [response] = await Promise.all([promise, sending]);
      return { ...response, status: response.command.status! };
    } finally {
      invocation.signal?.removeEventListener('abort', cancel);
    }
  }

  /** Releases the association in order; resolves when the other side has agreed. */
  async release(): Promise<void> {
    if (this.#over !== undefined) throw this.#over;
    must(this.#milestone === undefined && this.#operations.size === 0, 'dimse/sequence', { at: 'release' });
    const released = this.#await();
    this.#layer.dispatch({ type: 'request-release' });
    await released;
  }

  /** Ends the association at once; what is under way rejects with `dimse/cancelled`. */
  abort(): void {
    this.#layer.abort(new PeerError('dimse/cancelled'));
  }

  #await(): Promise<void> {
    this.#milestone = Promise.withResolvers<void>();
    this.#watch();
    return this.#milestone.promise;
  }

  #reached(error?: PeerError): void {
    const milestone = this.#milestone;
    this.#milestone = undefined;
    this.#watch();
    if (error === undefined) milestone?.resolve();
    else milestone?.reject(error);
  }

  #watch(): void {
    const awaits = this.#operations.size > 0 || this.#milestone !== undefined;
    this.#layer.watch(awaits && !this.#reading && this.#over === undefined);
  }

  /** Sends as fast as the other side takes it. If the source fails the association is aborted: there is no other way. */
  async #send({ command, context, bytes }: Invocation, id: number): Promise<void> {
    if (this.#over !== undefined) return;
    this.#sendCommand({ ...command, messageId: id }, context);
    if (bytes === undefined) return this.#watch();
    try {
      this.#read(true);
      for await (const value of dataValues(bytes, context.id, this.#sendPduBytes)) {
        if (this.#over !== undefined) return;
        this.#layer.dispatch({ type: 'request-data', values: [value] });
        await this.#drained();
      }
    } catch (cause) {
      this.#layer.abort(new PeerError('dimse/cancelled', {}, { cause }));
    } finally {
      this.#read(false);
    }
  }

  #read(reading: boolean): void {
    this.#reading = reading;
    this.#watch();
  }

  #cancel(id: number, context: Context): void {
    if (this.#over !== undefined || !this.#operations.has(id)) return;
    this.#sendCommand({ commandField: commandFields.cCancelRq, respondedTo: id, hasDataSet: false }, context);
  }

  #sendCommand(command: Command, context: Context): void {
    if (this.#layer.state !== 'Sta6') return; // the association ended meanwhile
    const values = commandValues(encodeCommand(command), context.id, this.#sendPduBytes);
    for (const value of values) this.#layer.dispatch({ type: 'request-data', values: [value] });
  }

  /** Waits until the connection takes more; silence then is the other side's. */
  async #drained(): Promise<void> {
    const wait = this.#layer.drained();
    if (wait === undefined) return;
    this.#read(false);
    await wait;
    this.#read(true);
  }

  #indicate(indication: Indication): void | Promise<void> {
    switch (indication.kind) {
      case 'accepted':
        return this.#accepted(indication.answer);
      case 'rejected':
        return this.#reached(rejected(indication.answer));
      case 'data':
        return this.#inbox.push(indication.fragment);
      case 'release':
        return this.#layer.dispatch({ type: 'answer-release' });
      case 'released':
        return this.#reached();
    }
  }

  #accepted(answer: AssociateAc): void {
    this.#contexts = acceptedContexts(this.#request, answer.contexts);
    const proposed = new Set(this.#request.user.roles.filter((role) => role.scp).map((role) => role.sopClassUid));
    const agreed = answer.user.roles.filter((role) => role.scp && proposed.has(role.sopClassUid));
    this.#served = new Set(agreed.map((role) => role.sopClassUid));
    this.#window = windowOf(answer, this.#request.user.asyncOps?.invoked ?? 1);
    this.#sendPduBytes = sendablePduBytes(answer.user.maxPduBytes);
    this.#reached();
  }

  #ended(reason: PeerError | undefined): void {
    const over = reason ?? new PeerError('dimse/closed');
    this.#over = over;
    for (const { reject } of this.#operations.values()) reject(over);
    this.#operations.clear();
    void this.#inbox.cancel(over);
    // a release that was agreed has been told by its own indication
    this.#reached(over);
  }

  #message(message: Message): void | Promise<void> {
    const { command } = message;
    if (command.commandField === commandFields.nEventReportRq) return this.#event(message);
    must(command.commandField >= commandFields.response, 'dimse/sequence', { at: 'request' });
    const operation = this.#operations.get(command.respondedTo ?? 0);
    must(operation !== undefined, 'dimse/sequence', { at: 'response to another message' });
    const { invocation } = operation;
    const expected = invocation.command.commandField | commandFields.response;
    must(command.commandField === expected, 'dimse/sequence', { at: 'response to another operation' });
    must(command.status !== undefined, 'dimse/command-malformed', { at: 'status' });
    if (isPending(command.status)) return invocation.pending?.(message);
    this.#operations.delete(command.respondedTo!);
    this.#watch();
    operation.resolve(message);
  }

  async #event(message: Message): Promise<void> {
    let status: number;
    try {
      must(this.#parts.event !== undefined, 'dimse/operation-unknown');
      status = await this.#parts.event(message);
    } catch (error) {
      this.#parts.log?.warn({ code: error instanceof PeerError ? error.code : 'internal' }, 'an event was not taken');
      status = statusOf(error);
    }
    await this.#queue.run('send', async () => this.#sendCommand(answerTo(message.command, status), message.context));
  }

  #nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    while (this.#operations.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}
