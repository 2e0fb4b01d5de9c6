// What the HTTP server is given: narrow shapes of what its routes really call, so that tests can stand in for any of it.

import type { Clock, Random } from '../../protocol/ports.ts';
import type { Accounts } from '../access/accounts.ts';
import type { Guard } from '../access/guard.ts';
import type { Language } from '../api/texts/language.ts';
import type { Acts } from '../audit/acts.ts';
import type { ReadEntry } from '../audit/log.ts';
import type { Verification } from '../audit/verify.ts';
import type { Pixels } from '../dicom/pixels/pool.ts';
import type { AsideDecisions } from '../exchange/aside/decisions.ts';
import type { PatientDecisions } from '../exchange/aside/patient-decisions.ts';
import type { OutgoingRequests } from '../exchange/ask/outgoing-requests.ts';
import type { Finder } from '../exchange/find/finder.ts';
import type { Aside } from '../exchange/import/aside.ts';
import type { FileImported } from '../exchange/import/from-file.ts';
import type { Importer } from '../exchange/import/importer.ts';
import type { Transfers } from '../exchange/transfer/transfers.ts';
import type { SpoolParts } from '../exchange/upload/spool.ts';
import type { Intake } from '../exchange/upload/upload.ts';
import type { ChosenPatient, PatientChoice } from '../exchange/upload/wrap.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { Pacs } from '../pacs/pacs.ts';
import type { Index } from '../store/index.ts';
import type { Events } from '../system/events.ts';
import type { Log } from '../system/log.ts';
import type { Timers } from '../system/machine.ts';
import type { IssuerOf } from '../worklist/fhir-orders.ts';
import type { Orders } from '../worklist/orders.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  /** What clients reach the server by when a proxy stands before it; what they called if absent. */
  readonly publicUrl?: string | undefined;
  /** Further names that clients may call it by. */
  readonly names?: readonly string[] | undefined;
  /** IP addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** A connection on which nothing moves for so long is closed: a client that stopped reading, or died. */
  readonly idleMs?: number | undefined;
}

/** The audit log as the routes see it; node/audit/log.ts is one. */
interface AuditPart {
  head(): Promise<{ readonly size: number; readonly root: string }>;
  entries(query: { from: number; patient?: string }): AsyncIterable<ReadEntry>;
  verify(): Promise<Verification>;
  /** Entries that are durable. */
  readonly size: number;
}

interface FederationStatus {
  /** Federation id, hex; absent before joining. */
  readonly federation?: string | undefined;
  /** Number of the roster that is followed. */
  readonly roster?: number | undefined;
  readonly reachability: string;
  readonly members: readonly { readonly id: string; readonly name: string }[];
}

interface FederationPart {
  status(): FederationStatus;
  /** Takes a roster bundle. @throws PeerError roster/* */
  join(bundle: Uint8Array): Promise<{ federation: string; number: number }>;
  /** What to do, in a language. */
  doctor(
    language: Language,
  ): Promise<readonly { readonly name: string; readonly ok: boolean; readonly advice: string }[]>;
}

export interface HttpParts {
  readonly accounts: Accounts;
  readonly events: Pick<Events, 'instanceArrived' | 'metrics' | 'subscribe'>;
  readonly index: Index;
  readonly importer: Importer;
  readonly manifests: Pick<Manifests, 'cut'>;
  readonly aside: Pick<Aside, 'get' | 'rows' | 'total'>;
  readonly decisions: Pick<AsideDecisions, 'bytes' | 'differences' | 'resolve'>;
  /** Who somebody is, as people decide. */
  readonly patients: Pick<PatientDecisions, 'link' | 'decide' | 'undo'>;
  /** Takes what was kept aside to the importer once more. @throws PeerError aside/unknown */
  readonly retryAside: (id: string) => Promise<FileImported>;
  /** Where bodies wait, sealed, that can't be taken as they come. */
  readonly spool: SpoolParts;
  /** Begins an upload; `from` says for the operator who sends. */
  readonly intake: (from: string) => Intake;
  /** @throws PeerError import/patient-system, tags/*, field/invalid */
  readonly choosePatient: (choice: PatientChoice) => ChosenPatient;
  readonly finder: Pick<Finder, 'find'>;
  readonly asking: Pick<OutgoingRequests, 'create' | 'get' | 'rows' | 'total'>;
  readonly guard: Pick<Guard, 'requests' | 'approve' | 'deny' | 'revoke' | 'view'>;
  /** 32 bytes of this peer's own: what a de-identification makes of a UID, a patient and a day follows from them. */
  readonly deidentificationKey: Uint8Array;
  readonly transfers: Pick<Transfers, 'get' | 'rows' | 'total'>;
  readonly pacs: Pick<
    Pacs,
    'list' | 'echo' | 'find' | 'pull' | 'send' | 'commit' | 'jobs' | 'job' | 'cancel' | 'routing'
  >;
  readonly audit: AuditPart;
  readonly acts: Acts;
  /** Decodes, encodes and renders frames. */
  readonly pixels: Pixels;
  readonly federation: FederationPart;
  readonly orders: Pick<Orders, 'all' | 'cancel' | 'get' | 'take'>;
  readonly issuerOf: IssuerOf;
  readonly ready: () => boolean;
  readonly peer: { readonly peerId: string; readonly name: string };
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}
