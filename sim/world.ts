// Many hospitals, the links between them, and what goes wrong: one world of one seed.
import { MemoryHub } from '../node/net/memory/network.ts';
import { accessProtocol, verifyAccessMessage } from '../protocol/access/messages.ts';
import { summaryProtocol, summaryReply } from '../protocol/adverts/ask.ts';
import { hex, utf8 } from '../protocol/bytes.ts';
import { SimAuthority } from './authority.ts';
import { Facts, type ReleaseKind } from './facts.ts';
import { type CrashKind, type Plant, SimHospital } from './hospital.ts';
import { Markers } from './markers.ts';
import type { Wire } from './network.ts';
import { type Population, populate } from './population.ts';
import { Crashed } from './process.ts';
import { Seeded } from './seeded.ts';
import { VirtualTime } from './time.ts';
import { Trace } from './trace.ts';
import { rememberingVerify } from './verify.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly hospitals: number;
  /** Called with every line of the trace. */
  readonly print?: ((line: string) => void) | undefined;
  readonly plant?: Plant | undefined;
}

/** A Monday at noon UTC; the seed chooses when in the week that follows the world begins. */
const monday = Date.UTC(2026, 0, 5, 12);
const weekMs = 7 * 24 * 3_600_000;
const minuteMs = 60_000;

export class World {
  readonly options: WorldOptions;
  readonly seeded: Seeded;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly hub: MemoryHub;
  readonly authority: SimAuthority;
  readonly hospitals: readonly SimHospital[];
  readonly population: Population;
  readonly facts = new Facts();
  readonly verify = rememberingVerify();
  readonly markers = new Markers();
  readonly figures = { messages: 0, bytes: 0, imports: 0, finds: 0, requests: 0, approvals: 0, denials: 0, crashes: 0 };
  /** Who is not done yet. */
  readonly busy = new Set<string>();
  /** The first thing that went wrong in somebody's doings. */
  failure: unknown;
  /** Told when a stream of a transfer begins, for who wants to break it. */
  onTransfer: ((owner: SimHospital, holder: SimHospital) => void) | undefined;
  readonly #byPeer: ReadonlyMap<string, SimHospital>;
  readonly #served = new WeakSet<object>();
  readonly #jitter: Seeded;
  readonly #baseMs = new Map<string, number>();
  #side: ReadonlySet<string> | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.seeded = new Seeded('world', options.seed);
    this.time = new VirtualTime(monday + this.seeded.int(weekMs));
    this.trace = new Trace({ print: options.print }, { clock: this.time });
    this.#jitter = this.seeded.of('jitter');
    this.hub = new MemoryHub({ timers: this.time.timers(), link: (from, to) => this.#link(from, to) });
    this.authority = new SimAuthority(this.seeded.of('authority'), this.time);
    this.hospitals = Array.from({ length: options.hospitals }, (_, i) => this.#hospital(`H${i + 1}`));
    this.#byPeer = new Map(this.hospitals.map((each) => [each.keys.peerId, each]));
    this.population = populate(this.hospitals, this.seeded.of('population'));
    this.#mark();
  }

  /** Starts everybody and has them join; `keepers` of them hold shares of the index key, of which `t` are needed. */
  async open(keepers: number, t: number): Promise<void> {
    const ids = this.authority.admit(this.hospitals.map((each) => each.joinRequest()));
    for (const [i, hospital] of this.hospitals.entries()) hospital.member = ids[i]!;
    this.authority.keepers(ids.slice(0, keepers), t);
    await Promise.all(
      this.hospitals.map(async (hospital) => {
        await hospital.start();
        await hospital.do((core) => core.members.federation.join(this.authority.file));
      }),
    );
    this.trace.note(`${this.hospitals.length} hospitals have joined`);
  }

  /** Somebody who does something; what they throw fails the world. */
  spawn(name: string, run: () => Promise<void>): Promise<void> {
    const doings = run()
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => this.busy.delete(name));
    this.busy.add(name);
    return doings;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.time.at(this.time.now() + ms, resolve));
  }

