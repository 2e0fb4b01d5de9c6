// Whom a request other than C-ECHO and C-STORE is for, and how it is run: C-FIND, C-MOVE and C-GET while more is read,
// N-services in order.
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { DicomJson } from '../../model/json.ts';
import { readDataset } from '../../read/read-dataset.ts';
import { type Command, commandFields } from '../command.ts';
import type { Context, ServedClass } from '../contexts.ts';
import type { FindService, NormalizedService, RetrieveService, Services } from '../services.ts';
import { answerFind } from './find.ts';
import { failed } from './finish.ts';
import type { AssociationLink } from './link.ts';
import { answerNormalized, hasOperation } from './normalized.ts';
import { Operations } from './operations.ts';
import { answerGet, answerMove } from './retrieve.ts';

type Service =
  | { readonly kind: 'find'; readonly service: FindService }
  | { readonly kind: 'retrieve'; readonly service: RetrieveService }
  | { readonly kind: 'normalized'; readonly service: NormalizedService };

/** The services of a server by SOP class. */
export class ServiceTable {
  readonly #services = new Map<string, Service>();
  /** For the negotiation of contexts. */
  readonly classes: ReadonlyMap<string, ServedClass>;
  readonly destinations: Services['destinations'];

  constructor({ find = [], retrieve = [], normalized = [], destinations }: Services) {
    for (const service of find) this.#add({ kind: 'find', service });
    for (const service of retrieve) this.#add({ kind: 'retrieve', service });
    for (const service of normalized) this.#add({ kind: 'normalized', service });
    this.classes = new Map(
      [...this.#services].map(([uid, { kind, service }]) => [uid, { kind, needs: service.needs }]),
    );
    this.destinations = destinations;
  }

  of(sopClassUid: string): Service | undefined {
    return this.#services.get(sopClassUid);
  }

  #add(service: Service): void {
    for (const uid of service.service.sopClassUids) this.#services.set(uid, service);
  }
}

/** SOP classes of C-MOVE and C-GET have one of the two: the last component says which (PS3.4 C.6). */
const isGetClass = (sopClassUid: string): boolean => sopClassUid.endsWith('.3');

export class Requests {
  readonly #table: ServiceTable;
  readonly #link: AssociationLink;
  readonly #operations = new Operations();
  /** For N-services: the association's end. */
  readonly #ended = new AbortController();

  constructor(table: ServiceTable, link: AssociationLink) {
    this.#table = table;
    this.#link = link;
  }

  /** Why a request is refused before its data set is looked at. */
  refusal(context: Context, command: Command): PeerError | undefined {
    const { commandField } = command;
    const served = this.#table.of(context.abstractSyntax);
    const unknown = new PeerError('dimse/operation-unknown', { command: commandField });
    if (served === undefined) return unknown;
    const named = command.affectedSopClassUid ?? command.requestedSopClassUid;
    if (named !== context.abstractSyntax) return new PeerError('dimse/sop-class');
    if (served.kind === 'normalized') return hasOperation(served.service, commandField) ? undefined : unknown;
    if (commandField !== operationOf(served, context)) return unknown;
    return command.hasDataSet ? undefined : new PeerError('dimse/data-set-missing');
  }

  /** Runs a request that was not refused. A promise is of one that holds up what comes after it. */
  serve(context: Context, command: Command, bytes: Uint8Array | undefined): void | Promise<void> {
    try {
      const dataset = bytes && readDataset(bytes, context.transferSyntax);
      return this.#start(context, command, dataset);
    } catch (error) {
      this.#link.outgoing.command(context, failed(this.#link, command, this.#asArgument(context, error)));
    }
  }

  cancel(messageId: number | undefined): void {
    this.#operations.cancel(messageId);
  }

  /** The association is over: stops all that runs. A promise resolves when that has ended. */
  stop(reason: PeerError): Promise<void> | undefined {
    this.#ended.abort(reason);
    return this.#operations.size === 0 ? undefined : this.#operations.stop(reason);
  }

  /** A data set that cannot be read is the identifier's fault, or an invalid argument's. */
  #asArgument(context: Context, error: unknown): unknown {
    if (!(error instanceof PeerError) || !error.code.startsWith('dicom/')) return error;
    const kind = this.#table.of(context.abstractSyntax)?.kind;
    return new PeerError(kind === 'normalized' ? 'dimse/argument' : 'dimse/identifier', { at: error.code });
  }

  #start(context: Context, command: Command, dataset: DicomJson | undefined): void | Promise<void> {
    const served = this.#table.of(context.abstractSyntax)!;
    const link = this.#link;
    const { abstractSyntax: sopClassUid } = context;
    if (served.kind === 'normalized') {
      return answerNormalized(link, context, command, served.service, dataset, this.#ended.signal);
    }
    must(command.messageId !== undefined, 'dimse/command-malformed', { at: 'messageId' });
    const { relational, fuzzy, combined } = link.terms;
    const asked = {
      ...{ sopClassUid, caller: link.caller, identifier: dataset! },
      relational: relational.has(sopClassUid),
    };
    this.#operations.start(command.messageId, (signal) => {
      if (served.kind === 'find') {
        const how = { fuzzy: fuzzy.has(sopClassUid), combined: combined.has(sopClassUid) };
        return answerFind(link, context, command, served.service, { ...asked, ...how, signal });
      }
      const request = { ...asked, signal, destination: command.moveDestination };
      const retrieving = { link, context, command, service: served.service, request };
      return isGetClass(sopClassUid) ? answerGet(retrieving) : answerMove(retrieving, this.#table.destinations);
    });
  }
}

function operationOf({ kind }: Service, { abstractSyntax }: Context): number {
  if (kind === 'find') return commandFields.cFindRq;
  return isGetClass(abstractSyntax) ? commandFields.cGetRq : commandFields.cMoveRq;
}
