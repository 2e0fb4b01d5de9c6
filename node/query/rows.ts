// The rows that match a plan: patients, studies and series from memory, latest study first; instances from disk, piece by
// piece; headers only where a key asks for what the index doesn't hold.
import { PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Level } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import type { Index } from '../store/index.ts';
import type { InstanceRecord, PatientRecord, SeriesRecord, StudyRecord } from '../store/records.ts';
import { latestFirst } from '../store/study-order.ts';
import { columnLevel, compared, type Row, recordTest } from './columns.ts';
import { type Key, type Source, sourceOf } from './matching.ts';
import { patientsNamed } from './named.ts';
import type { QueryPlan } from './plan.ts';

export type QueryIndex = Pick<
  Index,
  | 'patient'
  | 'patients'
  | 'study'
  | 'studyById'
  | 'studiesByAccession'
  | 'studiesOf'
  | 'latestStudies'
  | 'instance'
  | 'instances'
  | 'header'
> &
  Partial<Pick<Index, 'names' | 'own'>>;

/** One that matches. */
export interface FoundRow {
  readonly row: Row;
  /** Read anew each time: its own header; of a series, study or patient that of one of its instances; empty if none. */
  header(): Promise<DicomJson>;
}

/** Rows that match, after the first `skip` of them. */
export class Rows {
  readonly #index: QueryIndex;
  readonly #plan: QueryPlan;
  readonly #signal: AbortSignal | undefined;
  #skip: number;
  #examined = 0;

  constructor(
    { plan, skip, signal }: { plan: QueryPlan; skip: number; signal: AbortSignal | undefined },
    index: QueryIndex,
  ) {
    [this.#plan, this.#skip, this.#signal, this.#index] = [plan, skip, signal, index];
  }

  /** @throws PeerError query/too-broad when it had to read more than `limits.queryExamined` instances; the signal's reason */
  async *all(): AsyncGenerator<FoundRow> {
    const { level, header } = this.#plan;
    for await (const row of level === 'instance' ? this.#instances() : this.#inMemory(await this.#candidates())) {
      this.#signal?.throwIfAborted();
      const found = { row, header: () => this.#header(row) };
      if (header.length > 0) {
        this.#examine();
        const source = this.#sourceOf(row, await found.header());
        if (!header.every((key) => key.test(source)) || this.#leftOut()) continue;
      }
      yield found;
    }
  }

  #inMemory(studies: Iterable<StudyRecord> | undefined): Generator<Row> {
    const { level } = this.#plan;
    if (level === 'patient') return this.#patients(studies);
    return level === 'study' ? this.#studies(studies) : this.#series(studies);
  }

  /** Whether what the index alone finds to match is left out at the beginning; never while headers are to be asked. */
  #skipped(): boolean {
    return this.#plan.header.length === 0 && this.#leftOut();
  }

  #leftOut(): boolean {
    if (this.#skip === 0) return false;
    this.#skip -= 1;
    return true;
  }

  get #own(): ReadonlyMap<string, PatientRecord> {
    return this.#index.own ?? nobody;
  }

