import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleBulk } from '../../../protocol/bulk-noble.ts';
import { concat, hex } from '../../../protocol/bytes.ts';
import { sealedLength } from '../../../protocol/seal/header.ts';
import { objectIdOf } from '../../../protocol/seal/object-id.ts';
import { openAll } from '../../../protocol/seal/opener.ts';
import { Sealer, sealAll } from '../../../protocol/seal/sealer.ts';
import { chunk, parentKey, parts, refused, salt, sample, small, split, streamed } from './samples.ts';

const edges = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 5 * chunk];
const lengths = fc.oneof(fc.constantFrom(...edges), fc.nat(4 * chunk));

describe('sealing', () => {
  it.each(edges)('opens to the same %i bytes and is as long as sealedLength says', (length) => {
    const all = sealAll(sample(length), small, parts);
    expect(all.bytes.length).toBe(sealedLength(length, 12));
    expect(all.sealedLength).toBe(all.bytes.length);
    expect(hex(openAll(all.bytes, parentKey, parts.bulk))).toBe(hex(sample(length)));
  });

  it('gives the same bytes for any split of the pushes', () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(4 * chunk), { maxLength: 8 }), (length, cuts) => {
        const whole = sealAll(sample(length), small, parts).bytes;
        expect(hex(streamed(split(sample(length), cuts)))).toBe(hex(whole));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('gives the same bytes byte by byte, with one output buffer for all chunks, and with the other bulk', () => {
    const plain = sample(2 * chunk + 5);
    const whole = hex(sealAll(plain, small, parts).bytes);
    const buffer = new Uint8Array(chunk + 16);
    const scratch = new Uint8Array(2 * chunk);
    const bytes = Array.from(plain, (_, i) => plain.subarray(i, i + 1));
    expect(hex(streamed(bytes, { ...small, scratch, output: (length) => buffer.subarray(0, length) }))).toBe(whole);
    expect(hex(sealAll(plain, small, { bulk: nobleBulk }).bytes)).toBe(whole);
  });

  it('sums up what it sealed', () => {
    const all = sealAll(sample(3 * chunk), small, parts);
    const sealer = new Sealer(small, parts);
    const chunks = [...sealer.push(sample(3 * chunk))];
    const { last, ...sum } = sealer.finish();
    expect(chunks).toHaveLength(2); // the third is full, and held back until it is known to be the last
    expect(sum.chunkHashes.length).toBe(96);
    expect(sum).toEqual({ ...sum, objectId: all.objectId, plainLength: 3 * chunk, sealedLength: all.bytes.length });
    expect(objectIdOf(sum.header, concat(...[...chunks, last].map(parts.bulk.blake3)), parts.bulk)).toBe(all.objectId);
    expect(sealer.header.subarray(0, 72)).toEqual(sum.header.subarray(0, 72)); // only the length is patched
  });

  it('never seals two objects under one key: another salt changes every byte of every chunk', () => {
    const one = sealAll(sample(100), small, parts);
    const other = sealAll(sample(100), { ...small, salt: salt.slice().fill(1) }, parts);
    const differing = one.bytes.subarray(80).filter((byte, i) => byte !== other.bytes[80 + i]).length;
    expect(differing).toBeGreaterThan(100); // of 116; each equals by chance with 1/256
    expect(one.objectId).not.toBe(other.objectId);
  });

  it('takes chunks of 4 KiB to 4 MiB and nothing else', () => {
    for (const log2ChunkSize of [12, 18, 22])
      expect(() => new Sealer({ ...small, log2ChunkSize }, parts)).not.toThrow();
    for (const log2ChunkSize of [0, 11, 23, 255]) {
      expect(refused(() => new Sealer({ ...small, log2ChunkSize }, parts)).code).toBe('seal/header');
    }
  });

  it('refuses to go on in the middle of a push, and after the end', () => {
    const sealer = new Sealer(small, parts);
    sealer.push(sample(3 * chunk)).next();
    expect(() => sealer.finish()).toThrow(/is pushing/);
    const done = new Sealer(small, parts);
    done.finish();
    expect(() => [...done.push(sample(1))]).toThrow(/is finished/);
  });
});
