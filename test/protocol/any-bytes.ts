// Every decoder, fed anything, returns a value or throws an error of the catalogue. Deterministic; a failure prints the
// seed and the input.
import fc from 'fast-check';
import { PeerError } from '../../protocol/errors.ts';

export interface AnyBytesOptions {
  /** Encodings that decode; mutations of them reach deeper than random bytes. At least one. */
  readonly validSamples: readonly Uint8Array[];
  readonly numRuns?: number;
  readonly seed?: number;
}

/** Checks `decode` with its valid samples (which must decode), mutations of them, and random bytes. */
export function decoderHolds(decode: (bytes: Uint8Array) => unknown, options: AnyBytesOptions): void {
  const { validSamples, numRuns = 300, seed = 1 } = options;
  if (validSamples.length === 0) throw new Error('decoderHolds needs a valid sample');
  for (const sample of validSamples) decode(sample);
  const input = fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 },
    { arbitrary: mutated(validSamples), weight: 3 },
  );
  fc.assert(
    fc.property(input, (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
      }
    }),
    { seed, numRuns },
  );
}

type Mutation = (bytes: Uint8Array) => Uint8Array;

/** A sample after 1 to 6 changes: a byte, a flipped bit, a cut, an insertion, a piece doubled. */
function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  // most of a message's structure stands at its beginning, so half of the places are there
  const place = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.05, noNaN: true }));
  const at = (bytes: Uint8Array, where: number) => Math.min(bytes.length - 1, Math.floor(where * bytes.length));
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const change = (edit: (bytes: Uint8Array, i: number, value: number) => Uint8Array): fc.Arbitrary<Mutation> =>
    fc.tuple(place, fc.nat(255)).map(
      ([where, value]) =>
        (bytes) =>
          bytes.length === 0 ? bytes : edit(bytes, at(bytes, where), value),
    );
  const setByte = change((bytes, i, value) => bytes.map((each, n) => (n === i ? value : each)));
  const flipBit = change((bytes, i, value) => bytes.map((each, n) => (n === i ? each ^ (1 << (value % 8)) : each)));
  const cut = change((bytes, i) => bytes.slice(0, i));
  const insert = change((bytes, i, value) => join(bytes.slice(0, i), Uint8Array.of(value), bytes.slice(i)));
  const double = change((bytes, i, value) => join(bytes.slice(0, i + value), bytes.slice(i)));
  const mutation = fc.oneof(setByte, flipBit, cut, insert, double);
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([sample, mutations]) => mutations.reduce((bytes, each) => each(bytes), sample));
}
