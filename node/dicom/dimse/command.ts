// Command sets (PS3.7 section 6.3 and annex E): always implicit VR little endian, group 0000 only, bounded.
import { concat } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { storageError } from '../../system/errno.ts';
import { unpadded } from '../text/trim.ts';
import type { Fragment } from './upper-layer/pdu-reader.ts';

/** Command Field values (PS3.7 E.1). A response is its request with bit 8000H. */
export const commandFields = {
  cStoreRq: 0x0001,
  cGetRq: 0x0010,
  cFindRq: 0x0020,
  cMoveRq: 0x0021,
  cEchoRq: 0x0030,
  nEventReportRq: 0x0100,
  nGetRq: 0x0110,
  nSetRq: 0x0120,
  nActionRq: 0x0130,
  nCreateRq: 0x0140,
  nDeleteRq: 0x0150,
  cCancelRq: 0x0fff,
  response: 0x8000,
} as const;

/** Status codes of PS3.7 annex C, and of PS3.4 annex C for query/retrieve, that this layer gives or tells apart. */
export const statuses = {
  success: 0x0000,
  processingFailure: 0x0110,
  pending: 0xff00,
  /** Pending, and optional keys were not supported. */
  pendingWithout: 0xff01,
  cancelled: 0xfe00,
  /** All sub-operations of a C-MOVE or C-GET failed, and some did. */
  subOperationsFailed: 0xa702,
  subOperationsPartly: 0xb000,
} as const;

export const isPending = (status: number): boolean => status === statuses.pending || status === statuses.pendingWithout;

const noDataSet = 0x0101;

/**
 * The elements that we know (PS3.7 E.1): element number in group 0000, value representation, longest value in bytes. UIDs
 * and comments may be longer than the standard lets them, so that they get a status instead of an abort.
 */
const elements = {
  affectedSopClassUid: { element: 0x0002, vr: 'UI', max: 256 },
  requestedSopClassUid: { element: 0x0003, vr: 'UI', max: 256 },
  commandField: { element: 0x0100, vr: 'US', max: 2 },
  messageId: { element: 0x0110, vr: 'US', max: 2 },
  respondedTo: { element: 0x0120, vr: 'US', max: 2 },
  moveDestination: { element: 0x0600, vr: 'AE', max: 16 },
  priority: { element: 0x0700, vr: 'US', max: 2 },
  dataSetType: { element: 0x0800, vr: 'US', max: 2 },
  status: { element: 0x0900, vr: 'US', max: 2 },
  errorComment: { element: 0x0902, vr: 'LO', max: 256 },
  affectedSopInstanceUid: { element: 0x1000, vr: 'UI', max: 256 },
  requestedSopInstanceUid: { element: 0x1001, vr: 'UI', max: 256 },
  eventTypeId: { element: 0x1002, vr: 'US', max: 2 },
  attributes: { element: 0x1005, vr: 'AT', max: 4096 },
  actionTypeId: { element: 0x1008, vr: 'US', max: 2 },
  remaining: { element: 0x1020, vr: 'US', max: 2 },
  completed: { element: 0x1021, vr: 'US', max: 2 },
  failed: { element: 0x1022, vr: 'US', max: 2 },
  warning: { element: 0x1023, vr: 'US', max: 2 },
  moveOriginatorAe: { element: 0x1030, vr: 'AE', max: 16 },
  moveOriginatorMessageId: { element: 0x1031, vr: 'US', max: 2 },
} as const;

type Name = keyof typeof elements;
/** Attribute tags (AT) as eight hexadecimal digits each, with backslashes between them. */
type Values = { readonly [N in Name]?: (typeof elements)[N]['vr'] extends 'US' ? number : string };

/** One command set. `hasDataSet` is Command Data Set Type (0000,0800) made plain. */
export interface Command extends Omit<Values, 'dataSetType' | 'commandField'> {
  readonly commandField: number;
  readonly hasDataSet: boolean;
}

const names = new Map<number, Name>(Object.entries(elements).map(([name, e]) => [e.element, name as Name]));

function encodeValue(vr: 'UI' | 'US' | 'AE' | 'LO' | 'AT', value: string | number): Uint8Array {
  if (typeof value === 'number') return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
  if (vr === 'AT') return Uint8Array.from(value.split('\\').flatMap(tagBytes));
  const padded = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
  return Uint8Array.from(padded, (character) => character.charCodeAt(0) & 0x7f);
}

/** Group and element, each little-endian. */
function tagBytes(tag: string): number[] {
  const number = Number.parseInt(tag, 16);
  return [(number >>> 16) & 0xff, number >>> 24, number & 0xff, (number >>> 8) & 0xff];
}

function decodeTags(bytes: Uint8Array): string {
  must(bytes.length % 4 === 0, 'dimse/command-malformed', { at: 'attributes' });
  const tags: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const [a, b, c, d] = bytes.subarray(at, at + 4);
    tags.push(
      [b!, a!, d!, c!]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase(),
    );
  }
  return tags.join('\\');
}

function encodeElement(element: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + value.length);
  const view = new DataView(out.buffer);
  view.setUint16(2, element, true);
  view.setUint32(4, value.length, true);
  out.set(value, 8);
  return out;
}

