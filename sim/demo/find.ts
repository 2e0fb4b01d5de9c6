// A doctor at the third hospital: finds a patient, and asks each hospital that has something for all of it.
import { type FindResult, find as finding } from '../../node/api/find.ts';
import { requests } from '../../node/api/requests.ts';
import { systemTimers } from '../../node/system/machine.ts';
import type { Findable, StudyHeld } from './expected.ts';
import type { RunningHospital } from './hospitals.ts';

/** A request that waits for a person at the owner. */
export interface SentRequest {
  readonly id: string;
  readonly owner: RunningHospital;
  readonly studies: readonly StudyHeld[];
  readonly requestMs: number;
}

const why = { purpose: 'TREAT', reason: 'follow-up after transfer from another hospital' } as const;

/** What is sent is published a moment after the last instance of a patient. */
const publishedMs = 30_000;
const lookAgainMs = 200;

/**
 * Asks until everything that was sent is found. @returns the last answer and how long that one call took
 * @throws Error when it isn't all found within 30 seconds
 */
export async function find(by: RunningHospital, patient: Findable): Promise<{ found: FindResult; findMs: number }> {
  const { system, value, studies } = patient;
  const end = performance.now() + publishedMs;
  for (;;) {
    const started = performance.now();
    const found = await by.as.practitioner.call(finding.find, {}, { system, value, ...why });
    const findMs = performance.now() - started;
    const wrong = missing(found, studies);
    if (wrong === undefined) return { found, findMs };
    if (performance.now() > end) throw new Error(`Not found within ${publishedMs / 1000} s: ${wrong}.`);
    await systemTimers.sleep(lookAgainMs);
  }
}

/** What of these studies an answer doesn't show, or undefined. */
export function missing(
  { hospitals }: Pick<FindResult, 'hospitals'>,
  studies: readonly StudyHeld[],
): string | undefined {
  for (const [{ name }, held] of Map.groupBy(studies, ({ at }) => at)) {
    const there = hospitals.find((each) => each.name === name);
    if (there?.state !== 'answered') return `${name} is ${there?.state ?? 'not known to hold anything'}`;
    const counts = (all: readonly number[]) => all.toSorted((a, b) => a - b).join(', ');
    const shown = counts(there.studies.map(({ instances }) => instances));
    const sent = counts(held.map(({ instances }) => instances.size));
    if (shown !== sent) return `${name} shows studies of ${shown} instances instead of ${sent}`;
  }
  return undefined;
}

/** Asks each hospital for all that it has of the patient. */
export async function ask(
  by: RunningHospital,
  { system, value, studies }: Findable,
  { hospitals }: FindResult,
): Promise<SentRequest[]> {
  const asked: SentRequest[] = [];
  for (const [owner, held] of Map.groupBy(studies, ({ at }) => at)) {
    const { member } = hospitals.find(({ name }) => name === owner.name)!;
    const started = performance.now();
    const request = { member, patient: { system, value }, refs: 'all', ...why } as const;
    const { id, state } = await by.as.practitioner.call(requests.create, {}, request);
    const requestMs = performance.now() - started;
    if (state !== 'pending') throw new Error(`The request to ${owner.name} is ${state} instead of pending.`);
    asked.push({ id, owner, studies: held, requestMs });
  }
  return asked;
}
