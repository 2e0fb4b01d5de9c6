// One simulated hospital: a disk that lasts, and one process after another that runs the peer's own core on it.
import { SealedKeyBook } from '../node/audit/keys.ts';
import { AuditLog } from '../node/audit/log.ts';
import type { WritableTrail } from '../node/audit/trail.ts';
import { type Core, type CoreParts, startCore } from '../node/core.ts';
import { InlineEvaluator } from '../node/net/keepers/evaluator.ts';
import type { MemoryHub } from '../node/net/memory/network.ts';
import { type Config, defaultConfig } from '../node/setup/config.ts';
import { type OwnKeys, ownCard } from '../node/setup/data-folder.ts';
import { Kv } from '../node/store/kv.ts';
import type { ObjectStore } from '../node/store/objects.ts';
import { Vault } from '../node/store/vault.ts';
import { nativeBulk } from '../node/system/bulk.ts';
import { Events } from '../node/system/events.ts';
import { Lifecycle } from '../node/system/lifecycle.ts';
import type { Log } from '../node/system/log.ts';
import { nativeSigner } from '../node/system/machine.ts';
import type { AuditEntry } from '../protocol/audit/entry.ts';
import { boxKeyPair } from '../protocol/box.ts';
import { signJoin } from '../protocol/federation/join.ts';
import { peerIdOf, type Verify } from '../protocol/identity.ts';
import { Disk } from './disk/disk.ts';
import { SimNetwork, type Wire } from './network.ts';
import { Crashed, Process } from './process.ts';
import type { Seeded } from './seeded.ts';
import type { VirtualTime } from './time.ts';

/** What a test breaks on purpose, to see that the checks notice. */
export type Plant = (parts: CoreParts, hospital: SimHospital) => CoreParts;

export interface HospitalParts {
  readonly time: VirtualTime;
  readonly hub: MemoryHub;
  readonly wire: Wire;
  readonly seeded: Seeded;
  readonly verify: Verify;
  /** An audit entry is durable. */
  readonly audited: (hospital: SimHospital, entry: Omit<AuditEntry, 'at'>) => void;
  readonly logged: (hospital: SimHospital, level: string, message: string, fields: object) => void;
  readonly plant?: Plant | undefined;
}

/** `kill`: the process ends, what it wrote stays. `power`: what was not synced may be gone or torn. */
export type CrashKind = 'kill' | 'power';

interface RunningParts {
  readonly process: Process;
  readonly network: SimNetwork;
  readonly lifecycle: Lifecycle;
  readonly core: Core;
  readonly objects: ObjectStore;
  readonly kv: Kv;
}

export class SimHospital {
  readonly name: string;
  readonly keys: OwnKeys;
  readonly config: Config;
  readonly disk = new Disk();
  readonly #parts: HospitalParts;
  readonly #master: Uint8Array;
  #boots = 0;
  #process: Process | undefined;
  #network: SimNetwork | undefined;
  #running: RunningParts | undefined;
  /** How often it has been started. */
  starts = 0;
  /** When it last became able to answer; unix ms. */
  upSince = 0;
  /** Its member id, once it was admitted. */
  member = '';

  constructor(name: string, parts: HospitalParts) {
    this.name = name;
    this.#parts = parts;
    const { seeded } = parts;
    const seed = seeded.bytes(32);
    const signer = nativeSigner(seed);
    const { secret } = boxKeyPair(seeded.bytes);
    this.keys = { signer, seed, peerId: peerIdOf(signer.publicKey), box: secret, audit: seeded.bytes(32) };
    this.#master = seeded.bytes(32);
    this.config = { ...defaultConfig({ name, country: 'MD' }), storage: { minFreeBytes: 0 } };
  }

  /** What the authority is given. */
  joinRequest(): Uint8Array {
    const now = this.#parts.time.now();
    const addresses = [`/memory/${this.keys.peerId}`];
    const card = ownCard(this.config, this.keys, { addresses, federation: '' }, now);
    const { name, country } = this.config;
    return signJoin({ name, country, kind: 'hospital', card, issuedAt: now }, this.keys.signer);
  }

