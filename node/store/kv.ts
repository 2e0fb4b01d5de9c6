// The peer's database: `level` split into numbered, sealed key spaces, with writes that share an fsync.
import { join } from 'node:path';
import type { AbstractLevel } from 'abstract-level';
import { Level } from 'level';
import { concat } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { Batches } from '../flow/batches.ts';
import { storageError } from '../system/errno.ts';
import { isThere } from '../system/files.ts';
import { type BucketName, buckets, plainBuckets } from './buckets.ts';

export type Db = AbstractLevel<Uint8Array | Buffer | string, Uint8Array, Uint8Array>;

/** What the key spaces ask of a database: `level`'s, or the simulator's, which forgets what was not synced. */
export interface KvDb {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Without a turn of another thread: for what is mostly not there, which a filter in memory tells. */
  getSync(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /** In key order, or against it, over what was there when it began. */
  iterator(range: { gte: Uint8Array; lt: Uint8Array; reverse?: boolean }): AsyncIterable<[Uint8Array, Uint8Array]>;
  /** All or nothing; durable when it resolves if `sync`. */
  batch(operations: DbOperation[], options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

export type DbOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

/** One write of a batch; an absent value deletes. */
export interface Write {
  readonly bucket: BucketName;
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

/** Encrypts values at rest, bound to their place. */
export interface ValueSealer {
  seal(place: Uint8Array, plain: Uint8Array): Uint8Array;
  /** @throws PeerError store/corrupt */
  open(place: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** A part of a range. */
export interface RangePart {
  /** Only what comes behind this key, which needn't be there. */
  readonly after?: Uint8Array | undefined;
  /** The last key first. */
  readonly reverse?: boolean;
}

/** One key space. */
export interface Bucket {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The same at once: for what is mostly not there. */
  getSync(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /** Durable when it resolves. */
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  /** Durable when it resolves. */
  del(key: Uint8Array): Promise<void>;
  /** Entries whose key starts with `prefix`, in key order, read piece by piece. */
  range(prefix?: Uint8Array, part?: RangePart): AsyncIterable<[key: Uint8Array, value: Uint8Array]>;
}

const options = { keyEncoding: 'view', valueEncoding: 'view' } as const;

/**
 * Opens the database in `dir`.
 * @param given.mustExist it was made before: where its head file is missing nothing is touched, for the library would
 * begin a new one and delete what there is
 * @throws PeerError store/locked when another process has it open, store/absent, store/unreadable
 */
export async function openLevel(dir: string, { mustExist = false } = {}): Promise<Db> {
  if (mustExist && !(await isThere(join(dir, 'CURRENT')))) throw new PeerError('store/absent', { path: dir });
  const db = new Level<Uint8Array, Uint8Array>(dir, options);
  try {
    await db.open({ createIfMissing: !mustExist });
  } catch (cause) {
    const inner = (cause as { cause?: { code?: string } }).cause;
    if (inner?.code === 'LEVEL_LOCKED') throw new PeerError('store/locked', {}, { cause });
    throw storageError(cause) ?? new PeerError('store/unreadable', {}, { cause });
  }
  return db as unknown as Db;
}

interface Commit {
  readonly writes: () => readonly Write[];
  readonly sync: boolean;
  readonly later?: true;
}

export class Kv {
  readonly #db: KvDb;
  readonly #sealer: ValueSealer;
  readonly #turn: (() => Promise<void>) | undefined;
  /** What `noteLater` has under way: whoever reads or writes comes after it. */
  #noting: Promise<void> | undefined;
  /** All writes, in order: two of one key at a time would leave to threads which of them counts. */
  readonly #commits = new Batches<Commit, void>(async (group) => {
    const noting = this.#noting;
    // whoever was told already that it is durable is answered before the rows are made
    if (group[0]!.later === true) await this.#turn?.();
    try {
      await this.#write(
        group.flatMap(({ writes }) => writes()),
        group.some(({ sync }) => sync),
      );
    } catch (cause) {
      if (noting !== undefined) this.#failed = { cause };
      throw cause;
    }
    return group.map(() => undefined);
  });
  /** What nobody waited for could not be written. */
  #failed: { readonly cause: unknown } | undefined;

  /** @param parts.turn lets what is ready run first; not given where time is modelled */
  constructor(parts: { db: KvDb; sealer: ValueSealer; turn?: () => Promise<void> }) {
    this.#db = parts.db;
    this.#sealer = parts.sealer;
    this.#turn = parts.turn;
  }

  bucket(name: BucketName): Bucket {
    const read = (key: Uint8Array, raw: Uint8Array | undefined) =>
      raw === undefined || plainBuckets.has(name) ? raw : this.#sealer.open(key, raw);
    const db = this.#db;
    const noted = () => this.#noting;
    return {
      get: async (key) => {
        const full = place(name, key);
        if (noted() !== undefined) await noted();
        return read(full, await db.get(full));
      },
      getSync: (key) => {
        const full = place(name, key);
        return read(full, db.getSync(full));
      },
      getMany: async (keys) => {
        const full = keys.map((key) => place(name, key));
        await noted();
        const raw = await db.getMany(full);
        return raw.map((value, i) => read(full[i]!, value));
      },
      put: (key, value) => this.commit([{ bucket: name, key, value }]),
      del: (key) => this.commit([{ bucket: name, key }]),
      range: async function* (prefix = new Uint8Array(), { after, reverse = false }: RangePart = {}) {
        const from = place(name, prefix);
        const whole = { gte: from, lt: behind(from), reverse };
        const start = after && place(name, after);
        const part = start && (reverse ? { lt: start } : { gte: concat(start, Uint8Array.of(0)) });
        await noted();
        for await (const [key, value] of db.iterator({ ...whole, ...part })) {
          yield [key.subarray(1), read(key, value)!] as [Uint8Array, Uint8Array];
        }
      },
    };
  }

  /** Writes all or nothing; durable (fsynced) when it resolves. Commits that come while one is written share the next. */
  commit(writes: Write[]): Promise<void> {
    return this.#commits.add({ writes: () => writes, sync: true });
  }

  /** Writes without waiting for the disk: survives the end of the process, perhaps not of the machine. */
  note(writes: Write[]): Promise<void> {
    return this.#commits.add({ writes: () => writes, sync: false });
  }

  /**
   * Notes what is durable elsewhere, without anybody waiting: all that is read or written later sees it. When it fails,
   * everything fails from then on, until a new start makes the rows again.
   */
  noteLater(writes: () => Write[]): void {
    const noting: Promise<void> = this.#commits.add({ writes, sync: false, later: true }).then(() => {
      if (this.#noting === noting) this.#noting = undefined;
    });
    this.#noting = noting;
    noting.catch(() => undefined); // thrown to whoever comes next
  }

  /** Resolves when everything that was noted can be read at once. @throws what noting failed with */
  async noted(): Promise<void> {
    await this.#noting;
  }

  async #write(writes: readonly Write[], sync: boolean): Promise<void> {
    const batch = writes.map(({ bucket, key, value }): DbOperation => {
      const full = place(bucket, key);
      if (value === undefined) return { type: 'del', key: full };
      return {
        type: 'put',
        key: full,
        value: plainBuckets.has(bucket) ? value : this.#sealer.seal(full, value),
      };
    });
    if (this.#failed !== undefined) throw this.#failed.cause;
    await this.#db.batch(batch, { sync });
  }

  async close(): Promise<void> {
    await this.#commits.idle();
    await this.#noting?.catch(() => undefined); // the next start makes those rows again
    await this.#db.close();
  }
}

function place(bucket: BucketName, key: Uint8Array): Uint8Array {
  const full = new Uint8Array(1 + key.length);
  full[0] = buckets[bucket];
  full.set(key, 1);
  return full;
}

/** The first key behind all keys that start with `prefix`. */
function behind(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i]! < 255) {
      end[i]!++;
      return end.subarray(0, i + 1);
    }
  }
  return Uint8Array.of(255, 255);
}
