// Who asks, and what for: shared by summary requests and by access requests.
import { type Infer, optional, struct, text } from './schema.ts';

/** Purposes of use (HL7 v3 PurposeOfUse, http://terminology.hl7.org/CodeSystem/v3-ActReason). */
export const purposes = [
  'TREAT', // treatment
  'ETREAT', // emergency treatment
  'BTG', // break the glass
  'COC', // coordination of care
  'CAREMGT', // care management
  'PATRQT', // the patient's own request
  'FAMRQT', // the family's request
  'PWATRNY', // power of attorney
  'PATADMIN', // patient administration
  'PATSFTY', // patient safety
  'HQUALIMP', // quality improvement
  'HLEGAL', // legal
  'HRESCH', // research
  'CLINTRCH', // clinical trial research
  'PUBHLTH', // public health
  'TRAIN', // training
] as const;

export type Purpose = (typeof purposes)[number];

export const isPurpose = (code: string): code is Purpose => (purposes as readonly string[]).includes(code);

/** The person on whose behalf a request is made, as the requesting member vouches for it. */
export const practitioner = struct({
  /** Reference of a practitioner credential (id or licence number). */
  reference: optional(text(128)),
  name: text(200),
  role: text(100),
});

export type Practitioner = Infer<typeof practitioner>;
