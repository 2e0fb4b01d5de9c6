// Writes vectors/seal/*.json. Run with `node protocol/vectors/make-seal.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { nobleBulk } from '../bulk-noble.ts';
import { concat, hex } from '../bytes.ts';
import { commitmentOf, manifestKey, objectKey, seriesKey } from '../seal/keys.ts';
import { sealAll } from '../seal/sealer.ts';
import { seeded } from './seeded.ts';

const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`seal/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

const random = seeded('seal');
const [studyKey, salt, otherKey] = [random(32), random(32), random(32)];
const parentKey = seriesKey(studyKey, '1.2.840.99999.1', 1);
const log2ChunkSize = 12;
const chunk = 2 ** log2ChunkSize;

write('keys', {
  comment: 'From a study key to series keys of two generations, a manifest key, an object key and its commitment.',
  what: 'keys',
  input: { studyKey: hex(studyKey), seriesUid: '1.2.840.99999.1', version: 1, salt: hex(salt) },
  expect: {
    generation1: hex(parentKey),
    generation2: hex(seriesKey(studyKey, '1.2.840.99999.1', 2)),
    manifestKey: hex(manifestKey(studyKey, 1)),
    objectKey: hex(objectKey(parentKey, salt)),
    commitment: hex(commitmentOf(objectKey(parentKey, salt))),
  },
});

const plainOf = (length: number) => seeded(`seal plain ${length}`)(length);
const sealedOf = (length: number) => sealAll(plainOf(length), { parentKey, salt, log2ChunkSize }, { bulk: nobleBulk });

for (const [name, length, comment] of [
  ['object-empty', 0, 'No bytes: one chunk, which is a tag alone.'],
  ['object-short', 20, 'Less than a chunk.'],
  ['object-one-chunk', chunk, 'Exactly one chunk of 4 KiB: it is the last one too.'],
  ['object-two-chunks', chunk + 1, 'One byte more than a chunk.'],
] as const) {
  const { bytes, objectId, chunkHashes } = sealedOf(length);
  const input = { parentKey: hex(parentKey), salt: hex(salt), log2ChunkSize, plain: hex(plainOf(length)) };
  write(name, {
    comment,
    what: 'object',
    input,
    expect: { sealed: hex(bytes), objectId, chunkHashes: hex(chunkHashes) },
  });
}

const short = sealedOf(20);
const refuse = (name: string, comment: string, sealed: Uint8Array, code: string, key = parentKey) =>
  write(name, { comment, what: 'open', input: { parentKey: hex(key), sealed: hex(sealed) }, expect: code });

/** The short object with one byte changed. */
const changed = (at: number, value: number) => {
  const out = short.bytes.slice();
  out[at] = value;
  return out;
};

refuse('open-magic', 'Not a sealed object.', changed(0, 0x45), 'seal/header');
refuse('open-version', 'A later version.', changed(5, 2), 'version/unsupported');
refuse('open-chunk-size', 'Chunks of 8 MiB.', changed(6, 23), 'seal/header');
refuse('open-encoding-zstd', 'A reserved encoding.', changed(7, 1), 'seal/encoding');
refuse('open-encoding-unknown', 'An encoding that nobody knows.', changed(7, 9), 'seal/encoding');
refuse('open-salt', 'Another salt leads to another key.', changed(8, short.bytes[8]! ^ 1), 'seal/commitment');
refuse('open-commitment', 'Another commitment.', changed(71, short.bytes[71]! ^ 1), 'seal/commitment');
refuse('open-other-key', 'The key of another series.', short.bytes, 'seal/commitment', otherKey);
refuse('open-too-long', 'A plain length above 2^40.', changed(72, 1), 'seal/too-long');
refuse('open-length-less', 'The plain length is one less.', changed(79, 19), 'seal/trailing');
refuse('open-length-more', 'The plain length is one more.', changed(79, 21), 'seal/truncated');
refuse('open-cipher-bit', 'One bit of the ciphertext.', changed(80, short.bytes[80]! ^ 1), 'seal/chunk');
refuse('open-tag-bit', 'The last bit of the tag.', changed(115, short.bytes[115]! ^ 1), 'seal/chunk');
refuse('open-truncated', 'The last byte is missing.', short.bytes.subarray(0, -1), 'seal/truncated');
refuse('open-trailing', 'A byte follows.', concat(short.bytes, Uint8Array.of(0)), 'seal/trailing');

const two = sealedOf(2 * chunk);
const [first, second] = [two.bytes.subarray(80, 80 + chunk + 16), two.bytes.subarray(80 + chunk + 16)];
refuse('open-swapped', 'Two whole chunks in the wrong order.', concat(two.header, second, first), 'seal/chunk');

const verify = (name: string, comment: string, sealed: Uint8Array, expect: unknown) =>
  write(name, { comment, what: 'verify', input: { objectId: short.objectId, sealed: hex(sealed) }, expect });

verify('verify', 'Verified without a key.', short.bytes, { chunkHashes: hex(short.chunkHashes) });
verify(
  'verify-reserved-encoding',
  'Without a key an encoding does not matter, but the id covers it.',
  changed(7, 1),
  'seal/object-id',
);
verify('verify-other', 'One bit of the ciphertext.', changed(80, short.bytes[80]! ^ 1), 'seal/object-id');
verify('verify-truncated', 'The last byte is missing.', short.bytes.subarray(0, -1), 'seal/truncated');
verify('verify-trailing', 'A byte follows.', concat(short.bytes, Uint8Array.of(0)), 'seal/trailing');
