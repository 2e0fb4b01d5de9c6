// What a fetch is told and what it needs: the terms between it and whoever wires it up.
import type { Bulk } from '../../../protocol/bulk.ts';
import type { ManifestSeries } from '../../../protocol/manifest/manifest.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { Network } from '../../net/network.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { Log } from '../../system/log.ts';
import type { Timers } from '../../system/machine.ts';
import type { ArrivedCopy } from '../import/adopt.ts';
import type { ProgressStore } from './fetch-progress.ts';
import type { FetchRate } from './fetch-rate.ts';

export interface FetchJob {
  /** Names this transfer across restarts: hex, at most 64 characters. */
  readonly id: string;
  /** The owner's peer id. */
  readonly peer: string;
  /** Grant id (16 bytes) and the manifest id in it (32 bytes), hex. */
  readonly grant: string;
  readonly manifestId: string;
  /** When the grant ends, unix ms. */
  readonly until: number;
  /** Opens the sealed manifest with the grant's key for it. @throws PeerError */
  openManifest(sealed: Uint8Array): { readonly series: readonly ManifestSeries[] };
  /** The series key in the grant, 32 bytes. @throws PeerError */
  seriesKey(series: ManifestSeries): Uint8Array;
  /** True for objects that the store holds already: they are adopted without being fetched. */
  held?(objectId: string): boolean;
  /** Told of the manifest as soon as it is verified. */
  onManifest?(manifest: { readonly series: readonly ManifestSeries[] }): void;
  /** Told about twice a second, and at the end. */
  onProgress?(progress: FetchProgress): void;
  /** Aborting it stops the fetch with transfer/cancelled; it can go on later. */
  readonly signal?: AbortSignal;
}

export interface FetchProgress extends FetchRate {
  readonly objects: { readonly done: number; readonly total: number };
  /** Sealed bytes, verified and stored. */
  readonly bytes: { readonly done: number; readonly total: number };
  /** From the start of this run to the first object that was complete. */
  readonly firstObjectMs: number | undefined;
}

/** An object that has arrived, with its place in the manifest, counted through all series. */
export interface ArrivedObject extends ArrivedCopy {
  readonly index: number;
}

export interface FetchParts {
  readonly network: Pick<Network, 'open'>;
  readonly objects: Pick<ObjectStore, 'has' | 'partial'>;
  readonly progress: ProgressStore;
  /**
   * Makes arrived objects durable, as often as it is told of one. Commits or closes every file, also when it throws,
   * which ends the fetch with that error.
   */
  adopt(arrived: readonly ArrivedObject[]): Promise<void>;
  readonly bulk: Bulk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Changes with every start of the machine. */
  readonly bootId: string;
}

export interface FetchOptions {
  readonly streams: number;
  /** Bytes, and objects, asked for ahead of the answers, of all streams together. */
  readonly windowBytes: number;
  readonly windowObjects: number;
  /** A stream that owes us something and brings nothing for so long is opened anew. */
  readonly stallMs: number;
  /** Pauses between attempts to reach the owner. */
  readonly backoffMs: { readonly first: number; readonly most: number };
}

export const fetchDefaults: FetchOptions = {
  streams: 2,
  windowBytes: 32 * 1024 * 1024,
  windowObjects: 1024,
  stallMs: 30_000,
  backoffMs: { first: 200, most: 30_000 },
};
