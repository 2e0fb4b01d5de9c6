// Which of a patient's numbers others may find him by.
import { idnpSystem, unseparated } from '../../protocol/tags/identifier.ts';
import type { Identifier } from './records.ts';

/** Numbers that mean something inside this hospital only live below this. */
export const localSystem = 'urn:dicomnet:local';

export const isLocalSystem = (system: string): boolean => system.startsWith(localSystem);

/** What devices and clerks put where no number is known, beside any run of zeros. */
const usualPlaceholders: readonly string[] = [
  ...[
    'UNKNOWN',
    'TEST',
    'NONE',
    'ANONYMOUS',
    'ANONIM',
    'NA',
    'N/A',
    'NULL',
    'NOID',
    'PATIENT',
    'PACIENT',
    'NECUNOSCUT',
  ],
  ...['НЕИЗВЕСТНО', '9999999999999', '1234567890123', '1111111111111'],
];

const usual: ReadonlySet<string> = new Set(usualPlaceholders.map(unseparated));

/** Whether a number is nobody's. @param more that this hospital's devices use beside the usual ones */
export function isPlaceholder(value: string, more: readonly string[] = []): boolean {
  const plain = unseparated(value);
  return /^0*$/.test(plain) || usual.has(plain) || more.some((each) => unseparated(each) === plain);
}

/**
 * Whether others may find its patient by it: a federation-wide number, with the right check digit where there is one, that
 * is nobody's stand-in and under which nobody doubts who this is.
 */
export const isFederated = ({ system, value, status, doubt }: Identifier): boolean =>
  !isLocalSystem(system) &&
  doubt === undefined &&
  status !== 'placeholder' &&
  !(system === idnpSystem && status === 'unchecked') &&
  !isPlaceholder(value);
