// Whose an instance is. Scanners send local numbers or national ones; a record may have any number of identifiers, and
// only those in a federation-wide system make its studies findable.
import { hex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Random } from '../../../protocol/ports.ts';
import { normalize } from '../../../protocol/tags/identifier.ts';
import type { InstanceHeader } from '../../dicom/read/instance-header.ts';
import type { Index } from '../../store/index.ts';
import { newPatient } from '../../store/new-instance.ts';
import type { Identifier, PatientRecord } from '../../store/records.ts';

/** Numbers that mean something inside this hospital only live below this. */
const localSystem = 'urn:dicomnet:local';

export interface PatientOptions {
  /** System URI of the national identifier. */
  readonly defaultSystem: string;
  /** Issuer of Patient ID to system URI; '' for IDs without an issuer. */
  readonly issuers: Readonly<Record<string, string>>;
}

export const isLocal = (identifier: Identifier): boolean => identifier.system.startsWith(localSystem);

/** Whether others can find what this patient has here. */
export const isFindable = (patient: PatientRecord): boolean => patient.identifiers.some((each) => !isLocal(each));

/** A fresh record with what the header says of the patient; the index keeps an existing one with the same identifier. */
export function patientOf(header: InstanceHeader['patient'], options: PatientOptions, random: Random): PatientRecord {
  const { id, issuer = '', ...columns } = header;
  const system = options.issuers[issuer] ?? (issuer === '' ? localSystem : `${localSystem}:${issuer}`);
  const identifiers = id === undefined ? [] : [identifierOf(system, id)];
  const known = identifiers.filter((each) => each !== undefined);
  return newPatient(hex(random(16)), known, columns);
}

function identifierOf(system: string, value: string): Identifier | undefined {
  try {
    const { value: normalized, checked } = normalize(system, value);
    const written = value === normalized ? {} : { written: value };
    return { system, value: normalized, status: checked ? 'checked' : 'unchecked', ...written };
  } catch (error) {
    // what can't be an identifier (blank, over-long) leaves the patient without one instead of refusing the image
    if (error instanceof PeerError && error.code.startsWith('tags/')) return undefined;
    throw error;
  }
}

/**
 * Adds an identifier to a record by hand. When another record has it already the two are one person, and become one.
 * @param note writes that down first, with the id of the record that it will belong to
 * @throws PeerError patient/unknown, tags/*
 */
export async function linkPatient(
  index: Index,
  id: string,
  { system, value }: { readonly system: string; readonly value: string },
  note: (patient: string) => Promise<void>,
): Promise<PatientRecord> {
  const patient = index.patient(id);
  must(patient !== undefined, 'patient/unknown');
  const { value: normalized, checked } = normalize(system, value);
  const other = index.patientBy(system, normalized);
  await note(other?.id ?? id);
  if (other !== undefined) return other.id === id ? patient : index.mergePatients(patient, other);
  const identifier: Identifier = { system, value: normalized, status: checked ? 'checked' : 'unchecked' };
  const linked = { ...patient, identifiers: [...patient.identifiers, identifier] };
  await index.putPatient(linked);
  return linked;
}
