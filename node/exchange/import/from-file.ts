// Files into the importer: a Part 10 file, or a bare data set that can be told for one, streamed.
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';
import { Part10Splitter } from '../../dicom/read/part10.ts';
import type { Announced, ArrivingInstance, Imported } from './arriving-instance.ts';
import type { Importer } from './importer.ts';

/** What became of one file. `refused`: it isn't DICOM, nothing of it was kept. */
export type FileImported = Imported | { readonly outcome: 'refused'; readonly reason: ErrorCode };

/** Which instance something is or says that it is. */
export interface Named {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Known when the data set was read, not when its file header alone says what it is. */
  readonly seriesUid?: string;
  readonly studyUid?: string;
}

/** All of a file's bytes have come; it is not durable yet. */
export interface ReceivedInstance {
  /** What it is, as far as that is known by now. */
  readonly named: Named | undefined;
  /** The file's header names another instance than its data set, which is what counts. */
  readonly mislabelled: boolean;
  /** Durable when it resolves; to be called once. @throws PeerError store/* when it could not be kept */
  finish(): Promise<FileImported>;
}

type About = Pick<Announced, 'from' | 'study' | 'patient'>;

/**
 * Imports one file from its bytes. `from` says for the operator where it came from.
 * @throws PeerError store/* when it could not be kept
 */
export async function importFile(
  importer: Importer,
  bytes: AsyncIterable<Uint8Array>,
  from: string | About,
): Promise<FileImported> {
  const received = await receiveFile(importer, bytes, typeof from === 'string' ? { from } : from);
  return received.finish();
}

/** Reads one file to its end, so that the next can come while this one is made durable. @throws PeerError store/* */
export async function receiveFile(
  importer: Importer,
  bytes: AsyncIterable<Uint8Array>,
  about: About,
): Promise<ReceivedInstance> {
  const splitter = new Part10Splitter();
  let incoming: ArrivingInstance | undefined;
  const take = async (piece: Uint8Array | undefined) => {
    if (piece === undefined) return;
    const { transferSyntax, guessedSyntax } = splitter.head!;
    incoming ??= await importer.open({ ...about, transferSyntax, guessedSyntax });
    if (piece.length > 0) await incoming.write(piece);
  };
  const labelled = () => {
    const { sopClassUid, sopInstanceUid } = splitter.head ?? {};
    return sopClassUid === undefined || sopInstanceUid === undefined ? undefined : { sopClassUid, sopInstanceUid };
  };
  try {
    for await (const chunk of bytes) await take(splitter.push(chunk));
    await take(splitter.end());
  } catch (error) {
    await incoming?.abort();
    return refused(error, incoming?.identity ?? labelled());
  }
  if (incoming === undefined) return refused(new PeerError('dicom/not-dicom'), undefined);
  return received(incoming, labelled());
}

/** The same for a bare data set whose transfer syntax is known. @throws PeerError store/* */
export async function receiveDataset(
  importer: Importer,
  bytes: AsyncIterable<Uint8Array>,
  announced: Announced,
): Promise<ReceivedInstance> {
  const incoming = await importer.open(announced);
  try {
    for await (const piece of bytes) if (piece.length > 0) await incoming.write(piece);
  } catch (error) {
    await incoming.abort();
    return refused(error, incoming.identity);
  }
  return received(incoming, undefined);
}

const received = (incoming: ArrivingInstance, labelled: Named | undefined): ReceivedInstance => ({
  get named() {
    return incoming.identity ?? labelled;
  },
  get mislabelled() {
    const { identity } = incoming;
    return identity !== undefined && labelled !== undefined && identity.sopInstanceUid !== labelled.sopInstanceUid;
  },
  async finish() {
    try {
      return await incoming.finish();
    } catch (error) {
      return refused(error, undefined).finish();
    }
  },
});

/** The file's own fault is what became of it; anything else ends the import. */
function refused(error: unknown, named: Named | undefined): ReceivedInstance {
  if (!(error instanceof PeerError && /^dicom\/|^import\/(other-study|study-full)$/.test(error.code))) throw error;
  const { code } = error;
  return { named, mislabelled: false, finish: async () => ({ outcome: 'refused', reason: code }) };
}
