// Studies on their way to others, and others' on their way here.
import { transferProtocol } from '../../../protocol/transfer/messages.ts';
import type { TransferGuard } from '../../access/transfer-guard.ts';
import type { Manifests } from '../../manifests/manifests.ts';
import type { Network } from '../../net/network.ts';
import type { Kv } from '../../store/kv.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { MachineParts } from '../../system/parts.ts';
import type { Importer } from '../import/importer.ts';
import type { FetchOptions } from './fetch-job.ts';
import { Fetcher } from './fetcher.ts';
import { progressStore } from './progress-store.ts';
import { TransferServer } from './serve.ts';
import { type TransferParts, Transfers } from './transfers.ts';

export interface TransferStartParts extends MachineParts {
  readonly kv: Kv;
  readonly network: Network;
  readonly objects: ObjectStore;
  readonly importer: Importer;
  readonly manifests: Manifests;
  readonly guard: TransferGuard;
  readonly peerOf: TransferParts['peerOf'];
  readonly receipt: TransferParts['receipt'];
  readonly ended: TransferParts['ended'];
  /** Changes with every start of the machine. */
  readonly bootId: string;
  readonly fetch?: Partial<FetchOptions> | undefined;
}

export function openTransfers(parts: TransferStartParts): Transfers {
  const { kv, network, objects, importer, manifests, guard, peerOf, receipt, ended, bootId, fetch = {} } = parts;
  const { bulk, clock, timers, events, log } = parts;
  const server = new TransferServer({ guard, objects, timers, log });
  network.serveStream(transferProtocol, server.serve);
  const progress = progressStore(kv);
  return new Transfers({
    ...{ importer, manifests, peerOf, receipt, ended, bulk, clock, events, log },
    kv,
    fetcher: (adopt) => new Fetcher(fetch, { network, objects, progress, bulk, clock, timers, log, adopt, bootId }),
  });
}
