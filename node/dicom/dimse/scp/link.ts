// One association as the operations on it see it.

import type { Log } from '../../../system/log.ts';
import type { DicomJson } from '../../model/json.ts';
import { writeDataset } from '../../write/write-dataset.ts';
import type { Context, Terms } from '../contexts.ts';
import type { ServiceCaller } from '../services.ts';
import { implicitVrLittleEndian } from '../uids.ts';
import type { OutgoingMessages } from './outgoing-messages.ts';

export interface AssociationLink {
  readonly outgoing: OutgoingMessages;
  readonly caller: ServiceCaller;
  readonly log: Log;
  /** Contexts on which the other side receives this SOP class. */
  receiving(sopClassUid: string): readonly Context[];
  readonly terms: Terms;
}

/** A data set's bytes for a context of a service. @throws PeerError dicom/unwritable */
export function datasetFor(context: Context, dataset: DicomJson): Uint8Array {
  const encoding = context.transferSyntax === implicitVrLittleEndian ? 'implicit-le' : 'explicit-le';
  return writeDataset(dataset, { encoding });
}
