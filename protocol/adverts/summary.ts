// The summary inside an advertisement: what a hospital holds for one patient, under a key that only the hospital's
// guard releases. A fresh key for every version, so the nonce is zero.
import { gcm } from '@noble/ciphers/aes.js';
import { concat, uintBytes } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { framed, hedged } from '../hash.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { array, type Field, type Infer, id, oneOf, optional, payload, type Struct, text, uint } from '../schema.ts';
import { type AdvertFields, reservedBytes, type SizeClass, sizeClasses } from './record.ts';

/** The fields' values in their order, null where one is absent: half the length of a map. More may follow later. */
function row<S extends Record<string, Field<unknown>>>(fields: S): Field<Struct<S>> {
  const entries = Object.entries<Field<unknown>>(fields);
  return {
    decode(value, at) {
      must(Array.isArray(value) && value.length >= entries.length, 'field/invalid', { at });
      const out: Record<string, unknown> = {};
      for (const [i, [name, field]] of entries.entries()) {
        if (value[i] === null && field.optional === true) continue;
        out[name] = field.decode(value[i], `${at}.${name}`);
      }
      return out as Struct<S>;
    },
    encode: (value) =>
      entries.map(([name, field]) => {
        const each = (value as Record<string, unknown>)[name];
        return each === undefined ? null : field.encode(each);
      }),
  };
}

const study = row({
  /** Random name of the study towards other hospitals. */
  ref: id(16),
  /** Study date as in DICOM (PS3.5 DA), YYYYMMDD. */
  date: optional(text(8, /^[0-9]{8}$/)),
  modalities: array(text(16), limits.summaryModalities),
  bodyPart: optional(text(64)),
  description: optional(text(256)),
  instances: uint(),
  bytes: uint(),
  report: oneOf('none', 'preliminary', 'final', 'amended'),
  /** Acquired here, or fetched from where it was. */
  origin: oneOf('origin', 'copy'),
  /** The study's mark (epoch.ts): equal where two hospitals hold one study. */
  same: id(),
});

const content = payload(
  {
    studies: array(study, limits.summaryStudies),
    /** Older studies that did not fit. */
    more: uint(),
  },
  limits.advertBytes,
);

export type SummaryStudy = Infer<typeof study>;
export interface Summary {
  readonly studies: readonly SummaryStudy[];
  readonly more: number;
}

/** The record that a summary belongs to; every field is bound to the ciphertext. */
export type SummaryOf = { readonly federation: string } & Pick<
  AdvertFields,
  'tag' | 'member' | 'incarnation' | 'seq' | 'epoch'
>;

const tagBytes = 16;
const lengthBytes = 4;
const plainBytes = (size: SizeClass): number => size - reservedBytes - tagBytes;

const associated = ({ federation, tag, member, incarnation, seq, epoch }: SummaryOf): Uint8Array =>
  framed(['dicomnet summary', federation, tag, member, `${incarnation}`, `${seq}`, `${epoch}`]);

/**
 * Seals the studies, latest first, into the smallest size class that holds them; of too many the oldest are left out
 * and counted. `secret` is known to this peer alone: it keeps keys unpredictable should the generator fail.
 */
export function sealSummary(options: {
  studies: readonly SummaryStudy[];
  of: SummaryOf;
  secret: Uint8Array;
  random: Random;
}): { key: Uint8Array; sealed: Uint8Array; size: SizeClass; more: number } {
  const { of, secret, random } = options;
  const { encoded, size, more } = fitStudies(options.studies);
  const plain = new Uint8Array(plainBytes(size));
  plain.set(concat(uintBytes(encoded.length, lengthBytes), encoded));
  const aad = associated(of);
  const key = hedged(secret, framed(['summary key', aad, plain]), random);
  return { key, sealed: gcm(key, new Uint8Array(12), aad).encrypt(plain), size, more };
}

/** The size class that a summary of these studies takes: an existence-only record is padded to the same. */
export const summarySize = (studies: readonly SummaryStudy[]): SizeClass => fitStudies(studies).size;

function fitStudies(studies: readonly SummaryStudy[]): { encoded: Uint8Array; size: SizeClass; more: number } {
  const latestFirst = [...studies].sort((a, b) => compareText(b.date ?? '', a.date ?? '') || compareText(a.ref, b.ref));
  const encode = (count: number) =>
    content.encode({ studies: latestFirst.slice(0, count), more: studies.length - count });
  const largest = plainBytes(sizeClasses[sizeClasses.length - 1]!) - lengthBytes;
  let low = 0; // fits
  let high = Math.min(studies.length, limits.summaryStudies);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (encode(middle).length <= largest) low = middle;
    else high = middle - 1;
  }
  const encoded = encode(low);
  const size = sizeClasses.find((each) => encoded.length + lengthBytes <= plainBytes(each));
  must(size !== undefined, 'advert/too-large', { length: encoded.length });
  return { encoded, size, more: studies.length - low };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Opens a summary with the key that its owner released. @throws PeerError advert/summary, cbor/*, field/* */
export function openSummary(options: { key: Uint8Array; sealed: Uint8Array; of: SummaryOf }): Summary {
  const { key, sealed, of } = options;
  must(key.length === 32 && sealed.length > tagBytes + lengthBytes, 'advert/summary', { length: sealed.length });
  const plain = decrypt(key, sealed, associated(of));
  const length = plain.subarray(0, lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  must(length <= plain.length - lengthBytes, 'advert/summary', { length });
  const { studies, more } = content.decode(plain.subarray(lengthBytes, lengthBytes + length));
  return { studies, more };
}

function decrypt(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  try {
    return gcm(key, new Uint8Array(12), aad).decrypt(sealed);
  } catch (cause) {
    throw new PeerError('advert/summary', {}, { cause });
  }
}
