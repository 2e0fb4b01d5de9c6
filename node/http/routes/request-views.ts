// Requests of both directions as the API shows them: no keys, no envelopes.
import type { IncomingRequest } from '../../access/incoming-requests.ts';
import type { Request } from '../../api/requests.ts';
import type { Loose } from '../../api/route.ts';
import { type OutgoingRequest, shownState } from '../../exchange/ask/outgoing-requests.ts';
import type { Index } from '../../store/index.ts';

type NameOf = (member: string) => string;

/** What another member asked of us. */
export function incomingView(asked: IncomingRequest, nameOf: NameOf, index: Pick<Index, 'studyById'>): Loose<Request> {
  const { id, from, purpose, reason, practitioner, at, owning, text } = asked;
  const { system, value, name, birthDate } = asked.asked;
  return {
    ...{ id, direction: 'in', member: from, name: nameOf(from), state: owning.state },
    ...{ purpose, reason, practitioner, at, text },
    patient: { system, value, name, birthDate },
    studies: asked.studies.filter((study) => index.studyById(study) !== undefined).length,
    grants: 'grants' in owning ? owning.grants : [],
    code: 'code' in owning ? owning.code : undefined,
  };
}

/** What we asked of another member. `started`: whether a transfer has this request's id. */
export function outgoingView(asked: OutgoingRequest, nameOf: NameOf, started: (id: string) => boolean): Loose<Request> {
  const { id, to, purpose, reason, practitioner, at, asking, text, refs } = asked;
  const { system, value, name, birthDate } = asked.patient;
  return {
    ...{ id, direction: 'out', member: to, name: nameOf(to), state: shownState(asking) },
    ...{ purpose, reason, practitioner, at, text },
    patient: { system, value, name, birthDate },
    studies: refs === 'all' ? undefined : refs.length,
    grants: 'grants' in asking ? asking.grants : [],
    code: 'code' in asking ? asking.code : undefined,
    transfer: started(id) ? id : undefined,
  };
}
