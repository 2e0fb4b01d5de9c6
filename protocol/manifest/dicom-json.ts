// DICOM JSON in manifests (PS3.18 F): carried as text, so that a manifest of 50,000 instances is decoded without
// parsing what nobody looks at; what all instances of a series share stands once, in the series (SPEC 6.2).
import { must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Field } from '../schema.ts';
import { text } from '../schema.ts';

/** Attributes by their tag in eight upper-case hexadecimal digits. */
export interface ManifestAttributes {
  readonly [tag: string]: unknown;
}

const tagPattern = /^[0-9A-F]{8}$/;
// each sequence nests an attribute, its values and an item
const maxDepth = 3 * limits.dicomDepth + 3;

/** @throws PeerError field/invalid when it is not JSON, nested too deep, or not attributes by tag */
export function parseDicomJson(json: string, at: string): ManifestAttributes {
  must(depthWithin(json, maxDepth), 'field/invalid', { at });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new PeerError('field/invalid', { at }, { cause });
  }
  must(typeof value === 'object' && value !== null && !Array.isArray(value), 'field/invalid', { at });
  must(
    Object.keys(value).every((tag) => tagPattern.test(tag)),
    'field/invalid',
    { at },
  );
  return value as ManifestAttributes;
}

/** Whether brackets outside of strings nest at most `max` deep: readers of what was parsed may then recurse. */
function depthWithin(json: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (char === 0x22) inString = !inString;
    else if (inString)
      i += char === 0x5c ? 1 : 0; // skips what a backslash escapes
    else if (char === 0x7b || char === 0x5b) depth++;
    else if (char === 0x7d || char === 0x5d) depth--;
    if (depth > max) return false;
  }
  return true;
}

/** Attributes as JSON text in a message. */
export function dicomJson(maxBytes: number): Field<ManifestAttributes> {
  const raw = text(maxBytes);
  return {
    decode: (value, at) => parseDicomJson(raw.decode(value, at), at),
    encode: (value) => JSON.stringify(value),
  };
}

/** Splits off the attributes that all have with equal values; `merge` of `common` and a rest gives the original back. */
export function hoist(list: readonly ManifestAttributes[]): {
  common: ManifestAttributes;
  rests: ManifestAttributes[];
} {
  const common = new Map(Object.entries(list[0] ?? {}));
  for (const each of list.slice(1)) {
    for (const [tag, value] of common) if (!same(value, each[tag])) common.delete(tag);
  }
  const without = (each: ManifestAttributes) =>
    Object.fromEntries(Object.entries(each).filter(([tag]) => !common.has(tag)));
  return { common: Object.fromEntries(common), rests: list.map(without) };
}

/** Both, in the order of their tags (PS3.18 F.2.2); `rest` wins. */
export const merge = (common: ManifestAttributes, rest: ManifestAttributes): ManifestAttributes =>
  Object.fromEntries(Object.entries({ ...common, ...rest }).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Equal as JSON values. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => same(each, b[i]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
