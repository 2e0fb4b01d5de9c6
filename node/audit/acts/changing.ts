// Changes of what is kept here, and of who may what: written down before they take effect.
import type { ErrorCode } from '../../../protocol/errors.ts';
import { act, type End, ended, ofStudy, type Person, type StudyName } from './act.ts';
import type { AsideName } from './reading.ts';

/** Somebody's or something's account, as it was made. */
interface Account {
  readonly name: string;
  readonly role: string;
}

export const changing = {
  /** Instances of a study come in. */
  imported: act('import', ofStudy),
  /** What is aside is taken to the importer once more. */
  asideRetried: act('import', (id: string, by: Person, end: End<{ readonly outcome: string }>) => ({
    ...{ person: by, ...ended(end) },
    detail: { aside: id, ...(end.outcome === 'success' && { retry: end.result.outcome }) },
  })),
  /** A person decides what becomes of something that is aside. */
  asideDecided: act(
    'import',
    (
      { id, reason, study }: AsideName,
      decision: { readonly decision: string; readonly note?: string; readonly transferSyntax?: string },
      by: Person,
      end: End<{ readonly outcome: string }>,
    ) => ({
      ...{ person: by, ...ofStudy(study), ...ended(end) },
      detail: { aside: id, ...decision, ...(end.outcome === 'success' && { outcome: end.result.outcome }), reason },
    }),
  ),
  /** A report or key objects are written. */
  reported: act('report', (study: StudyName, by: Person, end: End) => ({
    ...{ person: by, ...ofStudy(study), ...ended(end) },
  })),
  /** An identifier is added to a patient's record. */
  linked: act('amendment', (patient: string, identifier: { system: string; value: string }, by: Person) => ({
    ...{ person: by, patient, detail: identifier },
  })),
  /** A person decides who somebody is whose number another one has, or takes the last decision back. */
  patientDecided: act('amendment', (patient: string, decision: string, by: Person, end: End) => ({
    ...{ person: by, patient, ...ended(end), detail: { decision } },
  })),
  orderPlaced: act('amendment', (order: StudyName, by: Person) => ({
    ...{ person: by, ...ofStudy(order), detail: { order: 'place' } },
  })),
  orderCancelled: act('amendment', (order: StudyName, by: Person) => ({
    ...{ person: by, ...ofStudy(order), detail: { order: 'cancel' } },
  })),
  /** A scanner says what becomes of a step (MPPS). */
  stepPerformed: act('amendment', (callingAe: string, what: 'create' | 'set') => ({
    detail: { performedStep: what, callingAe },
  })),
  signedIn: act('login', (person: Person) => ({ person })),
  /** Without the name, where people type their passwords by mistake. */
  signInRefused: act('login', (code: ErrorCode) => ({ outcome: 'denied', code })),
  tokenMade: act('token', (made: Account, by: Person) => ({ person: by, detail: { made } })),
  tokenEnded: act('token', (ended: Account & { readonly id: string }, by: Person) => ({
    person: by,
    detail: { ended: { id: ended.id, name: ended.name, role: ended.role } },
  })),
  signedOut: act('login', (person: Person, where: 'here' | 'everywhere') => ({ person, detail: { signedOut: where } })),
  userMade: act('account', (made: Account, by: Person) => ({ person: by, detail: { made } })),
  userDisabled: act('account', (disabled: Account, by: Person) => ({ person: by, detail: { disabled } })),
  userEnabled: act('account', (enabled: Account, by: Person) => ({ person: by, detail: { enabled } })),
  /** Somebody changes the own password. */
  passwordChanged: act('account', (person: Person) => ({ person, detail: { password: 'changed' } })),
  /** A user gets a fresh password. */
  passwordReset: act('account', (reset: Account, by: Person) => ({ person: by, detail: { reset } })),
  /** A roster's file is taken: this peer joins a federation, or follows its next roster. */
  rosterTaken: act('roster', (by: Person, end: End<{ readonly federation: string; readonly number: number }>) => ({
    ...{ person: by, ...ended(end), ...(end.outcome === 'success' && { detail: end.result }) },
  })),
};
