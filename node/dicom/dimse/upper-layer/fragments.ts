// Cuts a data set into presentation data values (PS3.8 annex E.2) without copying it.
import type { DataValue } from './pdu.ts';

export type ByteSource = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

async function* pieces(bytes: ByteSource): AsyncGenerator<Uint8Array> {
  if (bytes instanceof Uint8Array) yield bytes;
  else yield* bytes;
}

/** Data that a P-DATA-TF body of this length has room for: even, after the value's own 6 bytes. */
const room = (pduBytes: number): number => (pduBytes - 6) & ~1;

/** A command set as values for P-DATA-TF bodies of at most `pduBytes`: one, unless the other side takes very little. */
export function commandValues(bytes: Uint8Array, contextId: number, pduBytes: number): DataValue[] {
  const values: DataValue[] = [];
  for (let at = 0; at < bytes.length; at += room(pduBytes)) {
    const end = at + room(pduBytes);
    values.push({ contextId, command: true, last: end >= bytes.length, parts: [bytes.subarray(at, end)] });
  }
  return values;
}

/**
 * The data set as values for P-DATA-TF bodies of at most `pduBytes`; all are full but the last, which is marked. One
 * piece is held back, since only the next one tells whether it was the last.
 */
export async function* dataValues(bytes: ByteSource, contextId: number, pduBytes: number): AsyncGenerator<DataValue> {
  const maxBytes = room(pduBytes);
  const value = (parts: Uint8Array[], last: boolean): DataValue => ({ contextId, command: false, last, parts });
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const piece of pieces(bytes)) {
    let rest = piece;
    while (heldBytes + rest.length > maxBytes) {
      const taken = maxBytes - heldBytes;
      yield value([...held, rest.subarray(0, taken)], false);
      rest = rest.subarray(taken);
      held = [];
      heldBytes = 0;
    }
    if (rest.length === 0) continue;
    held.push(rest);
    heldBytes += rest.length;
  }
  yield value(held, true);
}
