// Transfers under way: each request's grants are fetched one after the other, durable from the first byte, and go on by
// themselves after a restart until everything has arrived or the grant has ended.
import type { GrantKeys } from '../../../protocol/access/wrap.ts';
import type { Bulk } from '../../../protocol/bulk.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';
import type { Manifest, ManifestSeries } from '../../../protocol/manifest/manifest.ts';
import { openManifest } from '../../../protocol/manifest/sealed-manifest.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { Loose } from '../../api/route.ts';
import type { Transfer } from '../../api/transfers.ts';
import type { Manifests } from '../../manifests/manifests.ts';
import type { Kv } from '../../store/kv.ts';
import type { Identifier } from '../../store/records.ts';
import { type Listing, type Place, TimedRows } from '../../store/timed-rows.ts';
import type { Events } from '../../system/events.ts';
import { errorFields, type Log } from '../../system/log.ts';
import type { ArrivedCopy } from '../import/adopt.ts';
import type { Importer } from '../import/importer.ts';
import type { FetchProgress } from './fetch-job.ts';
import type { Fetcher } from './fetcher.ts';

/** A grant that we hold, its keys opened; all ids and keys hex. */
export interface HeldGrant {
  readonly id: string;
  readonly manifest: string;
  readonly manifestKey: string;
  readonly series: readonly { readonly uid: string; readonly generation: number; readonly key: string }[];
  readonly until: number;
  readonly done: boolean;
}

interface TransferRecord {
  readonly id: string;
  readonly request: string;
  readonly owner: string;
  readonly patient: Identifier;
  readonly grants: readonly HeldGrant[];
  readonly state: 'running' | 'done' | 'failed';
  readonly code?: ErrorCode | undefined;
  readonly at: number;
  readonly ended?: number | undefined;
  readonly progress: Progress;
}

/** What the API shows of a transfer. */
export type TransferView = Loose<Transfer> & { readonly code?: ErrorCode | undefined };
type Progress = Pick<TransferView, 'objects' | 'bytes' | 'rate' | 'secondsLeft' | 'firstObjectMs'>;

export interface TransferParts {
  /** A fetcher that hands what has arrived to `adopt`. */
  readonly fetcher: (adopt: (arrived: readonly ArrivedCopy[]) => Promise<void>) => Fetcher;
  readonly importer: Importer;
  readonly manifests: Manifests;
  readonly bulk: Bulk;
  readonly kv: Kv;
  /** The peer that speaks for a member now. @throws PeerError member/unknown */
  readonly peerOf: (member: string) => string;
  /** Tells the owner what arrived. */
  readonly receipt: (owner: string, grant: HeldGrant, request: string, objects: readonly string[]) => Promise<void>;
  /** Tells the asking side how it ended. */
  readonly ended: (request: string, code: ErrorCode | undefined) => Promise<void>;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
}

const nothing: Progress = { objects: { done: 0, total: 0 }, bytes: { done: 0, total: 0 }, rate: 0 };

