// Files de-identified in memory.
import {
  type DatasetSource,
  type Deidentified,
  type DeidentifyOptions,
  deidentify,
} from '../../../../node/dicom/deidentify/deidentify.ts';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { readFileHead } from '../../../../node/dicom/read/part10.ts';
import { cut } from '../helpers.ts';

export const key = new Uint8Array(32).fill(7);

/** A data set in memory, handed over in pieces. */
export const sourceOf = (
  dataset: Uint8Array,
  transferSyntax: string = uids.explicitLittleEndian,
  sizes: readonly number[] = [4096],
): DatasetSource => ({
  transferSyntax,
  read: async function* (from, to) {
    yield* cut(dataset.subarray(from, to), sizes);
  },
});

export interface Made extends Omit<Deidentified, 'bytes'> {
  readonly file: Uint8Array;
}

export async function deidentified(source: DatasetSource, options: Partial<DeidentifyOptions> = {}): Promise<Made> {
  const { bytes, ...rest } = await deidentify(source, { profile: 'basic+inspected', key, ...options });
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return { ...rest, file: new Uint8Array(Buffer.concat(pieces)) };
}

/** A whole file. */
export function deidentifiedFile(file: Uint8Array, options: Partial<DeidentifyOptions> = {}): Promise<Made> {
  const head = readFileHead(file, true)!;
  return deidentified(sourceOf(file.subarray(head.datasetOffset), head.transferSyntax), options);
}
