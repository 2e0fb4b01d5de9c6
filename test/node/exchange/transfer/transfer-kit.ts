// A hospital that serves a study and one that fetches it, on a real disk, joined by channels in memory that can be cut
// and tampered with; the fetching one can be killed, after which nothing of it happens any more.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransferGuard } from '../../../../node/access/transfer-guard.ts';
import type {
  ArrivedObject,
  FetchJob,
  FetchOptions,
  FetchParts,
} from '../../../../node/exchange/transfer/fetch-job.ts';
import type { ProgressStore } from '../../../../node/exchange/transfer/fetch-progress.ts';
import { Fetcher } from '../../../../node/exchange/transfer/fetcher.ts';
import { TransferServer } from '../../../../node/exchange/transfer/serve.ts';
import { MemoryChannel } from '../../../../node/net/memory/channel.ts';
import type { Channel } from '../../../../node/net/network.ts';
import { type ObjectStore, openObjects, type PartialObject } from '../../../../node/store/objects.ts';
import { nativeBulk } from '../../../../node/system/bulk.ts';
import { systemClock, systemTimers } from '../../../../node/system/machine.ts';
import type { Bulk } from '../../../../protocol/bulk.ts';
import { hex } from '../../../../protocol/bytes.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { grant, pieceBytes, type Study, seeded, seriesKey } from './transfer-study.ts';

/** Something that can be killed: calls made before that may still take effect, none of them returns. */
class Life {
  dead = false;
  readonly files = new Set<PartialObject>();
  readonly #underWay = new Set<Promise<unknown>>();

  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.dead) return new Promise<never>(() => undefined);
    const call = run();
    this.#underWay.add(call);
    try {
      const value = await call;
      return this.dead ? new Promise<never>(() => undefined) : value;
    } finally {
      this.#underWay.delete(call);
    }
  }

  /** Resolves when the disk has finished what it was told before. */
  async end(): Promise<void> {
    this.dead = true;
    await Promise.allSettled(this.#underWay);
    await Promise.all([...this.files].map((file) => file.close()));
  }
}

export interface Trouble {
  /** Called with every piece that reaches the receiver, before it does; may change it, or throw to cut the link. */
  onPiece?: (piece: Uint8Array, world: World) => Uint8Array;
}

export class World {
  readonly study: Study;
  readonly trouble: Trouble;
  readonly adopted: number[] = [];
  readonly blamed: string[] = [];
  /** Chunks that were checked by their tag, in all runs. */
  opened = 0;
  received = 0;
  checks = 0;
  guard: TransferGuard;
  served: Pick<ObjectStore, 'read'>;
  adopt: FetchParts['adopt'] = (arrived) => this.#commit(arrived);
  bootId = 'boot-1';
  dir = '';
  store!: ObjectStore;
  readonly saved = new Map<string, Map<string, Uint8Array>>();
  life = new Life();
  readonly #random: (below: number) => number;
  #server: TransferServer | undefined;

  constructor(study: Study, trouble: Trouble = {}, seed = 1) {
    this.study = study;
    this.trouble = trouble;
    this.#random = seeded(seed);
    const bytes = new Map(study.instances.map(({ objectId }, i) => [objectId, study.objects[i]!]));
    this.served = {
      async *read(objectId, from, to) {
        const sealed = bytes.get(objectId)!;
        for (let at = from; at < to; at += pieceBytes) yield sealed.subarray(at, Math.min(at + pieceBytes, to));
      },
    };
    this.guard = {
      admitTransfer: async () => ({ manifest: study.manifest, object: (index) => study.instances[index] }),
      check: async () => void this.checks++,
    };
  }

