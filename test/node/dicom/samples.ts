// The sample files that tests read: a folder with a MANIFEST.tsv, beside the repository or where DICOMNET_SAMPLES says; with
// DICOMNET_SAMPLES=none there are none.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { announce } from '../../programs.ts';

export interface Sample {
  readonly path: string;
  readonly modality: string;
  /** Ends with the transfer syntax UID; empty when the file names none. */
  readonly transferSyntax: string;
  /** rows x columns x frames, as in `512x512x1`. */
  readonly shape: string;
  /** The file itself, for other programs. */
  readonly file: string;
  read(): Uint8Array;
}

/** Their folder; undefined when there is none, after having said so in the run's summary. */
export function sampleFolder(): string | undefined {
  const named = process.env.DICOMNET_SAMPLES ?? join(import.meta.dirname, '../../../../shared/data/dicom');
  const folder = named === 'none' ? undefined : resolve(named);
  if (folder !== undefined && existsSync(join(folder, 'MANIFEST.tsv'))) return folder;
  announce('no sample files; name their folder in DICOMNET_SAMPLES');
  return undefined;
}

/** All samples, or none after having said so. Call it where tests are registered. */
export function samples(): Sample[] {
  const folder = sampleFolder();
  if (folder === undefined) return [];
  const manifest = join(folder, 'MANIFEST.tsv');
  const lines = readFileSync(manifest, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path = '', , , , modality = '', transferSyntax = '', , shape = ''] = line.split('\t');
    const file = join(folder, path);
    return { path, modality, transferSyntax, shape, file, read: () => new Uint8Array(readFileSync(file)) };
  });
}
