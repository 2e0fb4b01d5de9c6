// Once more for something that was kept aside, after its cause was mended: it goes in by the same door as everything.
import type { Bulk } from '../../../protocol/bulk.ts';
import { unhex } from '../../../protocol/bytes.ts';
import { readSealed } from '../../access/study-reader.ts';
import type { Index } from '../../store/index.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { Imported } from '../import/arriving-instance.ts';
import type { Aside } from '../import/aside.ts';
import type { Importer } from '../import/importer.ts';

export interface RetryParts {
  readonly aside: Aside;
  readonly importer: Importer;
  readonly objects: ObjectStore;
  readonly bulk: Bulk;
  readonly index: Pick<Index, 'instance'>;
}

/**
 * Takes an object that is aside to the importer. What gets in is no longer aside; what doesn't is there under a new id
 * with its present reason. @throws PeerError aside/unknown, store/*, seal/*
 */
export async function retryAside(parts: RetryParts, id: string): Promise<Imported> {
  const { announced, ...record } = await parts.aside.get(id);
  const { instance, from, transferSyntax } = announced;
  const incoming = await parts.importer.open({ from, transferSyntax, ...(instance !== undefined && { instance }) });
  try {
    const { objectId, datasetOffset, plainLength } = record;
    const dataset = readSealed(parts, objectId, unhex(record.key), datasetOffset, plainLength);
    for await (const bytes of dataset) await incoming.write(bytes);
  } catch (error) {
    await incoming.abort();
    throw error;
  }
  const imported = await incoming.finish();
  await parts.aside.remove(id);
  // a crash in the middle of a decision can leave an object both aside and stored
  const named = instance ?? incoming.identity;
  const stored = named && (await parts.index.instance(named.sopInstanceUid));
  if (stored?.objectId !== record.objectId) await parts.objects.remove(record.objectId);
  return imported;
}
