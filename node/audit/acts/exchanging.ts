// What hospitals ask of each other, and what is let go: written down before anything is asked or answered.
import type { ErrorCode } from '../../../protocol/errors.ts';
import type { Purpose } from '../../../protocol/practitioner.ts';
import { act, ofStudy, type Person, type StudyName } from './act.ts';

/** Who asks, and why. */
interface Asker {
  readonly practitioner: Person;
  readonly purpose: Purpose;
  readonly reason: string;
}

/** A request between two hospitals. */
interface RequestName extends Asker {
  readonly id: string;
  /** Member id of the other side. */
  readonly peer: string;
  /** The patient's record, or identifier. */
  readonly patient?: string | undefined;
}

interface RequestTaken extends RequestName {
  /** How many studies it is about. */
  readonly studies: number;
}

/** Something under a grant. @prop peer who gets it, or gave it */
interface GrantName {
  readonly peer: string;
  readonly request: string;
  readonly grant: string;
}

const about = ({ practitioner, purpose, reason }: Asker) => ({ person: practitioner, purpose, reason });
const ofRequest = ({ id, peer, patient, ...asker }: RequestName) => ({ ...about(asker), patient, peer, request: id });
const refused = (peer: string, code: ErrorCode) => ({ outcome: 'denied' as const, peer, code });

export const exchanging = {
  /** One of our own people looks a patient up in the federation. @param patient system and value */
  lookedUp: act('find', (patient: string, asker: Asker) => ({ ...about(asker), patient })),
  /** A member learns whether and what we hold. @param patient the record; undefined where nothing is held */
  summaryAnswered: act(
    'summary',
    (peer: string, asker: Asker, patient: string | undefined, outcome: 'success' | 'denied') => ({
      ...{ outcome, ...about(asker), patient, peer },
    }),
  ),
  requestSent: act('request', (request: RequestName) => ofRequest(request)),
  requestReceived: act('request', ({ studies, ...request }: RequestTaken) => ({
    ...{ ...ofRequest(request), detail: { studies } },
  })),
  /** A request is granted, refused or left to a person. @param by who decides, if a person does */
  requestDecided: act(
    'decision',
    (
      { studies, ...request }: RequestTaken,
      { outcome, code }: { outcome: 'success' | 'pending' | 'denied'; code?: string | undefined },
      by: Person | undefined,
    ) => ({
      ...{ outcome, ...ofRequest(request), code },
      ...(by === undefined
        ? { detail: { studies } }
        : { person: by, detail: { studies, asker: request.practitioner.name } }),
    }),
  ),
  grantRevoked: act('revocation', (grant: string, holder: string, by: Person) => ({ person: by, peer: holder, grant })),
  /** What a grant lets its holder have begins to go. */
  transferBegan: act('transfer', (grant: GrantName, study: StudyName | undefined) => ({
    ...{ ...ofStudy(study), ...grant },
  })),
  /** All of a grant has arrived here. */
  receiptSent: act('receipt', (grant: GrantName) => ({ ...grant })),
  /** A holder's proof of what arrived there. */
  receiptTaken: act(
    'receipt',
    (grant: GrantName, detail: { readonly complete: boolean; readonly objects: number; readonly digest: string }) => ({
      ...{ ...grant, detail },
    }),
  ),
  summaryRefused: act('summary', refused),
  requestRefused: act('request', refused),
  transferRefused: act('transfer', refused),
};
