// What stands for a picture where an instance has none: the document or the video in it, or a report as a page.
import { must } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import { text } from '../../../api/texts/texts.ts';
import { bulkRange } from '../../../dicom/model/json.ts';
import { transferSyntax } from '../../../dicom/model/transfer-syntax.ts';
import { type StoredInstance, storedInstance, storedRange } from '../../../dicom/pixels/source.ts';
import { readDataset } from '../../../dicom/read/read-dataset.ts';
import { readReport } from '../../../dicom/sr/report.ts';
import { reportHtml } from '../../../dicom/sr/report-html.ts';
import type { InstanceRecord } from '../../../store/records.ts';

export interface Document {
  readonly type: string;
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

const pdf = '1.2.840.10008.5.1.4.1.1.104.1';
const reports = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\./;
const mpeg2 = /^1\.2\.840\.10008\.1\.2\.4\.10[01](\.1)?$/;

/** The document, video or report that this instance is; undefined when it is none of them. */
export function documentOf(reader: StudyReader, instance: InstanceRecord): Document | undefined {
  const { sopClassUid, transferSyntax: syntax, frames } = instance;
  if (sopClassUid === pdf) {
    return { type: 'application/pdf', open: async () => encapsulated(await storedInstance(reader, instance)) };
  }
  if (reports.test(sopClassUid)) return { type: 'text/html', open: () => report(reader, instance) };
  if (frames.kind === 'none' || !transferSyntax(syntax).video) return undefined;
  const type = mpeg2.test(syntax) ? 'video/mpeg' : 'video/mp4';
  return { type, open: async () => video(await storedInstance(reader, instance)) };
}

/** The encapsulated document without the byte that pads it. */
async function* encapsulated(stored: StoredInstance): AsyncGenerator<Uint8Array> {
  const { InlineBinary, BulkDataURI } = stored.header['00420011'] ?? {};
  const length = stored.header['00420015']?.Value?.[0];
  const most = typeof length === 'number' && length > 0 ? length : Number.POSITIVE_INFINITY;
  if (InlineBinary !== undefined) return yield Buffer.from(InlineBinary, 'base64').subarray(0, most);
  const range = BulkDataURI === undefined ? undefined : bulkRange(BulkDataURI);
  must(range !== undefined, 'pixels/none');
  yield* storedRange(stored, { offset: range.offset, length: Math.min(range.length, most) });
}

async function report(reader: StudyReader, instance: InstanceRecord): Promise<AsyncIterable<Uint8Array>> {
  const { plainLength, datasetOffset, transferSyntax: syntax } = instance;
  must(plainLength - datasetOffset <= limits.dicomWholeJsonBytes, 'pixels/too-large', { length: plainLength });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.read(instance, datasetOffset)) chunks.push(new Uint8Array(chunk));
  const page = Buffer.from(reportHtml(readReport(readDataset(Buffer.concat(chunks), syntax)), text('en')));
  return (async function* () {
    yield page;
  })();
}

/** The stream in the fragments, without their item headers and the offset table (PS3.5 A.4, 8.2.5). */
async function* video(stored: StoredInstance): AsyncGenerator<Uint8Array> {
  const placeholder = stored.header['7FE00010']?.BulkDataURI;
  const range = placeholder === undefined ? undefined : bulkRange(placeholder);
  must(range !== undefined, 'pixels/none');
  const head = Buffer.alloc(8);
  let [have, left, fragment] = [0, 0, 0];
  for await (const chunk of storedRange(stored, range)) {
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        head[have++] = chunk[at++]!;
        if (have < 8) continue;
        must(head.readUInt32LE(0) === 0xe000fffe, 'pixels/corrupt', { codec: 'video' });
        [have, left, fragment] = [0, head.readUInt32LE(4), fragment + 1];
        continue;
      }
      const piece = chunk.subarray(at, at + left);
      left -= piece.length;
      at += piece.length;
      if (fragment > 1) yield piece;
    }
  }
}
