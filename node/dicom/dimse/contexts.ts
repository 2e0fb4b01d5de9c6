// Association negotiation as an acceptor (PS3.8 annex B and D, PS3.7 annex D): which callers, which contexts.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { isUid } from '../model/uid.ts';
import { type CallerRight, callerRights } from './services.ts';
import {
  applicationContext,
  explicitVrLittleEndian,
  implementationClassUid,
  implementationVersion,
  implicitVrLittleEndian,
  isStorage,
  verification,
} from './uids.ts';
import type { AnsweredContext, AssociateAc, AssociateRj, AssociateRq, ProposedContext } from './upper-layer/pdu.ts';
import type { RoleSelection, UserInformation } from './upper-layer/user-information.ts';

/**
 * Somebody who may call us. `host` is an IP address; without it the AE title may come from anywhere. `fingerprint` is the
 * SHA-256 of its TLS client certificate, in hexadecimal digits with or without colons.
 */
export interface Caller {
  readonly aeTitle: string;
  readonly host?: string;
  readonly fingerprint?: string;
  /** If absent: see `rightsOf`. */
  readonly may?: readonly CallerRight[];
  readonly maxAssociations?: number;
}

/** A SOP class that a service answers for. */
export interface ServedClass {
  readonly needs: CallerRight;
  readonly kind: 'find' | 'retrieve' | 'normalized';
}

export interface NegotiationOptions {
  readonly aeTitle: string;
  /** Without a list everybody may call. */
  readonly callers?: readonly Caller[];
  /** SOP classes outside the standard that are stored too. */
  readonly privateSopClasses?: readonly string[];
  /** What is served beside verification and storage. */
  readonly classes?: ReadonlyMap<string, ServedClass>;
  readonly maxPduBytes: number;
}

/** Where a request for an association comes from. */
export interface Origin {
  readonly remoteAddress: string;
  /** SHA-256 of the client certificate that the other side has shown, if it has. */
  readonly fingerprint?: string | undefined;
}

/** An accepted context: what is served on it. */
export interface Context {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
}

/** An IPv4 address that an IPv6 socket reports as ::ffff:a.b.c.d, in its own form. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const rejection = (result: number, source: number, reason: number): AssociateRj => ({
  type: 'associate-rj',
  result,
  source,
  reason,
});

/** Rejections of PS3.8 table 9-21. */
export const rejections = {
  applicationContext: rejection(1, 1, 2),
  callingAe: rejection(1, 1, 3),
  calledAe: rejection(1, 1, 7),
  localLimit: rejection(2, 3, 2),
} as const;

const digits = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** The entry of the list that this caller is, or undefined. */
function callerOf(callers: readonly Caller[], callingAe: string, origin: Origin): Caller | undefined {
  return callers.find(
    ({ aeTitle, host, fingerprint }) =>
      aeTitle === callingAe &&
      (host === undefined || plainAddress(host) === plainAddress(origin.remoteAddress)) &&
      (fingerprint === undefined || digits(fingerprint) === digits(origin.fingerprint ?? '')),
  );
}

/**
 * What a caller may do. Nobody's AE title proves who it is, so whoever is not listed may only send, and whoever is listed
 * by AE title alone may send and have that confirmed; an entry that pins its address or certificate may everything. `may`
 * says otherwise.
 */
export function rightsOf(caller: Caller | undefined): ReadonlySet<CallerRight> {
  if (caller === undefined) return new Set(['store']);
  const { may, host, fingerprint } = caller;
  if (may !== undefined) return new Set(may);
  return new Set(host === undefined && fingerprint === undefined ? ['store', 'commit'] : callerRights);
}

/** Why this request must be rejected as a whole; or who calls. */
export function admission(
  request: AssociateRq,
  options: NegotiationOptions,
  origin: Origin,
): { readonly rejection: AssociateRj } | { readonly rejection?: undefined; readonly caller: Caller | undefined } {
  if (request.applicationContext !== applicationContext) return { rejection: rejections.applicationContext };
  if (request.calledAe !== options.aeTitle) return { rejection: rejections.calledAe };
  if (options.callers === undefined) return { caller: undefined };
  const caller = callerOf(options.callers, request.callingAe, origin);
  return caller === undefined ? { rejection: rejections.callingAe } : { caller };
}

