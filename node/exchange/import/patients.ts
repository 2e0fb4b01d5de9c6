// Whose an instance is. Scanners send local numbers or national ones; a record may have any number of identifiers, and
// only those in a federation-wide system make its studies findable.
import { hex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Demographics } from '../../../protocol/person/demographics.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { normalize } from '../../../protocol/tags/identifier.ts';
import type { InstanceHeader } from '../../dicom/read/instance-header.ts';
import { isFederated, isLocalSystem, isPlaceholder, localSystem } from '../../store/identifiers.ts';
import type { Index } from '../../store/index.ts';
import { newPatient } from '../../store/new-instance.ts';
import { isAnotherThanAll, ownDemographics } from '../../store/persons.ts';
import type { Identifier, PatientRecord } from '../../store/records.ts';

export interface PatientOptions {
  /** System URI of the national identifier. */
  readonly defaultSystem: string;
  /** Issuer of Patient ID to system URI; '' for IDs without an issuer. */
  readonly issuers: Readonly<Record<string, string>>;
  /** Numbers that are nobody's, beside the usual ones. */
  readonly placeholders?: readonly string[] | undefined;
}

/** Whether others can find what this patient has here. */
export const isFindable = (patient: PatientRecord): boolean => patient.identifiers.some(isFederated);

/** A fresh record with what the header says of the patient; the index keeps an existing one with the same identifier. */
export function patientOf(header: InstanceHeader['patient'], options: PatientOptions, random: Random): PatientRecord {
  const { id, issuer = '', ...columns } = header;
  const system = options.issuers[issuer] ?? (issuer === '' ? localSystem : `${localSystem}:${issuer}`);
  const identifiers = id === undefined ? [] : [identifierOf(system, id, options.placeholders)];
  const known = identifiers.filter((each) => each !== undefined);
  return newPatient(hex(random(16)), known, columns);
}

function identifierOf(system: string, text: string, placeholders?: readonly string[]): Identifier | undefined {
  try {
    const { value, checked, written } = numberOf(system, text);
    const status = isPlaceholder(value, placeholders) ? 'placeholder' : checked ? 'checked' : 'unchecked';
    return { system, value, status, ...(written !== undefined && { written }) };
  } catch (error) {
    // what can't be an identifier (blank, over-long) leaves the patient without one instead of refusing the image
    if (error instanceof PeerError && error.code.startsWith('tags/')) return undefined;
    throw error;
  }
}

/**
 * A number as it is compared: normalized in a federation-wide system; in a local one as it is, but for outer blanks
 * (PS3.5 6.2, LO). @throws PeerError tags/system, tags/identifier
 */
export function numberOf(system: string, text: string): { value: string; checked: boolean; written?: string } {
  const normalized = normalize(system, text); // a local one must be a number, too
  const written = text.trim();
  if (isLocalSystem(system)) return { value: written, checked: false };
  return { ...normalized, ...(written !== normalized.value && { written }) };
}

/**
 * Adds an identifier to a record by hand. When another record has it already and can be the same person, the two become
 * one; when it can't, the number is in doubt here until a person decides (decide-patients.ts).
 * @param note writes that down first, with the id of the record that it will belong to
 * @param touch told whose studies others may find now
 * @throws PeerError patient/unknown, tags/*
 */
export async function linkPatient(
  { index, clock, touch }: LinkParts,
  id: string,
  { system, value: text }: { readonly system: string; readonly value: string },
  note: (patient: string) => Promise<void>,
): Promise<PatientRecord> {
  const patient = index.patient(id);
  must(patient !== undefined, 'patient/unknown');
  const { value, checked } = numberOf(system, text);
  const known = index.patientsBy(system, value);
  const same = known.find((other) => other.id === id || canBeOne(index, patient, other));
  await note(same?.id ?? id);
  const linked = await index.changePatients(() => {
    if (same?.id === id) return { result: patient };
    if (same !== undefined) return merged(index, id, same.id);
    const doubt = known.length === 0 ? {} : { doubt: { since: clock.now() } };
    const identifier: Identifier = { system, value, status: checked ? 'checked' : 'unchecked', ...doubt };
    const now = index.patient(id)!;
    const result = { ...now, identifiers: [...now.identifiers, identifier] };
    return { put: [result], result };
  });
  touch(linked.id);
  return linked;
}

interface LinkParts {
  readonly index: Index;
  readonly clock: Clock;
  readonly touch: (patient: string) => void;
}

/** Whether nothing that one of them or its studies say contradicts the other. */
function canBeOne(index: Index, a: PatientRecord, b: PatientRecord): boolean {
  const said = (record: PatientRecord) => [record, ...index.studiesOf(record.id).map(ownDemographics)];
  return !said(a).some((each) => isAnotherThanAll(each, b, index.studiesOf(b.id)));
}

/** One record made of two: `into` gets the studies and identifiers of `from`, which is dropped. */
export function merged(index: Index, from: string, into: string, also: readonly Demographics[] = []) {
  const [one, other] = [index.patient(into)!, index.patient(from)!];
  const known = new Set(one.identifiers.map(({ system, value }) => `${system}|${value}`));
  const added = other.identifiers.filter(({ system, value }) => !known.has(`${system}|${value}`));
  const said = [...(one.also ?? []), ...(other.also ?? []), ...also];
  const result: PatientRecord = {
    ...one,
    identifiers: [...one.identifiers, ...added],
    ...(said.length > 0 && { also: said }),
  };
  const move = index.studiesOf(from).map(({ id }) => ({ study: id, to: into }));
  return { put: [result], drop: [from], move, result };
}
