// What arrives on an association that we opened: responses, event reports, and the C-STORE sub-operations of a C-GET,
// whose data sets flow into a sink as they come.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Log } from '../../../system/log.ts';
import { isUid } from '../../model/uid.ts';
import { answerTo, type Command, CommandAssembler, commandFields, decodeCommand } from '../command.ts';
import type { Context } from '../contexts.ts';
import { IncomingDataSet } from '../incoming-data-set.ts';
import type { OpenStore, StoreInfo } from '../sink.ts';
import type { Fragment } from '../upper-layer/pdu-reader.ts';

/** A message other than a C-STORE request, whole. */
export interface Message {
  readonly context: Context;
  readonly command: Command;
  readonly dataset?: Uint8Array | undefined;
}

/** Where the instances of sub-operations go, and who is told to send them. */
export interface SubOperations {
  readonly log: Log;
  readonly open: OpenStore;
  readonly from: Pick<StoreInfo, 'callingAe' | 'calledAe' | 'remoteAddress'>;
  /** Whether the other side may send instances of this SOP class on this association (role selection). */
  readonly may: (sopClassUid: string) => boolean;
}

export interface InboxParts {
  readonly context: (id: number) => Context | undefined;
  /** While a returned promise is pending nothing more is read. */
  readonly message: (message: Message) => void | Promise<void>;
  readonly answer: (context: Context, answer: Command) => void | Promise<void>;
  readonly subOperations?: SubOperations | undefined;
}

/** What the next fragment belongs to. */
type InboxState =
  | { readonly is: 'command' }
  | { readonly is: 'collect'; readonly context: Context; readonly command: Command; parts: Uint8Array[]; bytes: number }
  | { readonly is: 'store'; readonly context: Context; readonly command: Command; readonly incoming: IncomingDataSet };

const nothing = (): void => undefined;
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export class Inbox {
  readonly #parts: InboxParts;
  readonly #assembler = new CommandAssembler();
  #state: InboxState = { is: 'command' };

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** Takes one fragment. Throws `dimse/sequence`, `dimse/context-unknown`, `dimse/command-malformed`. */
  push(fragment: Fragment): void | Promise<void> {
    const state = this.#state;
    if (state.is === 'command') return this.#command(fragment);
    must(!fragment.command && fragment.contextId === state.context.id, 'dimse/sequence', { at: 'data set' });
    const complete = fragment.last && fragment.end;
    if (state.is === 'collect') return this.#collect(state, fragment.bytes, complete);
    const written = state.incoming.write(fragment.bytes);
    if (!complete) return written;
    return written === undefined ? this.#stored(state) : written.then(() => this.#stored(state));
  }

  /** The association is over: an instance that was on its way is dropped. */
  async cancel(reason: Error): Promise<void> {
    if (this.#state.is === 'store') await this.#state.incoming.cancel(reason);
  }

  #command(fragment: Fragment): void | Promise<void> {
    must(fragment.command, 'dimse/sequence', { at: 'data set without command' });
    const context = this.#parts.context(fragment.contextId);
    must(context !== undefined, 'dimse/context-unknown', { contextId: fragment.contextId });
    const bytes = this.#assembler.push(fragment);
    if (bytes === undefined) return undefined;
    const command = decodeCommand(bytes);
    if (command.commandField === commandFields.cStoreRq) return this.#store(context, command);
    if (!command.hasDataSet) return this.#parts.message({ context, command });
    this.#state = { is: 'collect', context, command, parts: [], bytes: 0 };
  }

  #collect(state: InboxState & { is: 'collect' }, bytes: Uint8Array, complete: boolean): void | Promise<void> {
    state.bytes += bytes.length;
    must(state.bytes <= limits.dimseIdentifierBytes, 'dimse/command-malformed', { at: 'data set length' });
    // copied, because a view keeps the whole chunk that it came in
    if (bytes.length > 0) state.parts.push(new Uint8Array(bytes));
    if (!complete) return undefined;
    this.#state = { is: 'command' };
    const { context, command, parts } = state;
    return this.#parts.message({ context, command, dataset: Buffer.concat(parts) });
  }

  #store(context: Context, command: Command): void | Promise<void> {
    const { subOperations } = this.#parts;
    const error = refusal(context, command, subOperations);
    if (!command.hasDataSet) return this.#parts.answer(context, answerTo(command, error!.row.dimse, error!.code));
    const incoming = new IncomingDataSet({ log: subOperations?.log ?? silentLog });
    this.#state = { is: 'store', context, command, incoming };
    const open: OpenStore = (info) => {
      if (error !== undefined || subOperations === undefined) throw error;
      return subOperations.open(info);
    };
    return incoming.open(open, {
      ...(subOperations?.from ?? { callingAe: '', calledAe: '', remoteAddress: '' }),
      sopClassUid: command.affectedSopClassUid ?? '',
      sopInstanceUid: command.affectedSopInstanceUid ?? '',
      transferSyntax: context.transferSyntax,
    });
  }

  async #stored(state: InboxState & { is: 'store' }): Promise<void> {
    const status = await state.incoming.end();
    if (this.#state !== state) return;
    this.#state = { is: 'command' };
    const { error } = state.incoming;
    const comment = error instanceof PeerError ? error.code : undefined;
    await this.#parts.answer(state.context, answerTo(state.command, status, comment));
  }
}

/** Why a C-STORE sub-operation is not taken. */
function refusal(context: Context, command: Command, to: SubOperations | undefined): PeerError | undefined {
  if (to === undefined || !to.may(context.abstractSyntax)) return new PeerError('dimse/operation-unknown');
  if (command.affectedSopClassUid !== context.abstractSyntax) return new PeerError('dimse/sop-class');
  if (!isUid(command.affectedSopInstanceUid ?? '')) return new PeerError('dimse/sop-instance-uid');
  if (!command.hasDataSet) return new PeerError('dimse/data-set-missing');
  return undefined;
}
