// Unique identifiers (PS3.5 9).
import { must } from '../../../protocol/errors.ts';

const form = /^[0-9]+(?:\.[0-9]+)*$/;

/** Digits and dots, at most 64 characters. Components with leading zeros exist in real studies and are let through. */
export const isUid = (text: string): boolean => text.length <= 64 && form.test(text);

/** The UID, or dicom/uid-missing, dicom/uid-invalid. `name` is the attribute's, for the error. */
export function mustBeUid(text: string | undefined, name: string): string {
  must(text !== undefined && text !== '', 'dicom/uid-missing', { name });
  must(isUid(text), 'dicom/uid-invalid', { name });
  return text;
}
