// The DIMSE client: a service class user over TCP or TLS.
import type { DicomJson } from '../../model/json.ts';
import { commandFields } from '../command.ts';
import type { Context } from '../contexts.ts';
import { identifierOf, type QueryKeys, queryModel } from '../query-models.ts';
import type { EventReport } from '../services.ts';
import { verification } from '../uids.ts';
import type { ByteSource } from '../upper-layer/fragments.ts';
import { type CommitmentResult, type Referenced, reportEvent, requestCommitment } from './commitment.ts';
import { find } from './find.ts';
import { type DimseClientOptions, type DimseClientParts, Requestor } from './requestor.ts';
import { get, move, type Retrieved, type RetrieveOptions } from './retrieve.ts';

export type { CommitmentResult, DimseClientOptions, DimseClientParts };

export interface StoreRequest {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Of `bytes`, which are sent as they are. */
  readonly transferSyntax: string;
  readonly bytes: ByteSource;
  /** Whose C-MOVE this is a sub-operation of (PS3.7 9.1.1.1). */
  readonly moveOriginator?: { readonly aeTitle: string; readonly messageId: number };
}

/** One association that we opened. Made by `connect`. */
export class DimseClient {
  readonly #requestor: Requestor;

  private constructor(requestor: Requestor) {
    this.#requestor = requestor;
  }

  /**
   * Connects and opens an association. Rejects with `dimse/unreachable`, `dimse/rejected` {result, source, reason},
   * `dimse/aborted`, `dimse/timeout` or `dimse/closed`.
   */
  static async connect(options: DimseClientOptions, parts: DimseClientParts): Promise<DimseClient> {
    return new DimseClient(await Requestor.open(options, parts));
  }

  /** The contexts that the other side accepted. */
  get contexts(): readonly Context[] {
    return this.#requestor.contexts;
  }

  /** SOP classes of which the other side may send us instances (C-GET). */
  get served(): ReadonlySet<string> {
    return this.#requestor.served;
  }

  /** Operations that may be under way at a time; one more is refused with `dimse/sequence`. */
  get window(): number {
    return this.#requestor.window;
  }

  /** C-ECHO: resolves with the status. Needs a context of the Verification SOP class. */
  async echo(): Promise<number> {
    const context = this.#requestor.context((each) => each.abstractSyntax === verification);
    const command = { commandField: commandFields.cEchoRq, affectedSopClassUid: verification, hasDataSet: false };
    return (await this.#requestor.invoke({ command, context })).status;
  }

  /**
   * C-STORE: resolves with the status. Rejects with `dimse/context-refused` if nothing was negotiated for the instance
   * (the association stays usable), or with why the association ended.
   */
  async store(request: StoreRequest): Promise<number> {
    const { sopClassUid, sopInstanceUid, transferSyntax, bytes, moveOriginator } = request;
    const context = this.#requestor.context(
      (each) => each.abstractSyntax === sopClassUid && each.transferSyntax === transferSyntax,
    );
    const command = {
      commandField: commandFields.cStoreRq,
      ...{ priority: 0, affectedSopClassUid: sopClassUid, affectedSopInstanceUid: sopInstanceUid, hasDataSet: true },
      ...(moveOriginator !== undefined && {
        moveOriginatorAe: moveOriginator.aeTitle,
        moveOriginatorMessageId: moveOriginator.messageId,
      }),
    };
    return (await this.#requestor.invoke({ command, context, bytes })).status;
  }

  /** C-FIND of query/retrieve; see find-scu.ts. */
  find(query: QueryKeys, signal?: AbortSignal): AsyncGenerator<DicomJson> {
    return find(this.#requestor, queryModel(query.root, 'find'), identifierOf(query), signal);
  }

  /** C-FIND of another SOP class: a worklist. */
  findIn(sopClassUid: string, identifier: DicomJson, signal?: AbortSignal): AsyncGenerator<DicomJson> {
    return find(this.#requestor, sopClassUid, identifier, signal);
  }

  /** C-MOVE to an AE title that the other side knows; see retrieve-scu.ts. */
  move(query: QueryKeys, destination: string, options?: RetrieveOptions): Promise<Retrieved> {
    return move(this.#requestor, queryModel(query.root, 'move'), identifierOf(query), destination, options);
  }

  /** C-GET into the `store` of the parts; see retrieve-scu.ts. */
  get(query: QueryKeys, options?: RetrieveOptions): Promise<Retrieved> {
    return get(this.#requestor, queryModel(query.root, 'get'), identifierOf(query), options);
  }

  /** Asks for storage commitment; the result comes as an event (commitment.ts). */
  requestCommitment(transactionUid: string, instances: readonly Referenced[]): Promise<void> {
    return requestCommitment(this.#requestor, transactionUid, instances);
  }

  /** N-EVENT-REPORT: resolves with the status. */
  report(event: EventReport): Promise<number> {
    return reportEvent(this.#requestor, event);
  }

  /** Releases the association in order; resolves when the other side has agreed. */
  release(): Promise<void> {
    return this.#requestor.release();
  }

  /** Ends the association at once; what is under way rejects with `dimse/cancelled`. */
  abort(): void {
    this.#requestor.abort();
  }
}
