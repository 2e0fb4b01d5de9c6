// After a crash: instances that were acknowledged and whose rows the database lost come in again from their packs.
import type { Bulk } from '../../../protocol/bulk.ts';
import { hex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { chunkCount, chunkLength, chunkStart, decodeHeader, headerBytes } from '../../../protocol/seal/header.ts';
import { HashList, objectIdOf } from '../../../protocol/seal/object-id.ts';
import type { Additions } from '../../store/additions.ts';
import type { Index } from '../../store/index.ts';
import type { NewInstance } from '../../store/new-instance.ts';
import type { PackPlace } from '../../store/packs/pack-frame.ts';
import { decodeNote } from '../../store/packs/pack-note.ts';
import type { PackedRows } from '../../store/packs/packed-rows.ts';
import type { Packs } from '../../store/packs/packs.ts';
import type { StudyKeys } from '../../store/study-keys.ts';
import { type Aside, conflictReasons } from './aside.ts';

export interface ReplayParts {
  readonly rows: PackedRows;
  readonly packs: Packs;
  readonly index: Pick<Index, 'recount'>;
  readonly additions: Pick<Additions, 'restore'>;
  readonly keys: StudyKeys;
  readonly aside: Aside;
  readonly bulk: Bulk;
}

/** Brings the index up to the packs before anything else looks at it. How many instances came in again. */
export async function replayPacks(parts: ReplayParts): Promise<number> {
  const { rows, packs, index, additions, keys, bulk } = parts;
  const studies = new Set<string>();
  let count = 0;
  for await (const found of rows.pending()) {
    // cut off by a crash, and never acknowledged
    if ((await objectIdAt(packs, found.place, bulk)) !== found.objectId) continue;
    const added = decodeNote(await found.note());
    for (const { bucket, key, value } of added.also) if (bucket === 'keys') await keys.restore(key, value!);
    const also = added.also.filter(({ bucket }) => bucket !== 'keys');
    const result = await additions.restore({ ...added, also }, found.place);
    if (result === 'imported') studies.add(added.study.uid);
    else if (result !== 'duplicate') await keepAside(parts, added, found.place, result);
    count += 1;
  }
  for (const uid of studies) await index.recount(uid);
  await rows.settled();
  return count;
}

/** What was decided since it came (a study moved, an object replaced) may be what is left: a person decides again. */
async function keepAside(
  { rows, keys, aside }: ReplayParts,
  { instance }: NewInstance,
  place: PackPlace,
  result: keyof typeof conflictReasons,
): Promise<void> {
  const { sopClassUid, sopInstanceUid, transferSyntax } = instance;
  const { objectId, sealedLength, plainLength, datasetOffset } = instance;
  await aside.put({
    kind: 'conflict',
    reason: conflictReasons[result],
    announced: { from: 'restored after a crash', transferSyntax, instance: { sopClassUid, sopInstanceUid } },
    key: hex(await keys.seriesKey(instance)),
    ...{ objectId, sealedLength, plainLength, datasetOffset },
  });
  await rows.found(objectId, place);
}

/** The id that the bytes at a place have (SPEC 5.4); undefined when they are no sealed object. */
async function objectIdAt(packs: Packs, place: PackPlace, bulk: Bulk): Promise<string | undefined> {
  const reader = await packs.reader(place);
  try {
    const bytes = await reader.read(0, place.length);
    const header = bytes.subarray(0, headerBytes);
    const fields = decodeHeader(header);
    const hashes = new HashList();
    for (let i = 0; i < chunkCount(fields.plainLength, fields.log2ChunkSize); i++) {
      const at = chunkStart(i, fields.log2ChunkSize);
      hashes.add(bulk.blake3(bytes.subarray(at, at + chunkLength(fields, i))));
    }
    return objectIdOf(header, hashes.bytes, bulk);
  } catch (error) {
    if (error instanceof PeerError) return undefined; // no header of ours
    throw error;
  } finally {
    await reader.close();
  }
}
