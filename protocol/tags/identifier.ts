// Patient identifiers: one spelling for one patient, whoever typed it, since only equal bytes give equal tags.
import { utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { must } from '../errors.ts';
import { limits } from '../limits.ts';

/** Moldova's national identification number (IDNP), 13 digits. */
export const idnpSystem = 'urn:dicomnet:id:md:idnp';

export interface Normalized {
  readonly value: string;
  /** True if the system has a check digit and it is right. Hospitals hold unverified numbers too: they are accepted. */
  readonly checked: boolean;
}

// spaces, dashes (with the minus sign U+2212), full stops, and characters that do not show
const separators = /[\s\p{Z}\p{Pd}\u2212.\p{Cf}]/gu;
const unshowable = /\p{C}/u;
const systemUri = /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/;

/**
 * NFKC, without spaces, dashes and full stops, in upper case; applied until nothing changes, so that normalizing twice
 * is normalizing once. The system is a URI, compared byte by byte.
 * @throws PeerError tags/system, tags/identifier for an empty value, one beyond 200 bytes, or control characters
 */
export function normalize(system: string, value: string): Normalized {
  must(system.length <= limits.identifierSystemBytes && systemUri.test(system), 'tags/system');
  must(value.length <= limits.identifierBytes && value.isWellFormed(), 'tags/identifier', { length: value.length });
  let before = value;
  let after = unseparated(before);
  // a stripped character can bring two together that compose: a handful of rounds settle any text
  for (let round = 0; after !== before && round < 8; round++) {
    before = after;
    after = unseparated(before);
  }
  const length = utf8(after).length;
  const valid = after === before && length > 0 && length <= limits.identifierBytes && !unshowable.test(after);
  must(valid, 'tags/identifier', { length });
  return { value: after, checked: system === idnpSystem && isIdnp(after) };
}

/** One round of `normalize`, unchecked: what a search is compared with, wildcards and all. */
export const unseparated = (value: string): string =>
  value.normalize('NFKC').replace(separators, '').toUpperCase().normalize('NFKC').replace(separators, '');

/** 13 digits, the last one the sum of the others weighted 7, 3, 1, 7, 3, 1, ... modulo 10. */
export function isIdnp(value: string): boolean {
  if (!/^[0-9]{13}$/.test(value)) return false;
  const digits = [...value].map(Number);
  const sum = digits.slice(0, 12).reduce((total, digit, i) => total + digit * [7, 3, 1][i % 3]!, 0);
  return sum % 10 === digits[12];
}

/**
 * The OPRF's input: CBOR [system, normalized value], at most 256 bytes.
 * @throws PeerError tags/system, tags/identifier
 */
export function oprfInput(system: string, value: string): Uint8Array {
  const input = encodeCbor([system, normalize(system, value).value]);
  must(input.length <= limits.oprfInputBytes, 'tags/identifier', { length: input.length });
  return input;
}
