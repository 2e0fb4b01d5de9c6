// The seven PDUs of PS3.8 section 9.3 and their bytes. P-DATA-TF is read as a stream by reader.ts.
import { concat, uintBytes } from '../../../../protocol/bytes.ts';
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { asciiText, Cursor, item } from './cursor.ts';
import { decodeUserInformation, encodeUserInformation, type UserInformation } from './user-information.ts';

/** A proposed presentation context (PS3.8 9.3.2.2). `id` is odd. */
export interface ProposedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/** Its answer (PS3.8 9.3.3.2): 0 accepted, 1 user rejection, 2 no reason, 3 abstract syntax, 4 transfer syntaxes. */
export interface AnsweredContext {
  readonly id: number;
  readonly result: number;
  /** Without meaning unless `result` is 0. */
  readonly transferSyntax: string;
}

interface Associate<Context> {
  readonly protocolVersion: number;
  readonly calledAe: string;
  readonly callingAe: string;
  readonly applicationContext: string;
  readonly contexts: readonly Context[];
  readonly user: UserInformation;
}

export interface AssociateRq extends Associate<ProposedContext> {
  readonly type: 'associate-rq';
}
export interface AssociateAc extends Associate<AnsweredContext> {
  readonly type: 'associate-ac';
}
/** PS3.8 9.3.4: result 1 permanent, 2 transient; source 1 user, 2 provider (ACSE), 3 provider (presentation). */
export interface AssociateRj {
  readonly type: 'associate-rj';
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}
interface ReleaseRq {
  readonly type: 'release-rq';
}
interface ReleaseRp {
  readonly type: 'release-rp';
}
/** PS3.8 9.3.8: source 0 user, 2 provider. */
export interface Abort {
  readonly type: 'abort';
  readonly source: number;
  readonly reason: number;
}
/** One presentation data value to send; its bytes may be in pieces, so that nobody has to copy them together. */
export interface DataValue {
  readonly contextId: number;
  readonly command: boolean;
  readonly last: boolean;
  readonly parts: readonly Uint8Array[];
}
export interface Data {
  readonly type: 'data';
  readonly values: readonly DataValue[];
}

/** Every PDU but P-DATA-TF: small enough to be read whole. */
export type ControlPdu = AssociateRq | AssociateAc | AssociateRj | ReleaseRq | ReleaseRp | Abort;
export type Pdu = ControlPdu | Data;

export const pduTypes = {
  'associate-rq': 1,
  'associate-ac': 2,
  'associate-rj': 3,
  data: 4,
  'release-rq': 5,
  'release-rp': 6,
  abort: 7,
} as const satisfies Record<Pdu['type'], number>;

const header = (type: number, length: number): Uint8Array => concat(Uint8Array.of(type, 0), uintBytes(length, 4));

function encodeAssociate(pdu: AssociateRq | AssociateAc, contexts: Uint8Array[]): Uint8Array {
  const ae = (title: string) => asciiText(title.padEnd(16), 'AE title', 16);
  return concat(
    uintBytes(pdu.protocolVersion, 2),
    new Uint8Array(2),
    ae(pdu.calledAe),
    ae(pdu.callingAe),
    new Uint8Array(32),
    item(0x10, uid(pdu.applicationContext)),
    ...contexts,
    item(0x50, ...encodeUserInformation(pdu.user)),
  );
}

const uid = (text: string): Uint8Array => asciiText(text, 'UID', 64);

const proposed = (c: ProposedContext): Uint8Array =>
  item(
    0x20,
    Uint8Array.of(c.id, 0, 0, 0),
    item(0x30, uid(c.abstractSyntax)),
    ...c.transferSyntaxes.map((syntax) => item(0x40, uid(syntax))),
  );

const answered = (c: AnsweredContext): Uint8Array =>
  item(0x21, Uint8Array.of(c.id, 0, c.result, 0), item(0x40, uid(c.transferSyntax)));

function encodeBody(pdu: ControlPdu): Uint8Array {
  switch (pdu.type) {
    case 'associate-rq':
      return encodeAssociate(pdu, pdu.contexts.map(proposed));
    case 'associate-ac':
      return encodeAssociate(pdu, pdu.contexts.map(answered));
    case 'associate-rj':
      return Uint8Array.of(0, pdu.result, pdu.source, pdu.reason);
    case 'abort':
      return Uint8Array.of(0, 0, pdu.source, pdu.reason);
    case 'release-rq':
    case 'release-rp':
      return new Uint8Array(4);
  }
}

const lengthOf = (value: DataValue): number => value.parts.reduce((sum, part) => sum + part.length, 0);

function encodeValue(value: DataValue): Uint8Array[] {
  const flags = (value.command ? 1 : 0) | (value.last ? 2 : 0);
  return [uintBytes(lengthOf(value) + 2, 4), Uint8Array.of(value.contextId, flags), ...value.parts];
}

