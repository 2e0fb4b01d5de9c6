// What an act is: its kind, and what its entry says of it.
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';

export type UndatedEntry = Omit<AuditEntry, 'at'>;
export type Person = NonNullable<AuditEntry['person']>;
/** What an entry says beside its kind and act; a success unless it says otherwise. */
type About = Partial<Omit<UndatedEntry, 'kind' | 'act'>>;

/** @param entry what is written down of one that was done */
export const act = <A extends readonly unknown[]>(kind: AuditEntry['kind'], entry: (...about: A) => About) => ({
  kind,
  entry,
});

/** A study as entries name it. */
export interface StudyName {
  readonly uid: string;
  /** Id of the patient's record. */
  readonly patient: string;
}

export const ofStudy = (study: StudyName | undefined) => ({ study: study?.uid, patient: study?.patient });

/** How far an act has come whose end is written down too. */
export type End<T = unknown> =
  | { readonly outcome: 'pending' }
  | { readonly outcome: 'success'; readonly result: T }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export const ended = (end: End): Pick<UndatedEntry, 'outcome' | 'code'> =>
  end.outcome === 'failed' ? end : { outcome: end.outcome };

/** Writes down what is about to be done, does it, and writes down how that ended. */
export async function carriedOut<T>(note: (end: End<T>) => Promise<unknown>, step: () => Promise<T>): Promise<T> {
  await note({ outcome: 'pending' });
  const result = await step().catch(async (error: unknown) => {
    await note({ outcome: 'failed', code: error instanceof PeerError ? error.code : 'http/internal' });
    throw error;
  });
  await note({ outcome: 'success', result });
  return result;
}

/** The step's result; its refusal is in the audit log, with its code, before it goes on. */
export async function orNoteRefused<T>(
  step: () => Promise<T>,
  note: (code: ErrorCode) => Promise<unknown>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof PeerError) await note(error.code);
    throw error;
  }
}
