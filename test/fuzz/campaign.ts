// Thousands of mutated inputs into one running peer, over its real ports, some of them at a time; and then whether it
// is the peer that it was.
import { expect } from 'vitest';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { headerValue } from '../../node/http/content-type.ts';
import { MultipartReader } from '../../node/http/multipart-reader.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { PeerProcess } from '../e2e/processes.ts';
import { eventually } from '../node/hospitals.ts';
import { Chance } from './chance.ts';
import * as dimse from './dimse-inputs.ts';
import * as http from './http-inputs.ts';
import { headOf, type Material, materials, patient, secrets } from './materials.ts';
import { sha, Target } from './target.ts';

const MiB = 1024 * 1024;
const atOnce = 16;
const failuresShown = 10;
/** What of an instance that was taken in is looked at afterwards. */
const looks = 200;

type Kind = (chance: Chance, target: Target, materials: readonly Material[]) => Promise<string>;
const kinds: Readonly<Record<string, Kind>> = { ...dimse, ...http };
const names = Object.keys(kinds).sort();

export interface CampaignOptions {
  readonly seed: number;
  /** Inputs, from the first to before the last. */
  readonly from: number;
  readonly to: number;
}

/** Runs inputs and checks what must hold; what fails names the input. */
export async function campaign({ seed, from, to }: CampaignOptions): Promise<void> {
  const peer = await PeerProcess.init('Fuzzed');
  try {
    const caller = { aeTitle: 'FUZZ', host: '127.0.0.1', maxAssociations: 100 };
    const remote = { aeTitle: 'NOBODY', host: '127.0.0.1', port: 1 };
    await peer.configure((config) => ({ dimse: { ...config.dimse, callers: [caller], remotes: [remote] } }));
    await peer.start();
    const target = new Target(peer, await peer.token());
    const run = new Campaign(seed, target);
    await run.store();
    await run.inputs(from, Math.min(to, from + 200)); // caches, compiled code and the like are there
    const before = await peer.collectedBytes();
    await run.inputs(from + 200, to);
    await run.goesOn();
    await run.everythingPromised();
    await run.memoryReturns(before);
    run.logIsClean();
    target.close();
  } finally {
    await peer.remove();
  }
}

class Campaign {
  readonly #seed: number;
  readonly #target: Target;
  readonly #peer: PeerProcess;
  readonly #materials = materials();
  readonly #known = [...markedStudy({ seed: 99, patient, instances: 3, bytesEach: 20_000 })];
  readonly #failures: string[] = [];
  #brokenOff = 0;
  /** How often what became of it, of each kind. */
  readonly #ran: Record<string, Record<string, number>> = {};

  constructor(seed: number, target: Target) {
    this.#seed = seed;
    this.#target = target;
    this.#peer = target.peer;
  }

  /** A study that must be there to the byte in the end. */
  async store(): Promise<void> {
    const client = await this.#connect();
    for (const each of this.#known) {
      expect(await client.store({ ...each, bytes: each.dataset })).toBe(0);
      this.#target.promised(each.dataset);
    }
    await client.release();
  }

