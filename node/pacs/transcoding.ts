// Instances for those who don't take the transfer syntax that they are stored in: decoded, losslessly.
import { PeerError } from '../../protocol/errors.ts';
import type { StudyReader } from '../access/study-reader.ts';
import type { Pixels } from '../dicom/pixels/pool.ts';
import { storedInstance } from '../dicom/pixels/source.ts';
import { asTransferSyntax } from '../dicom/pixels/transcode.ts';
import type { InstanceRecord } from '../store/records.ts';
import type { AcceptedDataSet } from './as-accepted.ts';

/** An instance in one of the accepted transfer syntaxes, or undefined when it cannot be had in any. */
export const transcoding =
  (pixels: Pixels) =>
  async (
    reader: StudyReader,
    instance: InstanceRecord,
    accepted: readonly string[],
  ): Promise<AcceptedDataSet | undefined> => {
    try {
      const stored = await storedInstance(reader, instance);
      const { transferSyntax, dataset } = await asTransferSyntax(stored, accepted, { pixels });
      return { transferSyntax, bytes: dataset };
    } catch (error) {
      if (error instanceof PeerError && error.code.startsWith('pixels/')) return undefined;
      throw error;
    }
  };
