// Asking others for studies and answering them: messages that must arrive, requests of ours, receipts, transfers.
import { accessMessageBytes, accessProtocol } from '../../../protocol/access/messages.ts';
import { normalize } from '../../../protocol/tags/identifier.ts';
import type { Guard } from '../../access/guard.ts';
import type { Acts } from '../../audit/acts.ts';
import type { SeenHeads } from '../../audit/heads.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import type { Federation } from '../../federation/federation.ts';
import type { Network } from '../../net/network.ts';
import type { Index } from '../../store/index.ts';
import type { Kv } from '../../store/kv.ts';
import type { Lifecycle } from '../../system/lifecycle.ts';
import type { MachineParts } from '../../system/parts.ts';
import type { PatientTags } from '../find/patient-tags.ts';
import { openTransfers, type TransferStartParts } from '../transfer/start.ts';
import type { Transfers } from '../transfer/transfers.ts';
import { AccessMessages } from './access-messages.ts';
import { Outbox } from './outbox.ts';
import { OutgoingRequests } from './outgoing-requests.ts';
import { type ReceiptParts, Receipts } from './receipts.ts';

interface OutboxStartParts extends MachineParts {
  readonly kv: Kv;
  readonly network: Network;
  readonly federation: Federation;
}

export function openOutbox({ kv, network, federation, clock, timers, random, log }: OutboxStartParts): Outbox {
  return new Outbox({
    ...{ bucket: kv.bucket('outbox'), clock, random, timers, log },
    send: (to, envelope, signal) =>
      network.request(federation.peerOf(to), accessProtocol, envelope, { signal, maxBytes: accessMessageBytes }),
  });
}

export interface AskStartParts
  extends OutboxStartParts,
    Pick<TransferStartParts, 'importer' | 'manifests' | 'objects' | 'bootId' | 'fetch'> {
  readonly config: { readonly patientId: { readonly defaultSystem: string } };
  readonly index: Index;
  readonly outbox: Outbox;
  readonly guard: Guard;
  readonly grantOf: ReceiptParts['grantOf'];
  readonly acts: Acts;
  readonly trail: AuditTrail;
  readonly heads: SeenHeads;
  readonly patientTags: PatientTags;
}

export function openAsking(parts: AskStartParts) {
  const { config, kv, network, federation, index, outbox, guard, grantOf, acts, trail, heads, patientTags } = parts;
  const { clock, random, events, log } = parts;
  const us = () => federation.us();
  const receipts = new Receipts({
    ...{ us, grantOf, outbox, acts, clock },
    auditHead: (seen) => trail.attachedHead(seen),
    seenHead: (member, head) => heads.take(member, head),
  });
  const transfers: Transfers = openTransfers({
    ...parts,
    peerOf: (member) => federation.peerOf(member),
    receipt: (owner, grant, request, objects) => receipts.send(owner, grant, request, objects, 0),
    ended: (request, code) => asking.ended(request, code),
  });
  const asking: OutgoingRequests = new OutgoingRequests(config.patientId, {
    ...{ us, tags: patientTags, outbox, transfers, events, clock, random },
    boxOf: (member) => federation.boxOf(member),
    kv,
    auditSeen: (member) => heads.size(member),
    audit: ({ to, patient: { system, value }, ...record }) =>
      acts.requestSent({ ...record, peer: to, patient: nameOf(index, system, value) }),
    seenHead: (member, { audit: head }) => heads.takeIfPossible(member, head),
  });
  const messages = new AccessMessages({ us, guard, asking, receipts, log });
  network.serve(accessProtocol, (peer, body) => messages.received(peer, body), { maxBytes: accessMessageBytes });

  const start = async (lifecycle: Lifecycle): Promise<void> => {
    outbox.start((message, outcome) => messages.delivered(message, outcome));
    const stopListening = network.on('connect', (peer) => {
      const member = federation.current()?.membership.memberOf(peer, clock.now());
      if (member !== undefined) void outbox.deliver(member.id);
    });
    lifecycle.started('outbox', () => {
      stopListening();
      return outbox.stop();
    });
    await transfers.start();
    lifecycle.started('transfers', () => transfers.stop());
  };
  return { asking, transfers, load: () => asking.load(), start };
}

/** What the audit log calls a patient: our record, if there is one. */
function nameOf(index: Index, system: string, value: string): string {
  const normalized = normalize(system, value).value;
  return index.patientBy(system, normalized)?.id ?? `${system}|${normalized}`;
}
