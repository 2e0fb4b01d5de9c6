// One instance on its way in: read while it arrives, sealed as soon as it is known whose it is, and added to the index or
// kept aside when all of it has come.
import type { Bulk } from '../../../protocol/bulk.ts';
import { hex } from '../../../protocol/bytes.ts';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { seriesKey } from '../../../protocol/seal/keys.ts';
import { isUid } from '../../dicom/model/uid.ts';
import type { InstanceIdentity } from '../../dicom/read/instance-header.ts';
import { InstanceReader, type InstanceSummary, mustBeInstance } from '../../dicom/read/instance-reader.ts';
import { writePart10Header } from '../../dicom/write/part10-header.ts';
import type { Added } from '../../store/additions.ts';
import type { Write } from '../../store/kv.ts';
import { type NewInstance, rowsOf } from '../../store/new-instance.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { EarlyObject } from '../../store/packs/early-pack.ts';
import type { PatientRecord } from '../../store/records.ts';
import type { AdoptParts } from './adopt.ts';
import { conflictReasons } from './aside.ts';
import { type PatientOptions, patientOf } from './patients.ts';
import { routed } from './routed.ts';
import { type SealedInstance, type SealedObject, Sealing, type SealMemory } from './sealing.ts';

/** What the sender says it is; `from` names the sender for the operator, never the patient. */
export interface Announced {
  /** What a C-STORE command said, which the data set must bear out; absent for files, where the data set alone counts. */
  readonly instance?: { readonly sopClassUid: string; readonly sopInstanceUid: string };
  readonly transferSyntax: string;
  readonly from: string;
  /** AE title of the node that sent it, when it came by DIMSE. */
  readonly callingAe?: string;
  /** The transfer syntax was told from the bytes. */
  readonly guessedSyntax?: boolean;
  /** The study that it was sent to: an instance of another one is refused, not kept. */
  readonly study?: string | undefined;
  /** Whose it is, where a person has decided that; else the data set says so. */
  readonly patient?: PatientRecord | undefined;
  /** The object that a person has decided it takes the place of; that one is no longer the instance's then. */
  readonly replaces?: string | undefined;
}

export type Imported =
  | { readonly outcome: 'imported' | 'duplicate'; readonly study: string }
  | { readonly outcome: 'aside'; readonly kind: 'quarantine' | 'conflict'; readonly reason: ErrorCode };

/** What must be known before sealing starts is in the first groups of a data set; longer is not an image header. */
const headBytes = 16 * 1024 * 1024;

export interface ImportParts extends AdoptParts {
  readonly objects: ObjectStore & { freshName(): string };
  readonly bulk: Bulk;
  /** A place in a pack for an object that begins to arrive. */
  readonly early: () => EarlyObject | undefined;
}

export interface ImportOptions extends PatientOptions {
  readonly minFreeBytes: number;
}

/** Names of studies whose instances are under way. */
export interface StudiesComing {
  enter(uid: string): { id: string; ref: string };
  leave(uid: string): void;
  readonly memory: SealMemory;
}

/** Where an instance is being sealed: under its series' key, or under a key of its own when nobody knows whose it is. */
interface SealingPlace {
  readonly sealing: Sealing;
  readonly key: Uint8Array;
  readonly study?: { readonly uid: string; readonly id: string; readonly ref: string };
  readonly datasetOffset: number;
  /** Generation of the series' key. */
  readonly generation: number;
  /** Keeps the study's key. */
  readonly writes: readonly Write[];
}

/** One instance on its way in. Memory: what comes before sealing can start, then one chunk. */
export class ArrivingInstance {
  readonly #announced: Announced;
  readonly #options: ImportOptions;
  readonly #parts: ImportParts;
  readonly #coming: StudiesComing;
  #reader: InstanceReader | undefined;
  #unreadable: PeerError | undefined;
  #head: Uint8Array[] = [];
  #headLength = 0;
  #place: SealingPlace | undefined;
  /** Which instance it is, once that is known. */
  identity: InstanceIdentity | undefined;

