// Parts of a body by their bytes (RFC 9110 14).
import { must } from '../../../../protocol/errors.ts';

export interface ByteRange {
  readonly from: number;
  /** The first byte that is not part of it. */
  readonly to: number;
}

/**
 * The one range that a Range header asks for; undefined when it asks for none, for several, or in another unit: then the
 * whole body is the answer.
 * @throws PeerError http/range when there is no such byte
 */
export function byteRange(header: string | undefined, length: number): ByteRange | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length : Math.min(length, Number(last) + 1);
  must(from < to, 'http/range', { length });
  return { from, to };
}

/** Bytes [from, to) of a body that can only be read from its start. */
export async function* sliced(body: AsyncIterable<Uint8Array>, { from, to }: ByteRange): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of body) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= to) return;
  }
}
