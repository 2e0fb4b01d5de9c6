// Small pieces of FHIR R4: dates, names, narratives, the patient.
import type { Random } from '../../../protocol/ports.ts';
import { textOf } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { escaped } from '../../dicom/sr/report-html.ts';

/** A full URL and the resource behind it. */
export type BundleEntry = readonly [string, Record<string, unknown>];

export function urnUuid(random: Random): string {
  const bytes = random(16).slice();
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = Buffer.from(bytes).toString('hex');
  return `urn:uuid:${text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}

/** DT with offset as FHIR's dateTime; undefined for what is none. */
export function fhirDateTime(text: string): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?([+-]\d\d)(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, zone, zoneMinute] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}:${zoneMinute}`;
}

/** DA, with TM when its offset from UTC is known: FHIR has no time of day without one. */
export function fhirDate(date: string | undefined, time?: string, offset?: string): string | undefined {
  if (date === undefined || !/^\d{8}$/.test(date)) return undefined;
  const whole = time !== undefined && offset !== undefined ? fhirDateTime(`${date}${time}${offset}`) : undefined;
  return whole ?? date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** Text for people: one paragraph for each line. */
export const narrative = (lines: readonly string[]) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}</div>`,
});

const genders: Readonly<Record<string, string>> = { M: 'male', F: 'female', O: 'other' };

export function patientResource(study: DicomJson): Record<string, unknown> {
  const [id, issuer] = [textOf(study, '00100020'), textOf(study, '00100021')];
  const name = textOf(study, '00100010');
  const sex = textOf(study, '00100040');
  return {
    resourceType: 'Patient',
    identifier: id === undefined ? undefined : [{ value: id, assigner: issuer && { display: issuer } }],
    name: name === undefined ? undefined : [humanName(name)],
    gender: sex === undefined ? undefined : (genders[sex] ?? 'unknown'),
    birthDate: fhirDate(textOf(study, '00100030')),
  };
}

function humanName(text: string) {
  const [family, given, middle, prefix, suffix] = text.split('^').map((part) => part || undefined);
  const all = (...parts: (string | undefined)[]) => {
    const there = parts.filter((part) => part !== undefined);
    return there.length === 0 ? undefined : there;
  };
  return { family, given: all(given, middle), prefix: all(prefix), suffix: all(suffix) };
}
