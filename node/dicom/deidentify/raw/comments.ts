// Comments inside compressed frames: JPEG's COM and most of its APPn segments (Exif with place and owner, IPTC), JPEG
// 2000's COM. They are overwritten in place, so that no length and no offset table changes.

/** So much of a fragment's beginning is looked through: markers stand before the first scan or tile. */
const headBytes = 256 * 1024;

const jpeg = { comment: 0xfe, scan: 0xda, app0: 0xe0, last: 0xef };
/** JFIF, SPIFF and HP's colour transform of JPEG-LS, Adobe's colour transform, ICC profiles: decoders need them. */
const needed = new Set([0xe0, 0xe2, 0xe8, 0xee]);
const j2k = { comment: 0x64, tile: 0x90 };

/** Overwrites the comments in the beginning of a JPEG, JPEG-LS or JPEG 2000 stream; leaves all else as it is. */
export function blankComments(bytes: Uint8Array): void {
  if (bytes[0] !== 0xff || (bytes[1] !== 0xd8 && bytes[1] !== 0x4f)) return;
  const isJpeg = bytes[1] === 0xd8;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    if (marker === (isJpeg ? jpeg.scan : j2k.tile)) return;
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    // behind a JPEG 2000 comment's length stands whether it is text
    if (isJpeg && tells(marker)) bytes.fill(0x20, at + 4, end);
    if (!isJpeg && marker === j2k.comment) bytes.fill(0x20, at + 6, end);
    at = Math.max(end, at + 2);
  }
}

const tells = (marker: number): boolean =>
  marker === jpeg.comment || (marker >= jpeg.app0 && marker <= jpeg.last && !needed.has(marker));

/** The stream with blanked comments in the streams that begin at these places, in ascending order. */
export async function* withoutComments(
  source: AsyncIterable<Uint8Array>,
  streams: readonly { readonly at: number; readonly length: number }[],
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let next = 0;
  let held: Uint8Array[] = [];
  let missing = 0;
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; ) {
      const start = streams[next];
      if (missing === 0 && start !== undefined && start.at === at) {
        missing = Math.min(start.length, headBytes);
        next += 1;
        if (missing === 0) continue;
      }
      const plain = missing === 0;
      const until = plain ? (streams[next]?.at ?? Number.POSITIVE_INFINITY) - at : missing;
      const piece = chunk.subarray(from, from + Math.min(until, chunk.length - from));
      from += piece.length;
      at += piece.length;
      if (plain) {
        yield piece;
        continue;
      }
      held.push(piece.slice());
      missing -= piece.length;
      if (missing === 0) {
        yield blanked(held);
        held = [];
      }
    }
  }
  if (held.length > 0) yield blanked(held);
}

function blanked(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(Buffer.concat(pieces));
  blankComments(bytes);
  return bytes;
}
