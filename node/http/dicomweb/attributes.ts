// Attributes by keyword or tag, and values in the DICOM JSON model.
import { dictionary } from 'dcmjs/dictionary';
import type { JsonAttribute, JsonPersonName, JsonValue } from '../../dicom/json.ts';
import { dictionaryVr, type Vr } from '../../dicom/vr.ts';

export interface Attribute {
  /** Eight upper-case hexadecimal digits. */
  readonly tag: string;
  readonly vr: Vr;
}

function loadKeywords(): Map<string, string> {
  const tags = new Map<string, string>();
  for (const [key, { name }] of Object.entries(dictionary)) {
    const match = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(key);
    if (match) tags.set(name, `${match[1]}${match[2]}`.toUpperCase());
  }
  return tags;
}

const keywords = loadKeywords();

/** The attribute that a query names, by keyword or tag (PS3.18 8.3.4); undefined when there is none of that name. */
export function attributeNamed(name: string): Attribute | undefined {
  const tag = /^[0-9a-fA-F]{8}$/.test(name) ? name.toUpperCase() : keywords.get(name);
  if (tag === undefined) return undefined;
  const vr = dictionaryVr(Number.parseInt(tag, 16));
  return { tag, vr: vr === 'xs' ? 'US' : vr };
}

const numeric = new Set<Vr>(['IS', 'DS', 'US', 'SS', 'UL', 'SL', 'FL', 'FD', 'UV', 'SV']);

export const isNumeric = (vr: Vr): boolean => numeric.has(vr);

/** An attribute from plain values; without any it is there and empty, which says that it is not known (PS3.18 F.2.5). */
export function jsonOf(vr: Vr, values: readonly (string | number)[]): JsonAttribute {
  const known = values.filter((value) => value !== '');
  if (known.length === 0) return { vr };
  return { vr, Value: vr === 'PN' ? known.map((value) => nameOf(String(value))) : [...known] };
}

/** `Family^Given=ideographic=phonetic` in its three forms. */
function nameOf(text: string): JsonPersonName {
  const [alphabetic, ideographic, phonetic] = text.split('=');
  return {
    ...(alphabetic && { Alphabetic: alphabetic }),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}

/** The values of an attribute as text, for matching; each form of a person's name counts as one. */
export function textsOf(attribute: JsonAttribute | undefined): string[] {
  return (attribute?.Value ?? []).flatMap((value: JsonValue) => {
    if (value === null) return [];
    if (typeof value !== 'object') return [String(value)];
    return Object.values(value).filter((form) => typeof form === 'string');
  });
}
