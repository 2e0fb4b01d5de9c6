// Reports in studies that are kept here: reading them, and writing what our own people conclude. What is written goes
// through the importer like anything else, into a new series of the same study.
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { allow, type Principal } from '../access/roles.ts';
import type { StudyReader } from '../access/study-reader.ts';
import { type Acts, carriedOut } from '../audit/acts.ts';
import { textOf } from '../dicom/model/attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { readPart10 } from '../dicom/read/read-dataset.ts';
import { conclusion } from '../dicom/sr/conclusion.ts';
import type { Evidence } from '../dicom/sr/evidence.ts';
import { type KeyObjectTitle, keyObjects } from '../dicom/sr/key-objects.ts';
import { isReport, type Report, readReport } from '../dicom/sr/report.ts';
import type { DocumentContext } from '../dicom/write/new-document.ts';
import { writePart10 } from '../dicom/write/write-part10.ts';
import { importFile } from '../exchange/import/from-file.ts';
import type { Importer } from '../exchange/import/importer.ts';
import type { Index } from '../store/index.ts';
import type { InstanceRecord } from '../store/records.ts';
import type { DicomMoment } from '../system/machine.ts';

/** An instance that is meant, by its UID; frames of it, 1 is the first. */
export interface Reference {
  readonly instance: string;
  readonly frames?: readonly number[] | undefined;
}

export interface NewConclusion {
  /** Document title as a code of LOINC; Diagnostic Imaging Report if absent. */
  readonly title?: { readonly code: string; readonly meaning: string } | undefined;
  readonly findings?: string | undefined;
  readonly impression?: string | undefined;
  readonly conclusion: string;
  /** A language tag (RFC 5646). */
  readonly language?: string | undefined;
  readonly references?: readonly Reference[] | undefined;
  /** The writer answers for it: practitioners and imaging staff only. */
  readonly verified?: boolean | undefined;
}

export interface NewKeyObjects {
  readonly title: KeyObjectTitle;
  readonly instances: readonly Reference[];
  readonly note?: string | undefined;
  readonly language?: string | undefined;
}

/** What was written. */
export interface Written {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

export interface DocumentParts {
  readonly guard: { view(study: string, by: Principal, what: 'view' | 'export'): Promise<StudyReader> };
  readonly index: Pick<Index, 'instance'>;
  readonly importer: Importer;
  readonly acts: Pick<Acts, 'reported'>;
  readonly clock: Clock;
  readonly random: Random;
  /** A moment in the peer's own time zone. */
  readonly moment: (ms: number) => DicomMoment;
}

export interface DocumentOptions {
  /** The hospital's name. */
  readonly institution: string;
  readonly version: string;
}

export class Documents {
  readonly #options: DocumentOptions;
  readonly #parts: DocumentParts;

  constructor(options: DocumentOptions, parts: DocumentParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** A structured report to be read. Throws http/not-found, report/none, dicom/... */
  async report(studyUid: string, instanceUid: string, by: Principal): Promise<Report> {
    const reader = await this.#parts.guard.view(studyUid, by, 'view');
    const instance = await this.#instance(reader, instanceUid);
    must(isReport(await headerOf(reader, instance)), 'report/none');
    must(instance.plainLength <= limits.reportBytes, 'dicom/too-many', { length: instance.plainLength });
    const pieces: Uint8Array[] = [];
    for await (const piece of reader.read(instance)) pieces.push(new Uint8Array(piece));
    return readReport(readPart10(Buffer.concat(pieces)).json);
  }

  /** Writes a conclusion. Throws http/not-found, http/forbidden, dicom/unwritable, report/not-kept. */
  async conclude(studyUid: string, input: NewConclusion, by: Principal): Promise<Written> {
    const { title, references = [], verified = false, ...texts } = input;
    if (verified) allow(by, 'verify');
    const reader = await this.#parts.guard.view(studyUid, by, 'view');
    const json = conclusion({
      ...(await this.#context(reader, 'Conclusion')),
      ...texts,
      title: title && { value: title.code, scheme: 'LN', meaning: title.meaning },
      observer: this.#observer(by),
      verified,
      references: await this.#evidence(reader, references),
    });
    return this.#keep(reader, json, by);
  }

  /** Writes a selection of instances of one study. Throws http/not-found, dicom/unwritable, report/not-kept. */
  async selectKeyObjects(studyUid: string, input: NewKeyObjects, by: Principal): Promise<Written> {
    const { instances, ...more } = input;
    const reader = await this.#parts.guard.view(studyUid, by, 'view');
    const [json] = keyObjects({
      ...more,
      documents: [await this.#context(reader, 'Key objects')],
      observer: this.#observer(by),
      references: await this.#evidence(reader, instances),
    });
    return this.#keep(reader, json!, by);
  }

  #observer(by: Principal) {
    return { name: by.name, organization: this.#options.institution };
  }

  async #instance(reader: StudyReader, uid: string): Promise<InstanceRecord> {
    const found = await this.#parts.index.instance(uid);
    must(found?.study === reader.study.id, 'http/not-found');
    return found;
  }

  #evidence(reader: StudyReader, references: readonly Reference[]): Promise<Evidence[]> {
    return Promise.all(
      references.map(async ({ instance, frames }) => {
        const { sopInstanceUid, sopClassUid, seriesUid, rows } = await this.#instance(reader, instance);
        return {
          studyUid: reader.study.uid,
          seriesUid,
          sopClassUid,
          sopInstanceUid,
          image: rows !== undefined,
          frames,
        };
      }),
    );
  }

  /** Patient and study as an instance of the study has them, so that the new one belongs to both without doubt. */
  async #context(reader: StudyReader, description: string): Promise<DocumentContext> {
    const { clock, random, moment } = this.#parts;
    const { institution, version } = this.#options;
    const header = await firstHeader(reader);
    const numbers = reader.study.series.map(({ number }) => number ?? 0);
    return {
      ...{ patient: header, study: header, random },
      series: { description, number: Math.min(Math.max(0, ...numbers) + 1, 2 ** 31 - 1) },
      equipment: { institution, version },
      when: moment(clock.now()),
    };
  }

  async #keep({ study }: StudyReader, json: DicomJson, by: Principal): Promise<Written> {
    const { importer, acts } = this.#parts;
    await carriedOut(
      (end) => acts.reported(study, by, end),
      async () => {
        const kept = await importFile(importer, whole(writePart10(json)), `report ${by.name}`);
        if (kept.outcome === 'imported') return;
        throw new PeerError('report/not-kept', { outcome: kept.outcome, reason: 'reason' in kept && kept.reason });
      },
    );
    return { study: study.uid, series: textOf(json, '0020000E')!, instance: textOf(json, '00080018')! };
  }
}

async function* whole(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}

async function firstHeader(reader: StudyReader): Promise<DicomJson> {
  for await (const instance of reader.instances()) return headerOf(reader, instance);
  throw new PeerError('http/not-found');
}

const headerOf = async (reader: StudyReader, instance: InstanceRecord): Promise<DicomJson> =>
  JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson;
