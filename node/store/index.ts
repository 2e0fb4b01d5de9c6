// The index: which patients, studies, series and instances are here. Patients and studies are held in memory, rebuilt
// from their sealed rows at start; instances stay on disk. What is added is durable before it is visible.
import { concat, hex, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { foldForSearch } from '../dicom/text/fold.ts';
import { Batches } from '../flow/batches.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import type { Kv, Write } from './kv.ts';
import type { NewInstance } from './new-instance.ts';
import type { Place } from './pack-frame.ts';
import { encodeNote } from './pack-note.ts';
import { type PackedRows, placeRow } from './packed-rows.ts';
import type { Whole } from './packs.ts';
import { PatientNames } from './patient-names.ts';
import { decodeRecord, encodeRecord, type InstanceRecord, type PatientRecord, type StudyRecord } from './records.ts';
import { type DateRange, StudyOrder } from './study-order.ts';
import type { Vault } from './vault.ts';

/** `conflict`: another content is stored under this SOP Instance UID; `patient`: the study is somebody else's. */
export type Added = 'imported' | 'duplicate' | 'conflict' | 'patient';

/** What a group of additions is written from. */
interface Addition {
  readonly added: NewInstance;
  /** The sealed object where it is to go into a pack, or where it lies in one already; else it is a file. */
  readonly object?: Whole | undefined;
  readonly place?: Place;
}

export class Index {
  readonly #kv: Kv;
  readonly #packed: PackedRows;
  readonly #vault: Vault;
  readonly #patients = new Map<string, PatientRecord>();
  readonly #byIdentifier = new Map<string, string>();
  readonly #studies = new Map<string, StudyRecord>();
  readonly #byUid = new Map<string, string>();
  readonly #order = new StudyOrder();
  readonly #names = new PatientNames();
  readonly #byAccession = new Map<string, Set<string>>();
  readonly #byRef = new Map<string, string>();
  readonly #byPatient = new Map<string, Set<string>>();
  /** What changes patients and studies: each begins with what the one before has left. */
  readonly #queue = new KeyedQueue();
  readonly #additions = new Batches<Addition, Added>((group) => this.#inTurn(() => this.#write(group)));

  constructor(parts: { kv: Kv; packed: PackedRows; vault: Vault }) {
    this.#kv = parts.kv;
    this.#packed = parts.packed;
    this.#vault = parts.vault;
  }

  /** Reads patients and studies into memory. */
  async load(): Promise<void> {
    for await (const [, row] of this.#kv.bucket('patient').range()) this.#keepPatient(decodeRecord(row));
    for await (const [, row] of this.#kv.bucket('study').range()) this.#keepStudy(decodeRecord(row));
    this.#order.settle();
  }

  patients(): Iterable<PatientRecord> {
    return this.#patients.values();
  }

  /** Names of the patients, to be searched. */
  get names(): PatientNames {
    return this.#names;
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

  /** All studies as they are now, or those of some dates (YYYYMMDD, both included); latest first. */
  latestStudies(dates?: DateRange): Iterable<StudyRecord> {
    return this.#order.latest(dates);
  }

  /** Studies of an accession number, however it is written. @param folded by `foldForSearch` */
  studiesByAccession(folded: string): StudyRecord[] {
    return [...(this.#byAccession.get(folded) ?? [])].map((id) => this.#studies.get(id)!);
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

  /**
   * Adds an instance; durable when it resolves. Additions that come while one is written share the next write.
   * @param object the sealed object, kept in a pack if it is imported; without it there is a file
   */
  add(added: NewInstance, object?: Whole): Promise<Added> {
    return this.#additions.add({ added, object });
  }

  /** Adds an instance whose object lies in a pack already. */
  restore(added: NewInstance, place: Place): Promise<Added> {
    return this.#additions.add({ added, place });
  }

  /** Puts a patient's record; durable when it resolves. */
  putPatient(patient: PatientRecord): Promise<void> {
    return this.#inTurn(async () => {
      await this.#kv.commit([patientWrite(patient)]);
      this.#keepPatient(patient);
    });
  }

  /** Moves all studies and identifiers of one record to another and drops it; durable when it resolves. */
  mergePatients(from: PatientRecord, into: PatientRecord): Promise<PatientRecord> {
    return this.#inTurn(() => this.#merge(from, into));
  }

  async #merge(from: PatientRecord, into: PatientRecord): Promise<PatientRecord> {
    const merged = { ...into, identifiers: union(into.identifiers, from.identifiers) };
    const moved = this.studiesOf(from.id).map((study) => ({ ...study, patient: into.id }));
    await this.#kv.commit([
      { bucket: 'patient', key: unhex(into.id), value: encodeRecord(merged) },
      { bucket: 'patient', key: unhex(from.id) },
      ...moved.map((study) => studyWrite(study)),
    ]);
    this.#patients.delete(from.id);
    this.#names.replace(from.id, undefined, () => this.#patients.values());
    this.#byPatient.delete(from.id);
    this.#keepPatient(merged);
    for (const study of moved) this.#keepStudy(study);
    return merged;
  }

  /** Gives a study to another patient, whose record is kept if it is new; durable when it resolves. */
  moveStudy({ id }: StudyRecord, patient: PatientRecord): Promise<void> {
    return this.#inTurn(async () => {
      const study = this.#studies.get(id)!;
      const moved = { ...study, patient: patient.id };
      await this.#kv.commit([patientWrite(patient), studyWrite(moved)]);
      this.#byPatient.get(study.patient)?.delete(id);
      this.#keepPatient(patient);
      this.#keepStudy(moved);
    });
  }

  /**
   * Counts a study's instances anew, after a crash: of the rows of one study some may have been lost and others not, and
   * each knows only how many there were when it was written. Durable when it resolves.
   */
  recount(uid: string): Promise<void> {
    return this.#inTurn(async () => {
      const study = this.study(uid)!;
      const counts = new Map(study.series.map((each) => [each.uid, { instances: 0, bytes: 0 }]));
      for await (const { seriesUid, plainLength } of this.instances(study.id)) {
        const count = counts.get(seriesUid);
        if (count === undefined) continue;
        count.instances += 1;
        count.bytes += plainLength;
      }
      const counted = { ...study, series: study.series.map((each) => ({ ...each, ...counts.get(each.uid) })) };
      await this.#kv.commit([studyWrite(counted)]);
      this.#keepStudy(counted);
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    return this.#queue.run('', change);
  }

  /** Decides for each in turn, over what is stored and what this group adds; one durable write; then visible. */
  async #write(group: readonly Addition[]): Promise<Added[]> {
    const sops = group.map(({ added }) => this.#vault.name('sop', added.instance.sopInstanceUid));
    await this.#kv.noted();
    const known = await this.#known(group, sops);
    const studies = new Map<string, StudyRecord>();
    const patients = new Map<string, PatientRecord>();
    const rows: (() => Write[])[] = []; // made when they are written, which may be after the answer
    const also = new Map<string, Write>(); // instances of one study bring the same keys
    const packed: Addition[] = [];
    const results = group.map((addition, i): Added => {
      const { added, object, place } = addition;
      const { instance } = added;
      const same = known.get(instance.sopInstanceUid);
      const takesPlace = same !== undefined && same.objectId === added.lost;
      if (same !== undefined && same.digest !== instance.digest && !takesPlace) return 'conflict';
      if (same !== undefined && same.objectId !== added.lost) return 'duplicate';
      const before = studies.get(added.study.uid) ?? this.study(added.study.uid);
      const patient =
        this.#samePatient(added.patient, patients) ?? this.#nameless(added.patient, before) ?? added.patient;
      const study = before ?? { ...added.study, patient: patient.id, series: [] };
      if (study.patient !== patient.id) return 'patient';
      known.set(instance.sopInstanceUid, instance);
      const stored = { ...instance, study: study.id };
      studies.set(study.uid, withInstance(same === undefined ? study : withoutInstance(study, same), added));
      if (!this.#patients.has(patient.id)) patients.set(patient.id, patient);
      rows.push(() => instanceWrites(stored, sops[i]!, added.header));
      if (place !== undefined) rows.push(() => [placeRow(instance.objectId, place)]);
      if (object !== undefined) packed.push(addition);
      for (const each of added.also) also.set(`${each.bucket} ${hex(each.key)}`, each);
      return 'imported';
    });
    const writes = (): Write[] => [
      ...rows.flatMap((each) => each()),
      ...also.values(),
      ...[...studies.values()].map(studyWrite),
      ...[...patients.values()].map(patientWrite),
    ];
    const inPacks = packed.map(({ added, object }) => ({
      objectId: added.instance.objectId,
      note: encodeNote(added),
      object: object!,
    }));
    if (inPacks.length > 0) await this.#packed.write(inPacks, writes);
    // a note speaks for its own object alone: the others' rows must be on disk by themselves
    if (rows.length > inPacks.length) await this.#kv.commit(writes());
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

  async #known(group: readonly Addition[], sops: readonly Uint8Array[]): Promise<Map<string, InstanceRecord>> {
    const known = new Map<string, InstanceRecord>();
    for (const [i, sop] of sops.entries()) {
      const study = this.#kv.bucket('sop').getSync(sop);
      if (study === undefined) continue;
      const row = await this.#kv.bucket('instance').get(concat(study, sop));
      if (row !== undefined) known.set(group[i]!.added.instance.sopInstanceUid, decodeRecord(row));
    }
    return known;
  }

  #instanceKey(instance: InstanceRecord): Uint8Array {
    return concat(unhex(instance.study), this.#vault.name('sop', instance.sopInstanceUid));
  }

  #keepPatient(patient: PatientRecord): void {
    const before = this.#patients.get(patient.id)?.name;
    this.#patients.set(patient.id, patient);
    if (before !== patient.name) this.#rename(patient, before);
    for (const { system, value } of patient.identifiers) {
      this.#byIdentifier.set(identifierKey(system, value), patient.id);
    }
  }

  #rename({ id, name }: PatientRecord, before: string | undefined): void {
    if (before !== undefined) this.#names.replace(id, name, () => this.#patients.values());
    else if (name !== undefined) this.#names.add(id, name);
  }

  #keepAccession({ accession, id }: StudyRecord): void {
    if (accession === undefined) return;
    const folded = foldForSearch(accession);
    const of = this.#byAccession.get(folded) ?? new Set();
    of.add(id);
    this.#byAccession.set(folded, of);
  }

  #keepStudy(study: StudyRecord): void {
    this.#order.keep(study);
    if (!this.#studies.has(study.id)) this.#keepAccession(study);
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

const patientWrite = (patient: PatientRecord): Write => ({
  bucket: 'patient',
  key: unhex(patient.id),
  value: encodeRecord(patient),
});

const studyWrite = (study: StudyRecord): Write => ({
  bucket: 'study',
  key: unhex(study.id),
  value: encodeRecord(study),
});

function instanceWrites(instance: InstanceRecord, sop: Uint8Array, header: Uint8Array): Write[] {
  const study = unhex(instance.study);
  const key = concat(study, sop);
  return [
    { bucket: 'instance', key, value: encodeRecord(instance) },
    { bucket: 'sop', key: sop, value: study },
    { bucket: 'header', key, value: header },
  ];
}

const withClass = (classes: readonly string[] = [], uid: string): readonly string[] =>
  classes.includes(uid) ? classes : [...classes, uid];

function withInstance(study: StudyRecord, added: NewInstance): StudyRecord {
  const { instance } = added;
  const before = study.series.find((series) => series.uid === added.series.uid);
  const series = {
    ...(before ?? added.series),
    instances: (before?.instances ?? 0) + 1,
    bytes: (before?.bytes ?? 0) + instance.plainLength,
    sopClasses: withClass(before?.sopClasses, instance.sopClassUid),
  };
  return {
    ...study,
    origin: instance.source === undefined ? 'origin' : study.origin,
    changed: instance.received,
    series:
      before === undefined ? [...study.series, series] : study.series.map((each) => (each === before ? series : each)),
  };
}

/** A study's counts before an instance whose place another one takes. */
function withoutInstance(study: StudyRecord, instance: InstanceRecord): StudyRecord {
  const series = study.series.map((each) =>
    each.uid === instance.seriesUid
      ? { ...each, instances: each.instances - 1, bytes: each.bytes - instance.plainLength }
      : each,
  );
  return { ...study, series: series.filter(({ uid, instances }) => instances > 0 || uid === instance.seriesUid) };
}

function union(a: PatientRecord['identifiers'], b: PatientRecord['identifiers']): PatientRecord['identifiers'] {
  const seen = new Set(a.map((each) => identifierKey(each.system, each.value)));
  return [...a, ...b.filter((each) => !seen.has(identifierKey(each.system, each.value)))];
}
