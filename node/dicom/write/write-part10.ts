// A whole DICOM file (PS3.10 7) from a data set in the DICOM JSON model.
import { must } from '../../../protocol/errors.ts';
import { bulkRange, type DicomJson } from '../model/json.ts';
import { transferSyntax as layoutOf, uids } from '../model/transfer-syntax.ts';
import { mustBeUid } from '../model/uid.ts';
import { writePart10Header } from './part10-header.ts';
import { writeDataset } from './write-dataset.ts';

export interface WritePart10Options {
  /** Explicit VR little endian by default. Not a deflated or big-endian one: dicom/transfer-syntax. */
  readonly transferSyntax?: string;
  /** See `writeDataset`. */
  readonly bulk?: (uri: string) => Uint8Array;
}

/** Preamble, file meta of the data set's own UIDs, and the data set. Throws dicom/uid-..., dicom/unwritable. */
export function writePart10(json: DicomJson, options: WritePart10Options = {}): Uint8Array {
  const { transferSyntax = uids.explicitLittleEndian, bulk } = options;
  const layout = layoutOf(transferSyntax);
  must(layout.littleEndian && !layout.deflated, 'dicom/transfer-syntax', { reason: 'not one that is written' });
  const header = writePart10Header({
    sopClassUid: mustBeUid(uidOf(json, '00080016'), 'SOPClassUID'),
    sopInstanceUid: mustBeUid(uidOf(json, '00080018'), 'SOPInstanceUID'),
    transferSyntax,
  });
  const dataset = writeDataset(json, {
    encoding: layout.explicit ? 'explicit-le' : 'implicit-le',
    encapsulated: layout.encapsulated,
    ...(bulk ? { bulk } : {}),
  });
  const file = new Uint8Array(header.length + dataset.length);
  file.set(header);
  file.set(dataset, header.length);
  return file;
}

function uidOf(json: DicomJson, tag: string): string | undefined {
  const value = json[tag]?.Value?.[0];
  return typeof value === 'string' ? value : undefined;
}

/** `bulk` for JSON whose byte ranges count in `dataset`. Throws dicom/unwritable for a URI that is no such range. */
export const bulkOf =
  (dataset: Uint8Array) =>
  (uri: string): Uint8Array => {
    const range = bulkRange(uri);
    must(range !== undefined && range.offset + range.length <= dataset.length, 'dicom/unwritable', {
      reason: 'a value that is elsewhere',
    });
    return dataset.subarray(range.offset, range.offset + range.length);
  };
