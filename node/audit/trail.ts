// What the rest of the peer asks of the audit log, and what only the acts do.
import type { AuditEntry } from '../../protocol/audit/entry.ts';
import type { AttachedHead } from '../../protocol/audit/head.ts';
import type { AuditLog } from './log.ts';

export interface AuditTrail extends Pick<AuditLog, 'head' | 'entries' | 'size' | 'verify'> {
  /** Our head now, proved from the size that its reader has seen. */
  attachedHead(seen: number): Promise<AttachedHead>;
}

export interface WritableTrail extends AuditTrail {
  /** Durable when it resolves. @throws PeerError audit/* */
  append(entry: Omit<AuditEntry, 'at'> & { at?: number }): Promise<{ index: number }>;
}
