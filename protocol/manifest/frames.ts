// Where an instance's frames stand in its data set, packed: a whole-slide image has hundreds of thousands of fragments,
// so the table travels as one byte string and is unpacked only when somebody asks for a frame (SPEC 6.2).
import { must } from '../errors.ts';
import { limits } from '../limits.ts';

/** Offsets count from the data set's first byte (PS3.5 8.2, A.4). Flat lists: whole-slide images have 100,000s. */
export type Frames =
  | { readonly kind: 'none' }
  /** Uncompressed, one after the other. */
  | { readonly kind: 'native'; readonly offset: number; readonly frameBits: number; readonly count: number }
  /** Fragments in the order of the data set; frame i has those from starts[i] to before starts[i + 1]. */
  | {
      readonly kind: 'fragments';
      readonly offsets: readonly number[];
      readonly lengths: readonly number[];
      readonly starts: readonly number[];
    }
  /** There are pixel data, but no frame can be told by its bytes. */
  | { readonly kind: 'unknown'; readonly reason: UnknownFrames };

/**
 * `deflated`: the stored bytes are the deflated ones; `video`: one stream of all frames; `length`: the pixel data are
 * shorter than rows, columns and frames need, or those are missing; `fragments`: nothing says which belong to a frame.
 */
export type UnknownFrames = (typeof reasons)[number];
const reasons = ['deflated', 'video', 'length', 'fragments'] as const;
const kinds = { native: 1, fragments: 2, unknown: 3 };

/** All numbers as LEB128 varints, the kind first; undefined for an instance without pixel data. */
export function packFrames(frames: Frames): Uint8Array | undefined {
  switch (frames.kind) {
    case 'none':
      return undefined;
    case 'native':
      return varints([kinds.native, frames.offset, frames.frameBits, frames.count]);
    case 'unknown':
      return varints([kinds.unknown, reasons.indexOf(frames.reason)]);
    case 'fragments':
      return varints(fragmentNumbers(frames.offsets, frames.lengths, frames.starts));
  }
}

/** The gap before each fragment (8 for its item header, as a rule), its length; how many fragments each frame has. */
function fragmentNumbers(offsets: readonly number[], lengths: readonly number[], starts: readonly number[]): number[] {
  const numbers = [kinds.fragments, offsets.length, starts.length];
  let end = 0;
  for (let i = 0; i < offsets.length; i++) {
    numbers.push(offsets[i]! - end, lengths[i]!);
    end = offsets[i]! + lengths[i]!;
  }
  if (starts.length !== offsets.length)
    for (let i = 0; i < starts.length; i++) numbers.push(starts[i]! - (starts[i - 1] ?? 0));
  return numbers;
}

/** @throws PeerError manifest/invalid */
export function unpackFrames(packed: Uint8Array | undefined): Frames {
  if (packed === undefined) return { kind: 'none' };
  const next = reader(packed);
  const frames = unpack(next);
  must(next() === undefined, 'manifest/invalid', { at: 'frames' });
  return frames;
}

function unpack(next: () => number | undefined): Frames {
  const number = () => {
    const value = next();
    must(value !== undefined, 'manifest/invalid', { at: 'frames' });
    return value;
  };
  const kind = number();
  if (kind === kinds.native) return { kind: 'native', offset: number(), frameBits: number(), count: number() };
  if (kind === kinds.fragments) return unpackFragments(number);
  const reason = kind === kinds.unknown ? reasons[number()] : undefined;
  must(reason !== undefined, 'manifest/invalid', { at: 'frames' });
  return { kind: 'unknown', reason };
}

function unpackFragments(number: () => number): Frames {
  const fragments = number();
  const frames = number();
  must(fragments <= limits.dicomFragments && frames <= fragments, 'manifest/invalid', { at: 'frames' });
  const offsets: number[] = [];
  const lengths: number[] = [];
  let end = 0;
  for (let i = 0; i < fragments; i++) {
    offsets.push(end + number());
    lengths.push(number());
    end = offsets[i]! + lengths[i]!;
    must(Number.isSafeInteger(end), 'manifest/invalid', { at: 'frames' });
  }
  const starts: number[] = [];
  for (let i = 0; i < frames; i++) {
    starts.push(frames === fragments ? i : (starts[i - 1] ?? 0) + number());
    must(starts[i]! < fragments, 'manifest/invalid', { at: 'frames' });
  }
  return { kind: 'fragments', offsets, lengths, starts };
}

/** LEB128 of integers up to 2^53. */
function varints(numbers: readonly number[]): Uint8Array {
  const out: number[] = [];
  for (let value of numbers) {
    for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) + 128);
    out.push(value);
  }
  return Uint8Array.from(out);
}

/** Reads one varint after the other; undefined at the end. */
function reader(packed: Uint8Array): () => number | undefined {
  let at = 0;
  return () => {
    if (at === packed.length) return undefined;
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = packed[at++];
      must(byte !== undefined && unit < 2 ** 53, 'manifest/invalid', { at: 'frames' });
      value += (byte % 128) * unit;
      if (byte < 128) break;
    }
    must(Number.isSafeInteger(value), 'manifest/invalid', { at: 'frames' });
    return value;
  };
}
