// Whatever somebody uploads or names for import: DICOM files, zip archives of them, CDs with a DICOMDIR, and documents
// and pictures that become objects of a patient. Told apart by their first bytes, never by their names.
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { KeyedQueue } from '../../flow/keyed-queue.ts';
import { type FileImported, receiveFile } from '../import/from-file.ts';
import type { Importer } from '../import/importer.ts';
import { ArchiveBudget, archivedFiles } from './archive.ts';
import { headed } from './file-kind.ts';
import { mediaFiles, mediaPath } from './media-directory.ts';
import { Spool, type SpoolParts } from './spool.ts';
import type { ChosenPatient, WrapKind, Wrapper } from './wrap.ts';

/** What became of everything that one upload or command brought. */
export interface ImportReport {
  imported: number;
  duplicates: number;
  conflicts: number;
  /** By the name that the sender gave. The first `limits.importReportFiles`; `refusedMore` counts the others. */
  readonly refused: { readonly path: string; readonly reason: string }[];
  refusedMore: number;
  /** Study Instance UIDs of what was imported or there already; as many at most. */
  readonly studies: string[];
}

const newReport = (): ImportReport => ({
  ...{ imported: 0, duplicates: 0, conflicts: 0, refused: [], refusedMore: 0, studies: [] },
});

/** Counts one file. */
function report(all: ImportReport, path: string, result: FileImported): void {
  if (!('reason' in result)) {
    if (result.outcome === 'imported') all.imported += 1;
    else all.duplicates += 1;
    if (all.studies.length < limits.importReportFiles && !all.studies.includes(result.study)) {
      all.studies.push(result.study);
    }
  } else if (result.outcome === 'aside' && result.kind === 'conflict') all.conflicts += 1;
  else if (all.refused.length < limits.importReportFiles) all.refused.push({ path, reason: result.reason });
  else all.refusedMore += 1;
}

interface IntakeOptions {
  /** For the operator: who sends. */
  readonly from: string;
  readonly minFreeBytes: number;
}

interface IntakeParts extends SpoolParts {
  readonly importer: Importer;
  readonly wrapper: Wrapper;
}

/** Documents become objects in memory, so one at a time. */
const wrapping = new KeyedQueue();

/** One upload. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #parts: IntakeParts;
  readonly #seen = new Set<string>();
  readonly #listed: { readonly root: string; readonly name: string; readonly files: ReadonlySet<string> }[] = [];
  readonly report = newReport();
  /** Whose the documents and pictures are; without one they are refused. */
  patient: ChosenPatient | undefined;

  constructor(options: IntakeOptions, parts: IntakeParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Takes one file, which may be an archive of many. Its name is only for the report.
   * @throws PeerError store/* when nothing more can be kept, and what reading it throws
   */
  async take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#take(name, bytes, undefined);
  }

  /** Everything has come: what a DICOMDIR named and didn't come is told of. */
  done(): ImportReport {
    for (const { root, name, files } of this.#listed) {
      for (const file of files) {
        const path = root === '' ? file : `${root}/${file}`;
        if (!this.#seen.has(path)) this.#refuse(`${name}: ${file}`, 'import/missing');
      }
    }
    return this.report;
  }

  async #take(name: string, bytes: AsyncIterable<Uint8Array>, within: ArchiveBudget | undefined): Promise<void> {
    if (this.#seen.size < limits.dicomdirFiles) this.#seen.add(mediaPath(name));
    const { kind, whole } = await headed(bytes, name);
    try {
      if (kind === 'zip') await this.#archive(name, whole, within);
      else if (kind === 'dicomdir') await this.#directory(name, whole);
      else if (kind === undefined || kind === 'dicom') await this.#file(name, whole);
      else await this.#document(name, kind, whole);
    } catch (error) {
      if (!(error instanceof PeerError && ofTheFile.test(error.code))) throw error;
      if (error.code === 'import/archive-limit' && within !== undefined) throw error; // of the whole archive
      this.#refuse(name, error.code);
    }
  }

  async #file(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { importer } = this.#parts;
    const received = await receiveFile(importer, bytes, { from: this.#options.from });
    report(this.report, name, await received.finish());
  }

  async #archive(name: string, bytes: AsyncIterable<Uint8Array>, within: ArchiveBudget | undefined): Promise<void> {
    if (within?.nested === true) return this.#refuse(name, 'import/archive');
    const { minFreeBytes } = this.#options;
    const maxBytes = within === undefined ? limits.archiveBytes : limits.archiveNestedBytes;
    const spool = await Spool.of(bytes, { maxBytes, minFreeBytes }, this.#parts);
    try {
      const source = { length: spool.length, read: (from: number, to: number) => spool.bytes(from, to) };
      const budget = within?.inner(spool.length) ?? new ArchiveBudget(spool.length);
      for await (const file of archivedFiles(source, budget)) {
        const path = `${name}/${file.name}`;
        if (file.refused !== undefined) this.#refuse(path, file.refused);
        else await this.#take(path, file.bytes(), budget);
      }
    } finally {
      await spool.discard();
    }
  }

  async #directory(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    this.#refuse(name, 'dicom/directory');
    const files = await mediaFiles(bytes);
    this.#listed.push({ root: mediaPath(name).split('/').slice(0, -1).join('/'), name, files });
  }

  async #document(name: string, kind: WrapKind, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { patient } = this;
    if (patient === undefined) return this.#refuse(name, 'dicom/not-dicom');
    const { wrapper } = this.#parts;
    await wrapping.run('wrap', async () => {
      const { minFreeBytes } = this.#options;
      const spool = await Spool.of(bytes, { maxBytes: wrapper.mostBytes(kind), minFreeBytes }, this.#parts);
      try {
        report(this.report, name, await wrapper.wrap(kind, spool, patient, this.#options.from));
      } finally {
        await spool.discard();
      }
    });
  }

  #refuse(path: string, reason: ErrorCode): void {
    report(this.report, path, { outcome: 'refused', reason });
  }
}

/** Such an error is what became of one file; any other ends the upload. */
const ofTheFile = /^(dicom|import)\//;
