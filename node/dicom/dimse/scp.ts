// One association that somebody opened to us: C-ECHO and C-STORE (PS3.7 section 9).
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Indication } from './association.ts';
import {
  answerTo,
  type Command,
  CommandAssembler,
  commandFields,
  decodeCommand,
  encodeCommand,
  statuses,
} from './command.ts';
import {
  type Context,
  type NegotiationOptions,
  negotiate,
  rejectionOf,
  rejections,
  sendablePduBytes,
} from './contexts.ts';
import { commandValues } from './fragments.ts';
import { Incoming } from './incoming.ts';
import type { AssociateRj, AssociateRq } from './pdu.ts';
import type { Fragment } from './reader.ts';
import type { Log, OpenStore } from './sink.ts';
import { isUid } from './uids.ts';
import type { UpperLayer, UpperLayerUser } from './upper-layer.ts';

/** What the next fragment belongs to. */
type State =
  | { readonly is: 'command' }
  | { readonly is: 'store'; readonly contextId: number; readonly request: Command; readonly incoming: Incoming }
  | { readonly is: 'drain'; readonly contextId: number; readonly answer: Command };

interface ScpParts {
  readonly log: Log;
  readonly store: OpenStore;
  /** False when no further association may be open. Asked once, with the request. */
  readonly admit: () => boolean;
  /** The association is over and its sink has been told. */
  readonly over: () => void;
}

export class ScpAssociation implements UpperLayerUser {
  readonly #options: NegotiationOptions;
  readonly #remoteAddress: string;
  readonly #parts: ScpParts;
  readonly #assembler = new CommandAssembler();
  #layer: UpperLayer | undefined;
  #request: AssociateRq | undefined;
  #contexts = new Map<number, Context>();
  #state: State = { is: 'command' };
  #sendPduBytes = 0;
  #instances = 0;

  constructor(options: NegotiationOptions & { readonly remoteAddress: string }, parts: ScpParts) {
    this.#options = options;
    this.#remoteAddress = options.remoteAddress;
    this.#parts = parts;
  }

  /** The layer that this is the user of; set once, before anything is read. */
  attach(layer: UpperLayer): void {
    this.#layer = layer;
  }

  indicate(indication: Exclude<Indication, { kind: 'aborted' }>): void | Promise<void> {
    if (indication.kind === 'data') return this.#data(indication.fragment);
    if (indication.kind === 'associate') return this.#associate(indication.request);
    // an acceptor never asks for a release, so the only other indication is the requestor's
    must(this.#state.is === 'command', 'dimse/sequence', { at: 'release in the middle of a message' });
    return this.#layer?.dispatch({ type: 'answer-release' });
  }

  ended(reason: PeerError | undefined): void {
    this.#logEnd(reason);
    if (this.#state.is !== 'store') this.#parts.over();
    else void this.#state.incoming.cancel(reason ?? new PeerError('dimse/closed')).then(this.#parts.over);
  }

  #logEnd(reason: PeerError | undefined): void {
    const { log } = this.#parts;
    const fields = { ...this.#who(), instances: this.#instances, code: reason?.code, reason: reason?.data };
    if (reason === undefined) log.info(fields, 'association over');
    // port scans and health checks connect and say nothing
    else if (this.#request === undefined) log.debug(fields, 'connection without association over');
    else if (reason.code === 'dimse/internal') log.error({ ...fields, err: reason.cause }, 'association aborted');
    else log.warn(fields, 'association aborted');
  }

  #who(): { callingAe: string | undefined; remoteAddress: string } {
    return { callingAe: this.#request?.callingAe, remoteAddress: this.#remoteAddress };
  }

  #associate(request: AssociateRq): void {
    this.#request = request;
    const rejection =
      rejectionOf(request, this.#options, this.#remoteAddress) ??
      (this.#parts.admit() ? undefined : rejections.localLimit);
    if (rejection !== undefined) this.#reject(rejection);
    else this.#accept(request);
  }

  #accept(request: AssociateRq): void {
    const { answer, contexts } = negotiate(request, this.#options);
    this.#sendPduBytes = sendablePduBytes(request.user.maxPduBytes);
    this.#contexts = contexts;
    this.#parts.log.info({ ...this.#who(), contexts: contexts.size }, 'association accepted');
    this.#layer?.watch(true);
    this.#layer?.dispatch({ type: 'answer-accept', answer });
  }

  #reject(answer: AssociateRj): void {
    const { source, reason } = answer;
    this.#parts.log.warn({ ...this.#who(), source, reason }, 'association rejected');
    this.#layer?.dispatch({ type: 'answer-reject', answer });
  }

  #data(fragment: Fragment): void | Promise<void> {
    const state = this.#state;
    if (state.is === 'command') return this.#commandFragment(fragment);
    must(!fragment.command && fragment.contextId === state.contextId, 'dimse/sequence', { at: 'data set' });
    const complete = fragment.last && fragment.end;
    if (state.is === 'drain') return complete ? this.#answer(state.contextId, state.answer) : undefined;
    const written = state.incoming.write(fragment.bytes);
    if (!complete) return written;
    return written === undefined ? this.#finish(state) : written.then(() => this.#finish(state));
  }

  #commandFragment(fragment: Fragment): void | Promise<void> {
    must(fragment.command, 'dimse/sequence', { at: 'data set without command' });
    const context = this.#contexts.get(fragment.contextId);
    must(context !== undefined, 'dimse/context-unknown', { contextId: fragment.contextId });
    const bytes = this.#assembler.push(fragment);
    if (bytes !== undefined) return this.#command(context, decodeCommand(bytes));
  }

  #command(context: Context, request: Command): void | Promise<void> {
    switch (request.commandField) {
      case commandFields.cCancelRq:
        return undefined; // nothing of ours takes long enough to be cancelled, and C-CANCEL has no response
      case commandFields.cEchoRq:
        return this.#refuseOrAnswer(context, request, answerTo(request, statuses.success));
      case commandFields.cStoreRq:
        return this.#store(context, request);
    }
    must(request.commandField < commandFields.response, 'dimse/sequence', { at: 'response without request' });
    return this.#refuse(context, request, new PeerError('dimse/operation-unknown', { command: request.commandField }));
  }

