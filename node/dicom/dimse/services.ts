// What stands behind the DIMSE server's requests other than C-ECHO and C-STORE. The server negotiates, reads identifiers,
// cancels, answers and keeps order; a service only says what the answers are. Any of them throws a PeerError to fail an
// operation: its row's DIMSE status is answered, its code is the error comment.
import type { DicomJson } from '../model/json.ts';

/** What a caller of the configuration may do. */
export const callerRights = ['store', 'query', 'retrieve', 'worklist', 'commit'] as const;
export type CallerRight = (typeof callerRights)[number];

/** Who asks, as the association was admitted. */
export interface ServiceCaller {
  /** Its AE title, checked against the configuration. */
  readonly aeTitle: string;
  /** Ours, as it called us. */
  readonly calledAe: string;
  readonly remoteAddress: string;
}

interface ServiceRequest {
  readonly sopClassUid: string;
  readonly caller: ServiceCaller;
  /** Aborted by C-CANCEL and by the association's end: stop soon, with any error or none. */
  readonly signal: AbortSignal;
}

interface Service {
  /** The SOP classes that it answers for; no two services share one. */
  readonly sopClassUids: readonly string[];
  /** What a caller must be allowed for its contexts to be accepted. */
  readonly needs: CallerRight;
}

export interface FindRequest extends ServiceRequest {
  /** As read, text in UTF-8; empty attributes ask for a value, (0008,0052) is the level where the class has one. */
  readonly identifier: DicomJson;
  /** Relational queries were negotiated (PS3.4 C.5.1.1): keys above the level needn't be unique. */
  readonly relational: boolean;
  /** Fuzzy semantic matching of person names was negotiated. */
  readonly fuzzy: boolean;
  /** Combined matching of dates and times was negotiated. */
  readonly combined?: boolean;
}

/** C-FIND: query/retrieve, modality worklist. */
export interface FindService extends Service {
  /**
   * The matches, made while they are sent: the next is asked for when the connection has taken the former. Each is what
   * goes into a pending response; the server adds Specific Character Set. It writes the query down in the audit log before
   * the first, and bounds their number. @throws PeerError with status A900H for an identifier that it cannot serve
   */
  find(request: FindRequest): AsyncIterable<DicomJson>;
  /** True when the identifier has optional keys that are not supported: pending is then FF01H instead of FF00H. */
  ignores?(request: FindRequest): boolean;
}

export interface RetrieveRequest extends ServiceRequest {
  readonly identifier: DicomJson;
  /** AE title that a C-MOVE names; of a C-GET the caller itself is meant. */
  readonly destination?: string | undefined;
  readonly relational: boolean;
}

/** An instance that C-MOVE or C-GET hands over. */
export interface RetrievedInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** As it is stored. */
  readonly transferSyntax: string;
  /**
   * Its data set in one of the accepted transfer syntaxes, piece by piece, or undefined when it cannot be had in any.
   * @param accepted transfer syntaxes that the other side takes for this SOP class, never empty
   */
  open(accepted: readonly string[]): Promise<OpenedInstance | undefined>;
}

export interface OpenedInstance {
  readonly transferSyntax: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** C-MOVE and C-GET. */
export interface RetrieveService extends Service {
  /** What the identifier names, audited as an export before it resolves. @throws PeerError with status A900H, A702H */
  instances(request: RetrieveRequest): Promise<readonly RetrievedInstance[]>;
}

/** Somebody who takes instances: the requestor of a C-GET, or the destination of a C-MOVE. */
export interface StoreTarget {
  /** Transfer syntaxes that it takes for this SOP class; rejects when it is not there. */
  accepted(sopClassUid: string): Promise<readonly string[]>;
  /** Resolves with the status of its answer; rejects when it is gone or doesn't take it. */
  store(instance: RetrievedInstance, opened: OpenedInstance): Promise<number>;
  /** All that was wanted is done. */
  close(): Promise<void>;
  /** Nobody wants it any more: what is under way rejects. */
  abort(): void;
}

/** Whose C-MOVE it is, for the C-STOREs that come of it (PS3.7 9.3.1.1). */
export interface MoveOriginator {
  readonly aeTitle: string;
  readonly messageId: number;
}

/** Where C-MOVE may send to: only whom the configuration names. */
export interface Destinations {
  /** A target for these instances, by its AE title; undefined if it isn't known. Connects when it is first needed. */
  open(aeTitle: string, instances: readonly RetrievedInstance[], originator: MoveOriginator): StoreTarget | undefined;
}

/** One N-service request of the other side. */
export interface NormalizedRequest extends ServiceRequest {
  /** Requested, or for N-CREATE affected, if the other side gave one: it is checked to be a UID. */
  readonly sopInstanceUid: string | undefined;
  /** Action Type ID of N-ACTION, Event Type ID of N-EVENT-REPORT. */
  readonly typeId: number | undefined;
  /** Attribute list, modification list, action or event information. */
  readonly dataset: DicomJson | undefined;
  /** Attribute Identifier List of N-GET, as eight hexadecimal digits each. */
  readonly attributes: readonly string[];
  /**
   * Sends N-EVENT-REPORT on this association; resolves with its status, rejects when the association is over. Only from
   * `NormalizedAnswer.after`: nothing is read before the answer.
   */
  report(event: EventReport): Promise<number>;
}

export interface EventReport {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly typeId: number;
  readonly dataset: DicomJson;
}

export interface NormalizedAnswer {
  /** PS3.7 annex C and the SOP class's own. */
  readonly status: number;
  /** Of what N-CREATE made, when the request named none. */
  readonly sopInstanceUid?: string;
  readonly dataset?: DicomJson;
  /** At most 64 characters, nothing about a patient. */
  readonly errorComment?: string;
  /** Called when the answer is on its way; what it throws is logged. */
  readonly after?: () => Promise<void>;
}

/**
 * N-services; one that is missing is answered 0211H. They run in the order in which they came, none beside another of the
 * same association, and nothing more is read from it meanwhile: what takes long is for `NormalizedAnswer.after`.
 */
export interface NormalizedService extends Service {
  create?(request: NormalizedRequest): Promise<NormalizedAnswer>;
  set?(request: NormalizedRequest): Promise<NormalizedAnswer>;
  get?(request: NormalizedRequest): Promise<NormalizedAnswer>;
  action?(request: NormalizedRequest): Promise<NormalizedAnswer>;
  remove?(request: NormalizedRequest): Promise<NormalizedAnswer>;
  event?(request: NormalizedRequest): Promise<NormalizedAnswer>;
}

/** All that a server serves besides C-ECHO and C-STORE. */
export interface Services {
  readonly find?: readonly FindService[];
  readonly retrieve?: readonly RetrieveService[];
  /** Without it C-MOVE knows no destination. */
  readonly destinations?: Destinations;
  readonly normalized?: readonly NormalizedService[];
}
