// Deterministic CBOR (RFC 8949 section 4.2) of a small subset: integers, byte and text strings, arrays, maps with text
// keys, booleans, null. No tags, floats, indefinite lengths or duplicate keys.
import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import { PeerError } from './errors.ts';
import { limits } from './limits.ts';

/** The bytes of a value; the same value always gives the same bytes. Undefined properties are left out. */
export function encodeCbor(value: unknown): Uint8Array {
  return cborgEncode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true });
}

/**
 * The value in `bytes`, maps as `Map`. The outline (lengths, depth, number of items) is checked before anything is
 * built, so that a short message can't ask for much memory or a deep stack.
 * @throws PeerError cbor/too-long, cbor/too-deep, cbor/malformed
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number = limits.messageBytes): unknown {
  if (bytes.length > maxBytes) throw new PeerError('cbor/too-long', { length: bytes.length, max: maxBytes });
  checkOutline(bytes);
  try {
    return cborgDecode(bytes, {
      strict: true,
      useMaps: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    throw new PeerError('cbor/malformed', {}, { cause });
  }
}

const malformed = (at: number): PeerError => new PeerError('cbor/malformed', { at });

/** One pass over the heads: every declared length fits into what is there, depth and item count within limits. */
function checkOutline(bytes: Uint8Array): void {
  const open: number[] = []; // items still expected at each level
  let at = 0;
  let items = 0;
  do {
    const head = readHead(bytes, at);
    at = head.next;
    if (++items > limits.cborItems) throw new PeerError('cbor/too-deep', { items });
    if (open.length > 0) open[open.length - 1]!--;
    if (head.children > 0) {
      // every child takes a byte at least: a length that can't be true is refused before it costs anything
      if (head.children > bytes.length - at) throw malformed(at);
      if (open.length >= limits.cborDepth) throw new PeerError('cbor/too-deep', { depth: open.length + 1 });
      open.push(head.children);
    }
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
  } while (open.length > 0);
  if (at !== bytes.length) throw malformed(at);
}

const strict = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false; // the decoder throws on what is no UTF-8: the caller says what that means
  }
}

/** Reads one head (RFC 8949 section 3) and skips a string's content. */
function readHead(bytes: Uint8Array, start: number): { next: number; children: number } {
  const first = bytes[start];
  if (first === undefined) throw malformed(start);
  const major = first >> 5;
  const info = first & 31;
  if (major === 7) {
    if (info < 20 || info > 22) throw malformed(start); // false, true, null and nothing else
    return { next: start + 1, children: 0 };
  }
  if (info > 27 || major === 6) throw malformed(start);
  const extra = info < 24 ? 0 : 1 << (info - 24);
  if (start + 1 + extra > bytes.length) throw malformed(start);
  let value = info < 24 ? info : 0;
  for (let i = 0; i < extra; i++) value = value * 256 + bytes[start + 1 + i]!;
  if (!Number.isSafeInteger(value)) throw malformed(start);
  const next = start + 1 + extra;
  if (major <= 1) return { next, children: 0 };
  if (major <= 3) {
    if (value > bytes.length - next) throw malformed(start);
    if (major === 3 && !isUtf8(bytes.subarray(next, next + value))) throw malformed(start);
    return { next: next + value, children: 0 };
  }
  return { next, children: major === 4 ? value : value * 2 };
}
