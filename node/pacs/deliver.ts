// Sends instances over one association: as many at a time as the other side takes.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { DimseClient } from '../dicom/dimse/scu/client.ts';
import { isDone, statusName } from '../dicom/dimse/scu/failures.ts';
import type { Proposal } from '../dicom/dimse/scu/requestor.ts';
import { uids } from '../dicom/model/transfer-syntax.ts';
import { asAccepted, type StoredDataSet } from './as-accepted.ts';

export interface OutgoingInstance extends StoredDataSet {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** The other side has it; or it didn't take this one, though it may take others. */
export type Delivered = { readonly is: 'sent' } | { readonly is: 'refused'; readonly code: ErrorCode };

/** What everybody who can't take an instance as it is should take. */
const plain = [uids.explicitLittleEndian, uids.implicitLittleEndian];

/** How many of these, from the first, fit into one association, and its contexts: one a SOP class and syntax. */
export function proposalsFor(instances: readonly Pick<OutgoingInstance, 'sopClassUid' | 'transferSyntax'>[]): {
  readonly count: number;
  readonly contexts: readonly Proposal[];
} {
  const contexts = new Map<string, Proposal>();
  for (const [count, { sopClassUid, transferSyntax }] of instances.entries()) {
    const more = [...new Set([transferSyntax, ...plain])]
      .map(
        (syntax) => [`${sopClassUid} ${syntax}`, { abstractSyntax: sopClassUid, transferSyntaxes: [syntax] }] as const,
      )
      .filter(([name]) => !contexts.has(name));
    if (contexts.size + more.length > limits.dimseContexts) return { count, contexts: [...contexts.values()] };
    for (const [name, proposal] of more) contexts.set(name, proposal);
  }
  return { count: instances.length, contexts: [...contexts.values()] };
}

/** The other side has no room (A7xxH). Some say that of an instance that they only can't read. */
const isFull = (status: number): boolean => status >= 0xa700 && status <= 0xa7ff;

/** So many times one after the other, and it is believed. */
const fullMost = 5;

/**
 * Sends them in order and tells what became of each. Throws what ends the association, and `dimse/status` when the other
 * side says again and again that it has no room: the rest then waits.
 */
export async function deliver<O extends OutgoingInstance>(
  client: DimseClient,
  instances: Iterable<O>,
  tell: (instance: O, delivered: Delivered) => Promise<void>,
): Promise<void> {
  const rest = instances[Symbol.iterator]();
  let failed = false;
  let full = 0;
  const lane = async () => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      const status = await one(client, next.value);
      await tell(next.value, deliveredOf(status));
      full = typeof status === 'number' && isFull(status) ? full + 1 : 0;
      if (full >= fullMost) throw new PeerError('dimse/status', { status: statusName(status as number) });
    }
  };
  const lanes = Array.from({ length: client.window }, () =>
    lane().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  const settled = await Promise.allSettled(lanes);
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
}

function deliveredOf(result: number | ErrorCode): Delivered {
  if (typeof result === 'string') return { is: 'refused', code: result };
  return isDone(result) ? { is: 'sent' } : { is: 'refused', code: 'dimse/status' };
}

/** The status of one, or why it cannot be sent although others may. */
async function one(client: DimseClient, instance: OutgoingInstance): Promise<number | ErrorCode> {
  const { sopClassUid, sopInstanceUid } = instance;
  const accepted = client.contexts
    .filter((context) => context.abstractSyntax === sopClassUid)
    .map((context) => context.transferSyntax);
  try {
    const given = await asAccepted(instance, accepted);
    return await client.store({ sopClassUid, sopInstanceUid, ...given });
  } catch (error) {
    const own = ['route/transfer-syntax', 'dimse/context-refused'];
    if (error instanceof PeerError && own.includes(error.code)) return error.code;
    throw error;
  }
}
