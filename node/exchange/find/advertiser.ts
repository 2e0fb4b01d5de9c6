// Tells the federation, under each patient's tags, that something is held here: the summary sealed under a fresh key for
// every version, which only the guard releases. The ledger (net/ledger) keeps what is published from lapsing.

import { encodeAdvert, lifetimes, nextSeq } from '../../../protocol/adverts/record.ts';
import { type SummaryStudy, sealSummary, summarySize } from '../../../protocol/adverts/summary.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import type { Signer } from '../../../protocol/identity.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { epochsToPublish, studyMark } from '../../../protocol/tags/epoch.ts';
import { isFederated, isLocalSystem } from '../../store/identifiers.ts';
import type { Index } from '../../store/index.ts';
import type { Bucket } from '../../store/kv.ts';
import { isAnother, ownDemographics } from '../../store/persons.ts';
import {
  decodeRecord,
  encodeRecord,
  type Identifier,
  type PatientRecord,
  type Publication,
  type StudyRecord,
} from '../../store/records.ts';
import { errorFields, type Log } from '../../system/log.ts';
import type { Timers } from '../../system/machine.ts';
import { type PatientTag, type PatientTags, type TagSecret, tagKey, tagsToPublish } from './patient-tags.ts';

export interface AdvertiserParts {
  readonly index: Index;
  readonly tags: PatientTags;
  readonly bucket: Bucket;
  readonly signer: Signer;
  /** Hedges summary keys: known to this peer alone. */
  readonly secret: Uint8Array;
  /** This peer in the federation now, and the index key's generation; undefined before there is either. */
  readonly self: () => { federation: string; member: string; incarnation: number; generation: number } | undefined;
  /** Hands tags to the ledger, which stores their records near them and keeps them there. */
  readonly publish: (records: { tag: string; epoch: number; urgent: boolean }[]) => Promise<void>;
  /** Whether a tag was ever handed over so. */
  readonly isQueued: (tag: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
}

/** A study is published when nothing more has come for this long, and at the latest after the longer one. */
const quietMs = 1_500;
const latestMs = 10_000;
/** A version that is younger is sent again as it is. */
const renewAfterMs = 3_600_000;
const hourMs = 3_600_000;
/** What could not be published (no keeper in reach, say) is tried again after this. */
const againMs = 10_000;
/** Patients handled in one go: their identifiers make one batch for the keepers. */
const patientsAtOnce = 200;

export class Advertiser {
  readonly #mode: 'summary' | 'existence' | 'nothing';
  readonly #parts: AdvertiserParts;
  /** By patient: numbers that he had, which may have to be withdrawn. */
  readonly #dirty = new Map<string, readonly Identifier[]>();
  #cancel: (() => void) | undefined;
  #hourly: (() => void) | undefined;
  #since = 0;
  #epochs = '';
  #caughtUp: number | undefined;
  /** What is dirty is so because of a new epoch: no hurry. */
  #rolling = false;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: { advertise: 'summary' | 'existence' | 'nothing' }, parts: AdvertiserParts) {
    this.#mode = options.advertise;
    this.#parts = parts;
  }

  /** More of a study is here; copies are for their owner to tell of. */
  arrived({ origin, patient }: StudyRecord): void {
    if (origin === 'origin') this.touch(patient);
  }

