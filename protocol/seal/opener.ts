// Opening sealed objects: chunk by chunk, as a stream, or a range of them (SPEC 5.3). Nothing is handed out before its
// chunk is authenticated.

import { type Bulk, type Gcm, tagBytes } from '../bulk.ts';
import { equal } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import { aadBytes, chunkCount, chunkLength, chunkNonce, chunkStart, decodeHeader, type Header } from './header.ts';
import { commitmentOf, objectKey } from './keys.ts';

/** An object whose key is known to be the one that it commits to. */
export interface Opener {
  readonly header: Header;
  readonly chunks: number;
  /**
   * The plain bytes of one sealed chunk.
   * @throws PeerError seal/truncated, seal/trailing, seal/chunk; each names the chunk
   */
  openChunk(index: number, sealed: Uint8Array): Uint8Array;
}

/**
 * Reads the header in the first bytes of an object and checks the commitment before any chunk is tried.
 * @throws PeerError seal/header, version/unsupported, seal/encoding, seal/too-long, seal/commitment
 */
export function openHeader(bytes: Uint8Array, parentKey: Uint8Array, bulk: Bulk): Opener {
  const header = decodeHeader(bytes);
  must(header.encoding === 0, 'seal/encoding', { encoding: header.encoding });
  const key = objectKey(parentKey, header.salt);
  must(equal(commitmentOf(key), header.commitment), 'seal/commitment');
  const chunks = chunkCount(header.plainLength, header.log2ChunkSize);
  const aad = bytes.slice(0, aadBytes);
  const gcm = bulk.gcm(key);
  const openChunk = (index: number, sealed: Uint8Array) => openOne(header, chunks, gcm, aad, index, sealed);
  return { header, chunks, openChunk };
}

function openOne(
  header: Header,
  chunks: number,
  gcm: Gcm,
  aad: Uint8Array,
  index: number,
  sealed: Uint8Array,
): Uint8Array {
  must(index < chunks, 'seal/trailing', { index });
  const length = chunkLength(header, index);
  if (sealed.length !== length) {
    throw new PeerError(sealed.length < length ? 'seal/truncated' : 'seal/trailing', { index });
  }
  const plain = gcm.open(chunkNonce(index, index === chunks - 1), aad, sealed);
  must(plain !== undefined, 'seal/chunk', { index });
  return plain;
}

/** Opens an object that is in memory as a whole. @throws PeerError as `openHeader` and `openChunk` */
export function openAll(sealed: Uint8Array, parentKey: Uint8Array, bulk: Bulk): Uint8Array {
  const opener = openHeader(sealed, parentKey, bulk);
  const { plainLength, log2ChunkSize } = opener.header;
  const end = chunkStart(opener.chunks, log2ChunkSize);
  must(sealed.length <= end, 'seal/trailing', { index: opener.chunks });
  must(sealed.length >= plainLength, 'seal/truncated'); // before the plain bytes get their memory
  if (opener.chunks === 1) return opener.openChunk(0, sealed.subarray(chunkStart(0, log2ChunkSize)));
  const out = new Uint8Array(plainLength);
  for (let i = 0; i < opener.chunks; i++) {
    const to = i === opener.chunks - 1 ? sealed.length : chunkStart(i + 1, log2ChunkSize);
    out.set(opener.openChunk(i, sealed.subarray(chunkStart(i, log2ChunkSize), to)), i * 2 ** log2ChunkSize);
  }
  return out;
}

/** Which chunks hold the plain bytes `from` to `to` (exclusive), and where they lie in the sealed object. */
export interface ChunkRange {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly sealedFrom: number;
  readonly sealedTo: number;
}

/** @throws PeerError seal/range when the object does not have these bytes */
export function rangeToChunks(header: Header, from: number, to: number): ChunkRange {
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  must(whole && from >= 0 && from <= to && to <= header.plainLength, 'seal/range', { from, to });
  const size = 2 ** header.log2ChunkSize;
  const first = Math.floor(from / size);
  const end = from === to ? first : Math.ceil(to / size);
  const sealedFrom = chunkStart(first, header.log2ChunkSize);
  if (end === first) return { first, end, sealedFrom, sealedTo: sealedFrom };
  const sealedTo = chunkStart(end - 1, header.log2ChunkSize) + chunkLength(header, end - 1);
  return { first, end, sealedFrom, sealedTo };
}

/** Reads bytes `from` to `to` (exclusive) of the sealed object; fewer only where the object ends too early. */
export type ReadSealed = (from: number, to: number) => Promise<Uint8Array>;

/**
 * The plain bytes `from` to `to` (exclusive) in pieces of a chunk at most. Reads `limits.sealReadBytes` at a time, so
 * that memory stays the same whatever the range.
 * @throws PeerError seal/range, and as `openChunk`
 */
export async function* readRange(
  opener: Opener,
  from: number,
  to: number,
  read: ReadSealed,
): AsyncGenerator<Uint8Array> {
  const { log2ChunkSize } = opener.header;
  const range = rangeToChunks(opener.header, from, to);
  const size = 2 ** log2ChunkSize;
  const step = Math.max(1, Math.floor(limits.sealReadBytes / (size + tagBytes)));
  for (let first = range.first; first < range.end; first += step) {
    const end = Math.min(first + step, range.end);
    const start = chunkStart(first, log2ChunkSize);
    const sealed = await read(start, Math.min(chunkStart(end, log2ChunkSize), range.sealedTo));
    for (let i = first; i < end; i++) {
      const at = chunkStart(i, log2ChunkSize) - start;
      const plain = opener.openChunk(i, sealed.subarray(at, at + chunkLength(opener.header, i)));
      yield plain.subarray(Math.max(0, from - i * size), Math.min(plain.length, to - i * size));
    }
  }
}
