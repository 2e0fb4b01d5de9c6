// The user information item (PS3.8 9.3.2.3; its sub-items are in PS3.7 annex D.3.3).
import { concat, uintBytes } from '../../../../protocol/bytes.ts';
import { must } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { asciiText, type Cursor, item } from './cursor.ts';

/** SCP/SCU role selection of one SOP class (PS3.7 D.3.3.4). */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** SOP class extended negotiation (PS3.7 D.3.3.5): what the bytes mean is said by the service class. */
interface ExtendedNegotiation {
  readonly sopClassUid: string;
  readonly information: Uint8Array;
}

export interface UserInformation {
  /** Longest P-DATA-TF body that the sender of this item takes; 0 is without limit. */
  readonly maxPduBytes?: number;
  readonly implementationClassUid?: string;
  readonly implementationVersion?: string;
  /** Operations at a time (PS3.7 D.3.3.3); 0 is without limit. */
  readonly asyncOps?: { readonly invoked: number; readonly performed: number };
  readonly roles: readonly RoleSelection[];
  readonly extended: readonly ExtendedNegotiation[];
}

const counted = (bytes: Uint8Array): Uint8Array => concat(uintBytes(bytes.length, 2), bytes);
const uid = (text: string): Uint8Array => asciiText(text, 'UID', 64);

/** The sub-items in the order of their numbers. */
export function encodeUserInformation(user: UserInformation): Uint8Array[] {
  const items: Uint8Array[] = [];
  if (user.maxPduBytes !== undefined) items.push(item(0x51, uintBytes(user.maxPduBytes, 4)));
  if (user.implementationClassUid !== undefined) items.push(item(0x52, uid(user.implementationClassUid)));
  if (user.asyncOps !== undefined) {
    items.push(item(0x53, uintBytes(user.asyncOps.invoked, 2), uintBytes(user.asyncOps.performed, 2)));
  }
  for (const role of user.roles) {
    items.push(item(0x54, counted(uid(role.sopClassUid)), Uint8Array.of(role.scu ? 1 : 0, role.scp ? 1 : 0)));
  }
  if (user.implementationVersion !== undefined) {
    items.push(item(0x55, asciiText(user.implementationVersion, 'implementation version', 16)));
  }
  for (const one of user.extended) items.push(item(0x56, counted(uid(one.sopClassUid)), one.information));
  return items;
}

function countedUid(body: Cursor): string {
  return body.text('SOP class UID', 64, body.u16('SOP class UID'));
}

type Mutable = { -readonly [K in keyof UserInformation]: UserInformation[K] } & {
  roles: RoleSelection[];
  extended: ExtendedNegotiation[];
};

function readSubItem(user: Mutable, type: number, body: Cursor): void {
  switch (type) {
    case 0x51:
      user.maxPduBytes = body.u32('maximum length');
      break;
    case 0x52:
      user.implementationClassUid = body.text('implementation class UID', 64);
      break;
    case 0x53:
      user.asyncOps = { invoked: body.u16('asynchronous operations'), performed: body.u16('asynchronous operations') };
      break;
    case 0x54:
      user.roles.push({ sopClassUid: countedUid(body), scu: body.u8('role') === 1, scp: body.u8('role') === 1 });
      break;
    case 0x55:
      user.implementationVersion = body.text('implementation version', 64);
      break;
    case 0x56:
      user.extended.push({ sopClassUid: countedUid(body), information: body.take(body.left, 'information').slice() });
      break;
    default:
    // common extended negotiation, user identity, and what later editions add: an acceptor may leave them unanswered
    // (PS3.7 D.3.3.6, D.3.3.7), so they are passed over and no credential is kept
  }
}

/** Reads the sub-items, at most `limits.dimseUserItems`. Throws `dimse/pdu-malformed`. */
export function decodeUserInformation(body: Cursor): UserInformation {
  const user: Mutable = { roles: [], extended: [] };
  for (let count = 0; body.left > 0; count++) {
    must(count < limits.dimseUserItems, 'dimse/pdu-malformed', { at: 'user information sub-items' });
    const { type, body: value } = body.item('user information sub-item');
    readSubItem(user, type, value);
  }
  return user;
}
