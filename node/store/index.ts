// The index: which patients, studies, series and instances are here. Patients and studies are held in memory, rebuilt
// from their sealed rows at start; instances stay on disk. What joins it comes by additions.ts.
import { concat, hex, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { foldForSearch } from '../../protocol/person/fold.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import { patientWrite, studyWrite, studyWrites } from './index-rows.ts';
import type { Kv, Write } from './kv.ts';
import { ownPerson } from './own-person.ts';
import { PatientNames } from './patient-names.ts';
import {
  decodeRecord,
  type InstanceRecord,
  type PatientRecord,
  type SeriesRecord,
  type StudyRecord,
} from './records.ts';
import { type DateRange, StudyOrder } from './study-order.ts';
import type { Vault } from './vault.ts';

/** What becomes of patients' records together. */
export interface PatientChange {
  readonly put?: readonly PatientRecord[];
  /** Ids. */
  readonly drop?: readonly string[];
  /** Studies (ids) that get another patient (id). */
  readonly move?: readonly { readonly study: string; readonly to: string }[];
  /** Rows of other buckets that must become durable with it. */
  readonly also?: readonly Write[];
}

export class Index {
  readonly #kv: Kv;
  readonly #vault: Vault;
  readonly #patients = new Map<string, PatientRecord>();
  /** Who has a number; several while nobody has decided who they are. */
  readonly #byIdentifier = new Map<string, readonly string[]>();
  readonly #studies = new Map<string, StudyRecord>();
  readonly #byUid = new Map<string, string>();
  readonly #order = new StudyOrder();
  readonly #names = new PatientNames();
  readonly #byAccession = new Map<string, Set<string>>();
  /** By study: its patient as its own headers name him, where that is not what the record says. */
  readonly #own = new Map<string, PatientRecord>();
  readonly #byRef = new Map<string, string>();
  readonly #byPatient = new Map<string, Set<string>>();
  /** What changes patients and studies: each begins with what the one before has left. */
  readonly #queue = new KeyedQueue();

  constructor(parts: { kv: Kv; vault: Vault }) {
    this.#kv = parts.kv;
    this.#vault = parts.vault;
  }

  /** Reads patients and studies into memory. */
  async load(): Promise<void> {
    for await (const [, row] of this.#kv.bucket('patient').range()) this.#keepPatient(decodeRecord(row));
    const series = await this.#loadSeries();
    for await (const [, row] of this.#kv.bucket('study').range()) {
      const study = decodeRecord<Omit<StudyRecord, 'series'>>(row);
      this.#keepStudy({ ...study, series: series.get(study.id) ?? [] });
    }
    this.#order.settle();
  }

  /** By study, each in the order of its key: as they came. */
  async #loadSeries(): Promise<Map<string, SeriesRecord[]>> {
    const series = new Map<string, SeriesRecord[]>();
    for await (const [key, row] of this.#kv.bucket('series').range()) {
      const study = hex(key.subarray(0, studyIdBytes));
      const of = series.get(study);
      if (of === undefined) series.set(study, [decodeRecord(row)]);
      else of.push(decodeRecord(row));
    }
    return series;
  }

  patients(): Iterable<PatientRecord> {
    return this.#patients.values();
  }

  /** In the order of their ids, those behind `after`. */
  async *patientsAfter(after: Uint8Array | undefined): AsyncGenerator<PatientRecord> {
    const rows = this.#kv.bucket('patient').range(undefined, { after });
    for await (const [, row] of rows) yield decodeRecord(row);
  }

  get patientCount(): number {
    return this.#patients.size;
  }

  /** Studies whose own headers name the patient in another way than his record: the record as they have it, by study id. */
  get own(): ReadonlyMap<string, PatientRecord> {
    return this.#own;
  }

  /** Names of the patients, and of the studies in `own`, to be searched. */
  get names(): PatientNames {
    return this.#names;
  }

  patient(id: string): PatientRecord | undefined {
    return this.#patients.get(id);
  }

  /** The record that has this identifier without a doubt. */
  patientBy(system: string, value: string): PatientRecord | undefined {
    const [first] = this.patientsBy(system, value);
    return first !== undefined && doubtOf(first, system, value) === undefined ? first : undefined;
  }

  /** All records with this identifier: first the one that has it without a doubt, then as they came. */
  patientsBy(system: string, value: string): PatientRecord[] {
    const ids = this.#byIdentifier.get(identifierKey(system, value));
    if (ids === undefined) return [];
    const all = ids.map((id) => this.#patients.get(id)!);
    const since = (patient: PatientRecord) => doubtOf(patient, system, value)?.since ?? 0;
    return all.length === 1 ? all : all.sort((a, b) => since(a) - since(b));
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
   * Changes patients' records, as `change` says of how they are then; durable when it resolves. Records that come to
   * nothing are dropped: their studies must be given to others.
   */
  changePatients<T>(change: () => PatientChange & { readonly result: T }): Promise<T> {
    return this.inTurn(async () => {
      const { put = [], drop = [], move = [], also = [], result } = change();
      const moved = move.map(({ study, to }) => ({ ...this.#studies.get(study)!, patient: to }));
      await this.#kv.commit([
        ...put.map(patientWrite),
        ...drop.map((id): Write => ({ bucket: 'patient', key: unhex(id) })),
        ...moved.map(studyWrite),
        ...also,
      ]);
      for (const study of moved) this.#byPatient.get(this.#studies.get(study.id)!.patient)?.delete(study.id);
      for (const id of drop) this.#drop(id);
      for (const patient of put) this.#keepPatient(patient);
      for (const study of moved) this.#keepStudy(study);
      return result;
    });
  }

  #drop(id: string): void {
    const patient = this.#patients.get(id);
    this.#patients.delete(id);
    this.#dropIdentifiers(patient);
    this.#byPatient.delete(id);
    if (patient?.name !== undefined) this.#names.replace(id, undefined, () => this.#named());
  }

  /** Gives a study to another patient, whose record is kept if it is new; durable when it resolves. */
  moveStudy({ id }: Pick<StudyRecord, 'id'>, patient: PatientRecord): Promise<void> {
    return this.changePatients(() => ({ put: [patient], move: [{ study: id, to: patient.id }], result: undefined }));
  }

  /**
   * Counts a study's instances anew, after a crash: of the rows of one study some may have been lost and others not, and
   * each knows only how many there were when it was written. Durable when it resolves.
   */
  recount(uid: string): Promise<void> {
    return this.inTurn(async () => {
      const study = this.study(uid)!;
      const counts = new Map(study.series.map((each) => [each.uid, { instances: 0, bytes: 0 }]));
      for await (const { seriesUid, plainLength } of this.instances(study.id)) {
        const count = counts.get(seriesUid);
        if (count === undefined) continue;
        count.instances += 1;
        count.bytes += plainLength;
      }
      const counted = { ...study, series: study.series.map((each) => ({ ...each, ...counts.get(each.uid) })) };
      await this.#kv.commit(studyWrites(counted, study));
      this.#keepStudy(counted);
    });
  }

  /** Runs a change of patients and studies when those before it are done. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    return this.#queue.run('', change);
  }

  #instanceKey(instance: InstanceRecord): Uint8Array {
    return concat(unhex(instance.study), this.#vault.name('sop', instance.sopInstanceUid));
  }

  /** Makes visible what has become durable. */
  keep(patients: Iterable<PatientRecord>, studies: Iterable<StudyRecord>): void {
    for (const patient of patients) this.#keepPatient(patient);
    for (const study of studies) this.#keepStudy(study);
  }

  #keepPatient(patient: PatientRecord): void {
    const before = this.#patients.get(patient.id);
    this.#patients.set(patient.id, patient);
    if (before?.name !== patient.name) this.#rename(patient.id, patient.name, before?.name);
    if (before !== undefined) for (const study of this.studiesOf(patient.id)) this.#keepOwn(study);
    if (before?.identifiers !== patient.identifiers) this.#keepIdentifiers(patient, before);
  }

  #keepIdentifiers({ id, identifiers }: PatientRecord, before: PatientRecord | undefined): void {
    this.#dropIdentifiers(before);
    for (const { system, value } of identifiers) {
      const key = identifierKey(system, value);
      this.#byIdentifier.set(key, [...(this.#byIdentifier.get(key) ?? []), id]);
    }
  }

  #dropIdentifiers(patient: PatientRecord | undefined): void {
    for (const { system, value } of patient?.identifiers ?? []) {
      const key = identifierKey(system, value);
      const left = (this.#byIdentifier.get(key) ?? []).filter((id) => id !== patient!.id);
      if (left.length > 0) this.#byIdentifier.set(key, left);
      else this.#byIdentifier.delete(key);
    }
  }

  #rename(id: string, name: string | undefined, before: string | undefined): void {
    if (before !== undefined) this.#names.replace(id, name, () => this.#named());
    else if (name !== undefined) this.#names.add(id, name);
  }

  *#named(): Generator<{ readonly id: string; readonly name?: string | undefined }> {
    yield* this.#patients.values();
    for (const [id, { name }] of this.#own) yield { id, name };
  }

  #keepOwn(study: StudyRecord): void {
    const record = this.#patients.get(study.patient);
    const own = record && ownPerson(study, record);
    const before = this.#own.get(study.id);
    if (own === undefined && before === undefined) return;
    if (own === undefined) this.#own.delete(study.id);
    else this.#own.set(study.id, own);
    if (own?.name !== before?.name) this.#rename(study.id, own?.name, before?.name);
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
    this.#keepOwn(study);
  }
}

const studyIdBytes = 16;

const doubtOf = ({ identifiers }: PatientRecord, system: string, value: string) =>
  identifiers.find((each) => each.system === system && each.value === value)?.doubt;

const identifierKey = (system: string, value: string): string => `${system}|${value}`;
