// Whole peers without HTTP and DIMSE, in this process: real libp2p on loopback, real files, one federation.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditLogIn } from '../../node/audit/start.ts';
import { type Core, type CoreParts, startCore } from '../../node/core.ts';
import { InlineEvaluator } from '../../node/net/keepers/evaluator.ts';
import { Libp2pNetwork } from '../../node/net/libp2p/network.ts';
import type { Network } from '../../node/net/network.ts';
import { type Config, writeConfig } from '../../node/setup/config.ts';
import { openData, ownCard, ownKeys } from '../../node/setup/data-folder.ts';
import { createData } from '../../node/setup/init.ts';
import { openObjects } from '../../node/store/objects.ts';
import { openPackFiles } from '../../node/store/packs/pack-files.ts';
import { nativeBulk } from '../../node/system/bulk.ts';
import { Events } from '../../node/system/events.ts';
import { Lifecycle } from '../../node/system/lifecycle.ts';
import type { Log } from '../../node/system/log.ts';
import { nativeSigner, nativeVerify, systemClock, systemRandom, systemTimers } from '../../node/system/machine.ts';
import { hex } from '../../protocol/bytes.ts';
import { admit, assemble, createRoster, nextRoster, propose, sign } from '../../protocol/federation/authority.ts';
import { encodeBundle } from '../../protocol/federation/bundle.ts';
import { signJoin, verifyJoin } from '../../protocol/federation/join.ts';
import { dealKeepers } from '../../protocol/federation/keepers.ts';
import type { Roster } from '../../protocol/federation/roster.ts';
import { parseRoster } from '../../protocol/federation/signed.ts';
import type { Signer } from '../../protocol/identity.ts';
import { idnpSystem } from '../../protocol/tags/identifier.ts';
import { freePort } from '../../sim/ports.ts';
import { freshDir, removeDir } from './stores.ts';

export interface Hospital {
  readonly dir: string;
  readonly core: Core;
  readonly events: Events;
  readonly lines: string[];
  stop(): Promise<void>;
}

