// Sealing, opening and verifying against AES-256-GCM and BLAKE3 alone, one after the other over the same bytes in
// pieces of a chunk. Everything is in memory: this measures the sealed object's own cost, not a disk's.
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { blake3 } from '@napi-rs/blake-hash';
import { nativeBulk } from '../../node/system/bulk.ts';
import { systemRandom } from '../../node/system/machine.ts';
import { sealedLength } from '../../protocol/seal/header.ts';
import { newSalt, seriesKey } from '../../protocol/seal/keys.ts';
import { OpenStream } from '../../protocol/seal/open-stream.ts';
import { Sealer, sealAll } from '../../protocol/seal/sealer.ts';
import { Verifier } from '../../protocol/seal/verifier.ts';
import { type BenchOptions, type Contender, measure, megabytesPerSecond, type Report, secondsOf } from './harness.ts';

const bulk = nativeBulk;
const parts = { bulk };
const parentKey = seriesKey(new Uint8Array(32), '1.2.3', 1);
const chunk = 2 ** 18;
const instance = new Uint8Array(randomBytes(512 * 1024));
const instances = 600;
const stream = new Uint8Array(randomBytes(64 * 1024 * 1024));
const streams = 4;
const instanceBytes = instance.length * instances;
const streamBytes = stream.length * streams;
/** Written out before the next is sealed, as by the store. */
const output = new Uint8Array(sealedLength(instance.length));
const scratch = new Uint8Array(chunk);
const reused = (length: number) => output.subarray(0, length);
/** Cut as a socket or a file would: 64 KiB at a time. */
const pieces = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

const rate = (name: string, bytes: number, run: () => unknown): Contender => ({
  name,
  unit: 'MB/s',
  run: async () => megabytesPerSecond(bytes, await secondsOf(run)),
});

const options = () => ({ parentKey, salt: newSalt(parentKey, '1.2.3.4', systemRandom) });
const sealedInstance = sealAll(instance, options(), parts);
const sealedStream = sealAll(stream, options(), parts);

const key = createSecretKey(randomBytes(32));
const [nonce, aad] = [new Uint8Array(12), new Uint8Array(72)];
const encrypt = (bytes: Uint8Array) => {
  for (const piece of pieces(bytes, chunk)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(aad);
    cipher.update(piece);
    cipher.final();
    cipher.getAuthTag();
  }
};
const hash = (bytes: Uint8Array) => {
  for (const piece of pieces(bytes, chunk)) blake3(piece);
};

/** `times` runs over everything with the one, then with the other. */
const oneAfterTheOther = (bytes: Uint8Array, times: number) => () => {
  for (let i = 0; i < times; i++) encrypt(bytes);
  for (let i = 0; i < times; i++) hash(bytes);
};

const repeat = (times: number, run: () => unknown) => {
  for (let i = 0; i < times; i++) run();
};

const sealStream = (bytes: Uint8Array, size: number) => {
  const sealer = new Sealer({ ...options(), output: reused, scratch }, parts);
  let written = 0;
  for (const piece of pieces(bytes, size)) for (const sealed of sealer.push(piece)) written += sealed.length;
  return written + sealer.finish().last.length;
};

const openStream = (sealed: Uint8Array, size: number) => {
  const opener = new OpenStream({ parentKey }, parts);
  let opened = 0;
  for (const piece of pieces(sealed, size)) for (const plain of opener.push(piece)) opened += plain.length;
  opener.finish();
  return opened;
};

const verify = ({ bytes, objectId }: { bytes: Uint8Array; objectId: string }, size: number) => {
  const verifier = new Verifier({ objectId }, parts);
  for (const piece of pieces(bytes, size)) verifier.push(piece);
  return verifier.finish();
};

const piece = 64 * 1024;
const together = (size: string) => `AES-256-GCM, then BLAKE3: ${size}`;
const gcmAlone = (size: string) => `AES-256-GCM alone: ${size}`;
const hashAlone = (size: string) => `BLAKE3 alone: ${size}`;

const baselines = (size: string, bytes: Uint8Array, times: number): Contender[] => [
  rate(together(size), bytes.length * times, oneAfterTheOther(bytes, times)),
  rate(gcmAlone(size), bytes.length * times, () => repeat(times, () => encrypt(bytes))),
  rate(hashAlone(size), bytes.length * times, () => repeat(times, () => hash(bytes))),
];

const ofInstance = (name: string, run: () => unknown) => rate(name, instanceBytes, () => repeat(instances, run));
const ofStream = (name: string, run: () => unknown) => rate(name, streamBytes, () => repeat(streams, run));

const small = sealedInstance;
const large = sealedStream;
const contenders: Contender[] = [
  ...baselines('512 KiB', instance, instances),
  ofInstance('seal 512 KiB', () => sealAll(instance, { ...options(), output: reused }, parts)),
  ofInstance('seal 512 KiB in pieces', () => sealStream(instance, piece)),
  ofInstance('open 512 KiB', () => openStream(small.bytes, small.bytes.length)),
  ofInstance('verify 512 KiB', () => verify(small, small.bytes.length)),
  ...baselines('64 MiB', stream, streams),
  ofStream('seal 64 MiB in pieces', () => sealStream(stream, piece)),
  ofStream('open 64 MiB in pieces', () => openStream(large.bytes, piece)),
  ofStream('verify 64 MiB in pieces', () => verify(large, piece)),
];

export const bench = ({ rounds = 9 }: BenchOptions): Promise<Report> =>
  measure({
    name: 'seal',
    contenders,
    rounds,
    ratios: [
      { of: 'seal 512 KiB', to: together('512 KiB'), aim: 0.8 },
      { of: 'seal 512 KiB in pieces', to: together('512 KiB'), aim: 0.8 },
      { of: 'seal 64 MiB in pieces', to: together('64 MiB'), aim: 0.8 },
      { of: 'open 512 KiB', to: gcmAlone('512 KiB'), aim: 0.8 },
      { of: 'open 64 MiB in pieces', to: gcmAlone('64 MiB'), aim: 0.8 },
      { of: 'verify 512 KiB', to: hashAlone('512 KiB'), aim: 0.8 },
      { of: 'verify 64 MiB in pieces', to: hashAlone('64 MiB'), aim: 0.8 },
    ],
  });
