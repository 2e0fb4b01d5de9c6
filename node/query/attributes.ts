// Values in the DICOM JSON model, from what the index keeps and for matching.
import type { JsonAttribute, JsonPersonName, JsonValue } from '../dicom/model/json.ts';
import type { Vr } from '../dicom/model/vr.ts';
import { trimmedEnd } from '../dicom/text/trim.ts';

const numeric = new Set<Vr>(['IS', 'DS', 'US', 'SS', 'UL', 'SL', 'FL', 'FD', 'UV', 'SV']);

export const isNumeric = (vr: Vr): boolean => numeric.has(vr);

/** An attribute from plain values; without any it is there and empty, which says that it is not known (PS3.18 F.2.5). */
export function jsonOf(vr: Vr, values: readonly (string | number | undefined)[]): JsonAttribute {
  const known = values.filter((value) => value !== undefined && value !== '') as (string | number)[];
  if (known.length === 0) return { vr };
  return { vr, Value: vr === 'PN' ? known.map((value) => nameOf(String(value))) : known };
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

/** The values of an attribute as text, for matching; a person's name with its forms as `a=i=p`. */
export function queryTexts(attribute: JsonAttribute | undefined): string[] {
  return (attribute?.Value ?? []).flatMap((value: JsonValue) => {
    if (value === null) return [];
    return typeof value === 'object' ? [nameText(value as JsonPersonName)] : [String(value)];
  });
}

function nameText({ Alphabetic, Ideographic, Phonetic }: JsonPersonName): string {
  const forms = [Alphabetic, Ideographic, Phonetic].map((form) => (typeof form === 'string' ? form : ''));
  return trimmedEnd(forms.join('='), '=');
}
