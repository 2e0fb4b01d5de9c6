// The header of a sealed object and the arithmetic of its chunks (SPEC 5.1).

import { tagBytes } from '../bulk.ts';
import { uintBytes } from '../bytes.ts';
import { must } from '../errors.ts';
import { limits } from '../limits.ts';

export interface Header {
  /** Chunks hold 2^log2ChunkSize plain bytes, the last one what is left. */
  readonly log2ChunkSize: number;
  /** 0: the bytes as they are; 1 (zstd) and 2 (HTJ2K) are reserved and not opened by this version. */
  readonly encoding: number;
  readonly salt: Uint8Array;
  readonly commitment: Uint8Array;
  /** Bytes in all chunks together, tags not counted. */
  readonly plainLength: number;
}

/** "DNOBJ" and the version, log2 chunk size, encoding, salt, commitment, plain length. */
export const headerBytes = 80;
/** What is bound to every chunk: the header without the plain length, which a stream learns last. */
export const aadBytes = 72;
export const defaultLog2ChunkSize = 18;

const magic = Uint8Array.of(0x44, 0x4e, 0x4f, 0x42, 0x4a);
const version = 1;
const encodings = 3;

export function encodeHeader(header: Header): Uint8Array {
  const out = new Uint8Array(headerBytes);
  out.set(magic);
  out.set([version, header.log2ChunkSize, header.encoding], magic.length);
  out.set(header.salt, 8);
  out.set(header.commitment, 40);
  out.set(uintBytes(header.plainLength, 6), aadBytes + 2);
  return out;
}

/**
 * Reads the first `headerBytes` of a sealed object; the rest of `bytes` is ignored.
 * @throws PeerError seal/header, version/unsupported, seal/encoding, seal/too-long
 */
export function decodeHeader(bytes: Uint8Array): Header {
  must(bytes.length >= headerBytes && magic.every((byte, i) => bytes[i] === byte), 'seal/header');
  must(bytes[5] === version, 'version/unsupported', { version: bytes[5] });
  const log2ChunkSize = bytes[6]!;
  const encoding = bytes[7]!;
  checkChunkSize(log2ChunkSize);
  must(encoding < encodings, 'seal/encoding', { encoding });
  const plainLength = readLength(bytes);
  checkLength(plainLength, log2ChunkSize);
  const salt = bytes.slice(8, 40);
  return { log2ChunkSize, encoding, salt, commitment: bytes.slice(40, aadBytes), plainLength };
}

/** @throws PeerError seal/header */
export function checkChunkSize(log2ChunkSize: number): void {
  const fits = log2ChunkSize >= limits.sealLog2ChunkMin && log2ChunkSize <= limits.sealLog2ChunkMax;
  must(fits, 'seal/header', { log2ChunkSize });
}

/** @throws PeerError seal/too-long */
export function checkLength(plainLength: number, log2ChunkSize: number): void {
  must(plainLength <= limits.sealPlainBytes, 'seal/too-long', { max: limits.sealPlainBytes });
  must(chunkCount(plainLength, log2ChunkSize) <= limits.sealChunks, 'seal/too-long', { maxChunks: limits.sealChunks });
}

function readLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  return view.getUint32(aadBytes) * 2 ** 32 + view.getUint32(aadBytes + 4); // above 2^53 inexact, and refused anyway
}

/** Chunks of an object: at least one, since the last one's flag is what ends an object. */
export const chunkCount = (plainLength: number, log2ChunkSize: number): number =>
  Math.max(1, Math.ceil(plainLength / 2 ** log2ChunkSize));

/** Bytes of the whole sealed object: header, chunks and their tags. */
export const sealedLength = (plainLength: number, log2ChunkSize: number = defaultLog2ChunkSize): number =>
  headerBytes + plainLength + tagBytes * chunkCount(plainLength, log2ChunkSize);

/** Where chunk `index` lies in the sealed object. */
export const chunkStart = (index: number, log2ChunkSize: number): number =>
  headerBytes + index * (2 ** log2ChunkSize + tagBytes);

/** Sealed bytes of chunk `index`, tag included. */
export function chunkLength(header: Header, index: number): number {
  const size = 2 ** header.log2ChunkSize;
  const last = index === chunkCount(header.plainLength, header.log2ChunkSize) - 1;
  return (last ? header.plainLength - index * size : size) + tagBytes;
}

/** The nonce of a chunk (STREAM, Hoang et al. 2015, as in age): 11-byte big-endian counter, 1 if it is the last. */
export function chunkNonce(index: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(uintBytes(index, 6), 5);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
