// One association that somebody opened to us: its messages are put together, C-ECHO and C-STORE (PS3.7 section 9) are
// answered here, other requests by requests.ts.
import { concat } from '../../../../protocol/bytes.ts';
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Log } from '../../../system/log.ts';
import { isUid } from '../../model/uid.ts';
import { answerTo, type Command, CommandAssembler, commandFields, decodeCommand, statuses } from '../command.ts';
import {
  admission,
  type Caller,
  type Context,
  type NegotiationOptions,
  negotiate,
  type Origin,
  rejections,
  rightsOf,
  sendablePduBytes,
} from '../contexts.ts';
import { IncomingDataSet } from '../incoming-data-set.ts';
import type { OpenStore } from '../sink.ts';
import type { AssociateRj, AssociateRq } from '../upper-layer/pdu.ts';
import type { Fragment } from '../upper-layer/pdu-reader.ts';
import type { Indication } from '../upper-layer/state-machine.ts';
import type { UpperLayer, UpperLayerUser } from '../upper-layer/upper-layer.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { Requests, type ServiceTable } from './requests.ts';

/** What the next fragment belongs to. */
type ReceivingState =
  | { readonly is: 'command' }
  | { readonly is: 'store'; readonly contextId: number; readonly request: Command; readonly incoming: IncomingDataSet }
  | { readonly is: 'drain'; readonly contextId: number; readonly answer: Command | undefined }
  | {
      readonly is: 'collect';
      readonly contextId: number;
      readonly context: Context;
      readonly request: Command;
      readonly parts: Uint8Array[];
      length: number;
    };

interface ScpParts {
  readonly log: Log;
  readonly store: OpenStore;
  readonly services: ServiceTable;
  /** False when no further association may be open, of all or of this caller. Asked once, with the request. */
  readonly admit: (caller: Caller | undefined) => boolean;
  /** The association is over and its sink has been told. */
  readonly over: () => void;
}

export class ScpAssociation implements UpperLayerUser {
  readonly #options: NegotiationOptions;
  readonly #origin: Origin;
  readonly #parts: ScpParts;
  readonly #assembler = new CommandAssembler();
  #layer: UpperLayer | undefined;
  #request: AssociateRq | undefined;
  #contexts = new Map<number, Context>();
  #state: ReceivingState = { is: 'command' };
  /** SOP classes that the requestor gave up to send, by role selection. */
  #notSent: ReadonlySet<string> = new Set();
  /** Both are there once the association is accepted. */
  #outgoing: OutgoingMessages | undefined;
  #requests: Requests | undefined;
  #instances = 0;
  #messages = 0;

  constructor(options: NegotiationOptions, origin: Origin, parts: ScpParts) {
    this.#options = options;
    this.#origin = origin;
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
    // operations that still run end with it
    return this.#layer?.dispatch({ type: 'answer-release' });
  }

