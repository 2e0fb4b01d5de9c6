// What is written down about patients, before anything leaves; and what other members showed of their logs.
import { auditHead, auditHeadKind } from '../../protocol/audit/head.ts';
import { auditProtocol, headReply, headRequest } from '../../protocol/audit/messages.ts';
import { signEnvelope } from '../../protocol/envelope.ts';
import type { Federation } from '../federation/federation.ts';
import type { Network } from '../net/network.ts';
import type { Kv } from '../store/kv.ts';
import type { Lifecycle } from '../system/lifecycle.ts';
import type { MachineParts } from '../system/parts.ts';
import { actsOver } from './acts.ts';
import { SeenHeads } from './heads.ts';
import { SealedKeyBook } from './keys.ts';
import { AuditLog } from './log.ts';
import type { AuditTrail, WritableTrail } from './trail.ts';

export interface AuditStartParts extends MachineParts {
  readonly kv: Kv;
  readonly federation: Federation;
  readonly network: Network;
  /** Opens the audit log; heads are signed for the federation of the moment. */
  readonly audit: (
    signHead: (head: { size: number; root: string; at: number }) => Uint8Array,
  ) => Promise<WritableTrail>;
}

export async function openAudit({ kv, federation, network, events, log, ...parts }: AuditStartParts) {
  const us = () => federation.us();
  const trail = await parts.audit((head) => {
    const { federation: of, member, signer } = us();
    return signEnvelope(auditHeadKind, auditHead, { ...head, member: member.id }, of, signer);
  });
  const heads = new SeenHeads({
    ...{ us, events, log },
    bucket: kv.bucket('evidence'),
    ask: async (member, seen) => {
      const request = headRequest.encode({ seen });
      return headReply.decode(await network.request(federation.peerOf(member), auditProtocol, request));
    },
  });
  network.serve(auditProtocol, async (_peer, body) => {
    return headReply.encode(await trail.attachedHead(headRequest.decode(body).seen));
  });
  const read: AuditTrail = trail;
  return { trail: read, acts: actsOver(trail), heads };
}

/** The audit log in a data folder, which `lifecycle` closes. @throws PeerError audit/damaged */
export const auditLogIn =
  (
    dir: string,
    { keys, kv, clock, random }: Pick<MachineParts, 'clock' | 'random'> & { keys: { audit: Uint8Array }; kv: Kv },
    lifecycle: Lifecycle,
  ): AuditStartParts['audit'] =>
  async (signHead) => {
    const book = new SealedKeyBook({ auditKey: keys.audit, store: kv.bucket('auditKey'), random });
    const log = await AuditLog.open({ dir }, { clock, random, auditKey: keys.audit, keys: book, signHead });
    lifecycle.started('audit log', () => log.close());
    return log;
  };
