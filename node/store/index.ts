// The index: which patients, studies, series and instances are here. Patients and studies are held in memory, rebuilt
// from their sealed rows at start; instances stay on disk. What is added is durable before it is visible.
import { concat, hex, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { Batches } from './batches.ts';
import type { Kv, Write } from './kv.ts';
import { decodeRecord, encodeRecord, type InstanceRecord, type PatientRecord, type StudyRecord } from './records.ts';
import type { Vault } from './vault.ts';

/** One instance to be added, with its patient and its study as they are known from this instance alone. */
export interface NewInstance {
  readonly patient: PatientRecord;
  readonly study: Omit<StudyRecord, 'series' | 'patient'>;
  readonly series: Omit<StudyRecord['series'][number], 'instances' | 'bytes'>;
  readonly instance: InstanceRecord;
  /** DICOM JSON of the header, UTF-8. */
  readonly header: Uint8Array;
  /** Rows of other buckets that must become durable with it (keys). */
  readonly also: readonly Write[];
  /** The object that the index names for this instance and that is not there: this one takes its place. */
  readonly lost?: string | undefined;
}

/** `conflict`: another content is stored under this SOP Instance UID; `patient`: the study is somebody else's. */
export type Added = 'imported' | 'duplicate' | 'conflict' | 'patient';

export class Index {
  readonly #kv: Kv;
  readonly #vault: Vault;
  readonly #patients = new Map<string, PatientRecord>();
  readonly #byIdentifier = new Map<string, string>();
  readonly #studies = new Map<string, StudyRecord>();
  readonly #byUid = new Map<string, string>();
  readonly #byRef = new Map<string, string>();
  readonly #byPatient = new Map<string, Set<string>>();
  readonly #additions = new Batches<NewInstance, Added>((group) => this.#write(group));

  constructor(parts: { kv: Kv; vault: Vault }) {
    this.#kv = parts.kv;
    this.#vault = parts.vault;
  }

  /** Reads patients and studies into memory. */
  async load(): Promise<void> {
    for await (const [, row] of this.#kv.bucket('patient').range()) this.#keepPatient(decodeRecord(row));
    for await (const [, row] of this.#kv.bucket('study').range()) this.#keepStudy(decodeRecord(row));
  }

  patients(): Iterable<PatientRecord> {
    return this.#patients.values();
  }

  patient(id: string): PatientRecord | undefined {
    return this.#patients.get(id);
  }

  /** The record with this identifier (normalized value). */
  patientBy(system: string, value: string): PatientRecord | undefined {
    const id = this.#byIdentifier.get(identifierKey(system, value));
    return id === undefined ? undefined : this.#patients.get(id);
  }

  studies(): Iterable<StudyRecord> {
    return this.#studies.values();
  }

  get studyCount(): number {
    return this.#studies.size;
  }

  study(uid: string): StudyRecord | undefined {
    const id = this.#byUid.get(uid);
    return id === undefined ? undefined : this.#studies.get(id);
  }

  studyByRef(ref: string): StudyRecord | undefined {
    const id = this.#byRef.get(ref);
    return id === undefined ? undefined : this.#studies.get(id);
  }

  studyById(id: string): StudyRecord | undefined {
    return this.#studies.get(id);
  }

  studiesOf(patient: string): StudyRecord[] {
    return [...(this.#byPatient.get(patient) ?? [])].map((id) => this.#studies.get(id)!);
  }

  async instance(sopInstanceUid: string): Promise<InstanceRecord | undefined> {
    const sop = this.#vault.name('sop', sopInstanceUid);
    const study = await this.#kv.bucket('sop').get(sop);
    if (study === undefined) return undefined;
    const row = await this.#kv.bucket('instance').get(concat(study, sop));
    return row === undefined ? undefined : decodeRecord(row);
  }

  /** All instances of a study, read piece by piece. */
  async *instances(study: string): AsyncIterable<InstanceRecord> {
    for await (const [, row] of this.#kv.bucket('instance').range(unhex(study))) yield decodeRecord(row);
  }

  /** The DICOM JSON (UTF-8 bytes) of an instance's header. */
  async header(instance: InstanceRecord): Promise<Uint8Array> {
    const header = await this.#kv.bucket('header').get(this.#instanceKey(instance));
    must(header !== undefined, 'store/corrupt', { bucket: 'header' });
    return header;
  }

  /** Adds an instance; durable when it resolves. Additions that come while one is written share the next write. */
  add(added: NewInstance): Promise<Added> {
    return this.#additions.add(added);
  }

  /** Puts a patient's record; durable when it resolves. */
  async putPatient(patient: PatientRecord): Promise<void> {
    await this.#kv.commit([{ bucket: 'patient', key: unhex(patient.id), value: encodeRecord(patient) }]);
    this.#keepPatient(patient);
  }

  /** Moves all studies and identifiers of one record to another and drops it; durable when it resolves. */
  async mergePatients(from: PatientRecord, into: PatientRecord): Promise<PatientRecord> {
    const merged = { ...into, identifiers: union(into.identifiers, from.identifiers) };
    const moved = this.studiesOf(from.id).map((study) => ({ ...study, patient: into.id }));
    await this.#kv.commit([
      { bucket: 'patient', key: unhex(into.id), value: encodeRecord(merged) },
      { bucket: 'patient', key: unhex(from.id) },
      ...moved.map((study) => studyWrite(study)),
    ]);
    this.#patients.delete(from.id);
    this.#byPatient.delete(from.id);
    this.#keepPatient(merged);
    for (const study of moved) this.#keepStudy(study);
    return merged;
  }

  /** Decides for each in turn, over what is stored and what this group adds; one durable write; then visible. */
  async #write(group: readonly NewInstance[]): Promise<Added[]> {
    const known = await this.#known(group);
    const studies = new Map<string, StudyRecord>();
    const patients = new Map<string, PatientRecord>();
    const writes: Write[] = [];
    const also = new Map<string, Write>(); // instances of one study bring the same keys
    const results = group.map((added): Added => {
      const { instance } = added;
      const same = known.get(instance.sopInstanceUid);
      if (same !== undefined && same.digest !== instance.digest) return 'conflict';
      if (same !== undefined && same.objectId !== added.lost) return 'duplicate';
      const before = studies.get(added.study.uid) ?? this.study(added.study.uid);
      const patient =
        this.#samePatient(added.patient, patients) ?? this.#nameless(added.patient, before) ?? added.patient;
      const study = before ?? { ...added.study, patient: patient.id, series: [] };
      if (study.patient !== patient.id) return 'patient';
      known.set(instance.sopInstanceUid, instance);
      const stored = { ...instance, study: study.id };
      // what takes a lost object's place was counted before
      studies.set(study.uid, same === undefined ? withInstance(study, added) : study);
      if (!this.#patients.has(patient.id)) patients.set(patient.id, patient);
      writes.push(...this.#instanceWrites(stored, added));
      for (const each of added.also) also.set(`${each.bucket} ${hex(each.key)}`, each);
      return 'imported';
    });
    writes.push(...also.values());
    for (const study of studies.values()) writes.push(studyWrite(study));
    for (const patient of patients.values()) {
      writes.push({ bucket: 'patient', key: unhex(patient.id), value: encodeRecord(patient) });
    }
    if (writes.length > 0) await this.#kv.commit(writes);
    for (const patient of patients.values()) this.#keepPatient(patient);
    for (const study of studies.values()) this.#keepStudy(study);
    return results;
  }

  /** The record that has one of these identifiers already, stored or in this group. */
  #samePatient(patient: PatientRecord, group: ReadonlyMap<string, PatientRecord>): PatientRecord | undefined {
    for (const { system, value } of patient.identifiers) {
      const stored = this.patientBy(system, value);
      if (stored !== undefined) return stored;
      for (const each of group.values()) if (has(each, system, value)) return each;
    }
    return undefined;
  }

  /** An instance that names no patient belongs to its study's. */
  #nameless(patient: PatientRecord, study: StudyRecord | undefined): PatientRecord | undefined {
    if (patient.identifiers.length > 0 || study === undefined) return undefined;
    return { ...patient, id: study.patient };
  }

  async #known(group: readonly NewInstance[]): Promise<Map<string, InstanceRecord>> {
    const known = new Map<string, InstanceRecord>();
    const sops = group.map(({ instance }) => this.#vault.name('sop', instance.sopInstanceUid));
    const studies = await this.#kv.bucket('sop').getMany(sops);
    for (const [i, study] of studies.entries()) {
      if (study === undefined) continue;
      const row = await this.#kv.bucket('instance').get(concat(study, sops[i]!));
      if (row !== undefined) known.set(group[i]!.instance.sopInstanceUid, decodeRecord(row));
    }
    return known;
  }

  #instanceWrites(instance: InstanceRecord, added: NewInstance): Write[] {
    const sop = this.#vault.name('sop', instance.sopInstanceUid);
    const study = unhex(instance.study);
    const key = concat(study, sop);
    return [
      { bucket: 'instance', key, value: encodeRecord(instance) },
      { bucket: 'sop', key: sop, value: study },
      { bucket: 'header', key, value: added.header },
    ];
  }

  #instanceKey(instance: InstanceRecord): Uint8Array {
    return concat(unhex(instance.study), this.#vault.name('sop', instance.sopInstanceUid));
  }

  #keepPatient(patient: PatientRecord): void {
    this.#patients.set(patient.id, patient);
    for (const { system, value } of patient.identifiers) {
      this.#byIdentifier.set(identifierKey(system, value), patient.id);
    }
  }

  #keepStudy(study: StudyRecord): void {
    this.#studies.set(study.id, study);
    this.#byUid.set(study.uid, study.id);
    this.#byRef.set(study.ref, study.id);
    const of = this.#byPatient.get(study.patient) ?? new Set();
    of.add(study.id);
    this.#byPatient.set(study.patient, of);
  }
}

const has = (patient: PatientRecord, system: string, value: string): boolean =>
  patient.identifiers.some((each) => each.system === system && each.value === value);

const identifierKey = (system: string, value: string): string => `${system}|${value}`;

const studyWrite = (study: StudyRecord): Write => ({
  bucket: 'study',
  key: unhex(study.id),
  value: encodeRecord(study),
});

function withInstance(study: StudyRecord, added: NewInstance): StudyRecord {
  const { instance } = added;
  const before = study.series.find((series) => series.uid === added.series.uid);
  const series = {
    ...(before ?? added.series),
    instances: (before?.instances ?? 0) + 1,
    bytes: (before?.bytes ?? 0) + instance.plainLength,
  };
  return {
    ...study,
    origin: instance.source === undefined ? 'origin' : study.origin,
    changed: instance.received,
    series:
      before === undefined ? [...study.series, series] : study.series.map((each) => (each === before ? series : each)),
  };
}

function union(a: PatientRecord['identifiers'], b: PatientRecord['identifiers']): PatientRecord['identifiers'] {
  const seen = new Set(a.map((each) => identifierKey(each.system, each.value)));
  return [...a, ...b.filter((each) => !seen.has(identifierKey(each.system, each.value)))];
}
