// The key hierarchy of sealing (SPEC 5): study key, series keys, object keys. A grant hands over series keys, never
// the study key, from which later generations follow.
import { uintBytes, utf8 } from '../bytes.ts';
import { hedged, hkdf } from '../hash.ts';
import type { Random } from '../ports.ts';

/** A new study key, 32 random bytes. It stays in the vault and is never derived from content. */
export const newStudyKey = (random: Random): Uint8Array => random(32);

/** The key of one series in one generation; a new generation starts when a grant for it has ended. */
export const seriesKey = (studyKey: Uint8Array, seriesUid: string, generation: number): Uint8Array =>
  hkdf(studyKey, ['dicomnet/1/series', seriesUid, uintBytes(generation, 4)]);

/** The key of a whole study's manifest in one version. A manifest of chosen series gets a random key instead. */
export const manifestKey = (studyKey: Uint8Array, version: number): Uint8Array =>
  hkdf(studyKey, ['dicomnet/1/manifest', uintBytes(version, 4)]);

/** The key of one sealed object. */
export const objectKey = (parentKey: Uint8Array, salt: Uint8Array): Uint8Array =>
  hkdf(parentKey, ['dicomnet/1/object', salt]);

/** Stands in the header, so that an object can't open under two keys, as GCM alone would allow (SPEC 5.3). */
export const commitmentOf = (key: Uint8Array): Uint8Array => hkdf(key, ['dicomnet/1/commit']);

/**
 * The salt of a new sealed object, 32 bytes. Hedged with the key and with what is sealed (a SOP Instance UID, say), so
 * that a failing generator does not give two instances one key.
 */
export const newSalt = (parentKey: Uint8Array, what: string, random: Random): Uint8Array =>
  hedged(parentKey, utf8(what), random);