  /** Undefined while it is down. */
  get running(): RunningParts | undefined {
    return this.#running;
  }

  /** Runs the program on the disk as it is. @throws Crashed when it ends before it is up */
  async start(): Promise<void> {
    const { time, hub, wire } = this.#parts;
    const seeded = this.#parts.seeded.of('start', this.starts++);
    const process = new Process(time);
    this.#process = process;
    const timers = time.timers(() => process.alive);
    const log = this.#log(process);
    const lifecycle = new Lifecycle({ log, timers });
    const vault = new Vault(this.#master, seeded.of('vault').bytes);
    const { db, objects, packFiles, auditFiles } = this.disk.open(process, seeded);
    const kv = new Kv({ db, sealer: vault });
    lifecycle.started('database', () => kv.close());
    const random = seeded.of('core').bytes;
    const parts: CoreParts = {
      ...{ config: this.config, keys: this.keys, vault, kv, objects, packFiles, log, random, timers },
      ...{ clock: time, bulk: nativeBulk, verify: this.#parts.verify, bootId: String(this.#boots) },
      events: new Events({ log, process: false }),
      evaluator: new InlineEvaluator({ random: seeded.of('evaluator').bytes }),
      network: (doorkeeper, onFailure) => {
        const own = { hub, doorkeeper, onFailure, timers, process, wire };
        this.#network = new SimNetwork({ self: this.keys.peerId }, own);
        return this.#network;
      },
      audit: async (signHead) => {
        const auditKey = this.keys.audit;
        const keys = new SealedKeyBook({ auditKey, store: kv.bucket('auditKey'), random: seeded.of('book').bytes });
        const of = { clock: time, random: seeded.of('audit').bytes, auditKey, keys, signHead };
        const trail = await AuditLog.over(auditFiles, of);
        lifecycle.started('audit', () => trail.close());
        return this.#watched(trail);
      },
    };
    const planted = this.#parts.plant?.(parts, this) ?? parts;
    const core = await Promise.race([startCore(planted, lifecycle), process.died]);
    this.#running = { process, lifecycle, core, kv, network: this.#network!, objects: core.store.objects };
    this.upSince = time.now();
  }

  /** Ends it in the middle of whatever it does. False if it was down already. */
  crash(kind: CrashKind): boolean {
    const process = this.#process;
    if (process === undefined) return false;
    const seeded = this.#parts.seeded.of('crash', this.starts);
    this.#process = undefined;
    this.#running = undefined;
    process.end(seeded);
    void this.#network?.stop();
    if (kind === 'power') {
      this.disk.losePower(seeded);
      this.#boots++;
    }
    return true;
  }

  /** Has it crash in the middle of the `writes`-th write to disk from now. */
  onWrite(writes: number, run: () => void): void {
    this.#process?.onWrite(writes, run);
  }

  /** Ends it as an operator does. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.lifecycle.stop();
    running.process.end(this.#parts.seeded.of('stop', this.starts));
    this.#process = undefined;
  }

  /** What somebody does at this hospital. @throws Crashed when it is down or ends meanwhile, and what `what` throws */
  async do<T>(what: (core: Core) => Promise<T>): Promise<T> {
    if (this.#running === undefined) throw new Crashed(`${this.name} is down`);
    const { core, process } = this.#running;
    return Promise.race([what(core), process.died]);
  }

  #watched(log: AuditLog): WritableTrail {
    return {
      get size() {
        return log.size;
      },
      head: () => log.head(),
      entries: (query) => log.entries(query),
      verify: (known) => log.verify(known),
      attachedHead: (seen) => log.attachedHead(seen),
      append: async (entry) => {
        const place = await log.append(entry);
        this.#parts.audited(this, entry);
        return place;
      },
    };
  }

  #log(process: Process): Log {
    const at = (level: string) => (fields: object, message: string) => {
      if (process.alive) this.#parts.logged(this, level, message, fields);
    };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}
