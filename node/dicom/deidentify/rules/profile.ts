// Which de-identification is asked for: the Basic Profile of PS3.15 E.2 and options of E.3, by one text such as
// `basic+dates+characteristics`, and how the result names them (CID 7050).
import { PeerError } from '../../../../protocol/errors.ts';

/** Options and the codes that say that they were used (PS3.16 CID 7050). */
const options = {
  graphics: ['113103', 'Clean Graphics Option'],
  structured: ['113104', 'Clean Structured Content Option'],
  descriptors: ['113105', 'Clean Descriptors Option'],
  'full-dates': ['113106', 'Retain Longitudinal Temporal Information Full Dates Option'],
  dates: ['113107', 'Retain Longitudinal Temporal Information Modified Dates Option'],
  characteristics: ['113108', 'Retain Patient Characteristics Option'],
  device: ['113109', 'Retain Device Identity Option'],
  uids: ['113110', 'Retain UIDs Option'],
  'safe-private': ['113111', 'Retain Safe Private Option'],
  institution: ['113112', 'Retain Institution Identity Option'],
} as const;

export type Option = keyof typeof options;

export interface Profile {
  /** Canonical: `basic` and the words behind it, sorted. */
  readonly name: string;
  readonly options: ReadonlySet<Option>;
  /** A person has looked at the images: no text is burned in where it would be suspected. */
  readonly inspected: boolean;
}

export interface MethodCode {
  readonly value: string;
  readonly meaning: string;
}

export const optionNames = Object.keys(options) as readonly Option[];

/**
 * `basic`, then any of the options and `inspected`, joined by `+`, `,` or spaces (a `+` in a query is one).
 * @throws PeerError deid/profile
 */
export function parseProfile(text: string): Profile {
  const words = text.trim().split(/[+, ]+/);
  const rest = [...new Set(words.slice(1))].sort();
  const known = rest.every((word) => word === 'inspected' || Object.hasOwn(options, word));
  const both = rest.includes('dates') && rest.includes('full-dates');
  if (words[0] !== 'basic' || !known || both) throw new PeerError('deid/profile');
  return {
    name: ['basic', ...rest].join('+'),
    options: new Set(rest.filter((word) => word !== 'inspected') as Option[]),
    inspected: rest.includes('inspected'),
  };
}

/** What goes into De-identification Method Code Sequence (0012,0064). `pixels`: something was blanked in the pixels. */
export function methodCodes({ options: used }: Profile, pixels: boolean): MethodCode[] {
  const codes: MethodCode[] = [{ value: '113100', meaning: 'Basic Application Confidentiality Profile' }];
  if (pixels) codes.push({ value: '113101', meaning: 'Clean Pixel Data Option' });
  for (const name of optionNames) {
    const [value, meaning] = options[name];
    if (used.has(name)) codes.push({ value, meaning });
  }
  return codes;
}
