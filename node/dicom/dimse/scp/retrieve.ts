// C-GET and C-MOVE as a provider (PS3.7 9.1.3, 9.1.4, PS3.4 C.4.2, C.4.3): one C-STORE after the other, counted.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { answerTo, type Command, commandFields, statuses } from '../command.ts';
import type { Context } from '../contexts.ts';
import type {
  Destinations,
  OpenedInstance,
  RetrievedInstance,
  RetrieveRequest,
  RetrieveService,
  StoreTarget,
} from '../services.ts';
import { type Final, finish } from './finish.ts';
import type { AssociationLink } from './link.ts';
import { wasCancelled } from './operations.ts';

interface Counts {
  remaining: number;
  completed: number;
  failed: number;
  warning: number;
}

interface RetrieveOperation {
  readonly link: AssociationLink;
  readonly context: Context;
  readonly command: Command;
  readonly service: RetrieveService;
  readonly request: RetrieveRequest;
}

/** Answers one C-GET: instances come on this association. Never rejects. */
export const answerGet = (asked: RetrieveOperation): Promise<void> =>
  finish(asked.link, asked.context, asked.command, asked.request.signal, async () =>
    handOver(asked, await instancesOf(asked), requestor(asked.link)),
  );

/** Answers one C-MOVE: instances go to a destination that is known here. Never rejects. */
export const answerMove = (asked: RetrieveOperation, destinations: Destinations | undefined): Promise<void> =>
  finish(asked.link, asked.context, asked.command, asked.request.signal, async () => {
    const { command, link } = asked;
    const { moveDestination = '' } = command;
    const originator = { aeTitle: link.caller.aeTitle, messageId: command.messageId! };
    // an unknown destination is told before anything is looked up
    must(destinations?.open(moveDestination, [], originator) !== undefined, 'dimse/move-destination');
    const instances = await instancesOf(asked);
    const target = destinations!.open(moveDestination, instances, originator)!;
    const { signal } = asked.request;
    signal.addEventListener('abort', () => wasCancelled(signal) || target.abort(), { once: true });
    try {
      return await handOver(asked, instances, target);
    } finally {
      await target.close();
    }
  });

async function instancesOf({ service, request }: RetrieveOperation): Promise<readonly RetrievedInstance[]> {
  const instances = await service.instances(request);
  must(instances.length <= limits.dimseSubOperations, 'dimse/matches');
  return instances;
}

/** The other side of this association, in the contexts where it took the provider's role. */
const requestor = ({ receiving, outgoing }: AssociationLink): StoreTarget => ({
  accepted: async (sopClassUid) => receiving(sopClassUid).map(({ transferSyntax }) => transferSyntax),
  async store({ sopClassUid, sopInstanceUid }, { transferSyntax, bytes }) {
    const context = receiving(sopClassUid).find((each) => each.transferSyntax === transferSyntax);
    must(context !== undefined, 'dimse/context-refused');
    const answer = await outgoing.request(
      context,
      {
        commandField: commandFields.cStoreRq,
        priority: 0,
        affectedSopClassUid: sopClassUid,
        affectedSopInstanceUid: sopInstanceUid,
        hasDataSet: true,
      },
      bytes,
    );
    must(answer.status !== undefined, 'dimse/command-malformed', { at: 'status' });
    return answer.status;
  },
  // it ends with the association, whose other side it is
  close: async () => undefined,
  abort: () => undefined,
});

async function handOver(
  { link, context, command, request: { signal } }: RetrieveOperation,
  instances: readonly RetrievedInstance[],
  target: StoreTarget,
): Promise<Final> {
  const counts: Counts = { remaining: instances.length, completed: 0, failed: 0, warning: 0 };
  const failed: string[] = [];
  for (const instance of instances) {
    if (signal.aborted) break;
    const outcome = await sendOne(link, instance, target);
    if (outcome === 'failed') failed.push(instance.sopInstanceUid);
    counts[outcome]++;
    counts.remaining--;
    if (signal.aborted && !wasCancelled(signal)) break;
    // the last is told by the final response
    if (counts.remaining === 0) break;
    await link.outgoing.message(context, { ...answerTo(command, statuses.pending), ...counts });
  }
  return final(command, signal, counts, failed);
}

async function sendOne(
  link: AssociationLink,
  instance: RetrievedInstance,
  target: StoreTarget,
): Promise<'completed' | 'failed' | 'warning'> {
  try {
    const accepted = await target.accepted(instance.sopClassUid);
    must(accepted.length > 0, 'dimse/context-refused');
    const opened = await instance.open(accepted);
    must(opened !== undefined, 'dimse/context-refused');
    const status = await target.store(instance, await primed(opened));
    if (status === statuses.success) return 'completed';
    if (isWarning(status)) return 'warning';
    link.log.warn({ ...link.caller, status }, 'an instance was not taken');
  } catch (error) {
    const code = error instanceof PeerError ? error.code : 'dimse/internal';
    link.log.warn(
      { ...link.caller, code, ...(code === 'dimse/internal' && { err: error }) },
      'an instance was not sent',
    );
  }
  return 'failed';
}

/** PS3.7 annex C: B000H to BFFFH and the three single ones. */
const isWarning = (status: number): boolean =>
  status >> 12 === 0xb || status === 0x0001 || status === 0x0107 || status === 0x0116;

/** With its first piece read, so that what cannot be read fails by itself and not in the middle of a message. */
async function primed({ transferSyntax, bytes }: OpenedInstance): Promise<OpenedInstance> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* all() {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { transferSyntax, bytes: all() };
}

/** PS3.4 tables C.4-2 and C.4-3. */
function final(command: Command, signal: AbortSignal, counts: Counts, failed: readonly string[]): Final {
  const { remaining, ...done } = counts;
  if (wasCancelled(signal) && remaining > 0) {
    return { answer: { ...answerTo(command, statuses.cancelled), ...counts }, ...failedList(failed) };
  }
  if (counts.failed + counts.warning === 0) return { answer: { ...answerTo(command, statuses.success), ...done } };
  const none = counts.completed + counts.warning === 0;
  const status = none ? statuses.subOperationsFailed : statuses.subOperationsPartly;
  return { answer: { ...answerTo(command, status), ...done }, ...failedList(failed) };
}

/** Values of UI that fit into the 16 bits of an explicit length. */
const mostListed = Math.floor(0xfffe / 65);

/** Failed SOP Instance UID List (0008,0058). */
function failedList(failed: readonly string[]): Pick<Final, 'dataset'> {
  if (failed.length === 0) return {};
  return { dataset: { '00080058': { vr: 'UI', Value: failed.slice(0, mostListed) } } };
}
