// A federation of honest hospitals and attackers among its members, over real sockets in one process.

import type { MemberKind } from '../../protocol/federation/roster.ts';
import type { Clock } from '../../protocol/ports.ts';
import {
  eventually,
  type Hospital,
  type HospitalChange,
  initHospital,
  startHospital,
  TestAuthority,
} from '../node/hospitals.ts';
import { removeDir } from '../node/stores.ts';
import { Attacker } from './attacker.ts';

/** A clock that can be put forward. */
export class TestClock implements Clock {
  aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }
}

export interface WorldOptions<H extends string, A extends string> {
  readonly hospitals: Readonly<Record<H, HospitalChange>>;
  /** Members that attack. */
  readonly attackers?: Readonly<Record<A, MemberKind>>;
  readonly authority?: { readonly keys: number; readonly k: number };
  /** How many keepers are needed, and who they are; all hospitals and 2 of them if absent. */
  readonly keepers?: { readonly t: number; readonly of: readonly NoInfer<H>[] };
}

export interface World<H extends string, A extends string> {
  readonly hospitals: Readonly<Record<H, Hospital>>;
  readonly attackers: Readonly<Record<A, Attacker>>;
  /** Stops a hospital, does something to its data folder, and starts it again. */
  restart(name: H, whileDown?: (dir: string) => Promise<void>): Promise<Hospital>;
  readonly authority: TestAuthority;
  /** Starts somebody whom no roster names. */
  stranger(name?: string): Promise<Attacker>;
  stop(): Promise<void>;
}

export async function startWorld<H extends string, A extends string = never>(
  options: WorldOptions<H, A>,
): Promise<World<H, A>> {
  const names = Object.keys(options.hospitals) as H[];
  const kinds = Object.entries(options.attackers ?? {}) as [A, MemberKind][];
  const made = await Promise.all(names.map((name) => initHospital(name)));
  const attackers = await Promise.all(kinds.map(([name, kind]) => Attacker.start(name, kind)));
  const authority = new TestAuthority('Test', options.authority);
  authority.admit([...made.map(({ joinRequest }) => joinRequest), ...attackers.map((each) => each.joinRequest())]);
  const bundle = authority.keepers(options.keepers?.t ?? 2, options.keepers?.of ?? names);
  const hospitals = {} as Record<H, Hospital>;
  for (const [i, name] of names.entries()) hospitals[name] = await startHospital(made[i]!.dir, options.hospitals[name]);
  const all = () => Object.values<Hospital>(hospitals);
  for (const { core } of all()) await core.members.federation.join(bundle);
  const { federation } = all()[0]!.core.members.federation.us();
  const introduce = async (attacker: Attacker) => {
    attacker.federation = federation;
    await attacker.meet(...all());
    return attacker;
  };
  for (const attacker of attackers) {
    attacker.member = authority.memberId(attacker.name);
    await introduce(attacker);
  }
  await eventually('everybody is connected', () =>
    all().every(({ core }) => core.members.network.connected().length >= names.length - 1),
  );
  const strangers: Attacker[] = [];
  return {
    hospitals,
    attackers: Object.fromEntries(kinds.map(([name], i) => [name, attackers[i]!])) as Record<A, Attacker>,
    restart: async (name, whileDown) => {
      const { dir, stop } = hospitals[name];
      await stop();
      await whileDown?.(dir);
      hospitals[name] = await startHospital(dir, options.hospitals[name]);
      return hospitals[name];
    },
    authority,
    stranger: async (name = 'Stranger') => {
      const stranger = await Attacker.start(name);
      strangers.push(stranger);
      return introduce(stranger);
    },
    stop: async () => {
      await Promise.all([...all(), ...attackers, ...strangers].map((each) => each.stop()));
      await Promise.all(made.map(({ dir }) => removeDir(dir)));
    },
  };
}

/** What a hospital has written down, newest last. */
export async function auditOf({ core }: Hospital) {
  const entries = [];
  for await (const { entry } of core.audit.trail.entries()) if (entry !== undefined) entries.push(entry);
  return entries;
}

/** Collects the alarms that a hospital raises from now on. */
export function alarmsOf({ events }: Hospital): Record<string, unknown>[] {
  const alarms: Record<string, unknown>[] = [];
  events.subscribe(({ type, data }) => {
    if (type === 'alarm') alarms.push(data);
  });
  return alarms;
}
