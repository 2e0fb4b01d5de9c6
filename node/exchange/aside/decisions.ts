// A person's decisions on what was kept aside. Nothing is lost silently: what loses its place is itself kept aside until
// somebody drops it, and every decision is in the audit log before it is carried out, and how it ended after.
import type { Bulk } from '../../../protocol/bulk.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import type { Principal } from '../../access/roles.ts';
import { readSealed } from '../../access/study-reader.ts';
import type { AsideAction } from '../../api/quarantine.ts';
import { type Acts, carriedOut } from '../../audit/acts.ts';
import type { DicomJson, JsonAttribute } from '../../dicom/model/json.ts';
import { keywordOf } from '../../dicom/model/keywords.ts';
import { isUid } from '../../dicom/model/uid.ts';
import { InstanceReader, type InstanceSummary } from '../../dicom/read/instance-reader.ts';
import { newUid } from '../../dicom/write/new-uid.ts';
import { renamedInstance } from '../../dicom/write/rename-instance.ts';
import { KeyedQueue } from '../../flow/keyed-queue.ts';
import type { Index } from '../../store/index.ts';
import type { ObjectStore } from '../../store/objects.ts';
import { isAnother } from '../../store/persons.ts';
import type { InstanceRecord, PatientRecord } from '../../store/records.ts';
import type { StudyKeys } from '../../store/study-keys.ts';
import { dicomMoment } from '../../system/machine.ts';
import type { Announced } from '../import/arriving-instance.ts';
import type { Aside, AsideRecord } from '../import/aside.ts';
import { type FileImported, receiveDataset } from '../import/from-file.ts';
import type { Importer } from '../import/importer.ts';
import { type PatientOptions, patientOf } from '../import/patients.ts';

export interface Resolution {
  readonly action: AsideAction;
  readonly transferSyntax?: string | undefined;
  readonly trust?: boolean | undefined;
  /** Why, for the audit log. */
  readonly note?: string | undefined;
}

export type Resolved = FileImported | { readonly outcome: 'dropped' };

/** One attribute in which two objects differ; what only one has is absent from the other. */
export interface AttributeDifference {
  readonly tag: string;
  readonly keyword?: string | undefined;
  readonly stored?: string | undefined;
  readonly came?: string | undefined;
}

interface DecideParts {
  readonly aside: Aside;
  readonly importer: Importer;
  readonly index: Index;
  readonly objects: ObjectStore;
  readonly keys: StudyKeys;
  readonly bulk: Bulk;
  readonly clock: Clock;
  readonly random: Random;
  readonly acts: Pick<Acts, 'asideCompared' | 'asideExported' | 'asideDecided'>;
  /** A study was given from one patient to another. */
  readonly moved: (from: string, to: string) => void;
}

const mostDifferences = 500;
const mostText = 200;

export class AsideDecisions {
  readonly #options: PatientOptions;
  readonly #parts: DecideParts;
  readonly #queue = new KeyedQueue();

