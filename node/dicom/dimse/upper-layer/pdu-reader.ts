// Turns a connection's bytes into PDUs without ever holding a data set: P-DATA-TF is handed on as it arrives.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { type ControlPdu, decodeControlPdu, pduTypes } from './pdu.ts';

/** A piece of one presentation data value (PS3.8 9.3.5.1), as much of it as has arrived. */
export interface Fragment {
  readonly type: 'fragment';
  readonly contextId: number;
  /** True for a command, false for a data set. */
  readonly command: boolean;
  /** True in the last data value of a command or data set. */
  readonly last: boolean;
  /** True if this piece completes its data value. `last && end` completes the command or data set. */
  readonly end: boolean;
  /** A view of what was fed, not a copy: good until the next is fed. */
  readonly bytes: Uint8Array;
}

export type ReceivedPdu = ControlPdu | Fragment;

type Position =
  | { at: 'small'; need: number; got: number; buffer: Uint8Array; then: 'header' | 'control' | 'value'; type: number }
  | { at: 'value'; left: number; contextId: number; command: boolean; last: boolean }
  | { at: 'broken' };

const headerBytes = 6;
const valueHeaderBytes = 6;
const empty = new Uint8Array(0);

const small = (then: 'header' | 'control' | 'value', need: number, type = 0): Position => ({
  at: 'small',
  need,
  got: 0,
  buffer: empty,
  then,
  type,
});

/** Length that the header of a control PDU may give; P-DATA-TF has its own bound. */
function checkControlLength(type: number, length: number): void {
  const associate = type === pduTypes['associate-rq'] || type === pduTypes['associate-ac'];
  const [least, most] = associate ? [68, limits.dimseAssociateBytes] : [4, 4];
  must(length >= least && length <= most, 'dimse/pdu-length', { type, length });
}

/**
 * Incremental reader of one direction of a connection: `feed` bytes, then call `next` until it gives undefined. After
 * it has thrown (`dimse/pdu-type`, `dimse/pdu-length`, `dimse/pdu-malformed`) the frame is lost: it gives nothing more.
 * Holds at most one PDU other than P-DATA-TF, and allocates it only after its length was checked.
 */
export class PduReader {
  readonly #maxPduBytes: number;
  #chunk: Uint8Array = empty;
  #position: Position = small('header', headerBytes);
  /** Bytes of the current P-DATA-TF body that come after the current data value. */
  #pduLeft = 0;

  constructor(options: { maxPduBytes: number }) {
    this.#maxPduBytes = options.maxPduBytes;
  }

  /** True in the middle of a PDU. */
  get inside(): boolean {
    const position = this.#position;
    return position.at === 'value' || (position.at === 'small' && (position.got > 0 || position.then !== 'header'));
  }

  /** Gives the reader what has just arrived. The former bytes must have been read to their end. */
  feed(bytes: Uint8Array): void {
    must(this.#chunk.length === 0, 'dimse/sequence', { at: 'feed' });
    if (this.#position.at !== 'broken') this.#chunk = bytes;
  }

  /** The next PDU or piece of one, or undefined when more bytes are needed. */
  next(): ReceivedPdu | undefined {
    try {
      return this.#read();
    } catch (error) {
      this.#position = { at: 'broken' };
      this.#chunk = empty;
      throw error;
    }
  }

  #read(): ReceivedPdu | undefined {
    while (this.#position.at !== 'broken') {
      const position = this.#position;
      if (position.at === 'value') return this.#chunk.length === 0 ? undefined : this.#piece(position);
      const bytes = this.#collect(position);
      if (bytes === undefined) return undefined;
      const received = this.#interpret(position, bytes);
      if (received !== undefined) return received;
    }
    return undefined;
  }

  /** All bytes of a small structure: a view when they came together, else gathered in one buffer of its exact size. */
  #collect(position: Position & { at: 'small' }): Uint8Array | undefined {
    const missing = position.need - position.got;
    if (position.got === 0 && this.#chunk.length >= missing) return this.#take(missing);
    if (this.#chunk.length === 0) return undefined;
    if (position.got === 0) position.buffer = new Uint8Array(position.need);
    const bytes = this.#take(Math.min(missing, this.#chunk.length));
    position.buffer.set(bytes, position.got);
    position.got += bytes.length;
    return position.got === position.need ? position.buffer : undefined;
  }

  #take(length: number): Uint8Array {
    const bytes = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    return bytes;
  }

  #interpret(position: Position & { at: 'small' }, bytes: Uint8Array): ReceivedPdu | undefined {
    if (position.then === 'control') {
      this.#position = small('header', headerBytes);
      return decodeControlPdu(position.type, new Uint8Array(bytes)); // parts of it are kept as views
    }
    if (position.then === 'value') return this.#openValue(bytes);
    this.#openPdu(bytes[0]!, new DataView(bytes.buffer, bytes.byteOffset).getUint32(2));
    return undefined;
  }

  #openPdu(type: number, length: number): void {
    must(type >= 1 && type <= 7, 'dimse/pdu-type', { type });
    if (type === pduTypes.data) {
      must(length >= valueHeaderBytes && length <= this.#maxPduBytes, 'dimse/pdu-length', { type, length });
      this.#pduLeft = length;
      this.#position = small('value', valueHeaderBytes);
      return;
    }
    checkControlLength(type, length);
    this.#position = small('control', length, type);
  }

  #openValue(bytes: Uint8Array): Fragment | undefined {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const contextId = bytes[4]!;
    const flags = bytes[5]!;
    const left = length - 2;
    must(left >= 0 && length + 4 <= this.#pduLeft, 'dimse/pdu-length', { type: pduTypes.data, length });
    this.#pduLeft -= length + 4;
    const value: Position = { at: 'value', left, contextId, command: (flags & 1) === 1, last: (flags & 2) === 2 };
    this.#position = value;
    return left === 0 ? this.#piece(value) : undefined;
  }

  #piece(value: Position & { at: 'value' }): Fragment {
    const bytes = this.#take(Math.min(value.left, this.#chunk.length));
    value.left -= bytes.length;
    const { contextId, command, last } = value;
    if (value.left === 0) this.#closeValue();
    return { type: 'fragment', contextId, command, last, end: value.left === 0, bytes };
  }

  #closeValue(): void {
    if (this.#pduLeft === 0) {
      this.#position = small('header', headerBytes);
      return;
    }
    must(this.#pduLeft >= valueHeaderBytes, 'dimse/pdu-length', { type: pduTypes.data, length: this.#pduLeft });
    this.#position = small('value', valueHeaderBytes);
  }
}

/** The A-ABORT reason of PS3.8 table 9-26 for what the reader threw. */
export function abortReason(error: unknown): number {
  if (!(error instanceof PeerError)) return 0;
  if (error.code === 'dimse/pdu-type') return 1;
  if (error.code === 'dimse/sequence') return 2;
  return 6;
}
