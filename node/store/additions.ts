// What joins the index: decided for each in its turn, and durable before it is visible. Only exchange/import adds.
import { concat, hex } from '../../protocol/bytes.ts';
import { Batches } from '../flow/batches.ts';
import type { Index } from './index.ts';
import { instanceWrites, isTooLarge, patientWrite, studyWrites, withInstance, withInstead } from './index-rows.ts';
import type { Kv, Write } from './kv.ts';
import type { NewInstance } from './new-instance.ts';
import type { PackPlace } from './packs/pack-frame.ts';
import { encodeNote } from './packs/pack-note.ts';
import { type PackedRows, placeRow } from './packs/packed-rows.ts';
import type { Whole } from './packs/packs.ts';
import { filled, isAnotherThanAll, isOfStudy } from './persons.ts';
import { decodeRecord, type Identifier, type InstanceRecord, type PatientRecord, type StudyRecord } from './records.ts';
import type { Vault } from './vault.ts';

/**
 * `conflict`: another content is stored under this SOP Instance UID; `patient`: the study is somebody else's; `full`: the
 * study has as many series or instances as one may have.
 */
export type Added = 'imported' | 'duplicate' | 'conflict' | 'patient' | 'full';

/** What a group of additions is written from. */
interface Addition {
  readonly added: NewInstance;
  /** The sealed object where it is to go into a pack, or where it lies in one already; else it is a file. */
  readonly object?: Whole | undefined;
  readonly place?: PackPlace;
  readonly note?: NoteStudy;
}

/** Writes down that something of a study comes in; durable when it resolves. */
export type NoteStudy = (study: StudyRecord) => Promise<void>;

export class Additions {
  readonly #index: Index;
  readonly #kv: Kv;
  readonly #packed: PackedRows;
  readonly #vault: Vault;
  readonly #doubted: () => void;
  readonly #waiting = new Batches<Addition, Added>((group) => this.#index.inTurn(() => this.#write(group)));

  /** @param parts.doubted told when somebody new has the number of somebody else */
  constructor(parts: { index: Index; kv: Kv; packed: PackedRows; vault: Vault; doubted?: () => void }) {
    this.#index = parts.index;
    this.#kv = parts.kv;
    this.#packed = parts.packed;
    this.#vault = parts.vault;
    this.#doubted = parts.doubted ?? (() => undefined);
  }

  /**
   * Adds an instance; durable when it resolves. Additions that come while one is written share the next write.
   * @param note called before what is imported is written; when it fails nothing is added
   * @param object the sealed object, kept in a pack if it is imported; without it there is a file
   */
  add(added: NewInstance, note: NoteStudy, object?: Whole): Promise<Added> {
    return this.#waiting.add({ added, note, object });
  }

  /** Adds an instance whose object lies in a pack already. */
  restore(added: NewInstance, place: PackPlace): Promise<Added> {
    return this.#waiting.add({ added, place });
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
    const noting = new Map<string, NoteStudy>();
    const results = group.map((addition, i): Added => {
      const { added, object, place, note } = addition;
      const { instance } = added;
      const same = known.get(instance.sopInstanceUid);
      const takesPlace = same !== undefined && same.objectId === added.lost;
      if (same !== undefined && same.digest !== instance.digest && !takesPlace) return 'conflict';
      if (same !== undefined && same.objectId !== added.lost) return 'duplicate';
      const before = studies.get(added.study.uid) ?? this.#index.study(added.study.uid);
      const patient = this.#patientOf(added, before, { patients, studies });
      const study = before ?? { ...added.study, patient: patient.id, series: [] };
      if (study.patient !== patient.id) return 'patient';
      const grown = same === undefined ? withInstance(study, added) : withInstead(study, same, added);
      // what came back from a pack was acknowledged
      if (place === undefined && isTooLarge(grown, study)) return 'full';
      known.set(instance.sopInstanceUid, instance);
      const stored = { ...instance, study: study.id };
      studies.set(study.uid, grown);
      if (this.#index.patient(patient.id) !== patient) patients.set(patient.id, patient);
      rows.push(() => instanceWrites(stored, sops[i]!, added.header));
      if (place !== undefined) rows.push(() => [placeRow(instance.objectId, place)]);
      if (object !== undefined) packed.push(addition);
      if (note !== undefined) noting.set(study.uid, note);
      for (const each of added.also) also.set(`${each.bucket} ${hex(each.key)}`, each);
      return 'imported';
    });
    await Promise.all([...noting].map(([uid, note]) => note(studies.get(uid)!)));
    const before = new Map([...studies.keys()].map((uid) => [uid, this.#index.study(uid)]));
    const writes = (): Write[] => [
      ...rows.flatMap((each) => each()),
      ...also.values(),
      ...[...studies.values()].flatMap((study) => studyWrites(study, before.get(study.uid))),
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
    const doubted = [...patients.values()].some((each) => this.#isNewDoubt(each));
    this.#index.keep(patients.values(), studies.values());
    if (doubted) this.#doubted();
    return results;
  }

  /**
   * Whose it is (SPEC 3.8): its study's patient, where its headers say the same number as the study's, or none, and don't
   * contradict; else the first record with its number that is no other person; else a record of its own, in doubt where
   * others have the number.
   */
  #patientOf({ patient, study, instance }: NewInstance, before: StudyRecord | undefined, group: Group): PatientRecord {
    const decided = group.patients.get(patient.id) ?? this.#index.patient(patient.id);
    if (decided !== undefined) return decided;
    const of = before && (group.patients.get(before.patient) ?? this.#index.patient(before.patient));
    if (of !== undefined && belongs(study, before!, patient) && isOfStudy(patient, before!, of))
      return filled(of, patient);
    const known = patient.identifiers.flatMap(({ system, value }) => [
      ...this.#index.patientsBy(system, value).map((each) => group.patients.get(each.id) ?? each),
      ...[...group.patients.values()].filter(
        (each) => this.#index.patient(each.id) === undefined && has(each, system, value),
      ),
    ]);
    const same = known.find((each) => !isAnotherThanAll(patient, each, this.#saidOf(each, group)));
    if (same !== undefined) return filled(same, patient);
    const since = instance.received;
    const doubtful = (each: Identifier): Identifier =>
      each.status === 'placeholder' || !known.some((other) => has(other, each.system, each.value))
        ? each
        : { ...each, doubt: { since } };
    return known.length === 0 ? patient : { ...patient, identifiers: patient.identifiers.map(doubtful) };
  }

  /** What a record's studies say in another way than it, those of this group too. */
  *#saidOf({ id }: PatientRecord, { studies }: Group): Generator<StudyRecord> {
    for (const study of this.#index.studiesOf(id)) if (this.#index.own.has(study.id)) yield study;
    for (const study of studies.values()) if (study.patient === id) yield study;
  }

  #isNewDoubt({ id, identifiers }: PatientRecord): boolean {
    return this.#index.patient(id) === undefined && identifiers.some(({ doubt }) => doubt !== undefined);
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
}

/** What is added to a group before it is written. */
interface Group {
  readonly patients: ReadonlyMap<string, PatientRecord>;
  readonly studies: ReadonlyMap<string, StudyRecord>;
}

/** Whether a header names its study's patient: by the number that the study has, or by none. */
const belongs = (said: NewInstance['study'], study: StudyRecord, { identifiers }: PatientRecord): boolean =>
  said.patientId === undefined
    ? identifiers.length === 0
    : said.patientId === study.patientId && said.patientIssuer === study.patientIssuer;

const has = (patient: PatientRecord, system: string, value: string): boolean =>
  patient.identifiers.some((each) => each.system === system && each.value === value);
