// How `import` hands one file, or a patient's documents, to the running peer.
import { Readable } from 'node:stream';
import { PeerError } from '../../../protocol/errors.ts';
import { type FileImported, formType, imports, type UploadReport, uploads, zipTypes } from '../../api/imports.ts';
import type { PeerClient } from '../client.ts';
import type { Item } from './items.ts';

/** @throws PeerError when the peer cannot take anything more: disk full, gone, not allowed */
export async function sendFile(peer: PeerClient, item: Item): Promise<FileImported | UploadReport> {
  if (item.refused !== undefined) return { outcome: 'refused', reason: item.refused };
  const content = Readable.from(item.bytes(), { objectMode: false });
  try {
    if (item.archive !== true) return await peer.upload(imports.file, content, octets);
    const { refused, ...counts } = await peer.upload(uploads.files, content, zipTypes[0]);
    const named = refused.map(({ path, reason }) => ({ path: path.replace(/^upload\.zip/, item.path), reason }));
    return { ...counts, refused: named };
  } catch (error) {
    if (error instanceof PeerError && ofThisFile(error)) return { outcome: 'refused', reason: error.code };
    if (content.errored === error) return { outcome: 'refused', reason: 'file/unreadable' };
    throw error;
  } finally {
    content.destroy();
    item.close();
  }
}

const octets = imports.file.body.types[1];

const ofThisFile = ({ code }: PeerError): boolean => /^(dicom|import|seal)\/|^http\/too-large$/.test(code);

const boundary = 'dicomnet-form-of-files-0f2c7be1a94d4d7f';

/** All files in one form with these fields, so that they become one study. `sent` hears of each piece. */
export function sendForm(
  peer: PeerClient,
  fields: Readonly<Record<string, string | undefined>>,
  all: AsyncIterable<Item>,
  sent: (bytes: number, newFile: boolean) => void,
): Promise<UploadReport> {
  const content = Readable.from(formOf(fields, all, sent), { objectMode: false });
  return peer.upload(uploads.files, content, `${formType}; boundary=${boundary}`);
}

async function* formOf(
  fields: Readonly<Record<string, string | undefined>>,
  all: AsyncIterable<Item>,
  sent: (bytes: number, newFile: boolean) => void,
): AsyncGenerator<Uint8Array> {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  for await (const item of all) {
    const name = item.path.replace(/[\r\n\0]/g, ' ').replace(/["\\]/g, '\\$&');
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
    sent(0, true);
    try {
      for await (const piece of item.bytes()) {
        yield piece;
        sent(piece.length, false);
      }
    } finally {
      item.close();
    }
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}
