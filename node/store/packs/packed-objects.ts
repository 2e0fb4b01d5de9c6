// The object store as everybody sees it: small objects lie in packs, all others are files.
import { unhex } from '../../../protocol/bytes.ts';
import type { Kv } from '../kv.ts';
import { type ObjectStore, readPieces } from '../objects.ts';
import type { PackPlace } from './pack-frame.ts';
import { decodePlace, placeRow } from './packed-rows.ts';
import type { Packs } from './packs.ts';

/** Puts packs before a store of files. */
export function withPacks<T extends ObjectStore>(files: T, { packs, kv }: { packs: Packs; kv: Kv }): T {
  const bucket = kv.bucket('object');
  const placeOf = async (objectId: string): Promise<PackPlace | undefined> => {
    const row = await bucket.get(unhex(objectId));
    return row === undefined ? undefined : decodePlace(row);
  };
  return {
    ...files,
    has: async (objectId) => {
      const place = await placeOf(objectId);
      return place === undefined ? files.has(objectId) : packs.holds(place);
    },
    size: async (objectId) => (await placeOf(objectId))?.length ?? files.size(objectId),
    reader: async (objectId) => {
      const place = await placeOf(objectId);
      return place === undefined ? files.reader(objectId) : packs.reader(place);
    },
    read: async function* (objectId, from, to) {
      const place = await placeOf(objectId);
      if (place === undefined) yield* files.read(objectId, from, to);
      else yield* readPieces(() => packs.reader(place), objectId, from, to);
    },
    remove: async (objectId) => {
      // the row stays and says so: else the note in the pack would bring it back
      if ((await placeOf(objectId)) !== undefined) await kv.commit([placeRow(objectId)]);
      else await files.remove(objectId);
    },
  };
}
