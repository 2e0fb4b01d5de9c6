// C-FIND as a provider (PS3.7 9.1.2, PS3.4 C.4.1): a pending response for each match, one final.
import { must } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { answerTo, type Command, statuses } from '../command.ts';
import type { Context } from '../contexts.ts';
import type { FindRequest, FindService } from '../services.ts';
import { finish } from './finish.ts';
import { type AssociationLink, datasetFor } from './link.ts';

/** Answers one C-FIND to its end. Never rejects. */
export function answerFind(
  link: AssociationLink,
  context: Context,
  command: Command,
  service: FindService,
  request: FindRequest,
): Promise<void> {
  return finish(link, context, command, request.signal, async () => {
    const ignores = service.ignores?.(request) === true;
    const pending = answerTo(command, ignores ? statuses.pendingWithout : statuses.pending);
    let count = 0;
    for await (const match of service.find(request)) {
      if (request.signal.aborted) break;
      must(++count <= limits.dimseMatches, 'dimse/matches');
      await link.outgoing.message(context, { ...pending, hasDataSet: true }, datasetFor(context, match));
    }
    return { answer: answerTo(command, statuses.success) };
  });
}