type Rights = ReadonlySet<CallerRight>;

const wantsToReceive = ({ user }: AssociateRq, sopClassUid: string): boolean =>
  user.roles.some((role) => role.sopClassUid === sopClassUid && role.scp);

/** Whether a context is for a service that we have, and for one that this caller may use. */
function serving(request: AssociateRq, abstractSyntax: string, options: NegotiationOptions, may: Rights) {
  if (abstractSyntax === verification) return { served: true, allowed: true };
  const service = options.classes?.get(abstractSyntax);
  if (service !== undefined) return { served: true, allowed: may.has(service.needs) };
  const stored = isStorage(abstractSyntax) || options.privateSopClasses?.includes(abstractSyntax) === true;
  const given = may.has('retrieve') && wantsToReceive(request, abstractSyntax);
  return { served: stored, allowed: may.has('store') || given };
}

/** Data sets of the services are small: they are read and written in the two forms that everybody has. */
const serviceSyntaxes = [explicitVrLittleEndian, implicitVrLittleEndian];

/**
 * Every transfer syntax is stored as it comes, so the sender's first choice is taken. A receiver's too, but for implicit
 * VR where explicit VR will do: most is stored in that, and goes out as it is then.
 */
function storageSyntax(offered: readonly string[], received: boolean): string | undefined {
  const first = offered.find(isUid);
  const better = received && first === implicitVrLittleEndian && offered.includes(explicitVrLittleEndian);
  return better ? explicitVrLittleEndian : first;
}

/** 0 accepted, 1 not for this caller, 3 abstract syntax not supported, 4 no transfer syntax supported (PS3.8 9.3.3.2). */
function answerContext(
  request: AssociateRq,
  context: ProposedContext,
  options: NegotiationOptions,
  may: Rights,
): AnsweredContext {
  const { id, abstractSyntax, transferSyntaxes } = context;
  const offered = transferSyntaxes[0] ?? '';
  const { served, allowed } = serving(request, abstractSyntax, options, may);
  if (!served) return { id, result: 3, transferSyntax: offered };
  if (!allowed) return { id, result: 1, transferSyntax: offered };
  const service = options.classes?.has(abstractSyntax) === true;
  const transferSyntax = service
    ? serviceSyntaxes.find((syntax) => transferSyntaxes.includes(syntax))
    : storageSyntax(transferSyntaxes, wantsToReceive(request, abstractSyntax));
  if (transferSyntax === undefined) return { id, result: 4, transferSyntax: offered };
  return { id, result: 0, transferSyntax };
}

/** PS3.4 B.3.1: level 2 (full) storage, digital signatures kept to the bit (level 3), no coercion of elements. */
const storageInformation = Uint8Array.of(2, 0, 3, 0, 0, 0);

/** What was agreed on beside the contexts. */
export interface Terms {
  /** SOP classes whose requestor doesn't send, and those whose requestor receives, by role selection. */
  readonly notSent: ReadonlySet<string>;
  readonly received: ReadonlySet<string>;
  /** SOP classes of queries and retrievals with relational keys, and of queries with fuzzy names (PS3.4 C.5.1.1). */
  readonly relational: ReadonlySet<string>;
  readonly fuzzy: ReadonlySet<string>;
  /** Queries whose ranges of dates and of times together are one range. */
  readonly combined: ReadonlySet<string>;
}

type Extended = UserInformation['extended'][number];

/** PS3.4 C.5.1.1, C.5.2.1: relational keys, combined date and time, fuzzy names, nothing else; as long as asked. */
function answerExtended({ sopClassUid, information }: Extended, options: NegotiationOptions): Extended[] {
  if (isStorage(sopClassUid)) return [{ sopClassUid, information: storageInformation }];
  const kind = options.classes?.get(sopClassUid)?.kind;
  if (kind === undefined || kind === 'normalized' || information.length === 0) return [];
  const answer = new Uint8Array(Math.min(information.length, 5));
  if (information[0] === 1) answer[0] = 1;
  if (kind === 'find' && information[1] === 1) answer[1] = 1;
  if (kind === 'find' && information[2] === 1) answer[2] = 1;
  return [{ sopClassUid, information: answer }];
}

