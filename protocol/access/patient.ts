// Whose studies are asked for, readable by the owner only, and whether that is who the owner knows.
import { type BoxPublic, type BoxSecret, openBox, sealTo } from '../box.ts';
import { PeerError } from '../errors.ts';
import { framed } from '../hash.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { optional, payload, type Struct, text } from '../schema.ts';

const fields = {
  /** URI of the identifier's system. */
  system: text(200),
  value: text(200),
  /** As a DICOM person name (PS3.5 6.2, PN) or free text. */
  name: optional(text(256)),
  /** YYYYMMDD (PS3.5 6.2, DA). */
  birthDate: optional(text(8, /^\d{8}$/)),
};

const askedPatient = payload(fields, limits.requestPatientBytes);

export type AskedPatient = Struct<typeof fields>;

/** The request that a sealed patient belongs to: moved into another request it does not open. */
export interface PatientContext {
  /** Federation id, hex. */
  readonly federation: string;
  /** Request id and the two member ids, hex. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

const aad = (of: PatientContext): Uint8Array =>
  framed(['dicomnet/1/request/patient', of.federation, of.id, of.from, of.to]);

/** Seals the patient to the owner's card. @throws PeerError box/key */
export const sealPatient = (patient: AskedPatient, to: BoxPublic, of: PatientContext, random: Random): Uint8Array =>
  sealTo(to, askedPatient.encode(patient), aad(of), random);

/** @throws PeerError access/patient when it was sealed to other keys or for another request, or is malformed */
export function openPatient(sealed: Uint8Array, secret: BoxSecret, of: PatientContext): AskedPatient {
  try {
    return askedPatient.decode(openBox(secret, sealed, aad(of)));
  } catch (cause) {
    throw new PeerError('access/patient', { id: of.id }, { cause });
  }
}

/** `missing`: not enough was given to compare. `differs`: something that was given is not what is known. */
export type PatientMatch = 'matches' | 'missing' | 'differs';

/** Compares the given name and birth date with all that the owner knows the patient by. */
export function matchPatient(
  asked: Pick<AskedPatient, 'name' | 'birthDate'>,
  known: { readonly names: readonly string[]; readonly birthDates: readonly string[] },
): PatientMatch {
  const name = asked.name === undefined || foldName(asked.name) === '' ? undefined : nameForms(asked.name);
  if (name !== undefined && known.names.length > 0) {
    const forms = new Set(known.names.flatMap(nameForms));
    if (!name.some((form) => forms.has(form))) return 'differs';
  }
  const { birthDate } = asked;
  if (birthDate !== undefined && known.birthDates.length > 0 && !known.birthDates.includes(birthDate)) return 'differs';
  const compared =
    name !== undefined && known.names.length > 0 && birthDate !== undefined && known.birthDates.length > 0;
  return compared ? 'matches' : 'missing';
}

/** A person name has up to three component groups (alphabetic, ideographic, phonetic): any of them may be the given one. */
const nameForms = (name: string): string[] =>
  name
    .split('=')
    .map(foldName)
    .filter((form) => form !== '');

/** Case, accents (so ș and ş alike), punctuation and the order of the components do not count. */
function foldName(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();
  return plain
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '')
    .sort()
    .join(' ');
}
