// Statuses of responses as errors: a number and nothing else, since comments may name a patient.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { statuses } from '../command.ts';

/** Coercions and the like: the operation was done (PS3.4 B.2.3, PS3.7 C). */
const isWarning = (status: number): boolean =>
  status === 0x0001 || status === 0x0107 || status === 0x0116 || (status >= 0xb000 && status <= 0xbfff);

export const isDone = (status: number): boolean => status === statuses.success || isWarning(status);

export const statusName = (status: number): string => `${status.toString(16).toUpperCase().padStart(4, '0')}H`;

/** @throws PeerError dimse/cancelled, dimse/status {status} unless the operation was done, perhaps with a warning */
export function mustBeDone(status: number): void {
  must(status !== statuses.cancelled, 'dimse/cancelled');
  if (!isDone(status)) throw new PeerError('dimse/status', { status: statusName(status) });
}