  ended(reason: PeerError | undefined): void {
    this.#logEnd(reason);
    const state = this.#state;
    const why = reason ?? new PeerError('dimse/closed');
    this.#outgoing?.ended(why);
    const running = this.#requests?.stop(why);
    const storing = state.is === 'store' ? state.incoming.cancel(why) : undefined;
    if (running === undefined && storing === undefined) this.#parts.over();
    else void Promise.all([running, storing]).then(this.#parts.over);
  }

  received(): { whole: number; begun: boolean } {
    return { whole: this.#messages, begun: this.#state.is !== 'command' || this.#assembler.begun };
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
    return { callingAe: this.#request?.callingAe, remoteAddress: this.#origin.remoteAddress };
  }

  #associate(request: AssociateRq): void {
    this.#request = request;
    const admitted = admission(request, this.#options, this.#origin);
    if (admitted.rejection !== undefined) this.#reject(admitted.rejection);
    else if (!this.#parts.admit(admitted.caller)) this.#reject(rejections.localLimit);
    else this.#accept(request, admitted.caller);
  }

  #accept(request: AssociateRq, caller: Caller | undefined): void {
    const may = rightsOf(caller);
    const { answer, contexts, terms } = negotiate(request, this.#options, may);
    this.#contexts = contexts;
    this.#notSent = terms.notSent;
    const { callingAe: aeTitle, calledAe } = request;
    this.#outgoing = new OutgoingMessages(this.#layer!, sendablePduBytes(request.user.maxPduBytes));
    this.#requests = new Requests(this.#parts.services, {
      outgoing: this.#outgoing,
      caller: { aeTitle, calledAe, remoteAddress: this.#origin.remoteAddress },
      log: this.#parts.log,
      receiving: (uid) =>
        terms.received.has(uid) ? [...contexts.values()].filter(({ abstractSyntax }) => abstractSyntax === uid) : [],
      terms,
    });
    this.#parts.log.info({ ...this.#who(), contexts: contexts.size }, 'association accepted');
    const refused = answer.contexts.filter(({ result }) => result === 1).length;
    const why = { refused, code: 'dimse/not-allowed', may: [...may] };
    if (refused > 0) this.#parts.log.warn({ ...this.#who(), ...why }, 'contexts refused that this caller may not use');
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
    if (complete) this.#messages++;
    if (state.is === 'drain') return complete ? this.#answer(state.contextId, state.answer) : undefined;
    if (state.is === 'collect') return this.#collect(state, fragment, complete);
    const written = state.incoming.write(fragment.bytes);
    if (!complete) return written;
    return written === undefined ? this.#finish(state) : written.then(() => this.#finish(state));
  }

  #commandFragment(fragment: Fragment): void | Promise<void> {
    must(fragment.command, 'dimse/sequence', { at: 'data set without command' });
    const context = this.#contexts.get(fragment.contextId);
    must(context !== undefined, 'dimse/context-unknown', { contextId: fragment.contextId });
    const bytes = this.#assembler.push(fragment);
    if (bytes === undefined) return undefined;
    this.#messages++;
    return this.#command(context, decodeCommand(bytes));
  }

  #command(context: Context, request: Command): void | Promise<void> {
    switch (request.commandField) {
      case commandFields.cCancelRq:
        return this.#requests?.cancel(request.respondedTo); // it has no response
      case commandFields.cEchoRq:
        return this.#refuseOrAnswer(context, request, answerTo(request, statuses.success));
      case commandFields.cStoreRq:
        return this.#store(context, request);
    }
    if (request.commandField >= commandFields.response) return this.#response(context, request);
    const error = this.#requests!.refusal(context, request);
    if (error !== undefined) return this.#refuse(context, request, error);
    if (!request.hasDataSet) return this.#requests!.serve(context, request, undefined);
    this.#state = { is: 'collect', contextId: context.id, context, request, parts: [], length: 0 };
  }

  #response(context: Context, response: Command): void {
    this.#outgoing!.answered(response);
    if (response.hasDataSet) this.#state = { is: 'drain', contextId: context.id, answer: undefined };
  }

  /** A request's data set, whole in memory: they are small, and what is not is refused. */
  #collect(state: ReceivingState & { is: 'collect' }, { bytes }: Fragment, complete: boolean): void | Promise<void> {
    const { context, request } = state;
    state.length += bytes.length;
    if (state.length > limits.dimseIdentifierBytes) {
      this.#refuse(context, request, new PeerError('dimse/data-set-long'));
      return complete ? this.#answer(context.id, (this.#state as ReceivingState & { is: 'drain' }).answer) : undefined;
    }
    // copied, because a view keeps the whole chunk that it came in; of what is empty there may be any number
    if (bytes.length > 0) state.parts.push(new Uint8Array(bytes));
    if (!complete) return undefined;
    this.#state = { is: 'command' };
    return this.#requests!.serve(context, request, concat(...state.parts));
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
    const error = storeError(context, request, this.#notSent);
    if (error !== undefined) return this.#refuse(context, request, error);
    const incoming = new IncomingDataSet({ log: this.#parts.log });
    this.#state = { is: 'store', contextId: context.id, request, incoming };
    return incoming.open(this.#parts.store, {
      callingAe: this.#request!.callingAe,
      calledAe: this.#request!.calledAe,
      remoteAddress: this.#origin.remoteAddress,
      sopClassUid: request.affectedSopClassUid!,
      sopInstanceUid: request.affectedSopInstanceUid!,
      transferSyntax: context.transferSyntax,
    });
  }

  async #finish(state: ReceivingState & { is: 'store' }): Promise<void> {
    const status = await state.incoming.end();
    if (this.#state !== state) return;
    const error = state.incoming.error;
    if (status === statuses.success) this.#instances++;
    else this.#parts.log.warn({ ...this.#who(), status, err: error }, 'instance not stored');
    this.#answer(state.contextId, answerTo(state.request, status, error instanceof PeerError ? error.code : undefined));
  }

  /** Back to the next command, with an answer to the last if it has one. */
  #answer(contextId: number, answer: Command | undefined): void {
    this.#state = { is: 'command' };
    if (answer !== undefined) this.#outgoing!.command(this.#contexts.get(contextId)!, answer);
  }
}

/** Why a C-STORE-RQ is refused before its data set is looked at. */
function storeError(context: Context, request: Command, notSent: ReadonlySet<string>): PeerError | undefined {
  if (request.affectedSopClassUid !== context.abstractSyntax) return new PeerError('dimse/sop-class');
  if (notSent.has(context.abstractSyntax)) return new PeerError('dimse/not-allowed');
  if (!isUid(request.affectedSopInstanceUid ?? '')) return new PeerError('dimse/sop-instance-uid');
  if (!request.hasDataSet) return new PeerError('dimse/data-set-missing');
  return undefined;
}
