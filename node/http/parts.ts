// What the HTTP server is given: narrow shapes of what its routes really call, so that tests can stand in for any of it.
import type { AuditEntry } from '../../protocol/audit/entry.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Accounts } from '../access/accounts.ts';
import type { Guard } from '../access/guard.ts';
import type { ReadEntry } from '../audit/log.ts';
import type { Verification } from '../audit/verify.ts';
import type { Events } from '../events.ts';
import type { Aside } from '../exchange/aside.ts';
import type { Asking } from '../exchange/ask.ts';
import type { Finder } from '../exchange/find.ts';
import type { Importer } from '../exchange/import.ts';
import type { FileImported } from '../exchange/import-file.ts';
import type { Transfers } from '../exchange/transfers.ts';
import type { Log } from '../log.ts';
import type { Index } from '../store/index.ts';
import type { Timers } from '../system.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  /** What clients reach the server by when a proxy stands before it; what they called if absent. */
  readonly publicUrl?: string | undefined;
}

/** The audit log as the routes see it; node/audit/log.ts is one. */
interface AuditPart {
  /** Durable when it resolves. */
  append(entry: Omit<AuditEntry, 'at'>): Promise<unknown>;
  head(): Promise<{ readonly size: number; readonly root: string }>;
  entries(query: { from: number; patient?: string }): AsyncIterable<ReadEntry>;
  verify(): Promise<Verification>;
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
  doctor(): Promise<readonly { readonly name: string; readonly ok: boolean; readonly advice: string }[]>;
}

export interface HttpParts {
  readonly accounts: Pick<Accounts, 'authenticate' | 'createToken' | 'createUser' | 'signIn'>;
  readonly events: Pick<Events, 'metrics' | 'subscribe'>;
  readonly index: Index;
  readonly importer: Importer;
  readonly aside: Pick<Aside, 'list' | 'get'>;
  /** Takes what was kept aside to the importer once more. @throws PeerError aside/unknown */
  readonly retryAside: (id: string) => Promise<FileImported>;
  readonly finder: Pick<Finder, 'find'>;
  readonly asking: Pick<Asking, 'create' | 'get' | 'list'>;
  readonly guard: Pick<Guard, 'requests' | 'approve' | 'deny' | 'revoke' | 'view'>;
  readonly transfers: Pick<Transfers, 'list' | 'get'>;
  readonly audit: AuditPart;
  readonly federation: FederationPart;
  readonly ready: () => boolean;
  readonly peer: { readonly peerId: string; readonly name: string };
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}