  async inputs(from: number, to: number): Promise<void> {
    let next = from;
    const work = async () => {
      while (next < to) await this.#input(next++);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    this.#mustHaveWorked();
    this.logIsClean(`inputs ${from} to ${to}`);
  }

  async #input(number: number): Promise<void> {
    const chance = new Chance(this.#seed, number);
    const name = chance.pick(names);
    try {
      const became = await kinds[name]!(chance, this.#target, this.#materials);
      const counts = this.#ran[name] ?? {};
      this.#ran[name] = { ...counts, [became]: (counts[became] ?? 0) + 1 };
    } catch (error) {
      const again = `again: SEED=${this.#seed} INPUTS=${number}-${number + 1} on this file`;
      this.#failures.push(`input ${number} (${name}): ${(error as Error).message}; ${again}`);
    }
  }

  async goesOn(): Promise<void> {
    const ready = await fetch(`http://127.0.0.1:${this.#peer.ports.http}/readyz`);
    expect(ready.status).toBe(200);
    const client = await this.#connect();
    expect(await client.echo()).toBe(0);
    await client.release();
    for (const [name, counts] of Object.entries(this.#ran)) console.log(name, JSON.stringify(counts));
  }

  /** Every data set that was acknowledged comes out as it was; and what a viewer does with it is answered. */
  async everythingPromised(): Promise<void> {
    const kept = new Set<string>();
    let looked = 0;
    for (const study of await this.#studies()) {
      const path = `/dicom-web/studies/${study}`;
      const { status, type, body } = await this.#target.get(
        path,
        'multipart/related; type="application/dicom"; transfer-syntax=*',
      );
      expect(status, `files of ${study}`).toBe(200);
      for await (const file of files(type, body)) kept.add(sha(file.subarray(headOf(file)!.datasetOffset)));
      if (looked++ > looks) continue;
      for (const [what, accept] of views) await this.#look(`${path}${what}`, accept);
    }
    this.#mustHaveWorked();
    const lost = [...this.#target.acknowledged].filter((each) => !kept.has(each));
    expect(lost, `of ${this.#target.acknowledged.size} that were acknowledged`).toEqual([]);
  }

  async #look(path: string, accept: string): Promise<void> {
    try {
      const { status, body } = await this.#target.get(path, accept);
      if (status >= 500) this.#failures.push(`${path} as ${accept}: ${status} ${body.subarray(0, 300)}`);
    } catch (error) {
      const why = `${path} as ${accept}: ${(error as Error).message}`;
      const told = eventually(why, () => this.#damaged() > this.#brokenOff, 2_000);
      await told.catch((late: Error) => this.#failures.push(late.message));
      this.#brokenOff++;
    }
  }

  /** Answers that ended in their middle because a frame there is damaged: they are made while they are sent. */
  #damaged(): number {
    return this.#peer.stderr.match(/"level":40.*"code":"pixels\/.*"an answer broke off"/g)?.length ?? 0;
  }

  #mustHaveWorked(): void {
    const faults = this.#faults().slice(0, failuresShown).join('\n');
    expect(this.#failures.slice(0, failuresShown), `SEED=${this.#seed}\n${faults}`).toEqual([]);
  }

  async #studies(): Promise<string[]> {
    const all: string[] = [];
    for (;;) {
      const path = `/dicom-web/studies?limit=1000&offset=${all.length}`;
      const { status, body } = await this.#target.get(path, 'application/dicom+json');
      if (status === 204) return all;
      const page = JSON.parse(body.toString()) as Record<string, { Value: string[] }>[];
      all.push(...page.map((each) => each['0020000D']!.Value[0]!));
      if (page.length < 1000) return all;
    }
  }

  /** What it holds once it has collected; caches and the index of what was taken in may have grown by that much. */
  async memoryReturns(before: number): Promise<void> {
    const after = await this.#peer.collectedBytes();
    const resident = await this.#peer.residentBytes();
    console.log(`holds ${before / MiB} MiB, then ${after / MiB} MiB; resident ${resident / MiB} MiB`);
    expect(after - before).toBeLessThan(32 * MiB);
  }

  /** Nothing failed inside, and nobody's name stands there. */
  logIsClean(when = 'in the end'): void {
    const log = this.#peer.stderr;
    expect(this.#faults().slice(0, failuresShown), `SEED=${this.#seed}, ${when}`).toEqual([]);
    const uids = this.#known.flatMap(({ studyUid, sopInstanceUid }) => [studyUid, sopInstanceUid]);
    expect(
      [...secrets, ...uids].filter((each) => log.includes(each)),
      `SEED=${this.#seed}, ${when}`,
    ).toEqual([]);
  }

  /** What the peer's log tells of its own faults. */
  #faults(): string[] {
    const fault = /"level":(50|60)|\/internal"|"stack"|Unhandled|Uncaught/;
    return this.#peer.stderr.split('\n').filter((line) => fault.test(line));
  }

  #connect(): Promise<DimseClient> {
    const [first] = this.#known;
    const contexts = [
      { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
      { abstractSyntax: first!.sopClassUid, transferSyntaxes: [first!.transferSyntax] },
    ];
    const { dimse: port } = this.#peer.ports;
    const options = { host: '127.0.0.1', port, calledAe: 'DICOMNET', callingAe: 'FUZZ', contexts };
    return DimseClient.connect(options, { timers: systemTimers });
  }
}

const views = [
  ['/metadata', 'application/dicom+json'],
  ['/metadata', 'multipart/related; type="application/dicom+xml"'],
  ['/rendered', 'image/jpeg'],
  ['', 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1'],
] as const;

async function* files(type: string, body: Buffer): AsyncGenerator<Buffer> {
  async function* whole() {
    yield body;
  }
  const reader = new MultipartReader(whole(), headerValue(type).parameters.boundary);
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    const pieces: Buffer[] = [];
    for await (const piece of part.body) pieces.push(piece);
    yield Buffer.concat(pieces);
  }
}

/** SEED and INPUTS=from-to of the environment, else the first so many of seed 1. */
export function campaignOptions(count: number): CampaignOptions {
  const [from = 0, to = count] = (process.env.INPUTS ?? '').split('-').filter(Boolean).map(Number);
  return { seed: Number(process.env.SEED ?? 1), from, to };
}
