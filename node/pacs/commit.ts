// Asking another DICOM node to confirm that it keeps what is kept here (storage commitment, push model, PS3.4 annex J).
// Some report on the association that asked, others on one of their own: both are waited for.
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Random } from '../../protocol/ports.ts';
import {
  type CommitmentResult,
  type Commitments,
  commitmentProposal,
  type Referenced,
} from '../dicom/dimse/scu/commitment.ts';
import { newUid } from '../dicom/write/new-uid.ts';
import type { Timers } from '../system/machine.ts';
import type { JobUpdate, JobView } from './jobs.ts';
import type { Remotes } from './remotes.ts';

export interface CommitParts {
  readonly remotes: Pick<Remotes, 'with'>;
  readonly commitments: Commitments;
  readonly random: Random;
  readonly timers: Timers;
}

/** What the other side says of the instances that it was asked for. */
export interface Committed {
  readonly committed: number;
  readonly failed: number;
  /** Why, by Failure Reason (0008,1197) as four hexadecimal digits; empty where it said nothing of an instance. */
  readonly reasons: NonNullable<JobView['reasons']>;
}

/** So long the association stays open for the report; then it has to come on one of the other side's own. */
const sameAssociationMs = 10_000;

/**
 * Asks for one transaction, and waits.
 * @throws PeerError remote/no-result, remote/unknown, dimse/* when it cannot be reached, has no such service, or refuses
 */
export async function commit(
  parts: CommitParts,
  { aeTitle, references, signal }: { aeTitle: string; references: readonly Referenced[]; signal: AbortSignal },
): Promise<Committed> {
  const { remotes, commitments, random, timers } = parts;
  const transactionUid = newUid(random);
  const overdue = new AbortController();
  const forgotten = timers.after(limits.pacsCommitMs, () => overdue.abort());
  const result = commitments.expect(transactionUid, AbortSignal.any([signal, overdue.signal]));
  // awaited below; asking may fail before
  result.catch(() => undefined);
  try {
    const wanted = { contexts: [commitmentProposal], signal };
    const ask = async (client: Parameters<Parameters<typeof remotes.with>[2]>[0]) => {
      await client.requestCommitment(transactionUid, references);
      await reported(result, timers);
    };
    await remotes.with(aeTitle, wanted, ask, { event: commitments.event });
    return counted(references, await result);
  } catch (error) {
    throw overdue.signal.aborted && !signal.aborted ? new PeerError('remote/no-result', {}, { cause: error }) : error;
  } finally {
    forgotten();
    overdue.abort(); // whoever still waits for it needn't
  }
}

/**
 * Asks for so many at a time, telling how far it is.
 * @throws PeerError remote/not-kept at the end, when some are not committed; what asking throws
 */
export async function commitAll(
  references: readonly Referenced[],
  ask: (some: readonly Referenced[]) => Promise<Committed>,
  step: JobUpdate,
): Promise<void> {
  const total = references.length;
  const reasons = new Map<string, number>();
  let [done, failed] = [0, 0];
  step({ by: 'N-ACTION', objects: { done, failed, total } });
  for (let at = 0; at < total; at += limits.pacsCommitInstances) {
    const told = await ask(references.slice(at, at + limits.pacsCommitInstances));
    [done, failed] = [done + told.committed, failed + told.failed];
    for (const { reason, instances } of told.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + instances);
    const all = Array.from(reasons, ([reason, instances]) => ({ reason, instances }));
    step({ objects: { done, failed, total }, ...(all.length > 0 && { reasons: all }) });
  }
  must(failed === 0, 'remote/not-kept', { failed });
}

/** The report, or the time after which it is no longer expected on this association. */
async function reported(result: Promise<unknown>, timers: Timers): Promise<void> {
  const stop = new AbortController();
  await Promise.race([result, timers.sleep(sameAssociationMs, stop.signal)]).finally(() => stop.abort());
}

function counted(references: readonly Referenced[], { committed, failed }: CommitmentResult): Committed {
  const kept = new Set(committed.map(({ sopInstanceUid }) => sopInstanceUid));
  const why = new Map(failed.map(({ sopInstanceUid, reason }) => [sopInstanceUid, reason]));
  const reasons = new Map<string, number>();
  for (const { sopInstanceUid } of references) {
    const reason = why.get(sopInstanceUid);
    if (reason === undefined && kept.has(sopInstanceUid)) continue;
    const said = reason === undefined ? '' : reason.toString(16).toUpperCase().padStart(4, '0');
    reasons.set(said, (reasons.get(said) ?? 0) + 1);
  }
  const lost = [...reasons.values()].reduce((all, each) => all + each, 0);
  return {
    ...{ committed: references.length - lost, failed: lost },
    reasons: Array.from(reasons, ([reason, instances]) => ({ reason, instances })),
  };
}