  static async open(study: Study, trouble?: Trouble, seed?: number): Promise<World> {
    const world = new World(study, trouble, seed);
    world.dir = await mkdtemp(join(tmpdir(), 'dicomnet-transfer-'));
    world.store = await openObjects(world.dir);
    return world;
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true });
  }

  async #commit(arrived: readonly ArrivedObject[]): Promise<void> {
    await Promise.all(arrived.map(({ file, instance }) => file?.commit(instance.objectId)));
    this.adopted.push(...arrived.map(({ index }) => index));
  }

  /** Ends the fetching process at once. */
  async kill(): Promise<void> {
    const { life } = this;
    this.life = new Life();
    await life.end();
  }

  job(more: Partial<FetchJob> = {}): FetchJob {
    return {
      id: '11'.repeat(16),
      peer: 'owner',
      grant,
      manifestId: hex(nativeBulk.sha256(this.study.manifest)),
      until: Number.MAX_SAFE_INTEGER,
      openManifest: () => ({ series: this.study.series }),
      seriesKey: () => seriesKey,
      ...more,
    };
  }

  fetcher(options: Partial<FetchOptions> = {}): Fetcher {
    const { life } = this;
    const small = { windowBytes: 200_000, windowObjects: 20, backoffMs: { first: 1, most: 5 } };
    const log = {
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (fields: object) => void this.blamed.push((fields as { code: string }).code),
    };
    return new Fetcher(
      { ...small, ...options },
      {
        network: { open: () => life.pass(async () => this.#channel(life)) },
        objects: this.#objects(life),
        progress: this.#progress(life),
        adopt: (arrived) => this.adopt(arrived),
        bulk: this.#bulk(),
        clock: systemClock,
        timers: systemTimers,
        log,
        bootId: this.bootId,
      },
    );
  }

  #objects(life: Life): Pick<ObjectStore, 'has' | 'partial'> {
    return {
      has: (objectId) => life.pass(() => this.store.has(objectId)),
      partial: (name) =>
        life.pass(async () => {
          const file = await this.store.partial(name);
          life.files.add(file);
          return {
            get length() {
              return file.length;
            },
            append: (bytes) => life.pass(() => file.append(bytes)),
            truncate: (length) => life.pass(() => file.truncate(length)),
            writeAt: (at, bytes) => life.pass(() => file.writeAt(at, bytes)),
            read: (from, to) => life.pass(() => file.read(from, to)),
            place: (objectId) => life.pass(() => file.place(objectId)),
            commit: (objectId) => life.pass(() => file.commit(objectId)),
            close: () => life.pass(() => file.close()),
            discard: () => life.pass(() => file.discard()),
          };
        }),
    };
  }

  #progress(life: Life): ProgressStore {
    return {
      load: async (id) => new Map(this.saved.get(id) ?? []),
      save: (id, changes) =>
        life.pass(async () => {
          const entries = this.saved.get(id) ?? new Map<string, Uint8Array>();
          this.saved.set(id, entries);
          for (const [key, value] of changes) {
            if (value === undefined) entries.delete(key);
            else entries.set(key, value.slice());
          }
        }),
    };
  }

  #bulk(): Bulk {
    return {
      ...nativeBulk,
      gcm: (key) => {
        const gcm = nativeBulk.gcm(key);
        return {
          ...gcm,
          open: (nonce, aad, sealed) => {
            this.opened++;
            return gcm.open(nonce, aad, sealed);
          },
        };
      },
    };
  }

  #channel(life: Life): Channel {
    const [ours, theirs] = MemoryChannel.pair('holder', 'owner', () => (run) => queueMicrotask(run));
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    this.#server ??= new TransferServer({ guard: this.guard, objects: this.served, timers: systemTimers, log });
    void this.#server.serve(theirs);
    return {
      peer: 'owner',
      read: () => this.#pieces(ours, life),
      write: (bytes) => ours.write(bytes),
      end: () => ours.end(),
      abort: (error) => ours.abort(error),
    };
  }

  /** What arrives, split at random and troubled. */
  async *#pieces(channel: MemoryChannel, life: Life): AsyncIterable<Uint8Array> {
    for await (const whole of channel.read()) {
      for (let at = 0; at < whole.length; ) {
        const size = 1 + this.#random(9000);
        let piece: Uint8Array = whole.slice(at, at + size);
        at += size;
        try {
          piece = this.trouble.onPiece?.(piece, this) ?? piece;
        } catch (error) {
          channel.abort(new PeerError('net/closed'));
          throw error;
        }
        if (life.dead) {
          channel.abort(new PeerError('net/closed'));
          await new Promise<never>(() => undefined);
        }
        this.received += piece.length;
        yield piece;
      }
    }
  }
}

const ignore = () => undefined;

/** True if the store holds every object of the study as it was sealed. */
export async function isWhole(world: World): Promise<boolean> {
  for (const [i, { objectId, sealedLength }] of world.study.instances.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of world.store.read(objectId, 0, sealedLength)) pieces.push(piece.slice());
    if (Buffer.compare(Buffer.concat(pieces), world.study.objects[i]!) !== 0) return false;
  }
  return true;
}

/** The code that a fetch ends with, or none. */
export async function failure(run: Promise<void>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return 'none';
}
