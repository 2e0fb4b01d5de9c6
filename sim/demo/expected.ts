// What should be found and arrive: the instances that each hospital acknowledged, by patient and study.

import { patientOf } from '../../node/exchange/import/patients.ts';
import { isFederated } from '../../node/store/identifiers.ts';
import { systemRandom } from '../../node/system/machine.ts';
import { contradicts, type Demographics } from '../../protocol/person/demographics.ts';
import type { RunningHospital } from './hospitals.ts';
import type { SentInstance } from './send.ts';

/** A study that a hospital has, by the SOP Instance UIDs of what was acknowledged. */
export interface StudyHeld {
  readonly at: RunningHospital;
  readonly uid: string;
  readonly instances: ReadonlyMap<string, SentInstance>;
}

/** A patient whom others can find, and the studies that there are. */
export interface Findable {
  readonly system: string;
  readonly value: string;
  readonly studies: readonly StudyHeld[];
}

export interface Expected {
  readonly findable: readonly Findable[];
  /** Studies of patients without an identifier that means something to others, or whose number was another person's first. */
  readonly hidden: readonly StudyHeld[];
}

/** Groups what was acknowledged. The first instance of a study says whose it is, as it does for the peer. */
export function expectedOf(held: readonly (readonly [RunningHospital, readonly SentInstance[]])[]): Expected {
  const hidden: StudyHeld[] = [];
  const patients = new Map<string, { system: string; value: string; studies: StudyHeld[] }>();
  for (const [at, sent] of held) {
    /** By number: who had it first here. Whoever contradicts that person waits for somebody to decide. */
    const first = new Map<string, Demographics>();
    for (const [uid, all] of Map.groupBy(sent, ({ one }) => one.header.studyUid)) {
      const study = { at, uid, instances: new Map(all.map((each) => [each.one.header.sopInstanceUid, each])) };
      const { identifiers } = patientOf(all[0]!.one.header.patient, at.config.patientId, systemRandom);
      const shared = identifiers.find(isFederated);
      const person: Demographics = all[0]!.one.header.patient;
      const known = shared && (first.get(shared.value) ?? person);
      if (shared === undefined || contradicts(known!, person)) {
        hidden.push(study);
        continue;
      }
      const { system, value } = shared;
      first.set(value, known!);
      const key = JSON.stringify([system, value]);
      const patient = patients.get(key) ?? { system, value, studies: [] };
      patient.studies.push(study);
      patients.set(key, patient);
    }
  }
  return { findable: [...patients.values()], hidden };
}

export const instancesOf = (studies: readonly StudyHeld[]): SentInstance[] =>
  studies.flatMap(({ instances }) => [...instances.values()]);

export const bytesOf = (studies: readonly StudyHeld[]): number =>
  instancesOf(studies).reduce((sum, { bytes }) => sum + bytes, 0);

export const sizeOf = (studies: readonly StudyHeld[]) => ({
  studies: studies.length,
  instances: studies.reduce((sum, { instances }) => sum + instances.size, 0),
  bytes: bytesOf(studies),
});
