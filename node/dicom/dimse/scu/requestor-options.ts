// What an association that we open is given and asked, and how it begins.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Log } from '../../../system/log.ts';
import type { Timers } from '../../../system/machine.ts';
import type { Command } from '../command.ts';
import type { Context } from '../contexts.ts';
import type { OpenStore } from '../sink.ts';
import { applicationContext, implementationClassUid, implementationVersion } from '../uids.ts';
import type { ByteSource } from '../upper-layer/fragments.ts';
import type { AssociateAc, AssociateRq } from '../upper-layer/pdu.ts';
import type { RoleSelection, UserInformation } from '../upper-layer/user-information.ts';
import type { Message } from './inbox.ts';

/** What to propose: one context each, its transfer syntaxes in order of preference. */
export interface Proposal {
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

export interface DimseClientOptions {
  readonly host: string;
  readonly port: number;
  readonly calledAe: string;
  readonly callingAe: string;
  /** At most 128. */
  readonly contexts: readonly Proposal[];
  /** SCP/SCU role selection (PS3.7 D.3.3.4): what we are, of which SOP classes, where it isn't SCU alone. */
  readonly roles?: readonly RoleSelection[];
  /** SOP class extended negotiation (PS3.7 D.3.3.5). */
  readonly extended?: UserInformation['extended'];
  /** Operations that we would have under way at a time (PS3.7 D.3.3.3); 1 if absent. */
  readonly operations?: number;
  /** PEM. `ca` is who must have signed the other side's certificate; `servername` the name in it, if not `host`. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
  readonly maxPduBytes?: number;
  readonly artimMs?: number;
  /** How long the other side may be silent while we wait for it. */
  readonly idleMs?: number;
  /** Aborts the association, also while it is being opened. */
  readonly signal?: AbortSignal;
}

export interface DimseClientParts {
  readonly timers: Timers;
  readonly log?: Log;
  /** Takes the instances that a C-GET brings. */
  readonly store?: OpenStore;
  /** Takes event reports of this association; gives the status to answer. */
  readonly event?: (message: Message) => number | Promise<number>;
}

/** One request. The message id is given by the association. */
export interface Invocation {
  readonly command: Command;
  readonly context: Context;
  /** Its data set, sent as it is. */
  readonly bytes?: ByteSource;
  /** Told each pending response, whose sender waits until a returned promise has settled. */
  readonly pending?: (response: Message) => void | Promise<void>;
  /** Sends C-CANCEL; the operation still ends with the other side's last response. */
  readonly signal?: AbortSignal | undefined;
}

const defaults = { maxPduBytes: limits.dimsePduBytes, artimMs: 30_000, idleMs: 60_000, operations: 1 };
export type Filled = DimseClientOptions & typeof defaults;

export const filled = (options: DimseClientOptions): Filled => ({ ...defaults, ...options });

/** The A-ASSOCIATE-RQ. */
export function requestOf(options: Filled): AssociateRq {
  must(options.contexts.length <= limits.dimseContexts, 'dimse/pdu-malformed', { at: 'contexts' });
  const { maxPduBytes, operations, roles = [], extended = [] } = options;
  const user = {
    ...{ maxPduBytes, implementationClassUid, implementationVersion, roles, extended },
    ...(operations === 1 ? {} : { asyncOps: { invoked: operations, performed: 1 } }),
  };
  const contexts = options.contexts.map((context, index) => ({ id: 2 * index + 1, ...context }));
  const { calledAe, callingAe } = options;
  return { type: 'associate-rq', protocolVersion: 1, calledAe, callingAe, applicationContext, contexts, user };
}

/** Begins to connect. */
export function openSocket({ host, port, tls }: DimseClientOptions): Socket {
  if (tls === undefined) return connectTcp({ host, port, noDelay: true });
  return connectTls({ host, port, minVersion: 'TLSv1.2', ...tls });
}

/** The error of a connection that never was. */
export function unreachable({ host, port }: DimseClientOptions, error: unknown): unknown {
  if (!(error instanceof PeerError) || error.code !== 'dimse/closed') return error;
  return new PeerError('dimse/unreachable', { host, port }, { cause: error.cause });
}

/** How many operations the other side lets us have under way; 0 in its answer is without limit, none means one. */
export function windowOf(answer: AssociateAc, proposed: number): number {
  const invoked = answer.user.asyncOps?.invoked ?? 1;
  return Math.min(invoked === 0 ? limits.dimseOperations : invoked, proposed, limits.dimseOperations);
}
