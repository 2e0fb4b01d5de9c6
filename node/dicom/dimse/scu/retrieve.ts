// C-MOVE and C-GET as a user (PS3.4 C.4.2, C.4.3).
import { must } from '../../../../protocol/errors.ts';
import type { DicomJson } from '../../model/json.ts';
import { type Command, commandFields, statuses } from '../command.ts';
import { isDone, mustBeDone } from './failures.ts';
import { identifierBytes } from './find.ts';
import type { Message } from './inbox.ts';
import type { Requestor } from './requestor.ts';

/** How far the sub-operations are, as the other side counts them. */
export interface SubOperationCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

export interface Retrieved extends Omit<SubOperationCounts, 'remaining'> {
  /** Success, or B000H when some sub-operations failed or warned. */
  readonly status: number;
}

export interface RetrieveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: SubOperationCounts) => void;
}

const countsOf = ({ remaining = 0, completed = 0, failed = 0, warning = 0 }: Command): SubOperationCounts => ({
  ...{ remaining, completed, failed, warning },
});

async function retrieve(
  requestor: Requestor,
  command: Omit<Command, 'hasDataSet'>,
  identifier: DicomJson,
  { signal, onProgress }: RetrieveOptions,
): Promise<Retrieved> {
  const wanted = command.affectedSopClassUid;
  const context = requestor.context((each) => each.abstractSyntax === wanted, 'dimse/service-refused');
  let last: SubOperationCounts | undefined;
  const told = ({ command: response }: Message) => {
    last = countsOf(response);
    onProgress?.(last);
  };
  const { status, command: end } = await requestor.invoke({
    command: { ...command, priority: 0, hasDataSet: true },
    context,
    bytes: identifierBytes(identifier, context.transferSyntax),
    pending: told,
    signal,
  });
  // some leave the counts out of their last response
  const counted = end.completed === undefined && end.failed === undefined ? last : undefined;
  const { completed, failed, warning } = counted ?? countsOf(end);
  // A702H: all or some sub-operations failed; the counts say which
  const some = status === statuses.subOperationsFailed && completed + warning + failed > 0;
  if (!some) mustBeDone(status);
  return { status: isDone(status) ? status : statuses.subOperationsPartly, completed, failed, warning };
}

/**
 * Has the other side send what the identifier names to an AE title that it knows. Resolves when it has ended, also with
 * `failed` above 0. Throws `dimse/service-refused`, `dimse/status`, `dimse/cancelled`, and why the association ended.
 */
export const move = (
  requestor: Requestor,
  sopClassUid: string,
  identifier: DicomJson,
  destination: string,
  options: RetrieveOptions = {},
): Promise<Retrieved> =>
  retrieve(
    requestor,
    { commandField: commandFields.cMoveRq, affectedSopClassUid: sopClassUid, moveDestination: destination },
    identifier,
    options,
  );

/**
 * Has the other side send what the identifier names on this association, into the `store` of its parts. As `move`, and
 * `dimse/service-refused` when the other side took no SOP class with us in the role of SCP.
 */
export async function get(
  requestor: Requestor,
  sopClassUid: string,
  identifier: DicomJson,
  options: RetrieveOptions = {},
): Promise<Retrieved> {
  must(requestor.served.size > 0, 'dimse/service-refused', { at: 'role' });
  const command = { commandField: commandFields.cGetRq, affectedSopClassUid: sopClassUid };
  return retrieve(requestor, command, identifier, options);
}
