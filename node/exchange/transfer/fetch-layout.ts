// A manifest laid out for a transfer: its instances counted through all series, and in which order they are wanted.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ManifestInstance, ManifestSeries } from '../../../protocol/manifest/manifest.ts';
import { defaultOrder } from '../../../protocol/transfer/order.ts';
import type { ReceiverPlan } from '../../../protocol/transfer/receiver.ts';
import type { PartialObject } from '../../store/objects.ts';
import type { ExpectedObject } from './arriving-object.ts';
import type { ArrivedObject, FetchOptions } from './fetch-job.ts';

interface ManifestEntry {
  readonly series: ManifestSeries;
  readonly instance: ManifestInstance;
  readonly seriesKey: Uint8Array;
}

export class FetchLayout {
  readonly #entries: readonly ManifestEntry[];
  readonly order: readonly number[];
  readonly plan: ReceiverPlan;
  /** Sealed bytes of all objects. */
  readonly bytes: number;

  /** @throws PeerError transfer/too-large */
  constructor(
    series: readonly ManifestSeries[],
    seriesKey: (series: ManifestSeries) => Uint8Array,
    options: FetchOptions,
  ) {
    this.#entries = series.flatMap((each) => {
      const key = seriesKey(each);
      return each.instances.map((instance) => ({ series: each, instance, seriesKey: key }));
    });
    must(this.objects <= limits.transferObjects, 'transfer/too-large', { objects: this.objects });
    this.order = defaultOrder(series.map(({ instances }) => instances.length));
    const lengths = this.#entries.map(({ instance }) => instance.sealedLength);
    this.bytes = lengths.reduce((sum, length) => sum + length, 0);
    const { streams, windowBytes, windowObjects } = options;
    this.plan = {
      lengths,
      windowBytes: Math.ceil(windowBytes / streams),
      windowObjects: Math.ceil(windowObjects / streams),
    };
  }

  get objects(): number {
    return this.#entries.length;
  }

  /** Objects of which `held` is true. */
  held(held: (objectId: string) => boolean): number[] {
    return [...this.#entries.keys()].filter((index) => held(this.#entries[index]!.instance.objectId));
  }

  expected(index: number): ExpectedObject | undefined {
    const entry = this.#entries[index];
    if (entry === undefined) return undefined;
    const { objectId, sealedLength } = entry.instance;
    return { index, objectId, sealedLength, seriesKey: entry.seriesKey };
  }

  arrived(index: number, file: PartialObject | undefined): ArrivedObject {
    const { series, instance } = this.#entries[index]!;
    return { index, series, instance, file };
  }
}