/** Operations that the requestor may have under way, of those that it asked for (0 is without limit), and we: one. */
const answerAsync = ({ invoked }: { invoked: number }) => ({
  invoked: invoked === 0 ? limits.dimseOperations : Math.min(invoked, limits.dimseOperations),
  performed: 1,
});

function answerUser(
  request: AssociateRq,
  accepted: readonly Context[],
  options: NegotiationOptions,
  may: Rights,
): UserInformation {
  const open = new Set(accepted.map((context) => context.abstractSyntax));
  const { asyncOps, roles, extended } = request.user;
  return {
    maxPduBytes: options.maxPduBytes,
    implementationClassUid,
    implementationVersion,
    // answered only where the requestor asked (PS3.7 D.3.3.3)
    ...(asyncOps === undefined ? {} : { asyncOps: answerAsync(asyncOps) }),
    roles: roles.filter((role) => open.has(role.sopClassUid)).map((role) => answerRole(role, options, may)),
    extended: extended.filter((one) => open.has(one.sopClassUid)).flatMap((one) => answerExtended(one, options)),
  };
}

/** We send instances to those who may retrieve. A provider of a normalized service may bring its event reports. */
function answerRole({ sopClassUid, scu, scp }: RoleSelection, options: NegotiationOptions, may: Rights): RoleSelection {
  const kind = sopClassUid === verification ? 'find' : options.classes?.get(sopClassUid)?.kind;
  if (kind !== undefined) return { sopClassUid, scu, scp: scp && kind === 'normalized' };
  return { sopClassUid, scu: scu && may.has('store'), scp: scp && may.has('retrieve') };
}

function termsOf(user: UserInformation): Terms {
  const classes = (all: readonly { sopClassUid: string }[]) => new Set(all.map(({ sopClassUid }) => sopClassUid));
  const queries = user.extended.filter(({ sopClassUid }) => !isStorage(sopClassUid));
  return {
    notSent: classes(user.roles.filter(({ scu }) => !scu)),
    received: classes(user.roles.filter(({ scp }) => scp)),
    relational: classes(queries.filter(({ information }) => information[0] === 1)),
    fuzzy: classes(queries.filter(({ information }) => information[2] === 1)),
    combined: classes(queries.filter(({ information }) => information[1] === 1)),
  };
}

/** Pairs of what was proposed and what was answered, for the contexts that were accepted. */
export function acceptedContexts(request: AssociateRq, answers: readonly AnsweredContext[]): Map<number, Context> {
  const contexts = new Map<number, Context>();
  for (const { id, result, transferSyntax } of answers) {
    const proposed = request.contexts.find((context) => context.id === id);
    if (result !== 0 || proposed === undefined) continue;
    contexts.set(id, { id, abstractSyntax: proposed.abstractSyntax, transferSyntax });
  }
  return contexts;
}

/** The A-ASSOCIATE-AC for a request that is not rejected, the contexts that it opens, by id, and what else is agreed. */
export function negotiate(
  request: AssociateRq,
  options: NegotiationOptions,
  may: ReadonlySet<CallerRight> = rightsOf(undefined),
): { answer: AssociateAc; contexts: Map<number, Context>; terms: Terms } {
  const answers = request.contexts.map((context) => answerContext(request, context, options, may));
  const contexts = acceptedContexts(request, answers);
  const user = answerUser(request, [...contexts.values()], options, may);
  const answer: AssociateAc = {
    type: 'associate-ac',
    protocolVersion: 1,
    calledAe: request.calledAe,
    callingAe: request.callingAe,
    applicationContext,
    contexts: answers,
    user,
  };
  return { answer, contexts, terms: termsOf(user) };
}

/**
 * Body length of the P-DATA-TF PDUs to send to a side that announced this maximum (0 or nothing is without limit).
 * Throws `dimse/pdu-length` if it leaves no room for data.
 */
export function sendablePduBytes(announced: number | undefined): number {
  const most = announced === undefined || announced === 0 ? limits.dimseSentPduBytes : announced;
  must(most >= 8, 'dimse/pdu-length', { announced });
  return Math.min(most, limits.dimseSentPduBytes);
}
