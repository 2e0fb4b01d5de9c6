// Short ways to write and read attributes of the DICOM JSON model.
import type { DicomJson, JsonAttribute, JsonPersonName, JsonValue } from './json.ts';
import type { Vr } from './vr.ts';

/** An attribute with these values; without any it is present and empty. */
export const attribute = (vr: Vr, ...values: (JsonValue | undefined)[]): JsonAttribute => {
  const Value = values.filter((value): value is JsonValue => value !== undefined && value !== '');
  return Value.length === 0 ? { vr } : { vr, Value };
};

/** A sequence of these items. */
export const sequence = (...items: DicomJson[]): JsonAttribute => sequenceOf(items);

/** A sequence of a list of items, however long. */
export const sequenceOf = (items: readonly DicomJson[]): JsonAttribute =>
  items.length === 0 ? { vr: 'SQ' } : { vr: 'SQ', Value: [...items] };

/** A name as the JSON model has it, from the text of a PN (PS3.5 6.2). */
export const personName = (text: string): JsonPersonName => ({ Alphabetic: text });

/** The first value as text; names by their alphabetic group. Undefined when there is none. */
export function textOf(json: DicomJson, tag: string): string | undefined {
  const value = json[tag]?.Value?.[0];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  const { Alphabetic, Ideographic, Phonetic } = value as JsonPersonName;
  const name = Alphabetic ?? Ideographic ?? Phonetic;
  return typeof name === 'string' ? name : undefined;
}

/** All values that are text or numbers, as text. */
export const textsOf = (json: DicomJson, tag: string): string[] =>
  (json[tag]?.Value ?? []).filter((value) => value !== null && typeof value !== 'object').map(String);

/** All values that are numbers. */
export const numbersOf = (json: DicomJson, tag: string): number[] =>
  (json[tag]?.Value ?? []).map((value) => (value === null || typeof value === 'object' ? Number.NaN : Number(value)));

/** The items of a sequence; none when it is missing, or was left as a byte range. */
export const itemsOf = (json: DicomJson, tag: string): DicomJson[] =>
  (json[tag]?.Value ?? []).filter((value): value is DicomJson => typeof value === 'object' && value !== null);