  /** The studies that it can only be; undefined: any. */
  async #candidates(): Promise<Iterable<StudyRecord> | undefined> {
    const { named } = this.#plan;
    if (named.study !== undefined) return latestFirst([...named.study].flatMap((uid) => this.#index.study(uid) ?? []));
    if (named.instance === undefined) return this.#lookedUp();
    const holders = (await this.#named()).flatMap(({ study }) => this.#index.studyById(study) ?? []);
    return latestFirst([...new Set(holders)]);
  }

  #lookedUp(): Iterable<StudyRecord> | undefined {
    const { accession, level } = this.#plan;
    if (accession === undefined || level === 'patient') return undefined;
    return latestFirst(this.#index.studiesByAccession(accession));
  }

  async #named(): Promise<InstanceRecord[]> {
    const found: InstanceRecord[] = [];
    for (const uid of this.#plan.named.instance ?? []) {
      const instance = await this.#index.instance(uid);
      if (instance !== undefined) found.push(instance);
    }
    return found;
  }

  *#patients(studies: Iterable<StudyRecord> | undefined): Generator<Row> {
    const { own, below } = this.#plan;
    const ofChildren = below.map((key) => this.#someBelow(key));
    for (const patient of this.#matching(own.patient, studies)) {
      const children = ofChildren.length === 0 ? [] : this.#index.studiesOf(patient.id);
      if (ofChildren.every((some) => children.some(some)) && !this.#skipped()) yield { patient };
    }
  }

  /** Patients, of these studies or all, who hold the keys. */
  *#matching(keys: readonly Key[], studies: Iterable<StudyRecord> | undefined): Generator<PatientRecord> {
    const { names } = this.#index;
    const named =
      studies === undefined && names !== undefined ? keys.find((key) => key.names !== undefined) : undefined;
    const holds = this.#test(
      'patient',
      keys.filter((key) => key !== named),
    );
    for (const patient of this.#those(named?.names && patientsNamed(names!, named.names), studies)) {
      if (holds(patient)) yield patient;
    }
  }