  /** Does it at a hospital, and again when it goes down meanwhile; undefined after `tries` times, or when it is expelled. */
  async persist<T>(hospital: SimHospital, run: () => Promise<T>, tries = 20): Promise<T | undefined> {
    for (let i = 0; i < tries; i++) {
      while (hospital.running === undefined) {
        if (this.isExpelled(hospital)) return undefined;
        await this.sleep(minuteMs / 2);
      }
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Crashed)) throw error;
      }
    }
    return undefined;
  }

  /** Has a hospital crash now and start again after `downMs`. */
  crash(hospital: SimHospital, kind: CrashKind, downMs: number): void {
    if (this.isExpelled(hospital) || !hospital.crash(kind)) return;
    this.figures.crashes++;
    this.trace.note(`${hospital.name} crashes (${kind})`);
    this.time.at(this.time.now() + downMs, () => void this.#restart(hospital));
  }

  async restart(hospital: SimHospital, downMs: number): Promise<void> {
    this.trace.note(`${hospital.name} is stopped`);
    await hospital.stop();
    await this.sleep(downMs);
    await this.#restart(hospital);
  }

  isExpelled(hospital: SimHospital): boolean {
    return this.facts.expelled.some((each) => each.hospital === hospital);
  }

  /** Cuts all links between these hospitals and the others; `undefined` heals them. */
  partition(side: readonly SimHospital[] | undefined): void {
    this.#side = side && new Set(side.map((each) => each.keys.peerId));
    this.trace.note(side === undefined ? 'the links are whole again' : `${side.length} hospitals are cut off`);
    this.hub.refresh();
  }

  /** Breaks one connection, if there is one. */
  cut(a: SimHospital, b: SimHospital): void {
    this.hub.cut(a.keys.peerId, b.keys.peerId);
  }

  readonly wire: Wire = {
    carried: ({ from, to, protocol, bytes, before }) => {
      this.figures.messages++;
      this.figures.bytes += bytes.length;
      this.trace.bytes(from, to, protocol, bytes);
      const found = this.markers.find(before.length === 0 ? bytes : Buffer.concat([before, bytes]));
      if (found !== undefined) this.facts.leaks.push(`${found} on the wire, in ${protocol}`);
    },
    asks: (from, to, protocol, body) => {
      if (protocol === accessProtocol) this.#decided(from, to, body);
    },
    answers: (from, to, protocol, body) => {
      if (protocol === accessProtocol && body.length > 0) this.#decided(from, to, body);
      if (protocol !== summaryProtocol) return;
      const { state, key, record } = summaryReply.decode(body);
      const told = state === 'answered' && (key !== undefined || record !== undefined);
      if (told) this.#release('summary', from, to, this.#byPeer.get(to)?.member ?? to);
    },
    serves: (from, to, grant, stream) => {
      if (this.#served.has(stream)) return;
      this.#served.add(stream);
      this.#release('transfer', from, to, grant);
      const [owner, holder] = [this.#byPeer.get(from)!, this.#byPeer.get(to)];
      if (holder !== undefined) this.onTransfer?.(owner, holder);
    },
  };

  #decided(from: string, to: string, body: Uint8Array): void {
    const message = verifyAccessMessage(body, this.authority.federation, this.verify);
    if (message.kind !== 'decision' || message.opened.value.grants === undefined) return;
    this.#release('decision', from, to, message.opened.value.request);
  }

  #release(kind: ReleaseKind, from: string, peer: string, about: string): void {
    const owner = this.#byPeer.get(from)!;
    this.facts.release({ kind, owner, peer, about, at: this.time.now(), upSince: owner.upSince });
  }

  #hospital(name: string): SimHospital {
    return new SimHospital(name, {
      ...{ time: this.time, hub: this.hub, verify: this.verify, plant: this.options.plant },
      wire: this.wire,
      seeded: this.seeded.of('hospital', name),
      audited: (hospital, entry) => this.facts.audited(hospital, entry, this.time.now()),
      logged: (hospital, level, message, fields) => this.#logged(hospital, level, message, fields),
    });
  }

  #logged(hospital: SimHospital, level: string, message: string, fields: object): void {
    const line = `${hospital.name} ${level}: ${message} ${JSON.stringify(fields)}`;
    const found = this.markers.find(utf8(line));
    if (found !== undefined) this.facts.leaks.push(`${found} in a log: ${message}`);
    if (level === 'error' || 'alarm' in fields) this.trace.note(line.replaceAll('\n', ' '));
  }

  async #restart(hospital: SimHospital): Promise<void> {
    try {
      await hospital.start();
      this.trace.note(`${hospital.name} is up again`);
    } catch (error) {
      if (!(error instanceof Crashed)) this.failure ??= error; // it crashed again while it started: it will be back
    }
  }

  #link(from: string, to: string) {
    const up = this.#side === undefined || this.#side.has(from) === this.#side.has(to);
    const jitter = this.#jitter;
    const baseMs = this.#base(from < to ? `${from} ${to}` : `${to} ${from}`);
    return {
      up,
      /** Now and then a packet is lost and comes by the second try. */
      get delayMs() {
        return baseMs + jitter.int(10) + (jitter.chance(0.01) ? jitter.between(200, 800) : 0);
      },
    };
  }

  /** Half a way between two hospitals: 1 to 40 ms. */
  #base(pair: string): number {
    let ms = this.#baseMs.get(pair);
    if (ms === undefined) {
      ms = this.seeded.of('link', pair).between(1, 40);
      this.#baseMs.set(pair, ms);
    }
    return ms;
  }

  #mark(): void {
    for (const { patient, instances } of this.population.studies) {
      this.markers.add('a patient id', utf8(patient.id));
      this.markers.add('a patient name', utf8(patient.name.split('^')[0]!));
      for (const instance of instances()) {
        this.markers.add('a Study Instance UID', utf8(instance.studyUid));
        this.markers.add('a Series Instance UID', utf8(instance.seriesUid));
        this.markers.add('a SOP Instance UID', utf8(instance.sopInstanceUid));
      }
    }
  }

  /** Keys that must nowhere be readable, as bytes or as hex. */
  markKey(what: string, key: Uint8Array): void {
    this.markers.add(what, key);
    this.markers.add(what, utf8(hex(key)));
  }
}
