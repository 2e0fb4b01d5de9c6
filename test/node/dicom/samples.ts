// The sample files that tests read: a folder with a MANIFEST.tsv, beside the repository or where DICOMNET_SAMPLES says.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** All samples, or none after one visible line that says so. */
export function samples(): Sample[] {
  const folder = process.env.DICOMNET_SAMPLES ?? join(import.meta.dirname, '../../../../shared/data/dicom');
  const manifest = join(folder, 'MANIFEST.tsv');
  if (!existsSync(manifest)) {
    announce('SKIPPED: no sample files; name their folder in DICOMNET_SAMPLES');
    return [];
  }
  const lines = readFileSync(manifest, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path = '', , , , modality = '', transferSyntax = '', , shape = ''] = line.split('\t');
    const file = join(folder, path);
    return { path, modality, transferSyntax, shape, file, read: () => new Uint8Array(readFileSync(file)) };
  });
}
