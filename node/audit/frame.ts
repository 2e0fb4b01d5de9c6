// How one entry stands in the log file: length (4), bytes that were durable when it was written (6), CRC-32 (4), then
// version (1), key reference (16; zeros for the peer's own key), nonce (16), leaf hash (32), sealed entry.
import { crc32 } from 'node:zlib';
import type { SealedEntry } from '../../protocol/audit/entry.ts';
import { entryNonceBytes } from '../../protocol/audit/entry.ts';
import { hex, unhex } from '../../protocol/bytes.ts';
import { limits } from '../../protocol/limits.ts';

export interface LogFrame extends SealedEntry {
  /** Hex of 16 bytes; undefined when it is sealed with the peer's own key. */
  readonly ref: string | undefined;
  /** Everything in the file before this position was durable, hence acknowledged, when this was written. */
  readonly durable: number;
}

const version = 1;
const headBytes = 14;
const fixedBytes = 1 + 16 + entryNonceBytes + 32;
const shortestBody = fixedBytes + 16;
const longestBody = shortestBody + limits.auditEntryBytes;

/** The longest frame there is. */
export const frameBytes = headBytes + longestBody;

export function encodeLogFrame(frame: LogFrame): Uint8Array {
  const out = Buffer.alloc(headBytes + fixedBytes + frame.sealed.length);
  out.writeUInt32BE(fixedBytes + frame.sealed.length, 0);
  out.writeUIntBE(frame.durable, 4, 6);
  out[headBytes] = version;
  if (frame.ref !== undefined) out.set(unhex(frame.ref), headBytes + 1);
  out.set(frame.nonce, headBytes + 17);
  out.set(frame.leaf, headBytes + 17 + entryNonceBytes);
  out.set(frame.sealed, headBytes + fixedBytes);
  out.writeUInt32BE(checksum(out), 10);
  return out;
}

const checksum = (frame: Buffer): number => crc32(frame.subarray(headBytes), crc32(frame.subarray(0, 10)));

/** The frame at the start of `input` and its length, or undefined when there is none: torn, changed, or not a frame. */
export function parseLogFrame(input: Buffer): { frame: LogFrame; length: number } | undefined {
  if (input.length < headBytes + shortestBody) return undefined;
  const body = input.readUInt32BE(0);
  if (body < shortestBody || body > longestBody || headBytes + body > input.length) return undefined;
  const whole = input.subarray(0, headBytes + body);
  if (whole.readUInt32BE(10) !== checksum(whole) || whole[headBytes] !== version) return undefined;
  const part = (start: number, length: number) => new Uint8Array(whole.subarray(start, start + length));
  const ref = part(headBytes + 1, 16);
  const frame = {
    ref: ref.every((byte) => byte === 0) ? undefined : hex(ref),
    durable: whole.readUIntBE(4, 6),
    nonce: part(headBytes + 17, entryNonceBytes),
    leaf: part(headBytes + 17 + entryNonceBytes, 32),
    sealed: part(headBytes + fixedBytes, body - fixedBytes),
  };
  return { frame, length: headBytes + body };
}
