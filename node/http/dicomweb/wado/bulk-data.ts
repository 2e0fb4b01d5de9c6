// The values that metadata only names by a URI (PS3.18 10.4.1.1.5).
import { must } from '../../../../protocol/errors.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import { bulkUri, type DicomJson, type JsonAttribute } from '../../../dicom/model/json.ts';
import { transferSyntax } from '../../../dicom/model/transfer-syntax.ts';
import { inflatedRange, swapped, unitOf } from '../../../dicom/pixels/stored-bytes.ts';
import type { InstanceRecord } from '../../../store/records.ts';
import { rangeBytes } from './frame-bytes.ts';

/** The attribute whose value stands at this range of the data set. @throws PeerError http/not-found */
export function bulkAttribute(header: DicomJson, offset: number, length: number): JsonAttribute {
  const found = search(header, bulkUri(offset, length));
  must(found !== undefined, 'http/not-found');
  return found;
}

function search(json: DicomJson, placeholder: string): JsonAttribute | undefined {
  for (const attribute of Object.values(json)) {
    if (attribute.BulkDataURI === placeholder) return attribute;
    if (attribute.vr !== 'SQ') continue;
    for (const item of attribute.Value ?? []) {
      const found = search(item as DicomJson, placeholder);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Its value: little-endian; of sequences and fragments the encoded items as they are stored. */
export function bulkBytes(
  reader: StudyReader,
  instance: InstanceRecord,
  { vr }: JsonAttribute,
  offset: number,
  length: number,
): AsyncIterable<Uint8Array> {
  const { deflated, littleEndian } = transferSyntax(instance.transferSyntax);
  // places in a deflated data set are counted as it inflates
  const bytes = deflated
    ? inflatedRange(reader.read(instance, instance.datasetOffset), offset, offset + length)
    : rangeBytes(reader, instance, [{ offset, length }]);
  return swapped(bytes, littleEndian ? 1 : unitOf(vr));
}
