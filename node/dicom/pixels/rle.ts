// DICOM RLE (PS3.5 annex G): one segment a byte plane, the most significant byte of the first sample first.
import { must } from '../../../protocol/errors.ts';

const headerBytes = 64;
const mostSegments = 15;

export interface Planes {
  /** Pixels in a frame. */
  readonly count: number;
  readonly samples: number;
  /** Bytes of a sample. */
  readonly size: number;
}

/** The frame, samples of a pixel side by side, little-endian. @throws PeerError pixels/corrupt */
export function decodeRle(bytes: Uint8Array, { count, samples, size }: Planes): Uint8Array {
  must(bytes.length >= headerBytes, 'pixels/corrupt', { codec: 'rle', length: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = view.getUint32(0, true);
  must(segments === samples * size, 'pixels/corrupt', { codec: 'rle', segments });
  const out = new Uint8Array(count * samples * size);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = view.getUint32(4 + segment * 4, true);
    const next = segment + 1 < segments ? view.getUint32(8 + segment * 4, true) : bytes.length;
    must(start >= headerBytes && start <= next && next <= bytes.length, 'pixels/corrupt', { codec: 'rle', segment });
    const first = Math.floor(segment / size) * size + (size - 1 - (segment % size));
    unpack(bytes.subarray(start, next), out, first, samples * size, count);
  }
  return out;
}

function unpack(source: Uint8Array, out: Uint8Array, first: number, step: number, count: number): void {
  let at = 0;
  let to = first;
  const end = first + count * step;
  while (to < end && at < source.length) {
    const control = source[at++]!;
    if (control === 128) continue;
    const run = control > 128;
    const length = run ? 257 - control : control + 1;
    must(at + (run ? 1 : length) <= source.length, 'pixels/corrupt', { codec: 'rle' });
    for (let i = 0; i < length && to < end; i += 1, to += step) out[to] = source[run ? at : at + i]!;
    at += run ? 1 : length;
  }
  must(to >= end, 'pixels/corrupt', { codec: 'rle', missing: (end - to) / step });
}

/**
 * Encodes samples that stand side by side. A run never crosses a row, as PS3.5 G.3.1 asks.
 * @throws PeerError pixels/cannot-encode when there are more than 15 byte planes
 */
export function encodeRle(pixels: Uint8Array, { count, samples, size }: Planes, columns: number): Uint8Array {
  const segments = samples * size;
  must(segments <= mostSegments, 'pixels/cannot-encode', { segments });
  const header = new DataView(new ArrayBuffer(headerBytes));
  header.setUint32(0, segments, true);
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)];
  let offset = headerBytes;
  const plane = new Uint8Array(count);
  for (let segment = 0; segment < segments; segment += 1) {
    const first = Math.floor(segment / size) * size + (size - 1 - (segment % size));
    for (let i = 0; i < count; i += 1) plane[i] = pixels[first + i * segments]!;
    const packed = pack(plane, columns);
    header.setUint32(4 + segment * 4, offset, true);
    offset += packed.length;
    parts.push(packed);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function pack(plane: Uint8Array, columns: number): Uint8Array {
  // a row grows by one byte in 128 at most, and by the padding of the segment
  const out = new Uint8Array(plane.length + (Math.ceil(columns / 128) + 1) * Math.ceil(plane.length / columns) + 2);
  let to = 0;
  for (let start = 0; start < plane.length; start += columns) {
    to = packRow(plane, start, Math.min(start + columns, plane.length), out, to);
  }
  if (to % 2 === 1) out[to++] = 0;
  return out.slice(0, to);
}

function packRow(plane: Uint8Array, start: number, end: number, out: Uint8Array, from: number): number {
  let to = from;
  let at = start;
  let literal = start;
  const flush = (until: number) => {
    for (; literal < until; ) {
      const length = Math.min(128, until - literal);
      out[to++] = length - 1;
      out.set(plane.subarray(literal, literal + length), to);
      to += length;
      literal += length;
    }
  };
  while (at < end) {
    let run = 1;
    while (at + run < end && run < 128 && plane[at + run] === plane[at]) run += 1;
    if (run >= 3) {
      flush(at);
      out[to++] = 257 - run;
      out[to++] = plane[at]!;
      literal = at + run;
    }
    at += run;
  }
  flush(end);
  return to;
}
