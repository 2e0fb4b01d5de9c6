// Tags change weekly, so that a DHT node cannot follow one key for years. Epochs are weeks of UTC counted from the Unix
// epoch (they begin on Thursdays at 00:00).
import { hex, uintBytes, utf8 } from '../bytes.ts';
import { hkdf, hmac } from '../hash.ts';
import { limits } from '../limits.ts';

const hour = 3_600_000;
const day = 24 * hour;
export const epochMs = 7 * day;
/** An epoch is published from this long before it starts and kept this long after it has ended. */
export const epochOverlapMs = day;

export const epochAt = (now: number): number => Math.floor(now / epochMs);

/** When an epoch begins, Unix ms. */
export const epochStart = (epoch: number): number => epoch * epochMs;

/** The key under which a patient is advertised in one epoch: 32 bytes in hex. `y` is the look-up's 64 bytes. */
export const patientTag = (y: Uint8Array, generation: number, epoch: number): string =>
  hex(hkdf(y, ['tag', uintBytes(generation, 6), uintBytes(epoch, 6)]));

/** Lets a finder see that two hospitals hold one study: 32 bytes in hex, meaningless without `y`. */
export const studyMark = (y: Uint8Array, studyInstanceUid: string): string =>
  hex(hmac(hkdf(y, ['study']), utf8(studyInstanceUid)));

/** The current epoch, the one before for 24 h, the next one from 24 h before it starts; in rising order. */
export function epochsToPublish(now: number): number[] {
  const current = epochAt(now);
  const epochs = [current];
  if (now < epochStart(current) + epochOverlapMs) epochs.unshift(current - 1);
  if (now >= epochStart(current + 1) - epochOverlapMs) epochs.push(current + 1);
  return epochs;
}

/**
 * The current epoch first, and for its first 24 h the one before, for hospitals that were off line when the new one
 * was published.
 */
export function epochsToLookUp(now: number): number[] {
  const current = epochAt(now);
  return now < epochStart(current) + epochOverlapMs ? [current, current - 1] : [current];
}

/** True if a record of this epoch may be stored now, give or take the clock skew allowed. */
export function epochIsPublished(epoch: number, now: number): boolean {
  const skew = limits.clockSkewMinutes * 60_000;
  return now >= epochStart(epoch) - epochOverlapMs - skew && now < epochStart(epoch + 1) + epochOverlapMs + skew;
}
