// Stored bytes put into the form that is promised: little-endian samples, frames from whole bytes.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import type { Vr } from '../model/vr.ts';

type Bytes = AsyncIterable<Uint8Array>;

const units: Readonly<Record<Vr, number>> = {
  ...{ OW: 2, US: 2, SS: 2, AT: 2 },
  ...{ OF: 4, OL: 4, FL: 4, UL: 4, SL: 4 },
  ...{ OD: 8, OV: 8, FD: 8, SV: 8, UV: 8 },
};

/** Bytes of one number in a value of this VR: what swaps places between the byte orders (PS3.5 7.3). */
export const unitOf = (vr: Vr): number => units[vr] ?? 1;

/** Reverses the bytes of every `unit`; what is left at the end stays as it is. */
export async function* swapped(source: Bytes, unit: number): AsyncGenerator<Uint8Array> {
  if (unit === 1) return yield* source;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of source) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % unit);
    const ready = bytes.subarray(0, whole);
    if (unit === 2) ready.swap16();
    else if (unit === 4) ready.swap32();
    else ready.swap64();
    rest = new Uint8Array(bytes.subarray(whole));
    if (whole > 0) yield ready;
  }
  if (rest.length > 0) yield rest;
}

/**
 * A bit-packed frame that starts at `bitOffset` of the first byte, moved to start at bit 0 (PS3.5 8.1.1: the first pixel
 * is the least significant bit); bits of the next frame in the last byte become 0.
 */
export async function* aligned(source: Bytes, bitOffset: number, bits: number): AsyncGenerator<Uint8Array> {
  let left = Math.ceil(bits / 8);
  let before: number | undefined;
  const tail = bits % 8 === 0 ? 0xff : (1 << (bits % 8)) - 1;
  for await (const chunk of source) {
    const out = new Uint8Array(chunk.length + 1);
    let filled = 0;
    const put = (byte: number) => {
      if (left > 0) out[filled++] = left === 1 ? byte & tail : byte;
      left -= 1;
    };
    for (const byte of chunk) {
      if (before !== undefined) put(((before >>> bitOffset) | (byte << (8 - bitOffset))) & 0xff);
      before = byte;
    }
    if (filled > 0) yield out.subarray(0, filled);
  }
  if (left > 0 && before !== undefined) yield Uint8Array.of((before >>> bitOffset) & (left === 1 ? tail : 0xff));
}

/** Bytes [from, to) of what `source` inflates to. */
export async function* inflatedRange(source: Bytes, from: number, to: number): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw();
  const enough = new AbortController();
  const feeding = pipeline(Readable.from(source, { highWaterMark: 1 }), inflate, { signal: enough.signal }).catch(
    (error: unknown) => {
      if (!enough.signal.aborted) throw error;
    },
  );
  let at = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
      at += chunk.length;
      if (piece.length > 0) yield piece;
      if (at >= to) break;
    }
  } finally {
    enough.abort();
    await feeding;
  }
}
