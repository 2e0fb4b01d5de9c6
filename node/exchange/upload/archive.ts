// What a zip archive holds, one file after the other, each streamed. Names serve only to tell a person which file is
// meant: nothing is ever written to, or read from, a path of that name. yauzl reads the directory; the bytes are read
// and inflated here, within limits that hold whatever the directory claims, and checked against their CRC.
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';

/** Where the archive's bytes are. */
export interface ArchiveSource {
  readonly length: number;
  /** Bytes [from, to). */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface ArchivedFile {
  readonly name: string;
  /** As the directory claims; `bytes` fails when it is not true. */
  readonly size: number;
  /** Why it can't be read, if that is known already. */
  readonly refused?: ErrorCode | undefined;
  /** To be read once. @throws PeerError import/archive-damaged; import/archive-limit, then the rest can't be read either */
  bytes(): AsyncIterable<Uint8Array>;
}

/** What an archive, and those in it, may still inflate to. */
export class ArchiveBudget {
  readonly #outer: ArchiveBudget | undefined;
  #left: number;
  #entries: number = limits.archiveEntries;

  constructor(archiveBytes: number, outer?: ArchiveBudget) {
    this.#left = Math.min(limits.archiveBytes, limits.archiveFreeBytes + limits.archiveRatio * archiveBytes);
    this.#outer = outer;
  }

  /** Whether it is that of an archive inside another one. */
  get nested(): boolean {
    return this.#outer !== undefined;
  }

  /** Nothing more of it is read. */
  get spent(): boolean {
    return this.#left < 0;
  }

  /** For an archive inside: what it inflates to counts for both. */
  inner(archiveBytes: number): ArchiveBudget {
    return new ArchiveBudget(archiveBytes, this);
  }

  /** @throws PeerError import/archive-limit */
  inflated(bytes: number): void {
    this.#outer?.inflated(bytes);
    this.#left -= bytes;
    must(this.#left >= 0, 'import/archive-limit');
  }

  /** @throws PeerError import/archive-limit */
  entries(count: number): void {
    this.#outer?.entries(count);
    this.#entries -= count;
    must(this.#entries >= 0, 'import/archive-limit');
  }
}

/** One look at the disk or cipher serves for many small files. */
const windowBytes = 1024 * 1024;

/** The files of an archive. @throws PeerError import/archive-damaged, import/archive-limit */
export async function* archivedFiles(source: ArchiveSource, budget: ArchiveBudget): AsyncGenerator<ArchivedFile> {
  const reader = new WindowReader(source);
  const zip = await damaged(() =>
    yauzl.fromRandomAccessReaderPromise(reader, source.length, { decodeStrings: false, autoClose: false }),
  );
  budget.entries(zip.entryCount);
  const entries = zip.eachEntry()[Symbol.asyncIterator]();
  for (let count = 0; ; count += 1) {
    const { done, value } = await damaged(() => entries.next());
    if (done === true) return;
    must(count <= limits.archiveEntries, 'import/archive-limit');
    const file = archivedFile(value, zip, reader, budget);
    if (!/[/\\]$/.test(file.name)) yield file;
  }
}

function archivedFile(entry: Entry, zip: ZipFile, reader: WindowReader, budget: ArchiveBudget): ArchivedFile {
  const { compressionMethod: method, uncompressedSize: size } = entry;
  const readable = !entry.isEncrypted() && (method === 0 || method === 8);
  return {
    name: nameOf(entry),
    size,
    refused: readable ? undefined : 'import/archive-damaged',
    bytes: () => checked(contentOf(entry, zip, reader), entry, budget),
  };
}

/** UTF-8 if it is valid, whatever the flag says: most packers lie. Else as it would look to a person, one way or another. */
function nameOf({ fileName }: Entry): string {
  const text = fileName.toString('utf8');
  return text.includes('\ufffd') ? fileName.toString('latin1') : text;
}

async function* contentOf(entry: Entry, zip: ZipFile, reader: WindowReader): AsyncGenerator<Uint8Array> {
  const { fileDataStart } = await damaged(() => zip.readLocalFileHeaderPromise(entry, { minimal: true }));
  const packed = reader.range(fileDataStart, fileDataStart + entry.compressedSize);
  if (entry.compressionMethod === 0) return yield* packed;
  // an error reaches whoever reads the last stream; nobody else needs to be told
  yield* pipeline(Readable.from(packed, { objectMode: false }), createInflateRaw(), () => undefined);
}

async function* checked(
  content: AsyncIterable<Uint8Array>,
  entry: Entry,
  budget: ArchiveBudget,
): AsyncGenerator<Uint8Array> {
  let [length, crc] = [0, 0];
  const iterator = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await damaged(() => iterator.next());
      if (done === true) break;
      length += value.length;
      budget.inflated(value.length);
      must(length <= entry.uncompressedSize, 'import/archive-damaged');
      crc = crc32(value, crc);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
  must(length === entry.uncompressedSize && crc === entry.crc32, 'import/archive-damaged');
}

/** What yauzl and zlib throw is the archive's fault; what the disk throws is not. */
async function damaged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof PeerError || (code !== undefined && !code.startsWith('Z_'))) throw cause;
    throw new PeerError('import/archive-damaged', {}, { cause });
  }
}

/** Reads through one window over the archive. */
class WindowReader extends yauzl.RandomAccessReader {
  readonly #source: ArchiveSource;
  #start = 0;
  #window: Uint8Array = new Uint8Array();

  constructor(source: ArchiveSource) {
    super();
    this.#source = source;
  }

  override read(buffer: Buffer, offset: number, length: number, at: number, done: (error: unknown) => void): void {
    this.#copy(buffer, offset, length, at).then(
      () => done(null),
      (error: unknown) => done(error),
    );
  }

  async *range(from: number, to: number): AsyncGenerator<Uint8Array> {
    must(to <= this.#source.length, 'import/archive-damaged');
    for (let at = from; at < to; ) {
      const window = await this.#at(at);
      const piece = window.subarray(0, to - at);
      yield piece;
      at += piece.length;
    }
  }

  async #copy(buffer: Buffer, offset: number, length: number, from: number): Promise<void> {
    let done = 0;
    for await (const piece of this.range(from, from + length)) {
      buffer.set(piece, offset + done);
      done += piece.length;
    }
  }

  /** What the window shows from a place on; at least one byte. */
  async #at(at: number): Promise<Uint8Array> {
    const inside = at >= this.#start && at < this.#start + this.#window.length;
    if (!inside) {
      const window = await this.#source.read(at, Math.min(at + windowBytes, this.#source.length));
      must(window.length > 0, 'import/archive-damaged');
      this.#window = window;
      this.#start = at;
      return window;
    }
    return this.#window.subarray(at - this.#start);
  }
}
