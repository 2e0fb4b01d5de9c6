// Frames of /dicomnet/transfer/1 (SPEC section 8): type (1 byte), payload length (4 bytes, big-endian), payload. Frames
// `manifest` and `object` announce raw bytes that follow them, so that nobody re-frames or copies what is read from disk.
import { concat, hex, uintBytes, unhex } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';

export const transferProtocol = '/dicomnet/transfer/1';
export const transferVersion = 1;

/** One object, from this offset of its sealed bytes to its end. */
export interface Want {
  readonly index: number;
  readonly from: number;
}

/** `index` is the object's place in the manifest, counted through all series; offsets and lengths are sealed bytes. */
export type TransferFrame =
  /** Receiver, first on every stream: under which grant (16 bytes, hex). */
  | { readonly type: 'open'; readonly version: number; readonly grant: string }
  | { readonly type: 'manifest-wanted' }
  /** Sender: `length` raw bytes follow. */
  | { readonly type: 'manifest'; readonly length: number }
  | { readonly type: 'want'; readonly wants: readonly Want[] }
  /** Receiver: of what it wants, these next, in this order. */
  | { readonly type: 'front'; readonly indices: readonly number[] }
  /** Sender: `length` raw bytes of the object follow; more of it may come in further frames. */
  | { readonly type: 'object'; readonly index: number; readonly from: number; readonly length: number }
  /** Sender: this object won't come; `wire` is the error number. */
  | { readonly type: 'refused'; readonly index: number; readonly wire: number }
  /** Receiver: nothing more will be wanted. */
  | { readonly type: 'done' }
  /** Either: the last frame of the stream, and why. */
  | { readonly type: 'error'; readonly wire: number };

const types = {
  open: 1,
  'manifest-wanted': 2,
  manifest: 3,
  want: 4,
  front: 5,
  object: 6,
  refused: 7,
  done: 8,
  error: 9,
} as const satisfies Record<TransferFrame['type'], number>;

export const frameHeadBytes = 5;
const grantBytes = 16;
const wantBytes = 12;

/** The bytes of a frame, without the raw bytes that may follow it. */
export function encodeTransferFrame(frame: TransferFrame): Uint8Array {
  const payload = payloadOf(frame);
  must(payload.length <= limits.transferFrameBytes, 'transfer/framing', { type: frame.type });
  return concat(Uint8Array.of(types[frame.type]), uintBytes(payload.length, 4), payload);
}

/** How many raw bytes follow a frame. */
export const bodyLength = (frame: TransferFrame): number =>
  frame.type === 'object' || frame.type === 'manifest' ? frame.length : 0;

/** True for the types of this version; others are skipped by their length. */
export const isKnownType = (type: number): boolean => type >= types.open && type <= types.error;

/**
 * The frame of a known type with this payload.
 * @throws PeerError transfer/framing
 */
export function decodeTransferFrame(type: number, payload: Uint8Array): TransferFrame {
  const fields = new Fields(payload);
  switch (type) {
    case types.open:
      return fields.all({ type: 'open', version: fields.u8(), grant: fields.hex(grantBytes) });
    case types['manifest-wanted']:
      return fields.all({ type: 'manifest-wanted' });
    case types.manifest:
      return fields.all({ type: 'manifest', length: fields.u64() });
    case types.want:
      return { type: 'want', wants: fields.list(wantBytes, () => ({ index: fields.u32(), from: fields.u64() })) };
    case types.front:
      return { type: 'front', indices: fields.list(4, () => fields.u32()) };
    case types.object:
      return fields.all({ type: 'object', index: fields.u32(), from: fields.u64(), length: fields.u64() });
    case types.refused:
      return fields.all({ type: 'refused', index: fields.u32(), wire: fields.u32() });
    case types.done:
      return fields.all({ type: 'done' });
    case types.error:
      return fields.all({ type: 'error', wire: fields.u32() });
    default:
      throw new PeerError('transfer/framing', { type });
  }
}

function payloadOf(frame: TransferFrame): Uint8Array {
  switch (frame.type) {
    case 'open':
      return concat(Uint8Array.of(frame.version), unhex(frame.grant));
    case 'manifest':
      return u64(frame.length);
    case 'want':
      return concat(...frame.wants.flatMap((want) => [uintBytes(want.index, 4), u64(want.from)]));
    case 'front':
      return concat(...frame.indices.map((index) => uintBytes(index, 4)));
    case 'object':
      return concat(uintBytes(frame.index, 4), u64(frame.from), u64(frame.length));
    case 'refused':
      return concat(uintBytes(frame.index, 4), uintBytes(frame.wire, 4));
    case 'error':
      return uintBytes(frame.wire, 4);
    case 'manifest-wanted':
    case 'done':
      return new Uint8Array();
  }
}

const u64 = (value: number): Uint8Array => uintBytes(value, 8);

/** Reads a payload's fields in order. @throws PeerError transfer/framing */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #skip(length: number): number {
    const at = this.#at;
    must(at + length <= this.#bytes.length, 'transfer/framing', { at });
    this.#at = at + length;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  /** 8 bytes that must hold at most 2^53 - 1. */
  u64(): number {
    const high = this.u32();
    must(high < 2 ** 21, 'transfer/framing', { at: this.#at });
    return high * 2 ** 32 + this.u32();
  }

  hex(length: number): string {
    const at = this.#skip(length);
    return hex(this.#bytes.subarray(at, at + length));
  }

  list<T>(itemBytes: number, item: () => T): T[] {
    must(this.#bytes.length % itemBytes === 0, 'transfer/framing', { length: this.#bytes.length });
    return Array.from({ length: this.#bytes.length / itemBytes }, item);
  }

  /** The frame, if its fields are all there is. */
  all(frame: TransferFrame): TransferFrame {
    must(this.#at === this.#bytes.length, 'transfer/framing', { type: frame.type });
    return frame;
  }
}