  /** Something of this patient's studies has changed. @param formerly numbers that he may have no more */
  touch(patient: string, formerly: readonly Identifier[] = []): void {
    if (this.#mode === 'nothing' || this.#stopped) return;
    const now = this.#parts.clock.now();
    if (this.#dirty.size === 0) this.#since = now;
    this.#dirty.set(patient, [...(this.#dirty.get(patient) ?? []), ...formerly]);
    this.#schedule(Math.max(0, Math.min(quietMs, this.#since + latestMs - now)));
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.timers.after(ms, () => void this.flush());
  }

  /**
   * Publishes whoever has no record of the index key's generation yet, or an older one than the studies: at start (what
   * was to be published when the peer stopped), after joining, and when the key has changed.
   */
  async catchUp(): Promise<void> {
    const generation = this.#parts.self()?.generation;
    if (generation === undefined || generation === this.#caughtUp) return;
    this.#caughtUp = generation;
    const epochs = epochsToPublish(this.#parts.clock.now());
    /** By patient and epoch: when the newest record was made. */
    const made = new Map<string, number>();
    for await (const [, row] of this.#parts.bucket.range()) {
      const { tag, patient, epoch, made: at, generation: of } = decodeRecord<Publication>(row);
      const name = `${patient} ${epoch}`;
      // a record that was made just before a crash may not have reached the ledger
      if (of === generation && this.#parts.isQueued(tag)) made.set(name, Math.max(at, made.get(name) ?? 0));
    }
    for (const { origin, patient, changed } of this.#parts.index.studies()) {
      const told = epochs.every((epoch) => (made.get(`${patient} ${epoch}`) ?? 0) > changed);
      if (origin === 'origin' && !told) this.touch(patient);
    }
  }

  /** Prepares each next epoch's records a day ahead; the ledger spreads when they go out. */
  start(): void {
    this.#epochs = epochsToPublish(this.#parts.clock.now()).join();
    this.#hourly = this.#parts.timers.every(hourMs, () => {
      const epochs = epochsToPublish(this.#parts.clock.now()).join();
      if (epochs === this.#epochs) return;
      this.#epochs = epochs;
      this.#rolling = true;
      for (const { id } of this.#parts.index.patients()) this.touch(id);
    });
  }

  /** Publishes what has changed; one run at a time. What can't be published now stays dirty and is tried again. */
  flush(): Promise<void> {
    this.#running = this.#running.then(async () => {
      if (this.#parts.self() === undefined) return;
      while (this.#dirty.size > 0 && !this.#stopped) {
        const some = [...this.#dirty].slice(0, patientsAtOnce);
        for (const [id] of some) this.#dirty.delete(id);
        const urgent = !this.#rolling;
        try {
          await this.#publish(some, urgent);
        } catch (error) {
          this.#parts.log.warn(errorFields(error), 'publishing waits');
          for (const [id, formerly] of some) this.#dirty.set(id, [...formerly, ...(this.#dirty.get(id) ?? [])]);
          this.#schedule(againMs);
          return;
        }
      }
      this.#rolling = false;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#hourly?.();
    await this.#running;
  }

  /** What we last published under a tag. */
  async publication(tag: string): Promise<Publication | undefined> {
    const row = await this.#parts.bucket.get(tagKey(tag));
    return row === undefined ? undefined : decodeRecord(row);
  }

  /** The record under a tag for the ledger, renewed if it has become old; undefined when we never said anything there. */
  async current(tag: string): Promise<{ bytes: Uint8Array; freshUntil: number } | undefined> {
    const before = await this.publication(tag);
    const patient = before === undefined ? undefined : this.#parts.index.patient(before.patient);
    if (before === undefined || patient === undefined) return undefined;
    const young = this.#parts.clock.now() - before.made < renewAfterMs;
    const made = young ? before : await this.#renew(patient, before);
    return made === undefined ? undefined : { bytes: unhex(made.record), freshUntil: made.freshUntil };
  }

  async #renew(patient: PatientRecord, before: Publication): Promise<Publication | undefined> {
    const [secret] = await this.#parts.tags.ownSecrets([before.identifier]);
    return this.#make(patient, before.identifier, { tag: before.tag, epoch: before.epoch }, secret!, before);
  }

  async #publish(dirty: readonly (readonly [string, readonly Identifier[]])[], urgent: boolean): Promise<void> {
    const { index } = this.#parts;
    const all = dirty.flatMap(([id, formerly]) => {
      const patient = index.patient(id);
      if (patient === undefined) return [];
      // what somebody else has now is his to tell
      const gone = formerly.filter((each) => !isLocalSystem(each.system) && !isToldOf(index, each));
      return [...federated(patient), ...gone].map((identifier) => ({ patient, identifier }));
    });
    const secrets = await this.#parts.tags.ownSecrets(all.map(({ identifier }) => identifier));
    const due: (PatientTag & { urgent: boolean })[] = [];
    for (const [i, { patient, identifier }] of all.entries()) {
      for (const place of tagsToPublish(secrets[i]!, this.#parts.clock.now())) {
        const before = await this.publication(place.tag);
        const made = await this.#make(patient, identifier, place, secrets[i]!, before);
        if (made !== undefined) due.push({ ...place, urgent });
      }
    }
    await this.#parts.publish(due);
  }

  async #make(
    patient: PatientRecord,
    identifier: Publication['identifier'],
    place: PatientTag,
    secret: TagSecret,
    before: Publication | undefined,
  ): Promise<Publication | undefined> {
    const isIts = ({ system, value }: Identifier) => system === identifier.system && value === identifier.value;
    const studies = federated(patient).some(isIts) ? this.#told(patient) : [];
    if (studies.length === 0 && before === undefined) return undefined;
    const made = this.#record(studies, place, secret, before);
    const { system, value } = identifier;
    const { generation } = secret;
    const publication: Publication = {
      ...place,
      ...made,
      generation,
      patient: patient.id,
      identifier: { system, value },
    };
    await this.#parts.bucket.put(tagKey(place.tag), encodeRecord(publication));
    return publication;
  }

  /** Our own studies of a patient, but for those whose headers say that they are somebody else's. */
  #told(patient: PatientRecord): StudyRecord[] {
    const all = this.#parts.index.studiesOf(patient.id);
    return all.filter((study) => study.origin === 'origin' && !isAnother(ownDemographics(study), patient));
  }

  #record(studies: readonly StudyRecord[], place: PatientTag, secret: TagSecret, before: Publication | undefined) {
    const { clock, signer, random, secret: hedge } = this.#parts;
    const { federation, member, incarnation } = this.#parts.self()!;
    const now = clock.now();
    const seq = nextSeq(before?.incarnation === incarnation ? before.seq : undefined, now);
    const state = studies.length > 0 ? ('holds' as const) : ('withdrawn' as const);
    const times = lifetimes(now, place.epoch);
    const version = { ...place, generation: secret.generation, member, incarnation, seq, ...times };
    const made = { incarnation, seq, state, made: now, freshUntil: times.freshUntil };
    const content = studies.map((study) => summaryOf(study, secret.y));
    if (state === 'withdrawn' || this.#mode === 'existence') {
      const record = encodeAdvert({ ...version, state }, summarySize(content), federation, signer);
      return { ...made, record: hex(record) };
    }
    const of = { federation, ...version };
    const { key, sealed, size } = sealSummary({ studies: content, of, secret: hedge, random });
    const record = encodeAdvert({ ...version, state, sealed }, size, federation, signer);
    return { ...made, key: hex(key), record: hex(record) };
  }
}

const federated = (patient: PatientRecord): Identifier[] => patient.identifiers.filter(isFederated);

const isToldOf = (index: Index, { system, value }: Identifier): boolean => {
  const patient = index.patientBy(system, value);
  return patient !== undefined && federated(patient).some((each) => each.system === system && each.value === value);
};

/** What is told of a study. */
function summaryOf(study: StudyRecord, y: Uint8Array): SummaryStudy {
  const modalities = [...new Set(study.series.map((each) => each.modality).filter((each) => each !== undefined))];
  return {
    ref: study.ref,
    date: /^\d{8}$/.test(study.date ?? '') ? study.date : undefined,
    modalities: modalities.map((each) => each.slice(0, 16)).slice(0, 16),
    bodyPart: study.series.find((each) => each.bodyPart !== undefined)?.bodyPart?.slice(0, 16),
    description: study.description?.slice(0, 64),
    instances: study.series.reduce((sum, each) => sum + each.instances, 0),
    bytes: study.series.reduce((sum, each) => sum + each.bytes, 0),
    report: 'none',
    origin: study.origin,
    same: studyMark(y, study.uid),
  };
}
