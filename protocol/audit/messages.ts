// /dicomnet/audit/1: any member may have another's present head, proved from the size that it has seen. Only hashes
// travel: how much is written down, nothing of what.
import { payload, uint } from '../schema.ts';
import { attachedHead } from './head.ts';

export const auditProtocol = '/dicomnet/audit/1';

/** `seen`: entries of the log that the asker has a head for, 0 for none. */
export const headRequest = payload({ seen: uint(2 ** 48) }, 256);

/** Answered with the head now and its proof (RFC 9162 2.1.4). */
export const headReply = payload(attachedHead.fields, 8192);
