// Association negotiation as an acceptor (PS3.8 annex B and D, PS3.7 annex D): which callers, which contexts.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { AnsweredContext, AssociateAc, AssociateRj, AssociateRq, ProposedContext } from './pdu.ts';
import {
  applicationContext,
  implementationClassUid,
  implementationVersion,
  isStorage,
  isUid,
  verification,
} from './uids.ts';
import type { UserInformation } from './user-information.ts';

/** Somebody who may call us. `host` is an IP address; without it the AE title may come from anywhere. */
export interface Caller {
  readonly aeTitle: string;
  readonly host?: string;
}

export interface NegotiationOptions {
  readonly aeTitle: string;
  /** Without a list everybody may call. */
  readonly callers?: readonly Caller[];
  /** SOP classes outside the standard that are stored too. */
  readonly privateSopClasses?: readonly string[];
  readonly maxPduBytes: number;
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

const mayCall = (options: NegotiationOptions, callingAe: string, address: string): boolean =>
  options.callers === undefined ||
  options.callers.some(
    (caller) =>
      caller.aeTitle === callingAe &&
      (caller.host === undefined || plainAddress(caller.host) === plainAddress(address)),
  );

/** Why this request must be rejected as a whole, or undefined. */
export function rejectionOf(
  request: AssociateRq,
  options: NegotiationOptions,
  remoteAddress: string,
): AssociateRj | undefined {
  if (request.applicationContext !== applicationContext) return rejections.applicationContext;
  if (request.calledAe !== options.aeTitle) return rejections.calledAe;
  if (!mayCall(options, request.callingAe, remoteAddress)) return rejections.callingAe;
  return undefined;
}

/** 0 accepted, 3 abstract syntax not supported, 4 no transfer syntax supported (PS3.8 9.3.3.2). */
function answerContext(context: ProposedContext, options: NegotiationOptions): AnsweredContext {
  const { id, abstractSyntax } = context;
  const transferSyntax = context.transferSyntaxes.find(isUid);
  const served =
    abstractSyntax === verification || isStorage(abstractSyntax) || options.privateSopClasses?.includes(abstractSyntax);
  const offered = context.transferSyntaxes[0] ?? '';
  if (!served) return { id, result: 3, transferSyntax: offered };
  // every transfer syntax is stored as it comes, so the sender's first choice is taken
  if (transferSyntax === undefined) return { id, result: 4, transferSyntax: offered };
  return { id, result: 0, transferSyntax };
}

/** PS3.4 B.3.1: level 2 (full) storage, digital signatures kept to the bit (level 3), no coercion of elements. */
const storageInformation = Uint8Array.of(2, 0, 3, 0, 0, 0);

function answerUser(request: AssociateRq, accepted: readonly Context[], maxPduBytes: number): UserInformation {
  const served = new Set(accepted.map((context) => context.abstractSyntax));
  return {
    maxPduBytes,
    implementationClassUid,
    implementationVersion,
    // one operation at a time, both ways; answered only where the requestor asked (PS3.7 D.3.3.3)
    ...(request.user.asyncOps === undefined ? {} : { asyncOps: { invoked: 1, performed: 1 } }),
    // we never act as an SCU on an association that we accepted
    roles: request.user.roles
      .filter((role) => served.has(role.sopClassUid))
      .map((role) => ({ sopClassUid: role.sopClassUid, scu: role.scu, scp: false })),
    extended: request.user.extended
      .filter((one) => served.has(one.sopClassUid) && isStorage(one.sopClassUid))
      .map((one) => ({ sopClassUid: one.sopClassUid, information: storageInformation })),
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

/** The A-ASSOCIATE-AC for a request that is not rejected, and the contexts that it opens, by id. */
export function negotiate(
  request: AssociateRq,
  options: NegotiationOptions,
): { answer: AssociateAc; contexts: Map<number, Context> } {
  const answers = request.contexts.map((context) => answerContext(context, options));
  const contexts = acceptedContexts(request, answers);
  const answer: AssociateAc = {
    type: 'associate-ac',
    protocolVersion: 1,
    calledAe: request.calledAe,
    callingAe: request.callingAe,
    applicationContext,
    contexts: answers,
    user: answerUser(request, [...contexts.values()], options.maxPduBytes),
  };
  return { answer, contexts };
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
