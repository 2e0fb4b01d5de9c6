// The DIMSE client: C-ECHO and C-STORE SCU over TCP or TLS, one operation at a time.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Timers } from '../../system.ts';
import { type Command, CommandAssembler, commandFields, decodeCommand, encodeCommand } from './command.ts';
import { acceptedContexts, type Context, sendablePduBytes } from './contexts.ts';
import { type Bytes, commandValues, dataValues } from './fragments.ts';
import type { AssociateAc, AssociateRq, DataValue } from './pdu.ts';
import type { Fragment } from './reader.ts';
import { applicationContext, implementationClassUid, implementationVersion, verification } from './uids.ts';
import { UpperLayer, type UpperLayerUser } from './upper-layer.ts';

export interface DimseClientOptions {
  readonly host: string;
  readonly port: number;
  readonly calledAe: string;
  readonly callingAe: string;
  /** What to propose, at most 128: one context each, its transfer syntaxes in order of preference. */
  readonly contexts: readonly { readonly abstractSyntax: string; readonly transferSyntaxes: readonly string[] }[];
  /** PEM. `ca` is who must have signed the other side's certificate; `servername` the name in it, if not `host`. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
  readonly maxPduBytes?: number;
  readonly artimMs?: number;
  /** How long the other side may be silent while we wait for it. */
  readonly idleMs?: number;
}

interface StoreRequest {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Of `bytes`, which are sent as they are. */
  readonly transferSyntax: string;
  readonly bytes: Bytes;
}

const defaults = { maxPduBytes: limits.dimsePduBytes, artimMs: 30_000, idleMs: 60_000 };

/** What we are waiting for; there is never more than one. */
type Waiting = { resolve(value: Command | undefined): void; reject(error: Error): void };

function requestOf(options: DimseClientOptions & typeof defaults): AssociateRq {
  must(options.contexts.length <= limits.dimseContexts, 'dimse/pdu-malformed', { at: 'contexts' });
  return {
    type: 'associate-rq',
    protocolVersion: 1,
    calledAe: options.calledAe,
    callingAe: options.callingAe,
    applicationContext,
    contexts: options.contexts.map((context, index) => ({ id: 2 * index + 1, ...context })),
    user: { maxPduBytes: options.maxPduBytes, implementationClassUid, implementationVersion, roles: [], extended: [] },
  };
}

function openSocket({ host, port, tls }: DimseClientOptions): Socket {
  if (tls === undefined) return connectTcp({ host, port, noDelay: true });
  return connectTls({ host, port, minVersion: 'TLSv1.2', ...tls });
}

function unreachable({ host, port }: DimseClientOptions, error: unknown): unknown {
  if (!(error instanceof PeerError) || error.code !== 'dimse/closed') return error;
  return new PeerError('dimse/unreachable', { host, port }, { cause: error.cause });
}

/** One association that we opened. Made by `connect`. */
export class DimseClient {
  readonly #layer: UpperLayer;
  readonly #assembler = new CommandAssembler();
  readonly #request: AssociateRq;
  #contexts = new Map<number, Context>();
  #sendPduBytes = 0;
  #lastMessageId = 0;
  #waiting: Waiting | undefined;
  #over: PeerError | undefined;
  #connected = false;

  private constructor(options: DimseClientOptions & typeof defaults, parts: { timers: Timers }, socket: Socket) {
    this.#request = requestOf(options);
    const user = {
      indicate: (indication: Parameters<UpperLayerUser['indicate']>[0]) => this.#indicate(indication),
      ended: (reason: PeerError | undefined) => this.#ended(reason),
    };
    this.#layer = new UpperLayer(options, { socket, timers: parts.timers, user });
  }

