// The final response of an operation, whatever became of it.
import { PeerError } from '../../../../protocol/errors.ts';
import type { DicomJson } from '../../model/json.ts';
import { answerTo, type Command, statuses, statusOf } from '../command.ts';
import type { Context } from '../contexts.ts';
import { type AssociationLink, datasetFor } from './link.ts';
import { wasCancelled } from './operations.ts';

export interface Final {
  readonly answer: Command;
  readonly dataset?: DicomJson;
}

/**
 * Runs an operation and sends its final response: what `run` gives, FE00H after a C-CANCEL, the status of what it threw.
 * Never rejects; an association that ended meanwhile is answered no more.
 */
export async function finish(
  link: AssociationLink,
  context: Context,
  command: Command,
  signal: AbortSignal,
  run: () => Promise<Final>,
): Promise<void> {
  const final = await link.outgoing.work(() => outcome(link, command, signal, run));
  if (signal.aborted && !wasCancelled(signal)) return;
  try {
    await send(link, context, final);
  } catch (error) {
    link.log.info({ err: error, ...link.caller }, 'an operation could not be answered');
  }
}

async function outcome(
  link: AssociationLink,
  command: Command,
  signal: AbortSignal,
  run: () => Promise<Final>,
): Promise<Final> {
  try {
    const final = await run();
    const ended = final.answer.status === statuses.success && wasCancelled(signal);
    return ended ? { answer: answerTo(command, statuses.cancelled) } : final;
  } catch (error) {
    if (wasCancelled(signal)) return { answer: answerTo(command, statuses.cancelled) };
    return { answer: failed(link, command, error) };
  }
}

/** The response to a request that failed with this. */
export function failed({ log, caller }: AssociationLink, command: Command, error: unknown): Command {
  const code = error instanceof PeerError ? error.code : 'dimse/internal';
  const fields = { ...caller, command: command.commandField, code };
  if (error instanceof PeerError) log.warn({ ...fields, at: error.data }, 'request failed');
  else log.error({ ...fields, err: error }, 'request failed');
  return answerTo(command, statusOf(error), code);
}

function send({ outgoing }: AssociationLink, context: Context, { answer, dataset }: Final): Promise<void> {
  if (dataset === undefined) return outgoing.message(context, answer);
  return outgoing.message(context, { ...answer, hasDataSet: true }, datasetFor(context, dataset));
}