  #those(ids: Iterable<string> | undefined, studies: Iterable<StudyRecord> | undefined): Iterable<PatientRecord> {
    if (ids !== undefined) return this.#known(ids);
    return studies === undefined
      ? this.#index.patients()
      : this.#known(new Set(Array.from(studies, ({ patient }) => patient)));
  }

  *#known(ids: Iterable<string>): Generator<PatientRecord> {
    for (const id of ids) {
      const patient = this.#index.patient(id);
      if (patient !== undefined) yield patient;
    }
  }

  *#studies(candidates: Iterable<StudyRecord> | undefined): Generator<StudyRow> {
    const { own, below, level } = this.#plan;
    const holds = this.#test('study', own.study);
    const series = level === 'study' ? below.map((key) => this.#someBelow(key)) : [];
    const patients = own.patient.length > 0 ? this.#matchingPatients(candidates) : undefined;
    for (const study of candidates ?? this.#studiesOf(patients)) {
      const own = this.#own.get(study.id);
      if (patients !== undefined && !patients.has(own === undefined ? study.patient : study.id)) continue;
      if (!holds(study) || !series.every((some) => some(study))) continue;
      // before anything is looked up for it: pages far back pass by many
      if (level === 'study' && this.#skipped()) continue;
      yield { study, patient: own ?? this.#index.patient(study.patient) };
    }
  }

  /**
   * Patients are fewer than studies: each is looked at once, whatever it has. Studies that name theirs in their own way
   * are among them by their own ids.
   */
  #matchingPatients(candidates: Iterable<StudyRecord> | undefined): ReadonlySet<string> {
    const { patient: keys } = this.#plan.own;
    const { names } = this.#index;
    const named =
      candidates === undefined && names !== undefined ? keys.find((key) => key.names !== undefined) : undefined;
    const ids = named?.names && patientsNamed(names!, named.names);
    if (ids !== undefined && keys.length === 1) return ids;
    const holds = this.#test(
      'patient',
      keys.filter((key) => key !== named),
    );
    const matching = new Set<string>();
    for (const patient of this.#those(ids, candidates)) if (holds(patient)) matching.add(patient.id);
    for (const [id, person] of this.#ownOf(ids, candidates)) if (holds(person)) matching.add(id);
    return matching;
  }

  *#ownOf(ids: Iterable<string> | undefined, candidates: Iterable<StudyRecord> | undefined) {
    const among = ids ?? (candidates && Array.from(candidates, ({ id }) => id)) ?? this.#own.keys();
    for (const id of among) {
      const person = this.#own.get(id);
      if (person !== undefined) yield [id, person] as const;
    }
  }

  /** Where few patients match, their studies alone. */
  #studiesOf(patients: ReadonlySet<string> | undefined): Iterable<StudyRecord> {
    if (patients === undefined || patients.size > fewPatients) return this.#index.latestStudies(this.#plan.dates);
    return latestFirst(
      [...patients].flatMap((id) => {
        const own = this.#own.has(id) ? this.#index.studyById(id) : undefined;
        return own ?? this.#index.studiesOf(id).filter((study) => !this.#own.has(study.id));
      }),
    );
  }

  *#series(candidates: Iterable<StudyRecord> | undefined): Generator<SeriesRow> {
    const holds = this.#test('series', this.#plan.own.series);
    const isLevel = this.#plan.level === 'series';
    for (const { study, patient } of this.#studies(candidates)) {
      for (const series of study.series) {
        if (holds(series) && !(isLevel && this.#skipped())) yield { study, patient, series };
      }
    }
  }

  #test(level: Level, keys: readonly Key[]): (record: Row[Level]) => boolean {
    return recordTest(level, keys, this.#index);
  }

  /** Whether a key of the study or of a series of it holds. */
  #someBelow(key: Key): (study: StudyRecord) => boolean {
    const level = columnLevel(key.tags[0]!) === 'study' ? 'study' : 'series';
    const holds = this.#test(level, [key]);
    return level === 'study' ? holds : (study) => study.series.some(holds);
  }

  async *#instances(): AsyncGenerator<Row> {
    const { own, named, header } = this.#plan;
    const holds = this.#test('instance', own.instance);
    const instances = named.instance === undefined ? undefined : await this.#named();
    const countable = instances === undefined && own.instance.length === 0 && header.length === 0;
    for (const [study, rows] of bySeries(this.#series(await this.#candidates()))) {
      const count = rows.reduce((sum, { series }) => sum + series.instances, 0);
      if (countable && this.#skip >= count) {
        this.#skip -= count; // a page far back needn't read what is before it
        continue;
      }
      const series = new Map(rows.map((row) => [row.series.uid, row]));
      const stored = instances?.filter((each) => each.study === study.id) ?? this.#index.instances(study.id);
      for await (const instance of stored) {
        this.#examine();
        const row = series.get(instance.seriesUid);
        if (row === undefined || !holds(instance)) continue;
        if (!this.#skipped()) yield { ...row, instance };
      }
    }
  }

  async #header(row: Row): Promise<DicomJson> {
    const instance = row.instance ?? (await this.#oneOf(row));
    if (instance === undefined) return {};
    return JSON.parse(new TextDecoder().decode(await this.#index.header(instance))) as DicomJson;
  }

  async #oneOf({ patient, study, series }: Row): Promise<InstanceRecord | undefined> {
    const of = study ?? (patient && this.#index.studiesOf(patient.id)[0]);
    if (of === undefined) return undefined;
    for await (const instance of this.#index.instances(of.id)) {
      if (series === undefined || instance.seriesUid === series.uid) return instance;
    }
    return undefined;
  }

  #examine(): void {
    this.#signal?.throwIfAborted();
    this.#examined += 1;
    if (this.#examined > limits.queryExamined) throw new PeerError('query/too-broad', { limit: limits.queryExamined });
  }

  /** The records tell first: patients are merged and named anew there, and headers stay as they came. */
  #sourceOf(row: Row, header: DicomJson): Source {
    const other = sourceOf(header);
    return {
      texts: (tag) => compared(row, tag, this.#index) ?? other.texts(tag),
      items: (tag) => other.items(tag),
    };
  }
}

const nobody: ReadonlyMap<string, PatientRecord> = new Map();

/** So many patients' studies are sorted sooner than all studies are looked through. */
const fewPatients = 250;

interface StudyRow extends Row {
  readonly patient: PatientRecord | undefined;
  readonly study: StudyRecord;
}

interface SeriesRow extends StudyRow {
  readonly series: SeriesRecord;
}

/** Rows of one study follow each other. */
function* bySeries(rows: Iterable<SeriesRow>): Generator<readonly [StudyRecord, readonly SeriesRow[]]> {
  let together: SeriesRow[] = [];
  for (const row of rows) {
    if (together[0] !== undefined && together[0].study !== row.study) {
      yield [together[0].study, together];
      together = [];
    }
    together.push(row);
  }
  if (together[0] !== undefined) yield [together[0].study, together];
}
