// What this peer answers to DICOM nodes beside C-ECHO and C-STORE.
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Guard } from '../access/guard.ts';
import type { Acts } from '../audit/acts.ts';
import type { FindService, NormalizedService, Services } from '../dicom/dimse/services.ts';
import type { Index } from '../store/index.ts';
import type { Kv } from '../store/kv.ts';
import type { StoredObjects } from '../store/objects.ts';
import type { Log } from '../system/log.ts';
import type { Timers } from '../system/machine.ts';
import { CommitmentScp } from './commitment-scp.ts';
import { destinationsOf } from './destinations.ts';
import { QueryScp } from './query-scp.ts';
import type { Remotes } from './remotes.ts';
import { RetrieveScp, type Transcode } from './retrieve-scp.ts';

interface DicomServicesParts {
  readonly index: Index;
  readonly guard: Guard;
  readonly acts: Acts;
  readonly kv: Kv;
  readonly objects: StoredObjects;
  readonly remotes: Remotes;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  readonly transcode?: Transcode;
  /** Takes results of storage commitment that we asked others for. */
  readonly committed?: NonNullable<NormalizedService['event']>;
  /** Others': worklist, performed procedure steps. */
  readonly find?: readonly FindService[];
  readonly normalized?: readonly NormalizedService[];
}

/** The services; `commitment` is to be started, and stopped at the end. */
export function dicomServices(parts: DicomServicesParts): { services: Services; commitment: CommitmentScp } {
  const { index, guard, acts, kv, objects, remotes, clock, random, timers, log, transcode, committed } = parts;
  const commitment = new CommitmentScp({
    ...{ bucket: kv.bucket('commitment'), index, objects, remotes, acts, clock, random, timers, log },
    ...(committed !== undefined && { event: committed }),
  });
  const services: Services = {
    find: [new QueryScp({ index, acts }), ...(parts.find ?? [])],
    retrieve: [new RetrieveScp({ index, guard, ...(transcode !== undefined && { transcode }) })],
    destinations: destinationsOf(remotes),
    normalized: [commitment, ...(parts.normalized ?? [])],
  };
  return { services, commitment };
}