  constructor(options: PatientOptions, parts: DecideParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Its bytes as they are kept: a Part 10 file, or what came where nothing could be told. Audited. */
  async bytes(id: string, by: Principal): Promise<AsyncIterable<Uint8Array>> {
    const record = await this.#parts.aside.get(id);
    await this.#parts.acts.asideExported(await this.#nameOf(record), by);
    return this.#read(record, 0);
  }

  /** In which attributes it differs from what is stored under its SOP Instance UID. Audited. @throws PeerError aside/action */
  async differences(id: string, by: Principal): Promise<AttributeDifference[]> {
    const record = await this.#parts.aside.get(id);
    const { index } = this.#parts;
    const came = await this.#summary(record);
    const stored = await index.instance(came.header.sopInstanceUid);
    must(stored !== undefined, 'aside/action');
    await this.#parts.acts.asideCompared(await this.#nameOf(record), by);
    const before = JSON.parse(new TextDecoder().decode(await index.header(stored))) as DicomJson;
    return differences(before, came.json).slice(0, mostDifferences);
  }

  /**
   * Carries a decision out. What still can't be taken in is aside under a new id.
   * @throws PeerError aside/unknown, aside/action, dicom/*, store/*
   */
  resolve(id: string, resolution: Resolution, by: Principal): Promise<Resolved> {
    return this.#queue.run(id, async () => {
      const record = await this.#parts.aside.get(id);
      mayDecide(record, resolution);
      const { action, note, transferSyntax } = resolution;
      const decision = { decision: action, ...(note && { note }), ...(transferSyntax && { transferSyntax }) };
      return carriedOut<Resolved>(
        async (end) => this.#parts.acts.asideDecided(await this.#nameOf(record), decision, by, end),
        () => this.#carryOut(record, resolution),
      );
    });
  }

  async #carryOut(record: AsideRecord, { action, transferSyntax, trust }: Resolution): Promise<Resolved> {
    if (action === 'keep' || action === 'drop') return this.#gone(record);
    if (action === 'replace') return this.#replace(record);
    if (action === 'both') return this.#both(record);
    if (action === 'assign') return this.#again(record, { patient: await this.#patientOfStudy(record) });
    if (action === 'move') await this.#move(record);
    return this.#again(record, { transferSyntax, trust });
  }

  /** It goes; its object too, unless the index has it by now. */
  async #gone(record: AsideRecord): Promise<{ outcome: 'dropped' }> {
    await this.#parts.aside.remove(record.id);
    await this.#removeObject(record, record.announced.instance ?? (await this.#named(record)));
    return { outcome: 'dropped' };
  }

  /** A crash in the middle of a decision can leave an object both aside and stored: then it stays. */
  async #removeObject({ objectId }: AsideRecord, named: { sopInstanceUid: string } | undefined): Promise<void> {
    const stored = named && (await this.#parts.index.instance(named.sopInstanceUid));
    if (stored?.objectId !== objectId) await this.#parts.objects.remove(objectId);
  }

  async #replace(record: AsideRecord): Promise<Resolved> {
    const { aside } = this.#parts;
    const { header } = await this.#summary(record);
    const before = await this.#stored(header.sopInstanceUid);
    const study = this.#parts.index.studyById(before.study);
    // rows of an instance lie below its study: in another one there is no place to take
    must(study?.uid === header.studyUid, 'aside/action');
    const kept = await aside.put(await this.#asAside(before));
    const result = await this.#again(record, { replaces: before.objectId });
    if (result.outcome !== 'imported') await aside.remove(kept);
    return result;
  }

  async #both(record: AsideRecord): Promise<Resolved> {
    const { random, clock } = this.#parts;
    const { header } = await this.#summary(record);
    const { transferSyntax, from } = record.announced;
    const renaming = {
      transferSyntax,
      before: header.sopInstanceUid,
      after: newUid(random),
      dateTime: dicomMoment(clock.now()).dateTime,
    };
    const dataset = renamedInstance(() => this.#read(record), renaming);
    return this.#imported(record, dataset, { transferSyntax, from });
  }

  async #patientOfStudy(record: AsideRecord): Promise<PatientRecord> {
    const { index } = this.#parts;
    const { header } = await this.#summary(record);
    const study = index.study(header.studyUid);
    const patient = study && index.patient(study.patient);
    must(patient !== undefined, 'aside/action');
    return patient;
  }

  async #move(record: AsideRecord): Promise<void> {
    const { index, random, moved } = this.#parts;
    const { header } = await this.#summary(record);
    const study = index.study(header.studyUid);
    must(study !== undefined, 'aside/action');
    const named = patientOf(header.patient, this.#options, random);
    must(named.identifiers.length > 0, 'aside/action');
    const known = named.identifiers.flatMap(({ system, value }) => index.patientsBy(system, value));
    const since = this.#parts.clock.now();
    const doubtful = { ...named, identifiers: named.identifiers.map((each) => ({ ...each, doubt: { since } })) };
    const own = known.length === 0 ? named : doubtful;
    const patient = known.find((each) => !isAnother(named, each)) ?? own;
    if (study.patient === patient.id) return;
    await index.moveStudy(study, patient);
    moved(study.patient, patient.id);
  }

  /** Imports it once more, with what was decided. */
  #again(
    record: AsideRecord,
    decided: Pick<Announced, 'patient' | 'replaces'> & Pick<Resolution, 'transferSyntax' | 'trust'>,
  ): Promise<Resolved> {
    const { announced } = record;
    const { trust = false, transferSyntax = announced.transferSyntax, ...rest } = decided;
    const instance = trust ? undefined : announced.instance;
    const about: Announced = { ...rest, from: announced.from, transferSyntax, ...(instance && { instance }) };
    return this.#imported(record, this.#read(record), about);
  }

  /** It is no longer aside, or aside under a new id. */
  async #imported(record: AsideRecord, bytes: AsyncIterable<Uint8Array>, about: Announced): Promise<FileImported> {
    const { aside, importer } = this.#parts;
    const received = await receiveDataset(importer, bytes, about);
    const result = await received.finish();
    if (result.outcome === 'refused') throw new PeerError(result.reason);
    await aside.remove(record.id);
    await this.#removeObject(record, record.announced.instance ?? received.named);
    return result;
  }

  async #stored(sopInstanceUid: string): Promise<InstanceRecord> {
    const stored = await this.#parts.index.instance(sopInstanceUid);
    must(stored !== undefined, 'aside/action');
    return stored;
  }

  async #asAside(instance: InstanceRecord) {
    const { sopClassUid, sopInstanceUid, transferSyntax, objectId, sealedLength, plainLength, datasetOffset } =
      instance;
    return {
      ...({ kind: 'conflict', reason: 'import/replaced' } as const),
      announced: { from: 'replaced by a person', transferSyntax, instance: { sopClassUid, sopInstanceUid } },
      key: hex(await this.#parts.keys.seriesKey(instance)),
      ...{ objectId, sealedLength, plainLength, datasetOffset },
    };
  }

  #read({ objectId, key, datasetOffset, plainLength }: AsideRecord, from = datasetOffset): AsyncIterable<Uint8Array> {
    return readSealed(this.#parts, objectId, unhex(key), from, plainLength);
  }

  /** @throws PeerError dicom/* when it can't be read */
  async #summary(record: AsideRecord): Promise<InstanceSummary> {
    const reader = new InstanceReader({ transferSyntax: record.announced.transferSyntax });
    for await (const bytes of this.#read(record)) await reader.push(bytes);
    return reader.end();
  }

  async #named(record: AsideRecord): Promise<{ sopInstanceUid: string } | undefined> {
    if (record.kind === 'quarantine') return undefined; // never one that the index has
    return (await this.#summary(record)).header;
  }

  /** As the audit log names it: with the study of what is stored under its SOP Instance UID now. */
  async #nameOf({ id, reason, announced: { instance } }: AsideRecord) {
    const { index } = this.#parts;
    const stored = instance && (await index.instance(instance.sopInstanceUid));
    return { id, reason, study: stored && index.studyById(stored.study) };
  }
}