/** The command set's bytes, group length first, elements in ascending order. */
export function encodeCommand(command: Command): Uint8Array {
  const { hasDataSet, ...rest } = command;
  const values: Values = { ...rest, dataSetType: hasDataSet ? 0x0001 : noDataSet };
  const body = [...names].flatMap(([element, name]) => {
    const value = values[name];
    return value === undefined ? [] : [encodeElement(element, encodeValue(elements[name].vr, value))];
  });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(
    0,
    body.reduce((sum, one) => sum + one.length, 0),
    true,
  );
  return concat(encodeElement(0x0000, length), ...body);
}

function decodeValue(name: Name, bytes: Uint8Array): string | number {
  const { vr, max } = elements[name];
  if (vr === 'US') {
    must(bytes.length === 2, 'dimse/command-malformed', { at: name });
    return bytes[0]! + bytes[1]! * 256;
  }
  must(bytes.length <= max, 'dimse/command-malformed', { at: name });
  if (vr === 'AT') return decodeTags(bytes);
  return unpadded(String.fromCharCode(...bytes));
}

/**
 * Reads one command set of at most `limits.dimseCommandBytes`. Elements that we don't know are passed over; the group
 * length is not believed, since wrong ones are in the field and the message says where it ends. Throws
 * `dimse/command-malformed`.
 */
export function decodeCommand(bytes: Uint8Array): Command {
  must(bytes.length <= limits.dimseCommandBytes, 'dimse/command-malformed', { at: 'length' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: { -readonly [N in Name]?: string | number } = {};
  let at = 0;
  for (let count = 0; at < bytes.length; count++) {
    must(count < limits.dimseCommandElements && at + 8 <= bytes.length, 'dimse/command-malformed', { at: 'element' });
    // dcmtk's servers, and those built on it, append the Failed SOP Instance UID List (0008,0058) here
    const name = view.getUint16(at, true) === 0 ? names.get(view.getUint16(at + 2, true)) : undefined;
    const length = view.getUint32(at + 4, true);
    at += 8;
    must(length <= bytes.length - at, 'dimse/command-malformed', { at: 'value length' });
    if (name !== undefined) {
      must(values[name] === undefined, 'dimse/command-malformed', { at: 'element twice' });
      values[name] = decodeValue(name, bytes.subarray(at, at + length));
    }
    at += length;
  }
  return asCommand(values as Values);
}

function asCommand(values: Values): Command {
  const { commandField, dataSetType, ...rest } = values;
  must(commandField !== undefined && dataSetType !== undefined, 'dimse/command-malformed', { at: 'missing element' });
  return { ...rest, commandField, hasDataSet: dataSetType !== noDataSet };
}

/** The response to a request with this status; throws `dimse/command-malformed` if it has no message id. */
export function answerTo(request: Command, status: number, errorComment?: string): Command {
  must(request.messageId !== undefined, 'dimse/command-malformed', { at: 'messageId' });
  const sopClassUid = request.affectedSopClassUid ?? request.requestedSopClassUid;
  const sopInstanceUid = request.affectedSopInstanceUid ?? request.requestedSopInstanceUid;
  const { eventTypeId, actionTypeId } = request;
  return {
    commandField: request.commandField | commandFields.response,
    respondedTo: request.messageId,
    hasDataSet: false,
    status,
    ...(sopClassUid === undefined ? {} : { affectedSopClassUid: sopClassUid }),
    ...(sopInstanceUid === undefined ? {} : { affectedSopInstanceUid: sopInstanceUid }),
    ...(eventTypeId === undefined ? {} : { eventTypeId }),
    ...(actionTypeId === undefined ? {} : { actionTypeId }),
    ...(errorComment === undefined ? {} : { errorComment: errorComment.slice(0, 64) }),
  };
}

/** The DIMSE status for anything thrown while a request was served; what a disk refuses is out of resources (A700H). */
export function statusOf(error: unknown): number {
  const known = error instanceof PeerError ? error : storageError(error);
  return known?.row.dimse || statuses.processingFailure;
}

/** Puts a command together from its fragments, holding at most `limits.dimseCommandBytes` of its own. */
export class CommandAssembler {
  #buffer: Uint8Array | undefined;
  #length = 0;
  #contextId: number | undefined;

  /** True in the middle of a command. */
  get begun(): boolean {
    return this.#contextId !== undefined;
  }

  /**
   * Adds one fragment; gives the whole command set's bytes when it was the last. Throws `dimse/command-malformed`, and
   * `dimse/sequence` for a fragment of another presentation context in between.
   */
  push(fragment: Fragment): Uint8Array | undefined {
    const { bytes, contextId } = fragment;
    const complete = fragment.last && fragment.end;
    must(this.#length + bytes.length <= limits.dimseCommandBytes, 'dimse/command-malformed', { at: 'length' });
    must(this.#contextId === undefined || this.#contextId === contextId, 'dimse/sequence', { at: 'command' });
    if (complete && this.#length === 0) return this.#reset(bytes);
    this.#contextId = contextId;
    // copied, because a view of one byte would keep the whole chunk that it came in
    this.#buffer ??= new Uint8Array(limits.dimseCommandBytes);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return complete ? this.#reset(this.#buffer.subarray(0, this.#length)) : undefined;
  }

  #reset(whole: Uint8Array): Uint8Array {
    this.#buffer = undefined;
    this.#length = 0;
    this.#contextId = undefined;
    return whole;
  }
}
