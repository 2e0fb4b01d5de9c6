// Rows that have a time, in one bucket: each by its key, and all of them in the order of their times by keys beside them,
// so that a page of a list reads no more than itself.
import { concat, hex, uintBytes, unhex, utf8 } from '../../protocol/bytes.ts';
import { type BucketName, buckets } from './buckets.ts';
import type { Bucket, Kv, Write } from './kv.ts';
import { decodeRecord, encodeRecord } from './records.ts';

interface TimedOptions<Row> {
  readonly bucket: BucketName;
  /** What these rows' keys begin with, where others share the bucket. */
  readonly prefix?: Uint8Array;
  /** Unix ms; it never changes. */
  readonly timeOf: (row: Row) => number;
}

/** Where a row stands in its list: its time, then its id. */
export interface Place {
  readonly place: Uint8Array;
  readonly id: string;
}

/** Which rows, in which order. */
export interface Listing {
  /** The latest first; else the oldest. */
  readonly latest?: boolean;
  /** Only what comes behind this place, which needn't be taken. */
  readonly after?: Uint8Array | undefined;
}

const timeBytes = 6;

/** Bytes of a place in a list of rows with ids of so many. */
export const placeBytesOf = (idBytes: number): number => timeBytes + idBytes;

const listedAtOnce = 1_000;

export class TimedRows<Row extends { readonly id: string }> {
  readonly #kv: Kv;
  readonly #name: BucketName;
  readonly #rows: Bucket;
  readonly #list: Bucket;
  readonly #prefix: Uint8Array;
  readonly #listed: Uint8Array;
  readonly #timeOf: (row: Row) => number;
  #loading: Promise<void> | undefined;
  #total = 0;

  constructor({ bucket, prefix = new Uint8Array(), timeOf }: TimedOptions<Row>, { kv }: { kv: Kv }) {
    this.#kv = kv;
    this.#name = bucket;
    this.#rows = kv.bucket(bucket);
    this.#list = kv.bucket('list');
    this.#prefix = prefix;
    this.#listed = concat(Uint8Array.of(buckets[bucket]), prefix);
    this.#timeOf = timeOf;
  }

  async get(id: string): Promise<Row | undefined> {
    const row = /^([0-9a-f]{2})+$/.test(id) ? await this.#rows.get(this.#key(id)) : undefined;
    return row === undefined ? undefined : decodeRecord(row);
  }

  /** Durable when it resolves. */
  async put(row: Row): Promise<void> {
    await this.#loaded();
    const fresh = (await this.#list.get(this.#place(row))) === undefined;
    await this.#kv.commit(this.#writes(row));
    if (fresh) this.#total += 1;
  }

  /** Durable when it resolves. */
  async remove(id: string): Promise<void> {
    await this.#loaded();
    const row = await this.get(id);
    if (row === undefined) return;
    await this.#kv.commit([
      { bucket: this.#name, key: this.#key(id) },
      { bucket: 'list', key: this.#place(row) },
    ]);
    this.#total -= 1;
  }

  /** Rows in all. */
  async total(): Promise<number> {
    await this.#loaded();
    return this.#total;
  }

  /** All rows in the order of their keys. */
  async *all(): AsyncGenerator<Row> {
    for await (const [, row] of this.#rows.range(this.#prefix)) yield decodeRecord(row);
  }

  /** Places and ids in the order of their times, read piece by piece. */
  async *places({ latest = false, after }: Listing = {}): AsyncGenerator<Place> {
    await this.#loaded();
    const from = after && concat(this.#listed, after);
    for await (const [key] of this.#list.range(this.#listed, { after: from, reverse: latest })) {
      const place = key.subarray(this.#listed.length);
      yield { place, id: hex(place.subarray(timeBytes)) };
    }
  }

  /** The same with the rows. */
  async *rows(listing: Listing = {}): AsyncGenerator<Place & { readonly row: Row }> {
    for await (const each of this.places(listing)) {
      const row = await this.get(each.id);
      if (row !== undefined) yield { ...each, row };
    }
  }

  #key(id: string): Uint8Array {
    return concat(this.#prefix, unhex(id));
  }

  #place(row: Row): Uint8Array {
    return concat(this.#listed, uintBytes(this.#timeOf(row), timeBytes), unhex(row.id));
  }

  #writes(row: Row): Write[] {
    return [{ bucket: this.#name, key: this.#key(row.id), value: encodeRecord(row) }, this.#listing(row)];
  }

  #listing(row: Row): Write {
    return { bucket: 'list', key: this.#place(row), value: new Uint8Array() };
  }

  #loaded(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Counts; and lists, once, what a program wrote that kept no list. */
  async #load(): Promise<void> {
    const marker = concat(utf8('list'), this.#listed);
    const meta = this.#kv.bucket('meta');
    if ((await meta.get(marker)) === undefined) {
      const writes: Write[] = [];
      for await (const row of this.all()) {
        writes.push(this.#listing(row));
        if (writes.length >= listedAtOnce) await this.#kv.note(writes.splice(0));
      }
      await this.#kv.commit([...writes, { bucket: 'meta', key: marker, value: Uint8Array.of(1) }]);
    }
    for await (const _place of this.#list.range(this.#listed)) this.#total += 1;
  }
}
