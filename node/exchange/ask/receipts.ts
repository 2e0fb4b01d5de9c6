// Proof of what arrived: the holder signs it and sends it, the owner checks it and writes it down.
import {
  checkReceipt,
  objectsOf,
  type Receipt,
  receiptKind,
  receipt as receiptPayload,
} from '../../../protocol/access/receipt.ts';
import type { AttachedHead } from '../../../protocol/audit/head.ts';
import { signEnvelope, type VerifiedEnvelope } from '../../../protocol/envelope.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { IssuedGrant } from '../../access/grants.ts';
import type { Acts } from '../../audit/acts.ts';
import type { Us } from '../../federation/us.ts';
import type { HeldGrant } from '../transfer/transfers.ts';
import type { Outbox } from './outbox.ts';

export interface ReceiptParts {
  readonly us: () => Us;
  /** A grant that we gave. @throws PeerError access/grant-unknown */
  readonly grantOf: (id: string) => Promise<IssuedGrant>;
  readonly outbox: Outbox;
  readonly acts: Pick<Acts, 'receiptSent' | 'receiptTaken'>;
  /** Our log's head now, for a member that has seen `seen` entries of it. */
  readonly auditHead: (seen: number) => Promise<AttachedHead>;
  readonly seenHead: (member: string, head: AttachedHead) => Promise<void>;
  readonly clock: Clock;
}

/** How long an owner that is off line may take to get its receipt. */
const receiptMs = 365 * 24 * 3_600_000;

export class Receipts {
  readonly #parts: ReceiptParts;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  /** Everything under a grant has arrived: writes that down and sends the owner its receipt, durable when it resolves. */
  async send(
    owner: string,
    grant: HeldGrant,
    request: string,
    objects: readonly string[],
    seen: number,
  ): Promise<void> {
    const { us, acts, auditHead, outbox, clock } = this.#parts;
    const { federation, signer } = us();
    await acts.receiptSent({ peer: owner, request, grant: grant.id });
    const value: Receipt = {
      grant: grant.id,
      manifest: grant.manifest,
      owner,
      objects: objectsOf(objects),
      complete: true,
      at: clock.now(),
      audit: await auditHead(seen),
    };
    const envelope = signEnvelope(receiptKind, receiptPayload, value, federation, signer);
    // delivery goes on behind: what has arrived is ours whether or not the owner is on line to hear it
    await outbox.post({ kind: 'receipt', about: grant.id, to: owner, envelope, notAfter: clock.now() + receiptMs });
  }

  /** A holder's receipt for one of our grants. @throws PeerError access/*, envelope/signer, member/unknown */
  async take(opened: VerifiedEnvelope<Receipt>): Promise<void> {
    const { us, grantOf, acts, clock } = this.#parts;
    const { grant, request } = await grantOf(opened.value.grant);
    checkReceipt({ opened, grant, members: us().membership, now: clock.now() });
    const { complete, objects } = opened.value;
    const detail = { complete, objects: objects.count, digest: objects.digest };
    await acts.receiptTaken({ peer: grant.holder, request, grant: grant.id }, detail);
    if (opened.value.audit !== undefined) await this.#parts.seenHead(grant.holder, opened.value.audit);
  }
}
