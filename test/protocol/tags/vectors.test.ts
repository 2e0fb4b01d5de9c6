import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concat, hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { contradicts } from '../../../protocol/person/demographics.ts';
import { epochStart, patientTag, studyMark } from '../../../protocol/tags/epoch.ts';
import { normalize, oprfInput } from '../../../protocol/tags/identifier.ts';
import { evaluateRequest } from '../../../protocol/tags/messages.ts';
import { decodeScalar, Point } from '../../../protocol/tags/points.ts';
import { commitmentsInterpolate } from '../../../protocol/tags/threshold.ts';
import { blind, evaluateWithNonce, finalize, verifyBatch } from '../../../protocol/tags/voprf.ts';

const folder = new URL('../../../protocol/vectors/tags/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface Share {
  index: number;
  commitment: string;
  evaluated: string;
}

/** The 48 bytes that noble's map to [1, order) takes to `scalar`. */
const before = (scalar: string): Uint8Array =>
  concat(Point.Fn.toBytes(Point.Fn.sub(decodeScalar(unhex(scalar)), 1n)), new Uint8Array(16));

const orCode = <T>(run: () => T): T | string => {
  try {
    return run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
};

// biome-ignore lint/suspicious/noExplicitAny: each kind of vector has its own shape, given by the script that makes it
const replay: Record<string, (input: any) => unknown> = {
  voprf({ secret, commitment, inputs, blinds, proofRandomScalar }) {
    const blinded = inputs.map((input: string, i: number) => blind(unhex(input), () => before(blinds[i])));
    expect(blinded.map((each: { blind: Uint8Array }) => hex(each.blind))).toEqual(blinds);
    const points: Uint8Array[] = blinded.map((each: { blinded: Uint8Array }) => each.blinded);
    const key = { commitment: unhex(commitment), blinded: points };
    const { evaluated, proof } = evaluateWithNonce({ ...key, secret: unhex(secret), nonce: before(proofRandomScalar) });
    expect(verifyBatch({ ...key, evaluated, proof })).toBe(true);
    const outputs = inputs.map((input: string, i: number) =>
      finalize({ input: unhex(input), blind: unhex(blinds[i]), shares: [{ index: 1, evaluated: evaluated[i]! }] }),
    );
    return { blinded: points.map(hex), evaluated: evaluated.map(hex), proof: hex(proof), outputs: outputs.map(hex) };
  },
  threshold({ oprfInput: input, blind: scalar, t, shares, evaluated }) {
    const pairs: Share[][] = [0, 1, 2].map((out) => evaluated.filter((_: Share, i: number) => i !== out));
    const outputs = pairs.map((pair) =>
      finalize({
        input: unhex(input),
        blind: unhex(scalar),
        shares: pair.map((each) => ({ index: each.index, evaluated: unhex(each.evaluated) })),
      }),
    );
    expect(new Set(outputs.map(hex)).size).toBe(1);
    const [a, b] = shares as { index: number; secret: string }[];
    const slope = Point.Fn.div(
      Point.Fn.sub(decodeScalar(unhex(b!.secret)), decodeScalar(unhex(a!.secret))),
      BigInt(b!.index - a!.index),
    );
    const whole = Point.Fn.sub(decodeScalar(unhex(a!.secret)), Point.Fn.mul(slope, BigInt(a!.index)));
    expect(t).toBe(2);
    return { publicKey: hex(Point.BASE.multiply(whole).toBytes()), y: hex(outputs[0]!) };
  },
  commitments: ({ publicKey, t, shares }) =>
    commitmentsInterpolate({
      publicKey: unhex(publicKey),
      t,
      shares: shares.map(({ index, commitment }: Share) => ({ index, commitment: unhex(commitment) })),
    }),
  proof: ({ commitment, blinded, evaluated, proof }) =>
    verifyBatch({
      commitment: unhex(commitment),
      blinded: blinded.map(unhex),
      evaluated: evaluated.map(unhex),
      proof: unhex(proof),
    }),
  identifier: ({ system, value }) =>
    orCode(() => ({ ...normalize(system, value), oprfInput: hex(oprfInput(system, value)) })),
  persons: ([a, b]) => contradicts(a, b),
  tag: ({ y, generation, epoch, studyInstanceUid }) => ({
    start: epochStart(epoch),
    tag: patientTag(unhex(y), generation, epoch),
    same: studyMark(unhex(y), studyInstanceUid),
  }),
  'evaluate-request': (input) =>
    orCode(() => {
      const value = evaluateRequest.decode(unhex(input));
      expect(hex(evaluateRequest.encode(value))).toBe(input);
      return { ...value, blinded: value.blinded.map(hex) };
    }),
};

describe('vectors of patient tags', () => {
  it.each(files)('%s', (file) => {
    const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    expect(replay[what]!(input)).toEqual(expected);
  });
});
