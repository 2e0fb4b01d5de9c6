// What a file is, from its first bytes.

export type FileKind = 'dicom' | 'dicomdir' | 'zip' | 'pdf' | 'jpeg' | 'png' | 'mp4' | 'stl';

// File Meta Information Version is followed by (0002,0002) UI with the Media Storage Directory class (PS3.10 8.6)
const directoryClass = Buffer.from('\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10', 'latin1');

/** How many of a file's first bytes `kindOf` looks at. */
export const kindBytes = 512;

/**
 * Undefined: none of these for certain; a bare data set may still be DICOM. STL has no mark of its own: of a file that
 * is nothing else its name's ending says so.
 */
export function kindOf(bytes: Uint8Array, name: string): FileKind | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, kindBytes));
  const starts = (text: string, at = 0) => head.toString('latin1', at, at + text.length) === text;
  if (starts('DICM', 128)) return head.includes(directoryClass) ? 'dicomdir' : 'dicom';
  if (starts('PK\x03\x04') || starts('PK\x05\x06')) return 'zip';
  if (starts('%PDF-')) return 'pdf';
  if (starts('\xff\xd8\xff')) return 'jpeg';
  if (starts('\x89PNG\r\n\x1a\n')) return 'png';
  if (starts('ftyp', 4)) return 'mp4';
  return /\.stl$/i.test(name) ? 'stl' : undefined;
}

/** What the first bytes say that a file is, and all its bytes. */
export async function headed(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ kind: FileKind | undefined; whole: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < kindBytes && !ended) {
    const { done, value } = await iterator.next();
    if (done === true) ended = true;
    else {
      pieces.push(new Uint8Array(value));
      length += value.length;
    }
  }
  const head = Buffer.concat(pieces);
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      while (!ended) {
        const { done, value } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { kind: kindOf(head, name), whole: whole() };
}