/** @throws PeerError aside/action, dicom/transfer-syntax */
function mayDecide({ kind, reason }: AsideRecord, { action, transferSyntax, trust }: Resolution): void {
  const content = reason === 'import/conflict' || reason === 'import/replaced';
  const allowed: Readonly<Record<Resolution['action'], boolean>> = {
    keep: kind === 'conflict',
    replace: content,
    both: content,
    assign: reason === 'import/patient-differs',
    move: reason === 'import/patient-differs',
    retry: true,
    drop: true,
  };
  must(allowed[action], 'aside/action');
  must(action === 'retry' || (transferSyntax === undefined && trust === undefined), 'aside/action');
  must(transferSyntax === undefined || isUid(transferSyntax), 'dicom/transfer-syntax');
}

function differences(stored: DicomJson, came: DicomJson): AttributeDifference[] {
  const tags = [...new Set([...Object.keys(stored), ...Object.keys(came)])].sort();
  return tags
    .map((tag) => ({ tag, keyword: keywordOf(tag), stored: shown(stored[tag]), came: shown(came[tag]) }))
    .filter((each) => each.stored !== each.came);
}

/** Values that stayed in the data set show their length; where they begin is no difference. */
function shown(attribute: JsonAttribute | undefined): string | undefined {
  if (attribute === undefined) return undefined;
  const { vr, Value = [], InlineBinary, BulkDataURI } = attribute;
  if (BulkDataURI !== undefined) return `${vr}, ${BulkDataURI.split('/')[1]} bytes`;
  if (InlineBinary !== undefined) return `${vr} ${InlineBinary}`.slice(0, mostText);
  const text = Value.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  return text.join('\\').slice(0, mostText);
}
