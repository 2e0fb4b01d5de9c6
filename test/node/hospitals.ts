// Whole peers without HTTP and DIMSE, in this process: real libp2p on loopback, real files, one federation.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SealedKeyBook } from '../../node/audit/keys.ts';
import { AuditLog } from '../../node/audit/log.ts';
import { nativeBulk } from '../../node/bulk.ts';
import type { Config } from '../../node/config.ts';
import { type Core, type CoreParts, startCore } from '../../node/core.ts';
import { Events } from '../../node/events.ts';
import { Lifecycle } from '../../node/lifecycle.ts';
import type { Log } from '../../node/log.ts';
import { InlineEvaluator } from '../../node/net/evaluator.ts';
import { Libp2pNetwork } from '../../node/net/libp2p.ts';
import { createData, openData, ownKeys } from '../../node/setup.ts';
import { openObjects } from '../../node/store/objects.ts';
import { nativeSigner, nativeVerify, systemClock, systemRandom, systemTimers } from '../../node/system.ts';
import { hex } from '../../protocol/bytes.ts';
import { admit, createRoster, nextRoster, propose, sign } from '../../protocol/federation/authority.ts';
import { encodeBundle } from '../../protocol/federation/bundle.ts';
import { openJoin } from '../../protocol/federation/join.ts';
import { dealKeepers } from '../../protocol/federation/keepers.ts';
import type { Roster } from '../../protocol/federation/roster.ts';
import { parseRoster } from '../../protocol/federation/signed.ts';
import { idnpSystem } from '../../protocol/tags/identifier.ts';
import { freshDir, removeDir } from './stores.ts';

export interface Hospital {
  readonly dir: string;
  readonly core: Core;
  readonly events: Events;
  readonly lines: string[];
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Collects what a peer logs, at every level. */
export function recordingLog(lines: string[]): Log {
  const at = (level: string) => (fields: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Makes a data folder; gives the bytes of its join request. */
export async function initHospital(name: string): Promise<{ dir: string; joinRequest: Uint8Array }> {
  const dir = await freshDir();
  const { joinRequest } = await createData(dir, { name, country: 'MD', http: 0, dimse: 0, p2p: await freePort() });
  return { dir, joinRequest: await readFile(joinRequest) };
}

/** Starts a made hospital. */
export async function startHospital(
  dir: string,
  change: { config?: (config: Config) => Config; parts?: Partial<CoreParts> } = {},
): Promise<Hospital> {
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
      network: (doorkeeper, onFailure) =>
        new Libp2pNetwork(
          { seed: keys.seed, listen: config.p2p.listen },
          { doorkeeper, timers: systemTimers, onFailure },
        ),
      evaluator: new InlineEvaluator({ random: systemRandom }),
      audit: async (sealHead) => {
        const book = new SealedKeyBook({ auditKey: keys.audit, store: kv.bucket('auditKey'), random: systemRandom });
        const parts = { clock: systemClock, random: systemRandom, auditKey: keys.audit, keys: book, sealHead };
        const auditLog = await AuditLog.open({ dir: join(dir, 'audit') }, parts);
        lifecycle.started('audit', () => auditLog.close());
        return auditLog;
      },
      ...{ bulk: nativeBulk, verify: nativeVerify, clock: systemClock, timers: systemTimers, random: systemRandom },
      bootId: 'test',
      ...change.parts,
    },
    lifecycle,
  );
  return { dir, core, events, lines, stop: () => lifecycle.stop() };
}

/** An authority in memory: its roster file after each step. */
export class TestAuthority {
  readonly #signer = nativeSigner(systemRandom(32));
  readonly #rosters: Uint8Array[] = [];
  readonly #cards: Uint8Array[] = [];
  #members: { id: string; box: { x25519: Uint8Array; mlkem: Uint8Array }; name: string }[] = [];

  constructor(name: string) {
    const authorities = { keys: [hex(this.#signer.publicKey)], k: 1 };
    this.#next(createRoster({ ...this.#validity(), name, authorities, defaultSystem: idnpSystem }));
  }

  admit(requests: readonly Uint8Array[]): Uint8Array {
    let draft = this.#draft();
    for (const bytes of requests) {
      const join = openJoin(bytes, nativeVerify);
      const id = hex(systemRandom(16));
      draft = admit(draft, join, { id, from: systemClock.now() - 60_000 });
      this.#members.push({ id, box: join.card.value.boxKeys, name: join.request.name });
      this.#cards.push(join.request.card);
    }
    return this.#next(draft);
  }

  keepers(t: number): Uint8Array {
    const keepers = this.#members.map(({ id: member, box }) => ({ member, box }));
    return this.#next(dealKeepers(this.#draft(), { keepers, t, dealer: hex(this.#signer.publicKey) }, systemRandom));
  }

  /** Any other change. */
  change(make: (draft: Roster) => Roster): Uint8Array {
    return this.#next(make(this.#draft()));
  }

  memberId(name: string): string {
    return this.#members.find((each) => each.name === name)!.id;
  }

  #draft(): Roster {
    return nextRoster(parseRoster(this.#rosters.at(-1)!), this.#validity());
  }

  #validity() {
    return { issuedAt: systemClock.now(), expires: systemClock.now() + 365 * 24 * 3_600_000 };
  }

  #next(roster: Roster): Uint8Array {
    this.#rosters.push(sign(propose(roster), this.#signer));
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
  for (const hospital of hospitals) await hospital.core.federation.join(bundle);
  const stop = async () => {
    await Promise.all(hospitals.map((each) => each.stop()));
    await Promise.all(made.map(({ dir }) => removeDir(dir)));
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
