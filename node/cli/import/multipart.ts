// Reading multipart/related (RFC 2046 section 5.1, as WADO-RS sends it in PS3.18 8.6) while it arrives.
import { PeerError } from '../../../protocol/errors.ts';

export type MultipartEvent =
  | { readonly kind: 'part' }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end' };

/** The longest head of a part. */
const headBytes = 16 * 1024;
const blank = Buffer.from('\r\n\r\n');
const newline = Buffer.from('\r\n');

/** The boundary in a Content-Type. @throws PeerError peer/answer */
export function boundaryOf(contentType: string | undefined): string {
  const found = /^multipart\/related\b.*;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType ?? '');
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw new PeerError('peer/answer');
  return boundary;
}

/**
 * Each part's beginning, bytes and end. Memory: one piece and a boundary.
 * @throws PeerError net/closed when it ends before its last boundary, peer/answer when it is malformed
 */
export async function* multipart(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<MultipartEvent> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  let held: Buffer = newline; // the first boundary may stand at the very beginning
  let state: 'preamble' | 'after' | 'head' | 'data' = 'preamble';
  for await (const piece of body) {
    held = Buffer.concat([held, piece]);
    for (;;) {
      if (state === 'preamble' || state === 'data') {
        const at = held.indexOf(delimiter);
        const sure = at >= 0 ? at : Math.max(0, held.length - delimiter.length + 1);
        if (state === 'data' && sure > 0) yield { kind: 'data', bytes: held.subarray(0, sure) };
        held = held.subarray(at >= 0 ? at + delimiter.length : sure);
        if (at < 0) break;
        if (state === 'data') yield { kind: 'end' };
        state = 'after';
      } else if (state === 'after') {
        if (held.length < 2) break;
        if (held.subarray(0, 2).toString('latin1') === '--') return;
        state = 'head';
      } else {
        const at = held.indexOf(blank);
        if (at < 0 && held.length > headBytes) throw new PeerError('peer/answer');
        if (at < 0) break;
        held = held.subarray(at + blank.length);
        yield { kind: 'part' };
        state = 'data';
      }
    }
  }
  throw new PeerError('net/closed');
}
