// Signed tree heads: what a member's audit log was at one time. They travel with grants and receipts, so that a log
// that is later cut or rewritten contradicts what others have seen.
import { unhex } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { memberId } from '../federation/fields.ts';
import { limits } from '../limits.ts';
import { array, bytes, type Infer, id, payload, type Struct, struct, time, uint } from '../schema.ts';
import { verifyConsistency } from './merkle.ts';

export const auditHeadKind = 'audit-head';

/** Largest tree: keeps every position of a node exact. */
const maxSize = 2 ** 48;

const fields = {
  member: memberId(),
  /** Number of entries. */
  size: uint(maxSize),
  /** Root of the tree of that size (RFC 9162 2.1.1). */
  root: id(32),
  at: time(),
};

/** Payload of the envelope kind `audit-head`. */
export const auditHead = payload(fields, limits.auditHeadBytes);

export type AuditHead = Struct<typeof fields>;

/** A head as it travels inside another message: the envelope, and that it continues the one of `from` entries. */
export const attachedHead = struct({
  head: bytes({ max: limits.auditHeadBytes + 256 }),
  from: uint(maxSize),
  proof: array(bytes(32), limits.auditProofHashes),
});

export type AttachedHead = Infer<typeof attachedHead>;

/**
 * Compares a member's head with the largest one seen: `new` is to be kept instead of it, `same` says nothing more, and
 * `older` was signed before it and only came late. The first head of a member is taken as it is.
 * @param proof RFC 9162 consistency proof from `lastSeen.size` to `next.size`
 * @throws PeerError audit/forked: keep both heads as evidence; access/mismatch for two members' heads
 */
export function checkNewHead(
  lastSeen: AuditHead | undefined,
  next: AuditHead,
  proof: readonly Uint8Array[],
): 'new' | 'same' | 'older' {
  if (lastSeen === undefined) return 'new';
  must(lastSeen.member === next.member, 'access/mismatch', { member: next.member });
  const forked = new PeerError('audit/forked', { member: next.member, seen: lastSeen.size, size: next.size });
  if (next.size === lastSeen.size) {
    if (next.root !== lastSeen.root) throw forked;
    return 'same';
  }
  if (next.size < lastSeen.size) {
    if (next.at >= lastSeen.at) throw forked;
    return 'older';
  }
  if (!verifyConsistency(lastSeen.size, unhex(lastSeen.root), next.size, unhex(next.root), proof)) throw forked;
  return 'new';
}