export class Transfers {
  readonly #parts: TransferParts;
  readonly #rows: TimedRows<TransferRecord>;
  readonly #records = new Map<string, TransferRecord>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#rows = new TimedRows({ bucket: 'transfer', timeOf: ({ at }) => at }, parts);
  }

  /** Goes on with what was under way when the peer stopped. */
  async start(): Promise<void> {
    for await (const record of this.#rows.all()) {
      this.#records.set(record.id, record);
      if (record.state === 'running') this.#run(record);
    }
  }

  /** Stops fetching; everything that has arrived stays, and it goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort(new PeerError('net/stopped'));
    await Promise.all(this.#running.values());
  }

  /** Begins to fetch what was granted; the keys are in the vault when it resolves. */
  async begin(request: string, owner: string, patient: Identifier, grants: readonly HeldGrant[]): Promise<string> {
    if (this.#records.has(request)) return request; // the same answer came twice
    const at = this.#parts.clock.now();
    const record: TransferRecord = {
      id: request,
      request,
      owner,
      patient,
      grants,
      state: 'running',
      at,
      progress: nothing,
    };
    await this.#put(record);
    this.#run(record);
    return record.id;
  }

  /** As they are now: of one under way the database doesn't know how far it is. */
  async *rows(listing?: Listing): AsyncGenerator<Place & { readonly row: TransferView }> {
    for await (const place of this.#rows.places(listing)) {
      const row = this.get(place.id);
      if (row !== undefined) yield { ...place, row };
    }
  }

  total(): Promise<number> {
    return this.#rows.total();
  }

  get(id: string): TransferView | undefined {
    const record = this.#records.get(id);
    return record === undefined ? undefined : view(record);
  }

  #run(record: TransferRecord): void {
    const running = this.#fetchAll(record.id).finally(() => this.#running.delete(record.id));
    this.#running.set(record.id, running);
  }

  async #fetchAll(id: string): Promise<void> {
    try {
      for (const grant of this.#records.get(id)!.grants) {
        if (!grant.done) await this.#fetch(id, grant);
      }
      await this.#end(id, undefined);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#parts.log.warn(errorFields(error), 'a transfer failed');
      await this.#end(id, error instanceof PeerError ? error.code : 'net/internal');
    }
  }

  async #fetch(id: string, grant: HeldGrant): Promise<void> {
    const { fetcher, manifests, bulk, peerOf, importer, receipt } = this.#parts;
    const { owner, patient, progress: before } = this.#records.get(id)!;
    const key = unhex(grant.manifestKey);
    const keys = grant.series.map((each) => ({ ...each, key: unhex(each.key) }));
    let sealedManifest: Uint8Array | undefined;
    let manifest: Manifest | undefined;
    const adopt = (arrived: readonly ArrivedCopy[]) =>
      importer.adopt({ source: owner, patient, studyUid: manifest!.studyUid, keys }, arrived);
    const fetches = fetcher(adopt);
    const fetch = fetches.fetch({
      id: grant.id,
      peer: peerOf(owner),
      grant: grant.id,
      manifestId: grant.manifest,
      until: grant.until,
      openManifest: (sealed) => {
        sealedManifest = sealed;
        manifest = openManifest(sealed, { id: grant.manifest, key }, { bulk });
        return manifest;
      },
      seriesKey: (series) => seriesKeyOf(keys, series),
      onProgress: (progress) => this.#progress(id, before, progress),
      signal: this.#stopped.signal,
    });
    await fetch.done;
    await manifests.keep(grant.manifest, key, sealedManifest!);
    const objects = manifest!.series.flatMap((series) => series.instances.map((each) => each.objectId));
    await receipt(owner, grant, id, objects);
    const record = this.#records.get(id)!;
    const grants = record.grants.map((each) => (each.id === grant.id ? { ...each, done: true } : each));
    await this.#put({ ...record, grants });
    // last: a crash before this finds everything there instead of fetching it anew
    await fetches.forget(grant.id);
  }

  /** What this grant has brought on top of those before it. */
  #progress(id: string, before: Progress, now: FetchProgress): void {
    const sum = (a: { done: number; total: number }, b: { done: number; total: number }) => ({
      done: a.done + b.done,
      total: a.total + b.total,
    });
    const progress: Progress = {
      objects: sum(before.objects, now.objects),
      bytes: sum(before.bytes, now.bytes),
      rate: now.rate,
      secondsLeft: now.secondsLeft,
      firstObjectMs: before.firstObjectMs ?? now.firstObjectMs,
    };
    const record = { ...this.#records.get(id)!, progress };
    this.#records.set(id, record);
    this.#parts.events.transferMoved({ ...view(record) });
  }

  async #end(id: string, code: ErrorCode | undefined): Promise<void> {
    const state = code === undefined ? ('done' as const) : ('failed' as const);
    const record = { ...this.#records.get(id)!, state, code, ended: this.#parts.clock.now() };
    // first, so that a crash between the two only has it end again, which changes nothing
    await this.#parts.ended(record.request, code);
    await this.#put(record);
    this.#parts.events.transferEnded({ ...view(record) });
  }

  async #put(record: TransferRecord): Promise<void> {
    this.#records.set(record.id, record);
    await this.#rows.put(record);
  }
}

function seriesKeyOf(keys: readonly { uid: string; generation: number; key: Uint8Array }[], series: ManifestSeries) {
  const found = keys.find((each) => each.uid === series.uid && each.generation === series.generation);
  if (found === undefined) throw new PeerError('access/wrap', { at: 'series' });
  return found.key;
}

function view({ id, request, state, code, at, ended, progress }: TransferRecord): TransferView {
  return { id, request, state, code, at, ended, ...progress };
}

/** The keys of a grant as they are kept. */
export const heldGrant = (id: string, manifest: string, until: number, keys: GrantKeys): HeldGrant => ({
  id,
  manifest,
  manifestKey: hex(keys.manifestKey),
  series: keys.series.map((each) => ({ ...each, key: hex(each.key) })),
  until,
  done: false,
});