  constructor(announced: Announced, options: ImportOptions, parts: ImportParts, coming: StudiesComing) {
    this.#announced = announced;
    this.#options = options;
    this.#parts = parts;
    this.#coming = coming;
    this.#reading(() => {
      this.#reader = new InstanceReader(announced);
    });
  }

  /**
   * Takes the next bytes of the data set; they may be reused once it has resolved, at once if there is no promise. (A
   * promise for every piece of a C-STORE would cost more than reading and sealing it.)
   */
  write(bytes: Uint8Array): void | Promise<void> {
    const read = this.#reading(() => this.#reader!.push(bytes));
    return read === undefined ? this.#take(bytes) : read.then(() => this.#take(bytes));
  }

  #take(bytes: Uint8Array): void | Promise<void> {
    if (this.#place !== undefined) return this.#place.sealing.write(bytes);
    this.#head.push(new Uint8Array(bytes));
    this.#headLength += bytes.length;
    if (this.#headLength > headBytes) this.#unreadable ??= new PeerError('dicom/uid-missing');
    const identity = this.#reading(() => this.#reader!.identity());
    if (identity !== undefined || this.#unreadable !== undefined) return this.#start(identity);
  }

  /** Everything has come. Durable when it resolves. @throws PeerError store/* when it could not be kept */
  async finish(): Promise<Imported> {
    try {
      const summary = await this.#reading(async () => {
        const end = await this.#reader!.end();
        if (this.#announced.instance !== undefined) mustBeInstance(end.header, this.#announced.instance);
        return end;
      });
      if (this.#place === undefined) await this.#start(summary?.header);
      const { sealing, study } = this.#place!;
      const done = await sealing.finish();
      if (summary === undefined || study === undefined)
        return await this.#keepAside('quarantine', this.#unreadable!.code, done.sealed);
      return await this.#keep(summary, study, done);
    } finally {
      await this.abort();
    }
  }

  /** Whatever hasn't been kept goes: the sender broke off, or it was there already. */
  async abort(): Promise<void> {
    await this.#place?.sealing.discard();
    if (this.#place?.study !== undefined) this.#coming.leave(this.#place.study.uid);
    this.#place = undefined;
  }

  async #keep(
    summary: InstanceSummary,
    study: NonNullable<SealingPlace['study']>,
    done: SealedInstance,
  ): Promise<Imported> {
    const { clock, random, changed } = this.#parts;
    const { header, json, frames } = summary;
    const { sopInstanceUid, sopClassUid, transferSyntax, seriesUid } = header;
    const { datasetOffset, generation, writes } = this.#place!;
    const added = rowsOf(header, json, {
      patient: this.#announced.patient ?? patientOf(header.patient, this.#options, random),
      study: { id: study.id, ref: study.ref, uid: header.studyUid, origin: 'origin' },
      instance: {
        ...{ sopInstanceUid, sopClassUid, transferSyntax, seriesUid },
        ...{ ...done.sealed, datasetOffset, digest: done.digest, frames, generation, source: undefined },
      },
      now: clock.now(),
      also: writes,
      lost: this.#announced.replaces,
    });
    const result = await this.#add(routed(this.#parts.routes, added, this.#announced.callingAe));
    if (result === 'imported') changed(study.uid);
    if (result === 'imported' || result === 'duplicate') return { outcome: result, study: study.uid };
    if (result === 'full') {
      // refused, not kept aside, where it would be as much again: its sender is told, and has it
      await this.#parts.objects.remove(added.instance.objectId); // where it has become a file
      throw new PeerError(conflictReasons.full);
    }
    return this.#keepAside('conflict', conflictReasons[result], done.sealed);
  }

  /** Adds it; again, in the place of what the index names and is not there, where that is so. */
  async #add(added: NewInstance): Promise<Added> {
    const { index, objects } = this.#parts;
    const result = await this.#addOnce(added);
    if (result !== 'duplicate') return result;
    const before = await index.instance(added.instance.sopInstanceUid);
    // a power cut may have kept an unacknowledged row and lost its object: then this one takes its place
    const lost = before !== undefined && !(await objects.has(before.objectId)) ? before.objectId : undefined;
    const again = lost === undefined ? result : await this.#addOnce({ ...added, lost });
    if (again === 'duplicate') await objects.remove(added.instance.objectId); // where it has become a file
    return again;
  }

  async #addOnce(added: NewInstance): Promise<Added> {
    const { additions, objects, note } = this.#parts;
    const { sealing } = this.#place!;
    const { objectId } = added.instance;
    if (sealing.whole !== undefined) return additions.add(added, note, sealing.whole);
    await sealing.place(objectId);
    // both must be there before anybody hears of it, in either order: the bytes they speak of are on disk already
    const both = Promise.all([additions.add(added, note), objects.sync([objectId])]);
    const [result] = await both.catch(async (error: unknown) => {
      // what could not be written down was not added either: nobody knows of its object
      if (error instanceof PeerError && error.code.startsWith('audit/')) await objects.remove(objectId);
      throw error;
    });
    return result;
  }

  async #keepAside(kind: 'quarantine' | 'conflict', reason: ErrorCode, sealed: SealedObject): Promise<Imported> {
    const { sealing, key, datasetOffset } = this.#place!;
    await sealing.place(sealed.objectId);
    await this.#parts.objects.sync([sealed.objectId]);
    const { from, transferSyntax, instance } = this.#announced;
    const announced = { from, transferSyntax, instance };
    await this.#parts.aside.put({
      kind,
      reason,
      announced,
      key: hex(key),
      ...sealed,
      datasetOffset,
    });
    return { outcome: 'aside', kind, reason };
  }

  /** Runs a step of the reader; once it has failed, what comes is kept without being read. */
  #reading<T>(step: () => T): T | undefined {
    if (this.#unreadable !== undefined) return undefined;
    try {
      const result = step();
      if (result instanceof Promise) return result.catch((error: unknown) => this.#cantRead(error)) as T;
      return result;
    } catch (error) {
      return this.#cantRead(error);
    }
  }

  #cantRead(error: unknown): undefined {
    if (!(error instanceof PeerError)) throw error;
    this.#unreadable = error;
    return undefined;
  }

  /** Sealing starts as soon as it is known whose series it is, or that this won't be known. */
  async #start(identity: InstanceIdentity | undefined): Promise<void> {
    const { transferSyntax, instance, study } = this.#announced;
    this.identity = identity;
    if (study !== undefined && identity !== undefined) must(identity.studyUid === study, 'import/other-study');
    const named = identity ?? instance;
    // what has no name of its own is kept aside without a meta header: just the bytes that came
    const nameable = named !== undefined && [named.sopClassUid, named.sopInstanceUid, transferSyntax].every(isUid);
    const meta = nameable ? writePart10Header({ ...named, transferSyntax }) : new Uint8Array();
    this.#place = await this.#placeFor(this.#unreadable === undefined ? identity : undefined, meta.length);
    await this.#place.sealing.write(meta);
    for (const piece of this.#head) await this.#place.sealing.write(piece);
    this.#head = [];
  }

  async #placeFor(identity: InstanceIdentity | undefined, datasetOffset: number): Promise<SealingPlace> {
    const { objects, random, bulk, keys } = this.#parts;
    const file = () => objects.partial(objects.freshName());
    const { memory } = this.#coming;
    if (identity === undefined) {
      const key = random(32);
      const sealing = new Sealing({ seriesKey: key, what: 'aside', datasetOffset }, { file, bulk, random, memory });
      return { sealing, key, generation: 1, writes: [], datasetOffset };
    }
    const study = { ...this.#coming.enter(identity.studyUid), uid: identity.studyUid };
    const own = await keys.own(study.id);
    const key = seriesKey(own.key, identity.seriesUid, own.generation);
    const early = this.#parts.early();
    const sealing = new Sealing(
      { seriesKey: key, what: identity.sopInstanceUid, datasetOffset },
      { file, bulk, random, memory, early },
    );
    return { sealing, key, study, generation: own.generation, writes: own.writes, datasetOffset };
  }
}
