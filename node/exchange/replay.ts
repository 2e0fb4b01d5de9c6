// After a crash: instances that were acknowledged and whose rows the database lost come in again from their packs.
import type { Bulk } from '../../protocol/bulk.ts';
import { PeerError } from '../../protocol/errors.ts';
import { chunkCount, chunkLength, chunkStart, decodeHeader, headerBytes } from '../../protocol/seal/header.ts';
import { HashList, objectIdOf } from '../../protocol/seal/object-id.ts';
import type { Index } from '../store/index.ts';
import { decodeNote } from '../store/pack-note.ts';
import type { PackedRows } from '../store/packed-rows.ts';
import type { Packs, Place } from '../store/packs.ts';
import type { StudyKeys } from '../store/study-keys.ts';

export interface ReplayParts {
  readonly rows: PackedRows;
  readonly packs: Packs;
  readonly index: Index;
  readonly keys: StudyKeys;
  readonly bulk: Bulk;
}

/** Brings the index up to the packs before anything else looks at it. How many instances came in again. */
export async function replayPacks({ rows, packs, index, keys, bulk }: ReplayParts): Promise<number> {
  let count = 0;
  for await (const found of rows.pending()) {
    // cut off by a crash, and never acknowledged
    if ((await objectIdAt(packs, found.place, bulk)) !== found.objectId) continue;
    const added = decodeNote(await found.note());
    for (const { bucket, key, value } of added.also) if (bucket === 'keys') await keys.restore(key, value!);
    const also = added.also.filter(({ bucket }) => bucket !== 'keys');
    await index.restore({ ...added, also }, found.place);
    count += 1;
  }
  return count;
}

/** The id that the bytes at a place have (SPEC 5.4); undefined when they are no sealed object. */
async function objectIdAt(packs: Packs, place: Place, bulk: Bulk): Promise<string | undefined> {
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
