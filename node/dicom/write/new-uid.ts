// New unique identifiers (PS3.5 B.2).
import type { Random } from '../../../protocol/ports.ts';

/** A UID under 2.25: a random UUID (RFC 9562, version 4) as a decimal integer, at most 44 characters. */
export function newUid(random: Random): string {
  const bytes = random(16).slice();
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${Buffer.from(bytes).toString('hex')}`)}`;
}
