// Coded concepts, and those that our own reports use.
import { attribute, itemsOf, sequence, textOf } from '../model/attributes.ts';
import type { DicomJson, JsonAttribute } from '../model/json.ts';

/** A coded concept (PS3.3 8). `meaning` is what people read. */
export interface CodedConcept {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** The first code of a sequence; undefined when it is missing or empty. */
export function codeOf(json: DicomJson, tag: string): CodedConcept | undefined {
  const item = itemsOf(json, tag)[0];
  if (item === undefined) return undefined;
  // Code Value, or its long or URN form (PS3.3 8.1).
  const value = textOf(item, '00080100') ?? textOf(item, '00080119') ?? textOf(item, '00080120') ?? '';
  const scheme = textOf(item, '00080102') ?? '';
  return { value, scheme, meaning: textOf(item, '00080104') ?? value };
}

/** A code as the item of a sequence. */
const codeItem = ({ value, scheme, meaning }: CodedConcept): DicomJson => ({
  ...(value.length > 16 ? { '00080119': attribute('UC', value) } : { '00080100': attribute('SH', value) }),
  '00080102': attribute('SH', scheme),
  '00080104': attribute('LO', meaning),
});

/** A sequence of one code. */
export const codeSequence = (code: CodedConcept): JsonAttribute => sequence(codeItem(code));

/** A code of the DICOM Controlled Terminology (PS3.16 D). */
export const dcm = (value: string, meaning: string): CodedConcept => ({ value, scheme: 'DCM', meaning });

/** A code of LOINC. */
export const loinc = (value: string, meaning: string): CodedConcept => ({ value, scheme: 'LN', meaning });
