// A study that somebody was let in to: its instances, headers and plain bytes, opened chunk by chunk.
import type { Bulk } from '../../protocol/bulk.ts';
import { headerBytes } from '../../protocol/seal/header.ts';
import { openHeader, readRange } from '../../protocol/seal/opener.ts';
import type { Index } from '../store/index.ts';
import type { StoredObjects } from '../store/objects.ts';
import type { InstanceRecord, StudyRecord } from '../store/records.ts';
import type { StudyKeys } from '../store/study-keys.ts';

export interface StudyReader {
  readonly study: StudyRecord;
  instances(): AsyncIterable<InstanceRecord>;
  /** DICOM JSON (UTF-8) of the instance's header; bulk data as the placeholders of dicom/model/json.ts. */
  header(instance: InstanceRecord): Promise<Uint8Array>;
  /** Plain bytes [from, to) of the Part 10 file; its data set starts at `datasetOffset`. @throws PeerError seal/*, store/* */
  read(instance: InstanceRecord, from?: number, to?: number): AsyncIterable<Uint8Array>;
}

interface StudyReaderParts {
  readonly index: Index;
  readonly objects: StoredObjects;
  readonly keys: StudyKeys;
  readonly bulk: Bulk;
}

/** Reads without asking anybody: only the guard makes one, after it has let somebody in and written that down. */
export const studyReader = (study: StudyRecord, parts: StudyReaderParts): StudyReader => ({
  study,
  instances: () => parts.index.instances(study.id),
  header: (instance) => parts.index.header(instance),
  read: async function* (instance, from = 0, to = instance.plainLength) {
    yield* readSealed(parts, instance.objectId, await parts.keys.seriesKey(instance), from, to);
  },
});

/** Plain bytes [from, to) of a sealed object, in pieces of a chunk at most. @throws PeerError seal/*, store/object-missing */
export async function* readSealed(
  { objects, bulk }: Pick<StudyReaderParts, 'objects' | 'bulk'>,
  objectId: string,
  key: Uint8Array,
  from: number,
  to: number,
): AsyncIterable<Uint8Array> {
  const reader = await objects.reader(objectId);
  try {
    const opener = openHeader(await reader.read(0, headerBytes), key, bulk);
    yield* readRange(opener, from, to, reader.read);
  } finally {
    await reader.close();
  }
}
