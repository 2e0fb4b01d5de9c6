// 8xx: the audit log.
import type { ErrorRow } from './row.ts';

export const audit = {
  'audit/forked': {
    wire: 801,
    http: 409,
    dimse: 0x0110,
    retry: false,
    text: 'The audit log does not continue the one seen before; keep both heads as evidence.',
  },
  'audit/proof': {
    wire: 802,
    http: 400,
    dimse: 0x0110,
    retry: false,
    text: 'The proof does not hold for this audit log.',
  },
  'audit/range': {
    wire: 803,
    http: 404,
    dimse: 0x0110,
    retry: false,
    text: 'The audit log has no such entry or size.',
  },
  'audit/damaged': {
    wire: 804,
    http: 500,
    dimse: 0x0110,
    retry: false,
    text: 'Acknowledged audit entries are missing or changed on disk; restore the log.',
  },
  'audit/unwritable': {
    wire: 805,
    http: 507,
    dimse: 0xa700,
    retry: false,
    text: 'The audit log cannot be written; free the disk or mend it, then restart.',
  },
  'audit/busy': {
    wire: 806,
    http: 503,
    dimse: 0x0110,
    retry: true,
    text: 'Too many audit entries wait for the disk; try again.',
  },
  'audit/unreadable': {
    wire: 807,
    http: 500,
    dimse: 0x0110,
    retry: false,
    text: 'An audit entry does not open with its key.',
  },
  'audit/closed': {
    wire: 808,
    http: 503,
    dimse: 0x0110,
    retry: true,
    text: 'The audit log is closed; the peer is stopping.',
  },
} as const satisfies Record<string, ErrorRow>;
