// What comes of a reading that the guard has let in and noted as a success, when it is refused after all.
import type { AuditEntry } from '../../protocol/audit/entry.ts';
import { PeerError } from '../../protocol/errors.ts';

/** What `Guard.view` has written down. */
export type Noted = Pick<AuditEntry, 'kind' | 'person' | 'patient' | 'study' | 'detail'>;

interface AuditPart {
  /** Durable when it resolves. */
  append(entry: Omit<AuditEntry, 'at'>): Promise<unknown>;
}

/** The step's result; its refusal is in the audit log, with its code, before it goes on. */
export async function orNoteRefused<T>(audit: AuditPart, noted: Noted, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof PeerError) await audit.append({ ...noted, outcome: 'denied', code: error.code });
    throw error;
  }
}
