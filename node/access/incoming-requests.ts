// Requests that came from other members, each with what was decided: the owner's side of asking.

import type { OwnerState } from '../../protocol/access/owner.ts';
import type { AskedPatient } from '../../protocol/access/patient.ts';
import type { Practitioner, Purpose } from '../../protocol/practitioner.ts';
import type { Kv } from '../store/kv.ts';
import { TimedRows } from '../store/timed-rows.ts';

export interface IncomingRequest {
  readonly id: string;
  readonly digest: string;
  /** Member id. */
  readonly from: string;
  readonly practitioner: Practitioner;
  readonly purpose: Purpose;
  readonly reason: string;
  readonly asked: AskedPatient;
  /** Our patient and studies (ids) that it is about; empty when there are none. */
  readonly patient?: string | undefined;
  readonly studies: readonly string[];
  /** Public keys (hex) that grants' keys are wrapped to. */
  readonly keys: { readonly x25519: string; readonly mlkem: string };
  /** Entries of our audit log that the asker has seen a head for. */
  readonly auditSeen?: number | undefined;
  readonly at: number;
  readonly owning: OwnerState;
  readonly text?: string | undefined;
  /** The last decision's envelope, hex. */
  readonly decision?: string | undefined;
}

/** Requests in: 1, requests out: 2, in one bucket. */
export const direction = { in: Uint8Array.of(1), out: Uint8Array.of(2) } as const;

/** A request's `at` never changes. */
export type IncomingRequests = TimedRows<IncomingRequest>;

export const incomingRequests = (kv: Kv): IncomingRequests =>
  new TimedRows({ bucket: 'request', prefix: direction.in, timeOf: ({ at }: IncomingRequest) => at }, { kv });