  #refuse(context: Context, request: Command, error: PeerError): void {
    this.#parts.log.warn({ ...this.#who(), code: error.code }, 'request refused');
    this.#refuseOrAnswer(context, request, answerTo(request, error.row.dimse, error.code));
  }

  /** Answers now, or after the data set that the command has announced. */
  #refuseOrAnswer(context: Context, request: Command, answer: Command): void {
    if (request.hasDataSet) this.#state = { is: 'drain', contextId: context.id, answer };
    else this.#answer(context.id, answer);
  }

  #store(context: Context, request: Command): void | Promise<void> {
    const error = storeError(context, request);
    if (error !== undefined) return this.#refuse(context, request, error);
    const incoming = new Incoming({ log: this.#parts.log });
    this.#state = { is: 'store', contextId: context.id, request, incoming };
    return incoming.open(this.#parts.store, {
      callingAe: this.#request!.callingAe,
      calledAe: this.#request!.calledAe,
      remoteAddress: this.#remoteAddress,
      sopClassUid: request.affectedSopClassUid!,
      sopInstanceUid: request.affectedSopInstanceUid!,
      transferSyntax: context.transferSyntax,
    });
  }

  async #finish(state: State & { is: 'store' }): Promise<void> {
    const status = await state.incoming.end();
    if (this.#state !== state) return;
    const error = state.incoming.error;
    if (status === statuses.success) this.#instances++;
    else this.#parts.log.warn({ ...this.#who(), status, err: error }, 'instance not stored');
    this.#answer(state.contextId, answerTo(state.request, status, error instanceof PeerError ? error.code : undefined));
  }

  #answer(contextId: number, answer: Command): void {
    this.#state = { is: 'command' };
    if (this.#layer?.state !== 'Sta6') return; // the association ended while the answer was made
    const values = commandValues(encodeCommand(answer), contextId, this.#sendPduBytes);
    for (const value of values) this.#layer.dispatch({ type: 'request-data', values: [value] });
  }
}

/** Why a C-STORE-RQ is refused before its data set is looked at. */
function storeError(context: Context, request: Command): PeerError | undefined {
  if (request.affectedSopClassUid !== context.abstractSyntax) return new PeerError('dimse/sop-class');
  if (!isUid(request.affectedSopInstanceUid ?? '')) return new PeerError('dimse/sop-instance-uid');
  if (!request.hasDataSet) return new PeerError('dimse/data-set-missing');
  return undefined;
}
