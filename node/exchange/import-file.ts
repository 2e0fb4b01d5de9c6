// Files into the importer: a Part 10 file, or a bare data set that can be told for one, streamed.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { Part10Splitter } from '../dicom/part10.ts';
import type { Imported, Importer, Incoming } from './import.ts';

/** What became of one file. `refused`: it isn't DICOM, nothing of it was kept. */
export type FileImported = Imported | { readonly outcome: 'refused'; readonly reason: ErrorCode };

/**
 * Imports one file from its bytes. `from` says for the operator where it came from.
 * @throws PeerError store/* when it could not be kept
 */
export async function importFile(
  importer: Importer,
  bytes: AsyncIterable<Uint8Array>,
  from: string,
): Promise<FileImported> {
  const splitter = new Part10Splitter();
  let incoming: Incoming | undefined;
  const take = async (piece: Uint8Array | undefined) => {
    if (piece === undefined) return;
    const { transferSyntax, guessedSyntax } = splitter.head!;
    incoming ??= await importer.open({ transferSyntax, guessedSyntax, from });
    if (piece.length > 0) await incoming.write(piece);
  };
  try {
    for await (const chunk of bytes) await take(splitter.push(chunk));
    await take(splitter.end());
    if (incoming === undefined) return { outcome: 'refused', reason: 'dicom/not-dicom' };
    return await incoming.finish();
  } catch (error) {
    await incoming?.abort();
    if (error instanceof PeerError && error.code.startsWith('dicom/'))
      return { outcome: 'refused', reason: error.code };
    throw error;
  }
}