/** The PDU's bytes in pieces; the data values among them are the given views, not copies. */
export function encodePdu(pdu: Pdu): Uint8Array[] {
  if (pdu.type !== 'data') {
    const body = encodeBody(pdu);
    return [concat(header(pduTypes[pdu.type], body.length), body)];
  }
  const length = pdu.values.reduce((sum, value) => sum + lengthOf(value) + 6, 0);
  const [first = [], ...rest] = pdu.values.map(encodeValue);
  return [concat(header(pduTypes.data, length), ...first.slice(0, 2)), ...first.slice(2), ...rest.flat()];
}

function decodeProposed(body: Cursor): ProposedContext {
  const id = body.u8('context id');
  body.take(3, 'context reserved');
  let abstractSyntax: string | undefined;
  const transferSyntaxes: string[] = [];
  while (body.left > 0) {
    const { type, body: value } = body.item('context sub-item');
    if (type === 0x30 && abstractSyntax === undefined) abstractSyntax = value.text('abstract syntax', 64);
    else if (type === 0x40) transferSyntaxes.push(value.text('transfer syntax', 64));
    else throw new PeerError('dimse/pdu-malformed', { at: 'context sub-item type' });
    must(transferSyntaxes.length <= limits.dimseTransferSyntaxes, 'dimse/pdu-malformed', { at: 'transfer syntaxes' });
  }
  must(abstractSyntax !== undefined && id % 2 === 1, 'dimse/pdu-malformed', { at: 'context' });
  return { id, abstractSyntax, transferSyntaxes };
}

function decodeAnswered(body: Cursor): AnsweredContext {
  const id = body.u8('context id');
  body.u8('context reserved');
  const result = body.u8('context result');
  body.u8('context reserved');
  must(id % 2 === 1, 'dimse/pdu-malformed', { at: 'context' });
  // a refused context's transfer syntax means nothing, and some leave it out (PS3.8 9.3.3.2)
  const transferSyntax = body.left === 0 ? '' : body.item('context sub-item').body.text('transfer syntax', 64);
  must(result !== 0 || transferSyntax !== '', 'dimse/pdu-malformed', { at: 'transfer syntax' });
  return { id, result, transferSyntax };
}

function decodeAssociate<C extends { id: number }>(
  body: Cursor,
  contextItem: number,
  decodeContext: (body: Cursor) => C,
): Associate<C> {
  const protocolVersion = body.u16('protocol version');
  body.take(2, 'reserved');
  const calledAe = body.text('called AE title', 16, 16);
  const callingAe = body.text('calling AE title', 16, 16);
  body.take(32, 'reserved');
  let applicationContext: string | undefined;
  let user: UserInformation | undefined;
  const contexts = new Map<number, C>();
  while (body.left > 0) {
    const { type, body: value } = body.item('item');
    if (type === 0x10 && applicationContext === undefined) applicationContext = value.text('application context', 64);
    else if (type === contextItem) {
      must(contexts.size < limits.dimseContexts, 'dimse/pdu-malformed', { at: 'contexts' });
      const context = decodeContext(value);
      must(!contexts.has(context.id), 'dimse/pdu-malformed', { at: 'context id twice' });
      contexts.set(context.id, context);
    } else if (type === 0x50 && user === undefined) user = decodeUserInformation(value);
    else throw new PeerError('dimse/pdu-malformed', { at: 'item type' });
  }
  must(applicationContext !== undefined && user !== undefined, 'dimse/pdu-malformed', { at: 'missing item' });
  return { protocolVersion, calledAe, callingAe, applicationContext, contexts: [...contexts.values()], user };
}

/**
 * Reads the body of any PDU but P-DATA-TF. Throws `dimse/pdu-malformed`, or `dimse/pdu-type` for a type that is none of
 * those six. The caller has held the length against `maxControlBytes`.
 */
export function decodeControlPdu(type: number, bytes: Uint8Array): ControlPdu {
  const body = new Cursor(bytes);
  switch (type) {
    case pduTypes['associate-rq']:
      return { type: 'associate-rq', ...decodeAssociate(body, 0x20, decodeProposed) };
    case pduTypes['associate-ac']:
      return { type: 'associate-ac', ...decodeAssociate(body, 0x21, decodeAnswered) };
    case pduTypes['release-rq']:
      return { type: 'release-rq' };
    case pduTypes['release-rp']:
      return { type: 'release-rp' };
    case pduTypes['associate-rj']: {
      const [, result, source, reason] = body.take(4, 'reject');
      return { type: 'associate-rj', result: result!, source: source!, reason: reason! };
    }
    case pduTypes.abort: {
      const [, , source, reason] = body.take(4, 'abort');
      return { type: 'abort', source: source!, reason: reason! };
    }
  }
  throw new PeerError('dimse/pdu-type', { type });
}
