// A DICOMDIR (PS3.10 8.6): which files a CD says that it holds. It is believed in nothing else: files are found by
// looking, so that a directory that is wrong, old or broken never keeps one from being imported.
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DatasetHandler, ElementEvent } from '../../dicom/model/dataset-events.ts';
import { transferSyntax } from '../../dicom/model/transfer-syntax.ts';
import { DatasetReader } from '../../dicom/read/dataset-reader.ts';
import { Part10Splitter } from '../../dicom/read/part10.ts';

const referencedFileId = 0x00041500;

/**
 * The files that a DICOMDIR names, as `mediaPath` gives them; of a broken one those before the break.
 * @throws what reading the bytes throws
 */
export async function mediaFiles(bytes: AsyncIterable<Uint8Array>): Promise<Set<string>> {
  const files = new Set<string>();
  const splitter = new Part10Splitter();
  let reader: DatasetReader | undefined;
  let length = 0;
  const take = (piece: Uint8Array | undefined) => {
    if (piece === undefined) return;
    reader ??= new DatasetReader({ encoding: transferSyntax(splitter.head!.transferSyntax) }, fileIds(files));
    reader.push(piece);
  };
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > limits.dicomdirBytes) break;
    if (!parsed(() => take(splitter.push(chunk)))) break;
  }
  return files;
}

/** False when it can't be read on: what was found until then counts. */
function parsed(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (error instanceof PeerError && error.code.startsWith('dicom/')) return false;
    throw error;
  }
}

/** How a file's place on the medium is compared: case, `;1` and a last dot differ between who writes and who reads it. */
export function mediaPath(path: string): string {
  const parts = path.toUpperCase().split(/[\\/]+/);
  return parts
    .map((part) => part.trim().replace(/\.?(;\d+)?$/, ''))
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

const nothing = () => undefined;

/** The reader's handler that gathers what (0004,1500) names. */
const fileIds = (files: Set<string>): DatasetHandler => ({
  element({ tag, value }: ElementEvent): void {
    if (tag !== referencedFileId || value === undefined || files.size >= limits.dicomdirFiles) return;
    const path = mediaPath(Buffer.from(value).toString('latin1').replaceAll('\0', ''));
    if (path !== '') files.add(path);
  },
  sequenceStart: nothing,
  sequenceEnd: nothing,
  itemStart: nothing,
  itemEnd: nothing,
  fragmentsStart: nothing,
  fragment: nothing,
  fragmentsEnd: nothing,
});
