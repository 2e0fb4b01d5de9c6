// What the tests of sealing share.
import { nativeBulk } from '../../../node/system/bulk.ts';
import { concat } from '../../../protocol/bytes.ts';
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';
import { Sealer, type SealOptions, sealAll } from '../../../protocol/seal/sealer.ts';

export const parts = { bulk: nativeBulk };
export const parentKey = new Uint8Array(32).fill(7);
export const salt = new Uint8Array(32).fill(9);
/** The smallest chunks, so that a few KiB make several. */
export const small: SealOptions = { parentKey, salt, log2ChunkSize: 12 };
export const chunk = 4096;

/** Bytes that repeat at no chunk boundary. */
export const sample = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);

export const sealed = (length: number): Uint8Array => sealAll(sample(length), small, parts).bytes;

/** Cuts bytes at the given places, in any order, some outside. */
export function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, i) => bytes.subarray(places[i], to));
}

/** The object that comes out when the pieces are pushed one after the other, each copied and then overwritten. */
export function streamed(pieces: readonly Uint8Array[], options: SealOptions = small): Uint8Array {
  const sealer = new Sealer(options, parts);
  const out: Uint8Array[] = [];
  for (const piece of pieces) {
    const reused = piece.slice();
    for (const each of sealer.push(reused)) out.push(each.slice());
    reused.fill(0xff);
  }
  const { last, header } = sealer.finish();
  return concat(header, ...out, last);
}

/** The code and data of what `run` throws; fails when it throws nothing or something else. */
export function refused(run: () => unknown): { code: ErrorCode; data: PeerError['data'] } {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return { code: error.code, data: error.data };
    throw error;
  }
  throw new Error('nothing was refused');
}
