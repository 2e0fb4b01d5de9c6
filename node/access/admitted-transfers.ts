// Transfers that have begun: each grant's manifest is opened, and the beginning written down, once for all streams of a
// transfer.
import type { Clock } from '../../protocol/ports.ts';
import type { Acts } from '../audit/acts.ts';
import { Recent } from '../flow/recent.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { Index } from '../store/index.ts';
import type { IssuedGrant } from './grants.ts';
import type { ServedGrant } from './transfer-guard.ts';

export interface AdmittedTransfersParts {
  readonly manifests: Manifests;
  readonly index: Index;
  readonly acts: Pick<Acts, 'transferBegan'>;
  readonly clock: Clock;
}

/** Streams opened within this time belong to one transfer. */
const admittedMs = 5 * 60_000;
const atOnce = 32;

export class AdmittedTransfers {
  readonly #parts: AdmittedTransfersParts;
  readonly #admitted: Recent<string, Promise<ServedGrant>>;

  constructor(parts: AdmittedTransfersParts) {
    this.#parts = parts;
    this.#admitted = new Recent({ most: atOnce, lasting: { ms: admittedMs, clock: parts.clock } });
  }

  /** What a grant that was checked lets its holder have. @throws PeerError manifest/unknown, audit/* */
  async admit(given: IssuedGrant): Promise<ServedGrant> {
    const { id } = given.grant;
    const before = this.#admitted.get(id);
    const served = before ?? this.#serve(given);
    if (before === undefined) this.#admitted.set(id, served);
    try {
      return await served;
    } catch (error) {
      this.#admitted.delete(id);
      throw error;
    }
  }

  async #serve({ grant, request, study: id }: IssuedGrant): Promise<ServedGrant> {
    const { manifests, index, acts } = this.#parts;
    const { manifest, bytes } = await manifests.get(grant.manifest);
    const study = index.studyById(id);
    await acts.transferBegan({ peer: grant.holder, request, grant: grant.id }, study);
    const objects = manifest.series.flatMap((series) => series.instances);
    return { manifest: bytes, object: (index) => objects[index] };
  }
}
