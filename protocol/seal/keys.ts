// The key hierarchy of sealing (SPEC 5): study key, series keys, object keys. A grant hands over series keys, never
// the study key, from which later generations follow.
import { expand } from '@noble/hashes/hkdf.js';
import { uintBytes, utf8 } from '../bytes.ts';
import { framed, hedged, sha256 } from '../hash.ts';
import type { Random } from '../ports.ts';

/**
 * HKDF-Expand alone: every key here is uniformly random already, so that the extract step would add nothing but its
 * time, which counts once an instance (RFC 5869 3.3).
 */
const derive = (key: Uint8Array, info: readonly (string | Uint8Array)[]): Uint8Array =>
  expand(sha256, key, framed(info), 32);

/** A new study key, 32 random bytes. It stays in the vault and is never derived from content. */
export const newStudyKey = (random: Random): Uint8Array => random(32);

/** The key of one series in one generation; a new generation starts when a grant for it has ended. */
export const seriesKey = (studyKey: Uint8Array, seriesUid: string, generation: number): Uint8Array =>
  derive(studyKey, ['dicomnet/1/series', seriesUid, uintBytes(generation, 4)]);

/** The key of a whole study's manifest in one version. A manifest of chosen series gets a random key instead. */
export const manifestKey = (studyKey: Uint8Array, version: number): Uint8Array =>
  derive(studyKey, ['dicomnet/1/manifest', uintBytes(version, 4)]);

/** The key of one sealed object. */
export const objectKey = (parentKey: Uint8Array, salt: Uint8Array): Uint8Array =>
  derive(parentKey, ['dicomnet/1/object', salt]);

/** Stands in the header, so that an object can't open under two keys, as GCM alone would allow (SPEC 5.3). */
export const commitmentOf = (key: Uint8Array): Uint8Array => derive(key, ['dicomnet/1/commit']);

/**
 * The salt of a new sealed object, 32 bytes. Hedged with the key and with what is sealed (a SOP Instance UID, say), so
 * that a failing generator does not give two instances one key.
 */
export const newSalt = (parentKey: Uint8Array, what: string, random: Random): Uint8Array =>
  hedged(parentKey, utf8(what), random);
