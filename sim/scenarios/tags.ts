// Where a patient's records lie, as the patient's hospitals know it.
import { decodeRecord, type Publication } from '../../node/store/records.ts';
import { epochsToLookUp } from '../../protocol/tags/epoch.ts';
import type { World } from '../world.ts';

export interface PlacedTag {
  readonly tag: string;
  readonly epoch: number;
}

/** The tags that are looked up for a patient now, of what running hospitals have published. */
export async function tagsOf(world: World, patient: string): Promise<PlacedTag[]> {
  const epochs = epochsToLookUp(world.time.now());
  const tags = new Map<string, PlacedTag>();
  const hospitals = new Set(
    world.population.studies.filter((each) => each.patient.id === patient).map((each) => each.hospital),
  );
  for (const { running } of hospitals) {
    for await (const [, row] of running?.kv.bucket('publication').range() ?? []) {
      const { tag, epoch, identifier } = decodeRecord<Publication>(row);
      if (identifier.value === patient && epochs.includes(epoch)) tags.set(tag, { tag, epoch });
    }
  }
  return [...tags.values()];
}
