// Command sets (PS3.7 section 6.3 and annex E): always implicit VR little endian, group 0000 only, bounded.
import { concat } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Fragment } from './reader.ts';

/** Command Field values (PS3.7 E.1). A response is its request with bit 8000H. */
export const commandFields = { cStoreRq: 0x0001, cEchoRq: 0x0030, cCancelRq: 0x0fff, response: 0x8000 } as const;

/** Status codes of PS3.7 annex C that this layer gives by itself. */
export const statuses = { success: 0x0000, processingFailure: 0x0110 } as const;

const noDataSet = 0x0101;

/**
 * The elements that we know (PS3.7 E.1): element number in group 0000, value representation, longest value in bytes. UIDs
 * and comments may be longer than the standard lets them, so that they get a status instead of an abort.
 */
const elements = {
  affectedSopClassUid: { element: 0x0002, vr: 'UI', max: 256 },
  commandField: { element: 0x0100, vr: 'US', max: 2 },
  messageId: { element: 0x0110, vr: 'US', max: 2 },
  respondedTo: { element: 0x0120, vr: 'US', max: 2 },
  moveDestination: { element: 0x0600, vr: 'AE', max: 16 },
  priority: { element: 0x0700, vr: 'US', max: 2 },
  dataSetType: { element: 0x0800, vr: 'US', max: 2 },
  status: { element: 0x0900, vr: 'US', max: 2 },
  errorComment: { element: 0x0902, vr: 'LO', max: 256 },
  affectedSopInstanceUid: { element: 0x1000, vr: 'UI', max: 256 },
  moveOriginatorAe: { element: 0x1030, vr: 'AE', max: 16 },
  moveOriginatorMessageId: { element: 0x1031, vr: 'US', max: 2 },
} as const;

type Name = keyof typeof elements;
type Values = { readonly [N in Name]?: (typeof elements)[N]['vr'] extends 'US' ? number : string };

/** One command set. `hasDataSet` is Command Data Set Type (0000,0800) made plain. */
export interface Command extends Omit<Values, 'dataSetType' | 'commandField'> {
  readonly commandField: number;
  readonly hasDataSet: boolean;
}

const names = new Map<number, Name>(Object.entries(elements).map(([name, e]) => [e.element, name as Name]));

function encodeValue(vr: 'UI' | 'US' | 'AE' | 'LO', value: string | number): Uint8Array {
  if (typeof value === 'number') return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
  const padded = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
  return Uint8Array.from(padded, (character) => character.charCodeAt(0) & 0x7f);
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
  return String.fromCharCode(...bytes).replace(/[ \0]+$/, '');
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
    must(view.getUint16(at, true) === 0, 'dimse/command-malformed', { at: 'group' });
    const name = names.get(view.getUint16(at + 2, true));
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
  return {
    commandField: request.commandField | commandFields.response,
    respondedTo: request.messageId,
    hasDataSet: false,
    status,
    ...(request.affectedSopClassUid === undefined ? {} : { affectedSopClassUid: request.affectedSopClassUid }),
    ...(request.affectedSopInstanceUid === undefined ? {} : { affectedSopInstanceUid: request.affectedSopInstanceUid }),
    ...(errorComment === undefined ? {} : { errorComment: errorComment.slice(0, 64) }),
  };
}

/** The DIMSE status for anything thrown while a request was served. */
export const statusOf = (error: unknown): number =>
  error instanceof PeerError ? error.row.dimse || statuses.processingFailure : statuses.processingFailure;

/** Puts a command together from its fragments, holding at most `limits.dimseCommandBytes` of its own. */
export class CommandAssembler {
  #buffer: Uint8Array | undefined;
  #length = 0;
  #contextId: number | undefined;

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
