// Reading and writing the big-endian structures of PS3.8 with every bound checked.
import { concat, uintBytes } from '../../../../protocol/bytes.ts';
import { must, PeerError } from '../../../../protocol/errors.ts';

const malformed = (at: string): PeerError => new PeerError('dimse/pdu-malformed', { at });

/** Walks over one byte string. Every read past its end throws `dimse/pdu-malformed`. */
export class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next `length` bytes. */
  take(length: number, at: string): Uint8Array {
    if (length > this.left) throw malformed(at);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8(at: string): number {
    return this.take(1, at)[0]!;
  }

  u16(at: string): number {
    const [high, low] = this.take(2, at);
    return high! * 256 + low!;
  }

  u32(at: string): number {
    return this.u16(at) * 65536 + this.u16(at);
  }

  /** The next item or sub-item (PS3.8 9.3.2: type, reserved, 2 bytes of length): its type and a cursor over its body. */
  item(at: string): { type: number; body: Cursor } {
    const type = this.u8(at);
    this.u8(at);
    return { type, body: new Cursor(this.take(this.u16(at), at)) };
  }

  /** Text of `length` bytes (all that are left, if not given), without the padding of spaces and NULs around it. */
  text(at: string, maxLength: number, length: number = this.left): string {
    const bytes = this.take(length, at);
    if (bytes.length > maxLength) throw malformed(at);
    const text = String.fromCharCode(...bytes).replace(/^[ ]+|[ \0]+$/g, '');
    if (!/^[\x20-\x7e]*$/.test(text)) throw malformed(at);
    return text;
  }

  /** Throws unless all was read. */
  end(at: string): void {
    if (this.left !== 0) throw malformed(at);
  }
}

/** Printable ASCII as bytes; anything else is a mistake of the caller and throws `dimse/pdu-malformed`. */
export function asciiText(text: string, at: string, maxLength: number): Uint8Array {
  must(text.length <= maxLength && /^[\x20-\x7e]*$/.test(text), 'dimse/pdu-malformed', { at });
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One item or sub-item around its parts. */
export function item(type: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  must(body.length <= 0xffff, 'dimse/pdu-malformed', { at: 'item length' });
  return concat(Uint8Array.of(type, 0), uintBytes(body.length, 2), body);
}