/** Collects what a peer logs, at every level. */
export function recordingLog(lines: string[]): Log {
  const at = (level: string) => (fields: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * Makes a data folder; gives the bytes of its join request.
 * @param announce the addresses that others are told instead of the port on 127.0.0.1
 */
export async function initHospital(
  name: string,
  announce?: (port: number) => Promise<string[]>,
): Promise<{ dir: string; joinRequest: Uint8Array }> {
  const dir = await freshDir();
  const port = await freePort();
  const { joinRequest } = await createData(dir, { name, country: 'MD', http: 0, dimse: 0, p2p: port });
  if (announce === undefined) return { dir, joinRequest: await readFile(joinRequest) };
  return { dir, joinRequest: await announcing(dir, await announce(port)) };
}

/** Has a hospital that was just made tell others these addresses; gives its new join request. */
async function announcing(dir: string, addresses: string[]): Promise<Uint8Array> {
  const { config, kv } = await openData(dir);
  const keys = await ownKeys(kv);
  await kv.close();
  await writeConfig(dir, { ...config, p2p: { ...config.p2p, announce: addresses } });
  const now = systemClock.now();
  const card = ownCard(config, keys, { addresses, federation: '' }, now);
  const { name, country } = config;
  return signJoin({ name, country, kind: 'hospital', card, issuedAt: now }, keys.signer);
}

/** What is different at a hospital. */
export interface HospitalChange {
  readonly config?: (config: Config) => Config;
  readonly parts?: Partial<CoreParts>;
  /** Stands between the peer and its real network. */
  readonly network?: (real: Network) => Network;
}

/** Starts a made hospital. */
export async function startHospital(dir: string, change: HospitalChange = {}): Promise<Hospital> {
  const { config: stored, vault, kv } = await openData(dir);
  const base = {
    ...stored,
    p2p: { ...stored.p2p, listen: stored.p2p.listen.map((each) => each.replace('0.0.0.0', '127.0.0.1')) },
  };
  const config = { ...(change.config?.(base) ?? base), storage: { minFreeBytes: 0 } };
  const keys = await ownKeys(kv);
  const lines: string[] = [];
  const log = recordingLog(lines);
  const events = new Events({ log });
  const lifecycle = new Lifecycle({ log, timers: systemTimers });
  lifecycle.started('database', () => kv.close());
  const core = await startCore(
    {
      ...{ config, keys, vault, kv, events, log },
      objects: await openObjects(join(dir, 'objects')),
      packFiles: await openPackFiles(join(dir, 'packs')),
      network: (doorkeeper, onFailure) => {
        const options = { seed: keys.seed, listen: config.p2p.listen, announce: config.p2p.announce };
        const real = new Libp2pNetwork(options, { doorkeeper, timers: systemTimers, onFailure });
        return change.network?.(real) ?? real;
      },
      evaluator: new InlineEvaluator({ random: systemRandom }),
      audit: auditLogIn(join(dir, 'audit'), { keys, kv, clock: systemClock, random: systemRandom }, lifecycle),
      ...{ bulk: nativeBulk, verify: nativeVerify, clock: systemClock, timers: systemTimers, random: systemRandom },
      bootId: 'test',
      ...change.parts,
    },
    lifecycle,
  );
  return { dir, core, events, lines, stop: () => lifecycle.stop() };
}

/** An authority in memory, by default of one key: its roster file after each step. */
export class TestAuthority {
  readonly signers: readonly Signer[];
  readonly #k: number;
  readonly #rosters: Uint8Array[] = [];
  readonly #cards: Uint8Array[] = [];
  #members: { id: string; box: { x25519: Uint8Array; mlkem: Uint8Array }; name: string }[] = [];

  constructor(name: string, { keys = 1, k = 1 } = {}) {
    this.signers = Array.from({ length: keys }, () => nativeSigner(systemRandom(32)));
    this.#k = k;
    const authorities = { keys: this.signers.map((signer) => hex(signer.publicKey)), k };
    this.#next(createRoster({ ...this.#validity(), name, authorities, defaultSystem: idnpSystem }));
  }

  admit(requests: readonly Uint8Array[]): Uint8Array {
    let draft = this.draft();
    for (const bytes of requests) {
      const join = verifyJoin(bytes, nativeVerify);
      const id = hex(systemRandom(16));
      draft = admit(draft, join, { id, from: systemClock.now() - 60_000 });
      this.#members.push({ id, box: join.card.value.boxKeys, name: join.request.name });
      this.#cards.push(join.request.card);
    }
    return this.#next(draft);
  }

  /** Deals an index key to members, all of them unless they are named. */
  keepers(t: number, names?: readonly string[]): Uint8Array {
    const chosen = this.#members.filter(({ name }) => names?.includes(name) ?? true);
    const keepers = chosen.map(({ id: member, box }) => ({ member, box }));
    const dealer = hex(this.signers[0]!.publicKey);
    return this.#next(dealKeepers(this.draft(), { keepers, t, dealer }, systemRandom));
  }

  /** Any other change. */
  change(make: (draft: Roster) => Roster): Uint8Array {
    return this.#next(make(this.draft()));
  }

  memberId(name: string): string {
    return this.#members.find((each) => each.name === name)!.id;
  }

  /** The draft of the next roster. */
  draft(): Roster {
    return nextRoster(parseRoster(this.#rosters.at(-1)!), this.#validity());
  }

  #validity() {
    return { issuedAt: systemClock.now(), expires: systemClock.now() + 365 * 24 * 3_600_000 };
  }

  /** A roster's envelope with the signatures of these keys. */
  signed(roster: Roster, by: readonly Signer[] = this.signers.slice(0, this.#k)): Uint8Array {
    return assemble(by.map((signer) => sign(propose(roster), signer)));
  }

  /** All rosters, from the first. */
  get rosters(): readonly Uint8Array[] {
    return this.#rosters;
  }

  #next(roster: Roster): Uint8Array {
    this.#rosters.push(this.signed(roster));
    return encodeBundle({ rosters: this.#rosters, cards: this.#cards });
  }
}

/** Hospitals of one federation, all of them keepers (2 of them answer), started and joined. */
export async function startFederation(names: readonly string[], change?: Parameters<typeof startHospital>[1]) {
  const made = await Promise.all(names.map((name) => initHospital(name)));
  const authority = new TestAuthority('Test');
  authority.admit(made.map((each) => each.joinRequest));
  const bundle = authority.keepers(Math.min(2, names.length));
  const hospitals: Hospital[] = [];
  for (const { dir } of made) hospitals.push(await startHospital(dir, change));
  for (const hospital of hospitals) await hospital.core.members.federation.join(bundle);
  const stop = async () => {
    await Promise.all(hospitals.map((each) => each.stop()));
    await Promise.all(hospitals.map(({ dir }) => removeDir(dir))); // also of those that a test added
  };
  return { hospitals, authority, stop };
}

/** Resolves when `holds` does, looked at after every event of the hospital and every 50 ms; rejects after `ms`. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = systemClock.now() + ms;
  while (!(await holds())) {
    if (systemClock.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await systemTimers.sleep(50);
  }
}
