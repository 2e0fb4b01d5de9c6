// N-services as a provider (PS3.7 section 10): one request, one answer.
import { must } from '../../../../protocol/errors.ts';
import type { DicomJson } from '../../model/json.ts';
import { isUid } from '../../model/uid.ts';
import { answerTo, type Command, commandFields } from '../command.ts';
import type { Context } from '../contexts.ts';
import type { EventReport, NormalizedAnswer, NormalizedRequest, NormalizedService } from '../services.ts';
import { failed } from './finish.ts';
import { type AssociationLink, datasetFor } from './link.ts';

type Operation = 'create' | 'set' | 'get' | 'action' | 'remove' | 'event';

const operations: Readonly<Record<number, Operation>> = {
  [commandFields.nCreateRq]: 'create',
  [commandFields.nSetRq]: 'set',
  [commandFields.nGetRq]: 'get',
  [commandFields.nActionRq]: 'action',
  [commandFields.nDeleteRq]: 'remove',
  [commandFields.nEventReportRq]: 'event',
};

/** Whether the service has this operation. */
export const hasOperation = (service: NormalizedService, commandField: number): boolean =>
  service[operations[commandField] ?? 'event'] !== undefined && operations[commandField] !== undefined;

/** Answers one N-request. Never rejects, but where the association has ended. */
export async function answerNormalized(
  link: AssociationLink,
  context: Context,
  command: Command,
  service: NormalizedService,
  dataset: DicomJson | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    const request = requestOf(link, context, command, dataset, signal);
    const answer = await service[operations[command.commandField]!]!(request);
    send(link, context, command, answer);
    // not waited for: it may ask something on this association, which has to be read then
    answer.after?.().catch((error: unknown) => link.log.error({ err: error }, 'what follows a request failed'));
  } catch (error) {
    link.outgoing.command(context, failed(link, command, error));
  }
}

function send({ outgoing, log }: AssociationLink, context: Context, command: Command, answer: NormalizedAnswer): void {
  const { status, sopInstanceUid, dataset, errorComment } = answer;
  const named = sopInstanceUid === undefined ? {} : { affectedSopInstanceUid: sopInstanceUid };
  const response = { ...answerTo(command, status, errorComment), ...named };
  if (dataset === undefined) {
    outgoing.command(context, response);
    return;
  }
  outgoing
    .message(context, { ...response, hasDataSet: true }, datasetFor(context, dataset))
    .catch((error: unknown) => log.info({ err: error }, 'a request could not be answered'));
}

function requestOf(
  link: AssociationLink,
  context: Context,
  command: Command,
  dataset: DicomJson | undefined,
  signal: AbortSignal,
): NormalizedRequest {
  const sopInstanceUid = command.requestedSopInstanceUid ?? command.affectedSopInstanceUid;
  must(sopInstanceUid === undefined || isUid(sopInstanceUid), 'dimse/sop-instance-uid');
  return {
    sopClassUid: context.abstractSyntax,
    caller: link.caller,
    signal,
    sopInstanceUid,
    typeId: command.actionTypeId ?? command.eventTypeId,
    dataset,
    attributes: command.attributes?.split('\\') ?? [],
    report: (event) => report(link, context, event),
  };
}

/** N-EVENT-REPORT on the association of a request. */
async function report({ outgoing }: AssociationLink, context: Context, event: EventReport): Promise<number> {
  const command = {
    commandField: commandFields.nEventReportRq,
    affectedSopClassUid: event.sopClassUid,
    affectedSopInstanceUid: event.sopInstanceUid,
    eventTypeId: event.typeId,
    hasDataSet: true,
  };
  const answer = await outgoing.request(context, command, datasetFor(context, event.dataset));
  must(answer.status !== undefined, 'dimse/command-malformed', { at: 'status' });
  return answer.status;
}
