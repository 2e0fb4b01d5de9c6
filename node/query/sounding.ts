// How names are compared beyond how they are written: by what all their spellings share.

import { type NameForms, nameForms } from '../../protocol/person/name-key.ts';
import { initialOf, initialsOf } from '../dicom/text/name-initials.ts';

// Searches look at the same names again and again; a name's key takes longer than comparing it.
const known = new Map<string, readonly string[]>();
const namesKept = 131_072;

function keysOf(name: string): readonly string[] {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (known.size >= namesKept) known.clear();
  const { keys }: NameForms = nameForms(name);
  // long texts are few, and would make the bound on their number none on their size
  if (name.length <= 128) known.set(name, keys);
  return keys;
}

/** The keys that a pattern's names have; undefined where only letters count, as `sounding` says. */
export function soundsLike(pattern: string): readonly string[] | undefined {
  if (pattern.includes('?') || !/\p{L}/u.test(pattern)) return undefined;
  return nameForms(pattern).keys;
}

/**
 * Whether a name has a key that a pattern's keys match; undefined where only letters count: one sound may be several of
 * them, so `?` cannot be told by it.
 */
export function sounding(
  pattern: string,
  compile: (key: string) => (text: string) => boolean,
): ((name: string) => boolean) | undefined {
  const keys = soundsLike(pattern);
  if (keys === undefined) return undefined;
  const all = keys.map(compile);
  const initials = keys.reduce((some, key) => some | initialOf(key), 0);
  return (name) =>
    (initialsOf(name) & initials) !== 0 && keysOf(name).some((key) => all.some((matches) => matches(key)));
}