  /**
   * Connects and opens an association. Rejects with `dimse/unreachable`, `dimse/rejected` {result, source, reason},
   * `dimse/aborted`, `dimse/timeout` or `dimse/closed`.
   */
  static async connect(options: DimseClientOptions, parts: { timers: Timers }): Promise<DimseClient> {
    const filled = { ...defaults, ...options };
    const socket = openSocket(filled);
    const client = new DimseClient(filled, parts, socket);
    client.#layer.dispatch({ type: 'request-associate', request: client.#request });
    const answered = client.#wait();
    client.#layer.watch(true);
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      client.#connected = true;
      client.#layer.dispatch({ type: 'connected' });
    });
    try {
      await answered;
    } catch (error) {
      throw client.#connected ? error : unreachable(filled, error);
    }
    return client;
  }

  /** The contexts that the other side accepted. */
  get contexts(): readonly Context[] {
    return [...this.#contexts.values()];
  }

  /** C-ECHO: resolves with the status. Needs a context of the Verification SOP class. */
  async echo(): Promise<number> {
    const context = this.#find((c) => c.abstractSyntax === verification);
    const command: Command = {
      commandField: commandFields.cEchoRq,
      affectedSopClassUid: verification,
      hasDataSet: false,
    };
    return this.#operate(command, context);
  }

  /**
   * C-STORE: resolves with the status. Rejects with `dimse/context-refused` if nothing was negotiated for the instance
   * (the association stays usable), or with why the association ended.
   */
  async store(request: StoreRequest): Promise<number> {
    const context = this.#find(
      (c) => c.abstractSyntax === request.sopClassUid && c.transferSyntax === request.transferSyntax,
    );
    const command: Command = {
      commandField: commandFields.cStoreRq,
      priority: 0,
      affectedSopClassUid: request.sopClassUid,
      affectedSopInstanceUid: request.sopInstanceUid,
      hasDataSet: true,
    };
    return this.#operate(command, context, request.bytes);
  }

  /** Releases the association in order; resolves when the other side has agreed. */
  async release(): Promise<void> {
    const released = this.#wait();
    this.#layer.dispatch({ type: 'request-release' });
    this.#layer.watch(true);
    await released;
  }

  /** Ends the association at once; what is under way rejects with `dimse/cancelled`. */
  abort(): void {
    this.#layer.abort(new PeerError('dimse/cancelled'));
  }

  async #operate(command: Command, context: Context, bytes?: Bytes): Promise<number> {
    const response = this.#wait();
    const numbered = encodeCommand({ ...command, messageId: this.#nextMessageId() });
    for (const value of commandValues(numbered, context.id, this.#sendPduBytes)) this.#sendValue(value);
    const sending = bytes === undefined ? this.#layer.watch(true) : this.#sendDataSet(bytes, context.id);
    const [answer] = await Promise.all([response, sending]);
    must(answer?.status !== undefined, 'dimse/command-malformed', { at: 'status' });
    return answer.status;
  }

  /** Sends as fast as the other side takes it. If the source fails the association is aborted: there is no other way. */
  async #sendDataSet(bytes: Bytes, contextId: number): Promise<void> {
    try {
      for await (const value of dataValues(bytes, contextId, this.#sendPduBytes)) {
        if (this.#over !== undefined) return;
        this.#sendValue(value);
        await this.#drained();
      }
    } catch (cause) {
      this.#layer.abort(new PeerError('dimse/cancelled', {}, { cause }));
      return;
    }
    // an answer that came early has ended the wait already
    if (this.#waiting !== undefined) this.#layer.watch(true);
  }

  #sendValue(value: DataValue): void {
    this.#layer.dispatch({ type: 'request-data', values: [value] });
  }

  /** Waits until the connection takes more; silence then is the other side's. */
  async #drained(): Promise<void> {
    const wait = this.#layer.drained();
    if (wait === undefined) return;
    this.#layer.watch(true);
    await wait;
    this.#layer.watch(false);
  }

  #wait(): Promise<Command | undefined> {
    if (this.#over !== undefined) throw this.#over;
    must(this.#waiting === undefined, 'dimse/sequence', { at: 'one operation at a time' });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #settle(result: Command | PeerError | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#layer.watch(false);
    if (result instanceof PeerError) waiting?.reject(result);
    else waiting?.resolve(result);
  }

  #indicate(indication: Parameters<UpperLayerUser['indicate']>[0]): void | Promise<void> {
    switch (indication.kind) {
      case 'accepted':
        return this.#accepted(indication.answer);
      case 'rejected': {
        const { result, source, reason } = indication.answer;
        return this.#settle(new PeerError('dimse/rejected', { result, source, reason }));
      }
      case 'data':
        return this.#data(indication.fragment);
      case 'release':
        return this.#layer.dispatch({ type: 'answer-release' });
      case 'released':
        return this.#settle(undefined);
    }
  }

  #ended(reason: PeerError | undefined): void {
    this.#over = reason ?? new PeerError('dimse/closed');
    this.#settle(this.#over);
  }

  #accepted(answer: AssociateAc): void {
    this.#contexts = acceptedContexts(this.#request, answer.contexts);
    this.#sendPduBytes = sendablePduBytes(answer.user.maxPduBytes);
    this.#settle(undefined);
  }

  #data(fragment: Fragment): void {
    must(fragment.command && this.#waiting !== undefined, 'dimse/sequence', { at: 'response' });
    const bytes = this.#assembler.push(fragment);
    if (bytes === undefined) return;
    const response = decodeCommand(bytes);
    must(response.respondedTo === this.#lastMessageId, 'dimse/sequence', { at: 'response to another message' });
    this.#settle(response);
  }

  #find(matches: (context: Context) => boolean): Context {
    const context = this.contexts.find(matches);
    must(context !== undefined, 'dimse/context-refused');
    return context;
  }

  #nextMessageId(): number {
    this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    return this.#lastMessageId;
  }
}
