// Storage commitment, push model (PS3.4 annex J): asking for it, reading what comes of it, and waiting for it, on the
// same association or on one that the other side opens.
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { DicomJson, JsonAttribute } from '../../model/json.ts';
import { readDataset } from '../../read/read-dataset.ts';
import { commandFields, statuses } from '../command.ts';
import { identifierSyntaxes } from '../query-models.ts';
import type { EventReport, NormalizedService } from '../services.ts';
import { mustBeDone } from './failures.ts';
import { identifierBytes } from './find.ts';
import type { Message } from './inbox.ts';
import type { Requestor } from './requestor.ts';

export const commitmentClass = '1.2.840.10008.1.20.1';
/** The one instance of the class, which N-ACTION and N-EVENT-REPORT name. */
export const commitmentInstance = '1.2.840.10008.1.20.1.1';
export const commitmentProposal = { abstractSyntax: commitmentClass, transferSyntaxes: identifierSyntaxes };

export interface Referenced {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** What the other side has promised to keep, and what not and why (Failure Reason, PS3.3 C.14.1.1). */
export interface CommitmentResult {
  readonly transactionUid: string;
  readonly committed: readonly Referenced[];
  readonly failed: readonly (Referenced & { readonly reason: number })[];
}

const uid = (value: string): JsonAttribute => ({ vr: 'UI', Value: [value] });
const sequence = (items: readonly DicomJson[]): JsonAttribute => ({ vr: 'SQ', Value: [...items] });
const reference = ({ sopClassUid, sopInstanceUid }: Referenced): DicomJson => ({
  '00081150': uid(sopClassUid),
  '00081155': uid(sopInstanceUid),
});

/** N-ACTION: asks the other side to keep these instances. Throws `dimse/service-refused`, `dimse/status`. */
export async function requestCommitment(
  requestor: Requestor,
  transactionUid: string,
  instances: readonly Referenced[],
): Promise<void> {
  const context = requestor.context((each) => each.abstractSyntax === commitmentClass, 'dimse/service-refused');
  const request: DicomJson = { '00081195': uid(transactionUid), '00081199': sequence(instances.map(reference)) };
  const { status } = await requestor.invoke({
    command: {
      commandField: commandFields.nActionRq,
      requestedSopClassUid: commitmentClass,
      requestedSopInstanceUid: commitmentInstance,
      actionTypeId: 1,
      hasDataSet: true,
    },
    context,
    bytes: identifierBytes(request, context.transferSyntax),
  });
  mustBeDone(status);
}

/** N-EVENT-REPORT on an association of ours: resolves with the status. Throws `dimse/service-refused`. */
export async function reportEvent(requestor: Requestor, event: EventReport): Promise<number> {
  const context = requestor.context((each) => each.abstractSyntax === event.sopClassUid, 'dimse/service-refused');
  const { status } = await requestor.invoke({
    command: {
      commandField: commandFields.nEventReportRq,
      affectedSopClassUid: event.sopClassUid,
      affectedSopInstanceUid: event.sopInstanceUid,
      eventTypeId: event.typeId,
      hasDataSet: true,
    },
    context,
    bytes: identifierBytes(event.dataset, context.transferSyntax),
  });
  return status;
}

const text = (json: DicomJson, tag: string): string => String(json[tag]?.Value?.[0] ?? '');

const referenced = (json: DicomJson, tag: string): (Referenced & { reason: number })[] =>
  (json[tag]?.Value ?? []).map((item) => {
    const each = item as DicomJson;
    const reason = Number(each['00081197']?.Value?.[0] ?? statuses.processingFailure);
    return { sopClassUid: text(each, '00081150'), sopInstanceUid: text(each, '00081155'), reason };
  });

/** The event information of PS3.4 table J.3-2. @throws PeerError dimse/command-malformed without a transaction */
function commitmentResult(json: DicomJson): CommitmentResult {
  const transactionUid = text(json, '00081195');
  must(transactionUid !== '', 'dimse/command-malformed', { at: 'transaction' });
  const committed = referenced(json, '00081199').map(({ reason: _, ...each }) => each);
  return { transactionUid, committed, failed: referenced(json, '00081198') };
}

/** Transactions that we wait for; results come by any association. */
const waitingMost = 1_000;

/** Brings together the requests that were made and the results that come back. */
export class Commitments {
  readonly #waiting = new Map<string, (result: CommitmentResult) => void>();

  /** Resolves with a transaction's result; rejects with the signal. Call it before the request is sent. */
  expect(transactionUid: string, signal: AbortSignal): Promise<CommitmentResult> {
    must(this.#waiting.size < waitingMost, 'remote/busy');
    return new Promise((resolve, reject) => {
      const given = () => {
        this.#waiting.delete(transactionUid);
        reject(new PeerError('dimse/cancelled'));
      };
      signal.addEventListener('abort', given, { once: true });
      this.#waiting.set(transactionUid, (result) => {
        signal.removeEventListener('abort', given);
        this.#waiting.delete(transactionUid);
        resolve(result);
      });
    });
  }

  /** Takes a result. @throws PeerError dimse/sop-instance-uid (0117H) when nobody waits for it */
  received(result: CommitmentResult): void {
    const waiting = this.#waiting.get(result.transactionUid);
    must(waiting !== undefined, 'dimse/sop-instance-uid');
    waiting(result);
  }

  /** For the parts of an association of ours. */
  readonly event = ({ context, dataset }: Message): number => {
    must(dataset !== undefined, 'dimse/data-set-missing');
    this.received(commitmentResult(readDataset(dataset, context.transferSyntax)));
    return statuses.success;
  };

  /** For the server: the other side may open an association of its own for its result. */
  readonly service: NonNullable<NormalizedService['event']> = async ({ dataset }) => {
    must(dataset !== undefined, 'dimse/data-set-missing');
    this.received(commitmentResult(dataset));
    return { status: statuses.success };
  };
}
