// The holder's proof of what arrived: the envelope kind `receipt`.
import { attachedHead } from '../audit/head.ts';
import { concat, hex, unhex } from '../bytes.ts';
import type { VerifiedEnvelope } from '../envelope.ts';
import { must } from '../errors.ts';
import { memberId } from '../federation/fields.ts';
import { sha256 } from '../hash.ts';
import { limits } from '../limits.ts';
import { array, bool, id, optional, payload, type Struct, struct, time, uint } from '../schema.ts';
import type { Grant } from './grant.ts';
import { type Members, mustNotBeFuture, mustSpeakFor } from './parties.ts';

export const receiptKind = 'receipt';

const fields = {
  grant: id(16),
  manifest: id(32),
  owner: memberId(),
  objects: struct({
    count: uint(),
    /** SHA-256 over the object ids, sorted and joined. */
    digest: id(32),
    /** The ids, when they are not too many. */
    ids: optional(array(id(32), limits.receiptObjects)),
  }),
  /** Whether that is everything the grant covers. */
  complete: bool(),
  at: time(),
  /** The holder's audit log, which has the arrival in it. */
  audit: optional(attachedHead),
};

const shape = payload(fields, limits.receiptBytes);

export type Receipt = Struct<typeof fields>;

/** Payload of the envelope kind `receipt`: a list that is there agrees with count and digest. */
export const receipt: typeof shape = {
  ...shape,
  decode(input) {
    const value = shape.decode(input);
    const { ids, count, digest } = value.objects;
    must(ids === undefined || (ids.length === count && objectsDigest(ids) === digest), 'field/invalid', {
      at: 'objects.ids',
    });
    return value;
  },
};

/** SHA-256 over the sorted object ids (hex), hex. */
export const objectsDigest = (ids: readonly string[]): string => hex(sha256(concat(...[...ids].sort().map(unhex))));

/** The `objects` of a receipt for these object ids (hex), each counted once. */
export function objectsOf(ids: readonly string[]): Receipt['objects'] {
  const sorted = [...new Set(ids)].sort();
  const whole = { count: sorted.length, digest: objectsDigest(sorted) };
  return sorted.length > limits.receiptObjects ? whole : { ...whole, ids: sorted };
}

/**
 * Whether this is the holder's receipt for that grant of mine. A grant that has ended since still gets its receipt.
 * @throws PeerError access/mismatch, access/clock, member/unknown, envelope/signer
 */
export function checkReceipt(input: {
  opened: VerifiedEnvelope<Receipt>;
  grant: Grant;
  members: Members;
  now: number;
}): void {
  const { opened, grant, members, now } = input;
  const { value } = opened;
  const fits = value.grant === grant.id && value.manifest === grant.manifest && value.owner === grant.owner;
  must(fits, 'access/mismatch', { grant: value.grant });
  mustSpeakFor(grant.holder, opened, members, now);
  mustNotBeFuture(value.at, now);
}
