// A small federation for tests: one authority, hospitals 1..n with the seeds of worlds.ts, rosters as the authority
// would make them, and peers that run gate and roster exchange over any network.
import { Gate, type GateOptions } from '../../../node/federation/gate.ts';
import {
  RosterExchange,
  type RosterExchangeParts,
  type RosterStore,
} from '../../../node/federation/roster-exchange.ts';
import type { Doorkeeper, Network } from '../../../node/net/network.ts';
import type { RedialOptions } from '../../../node/net/redial.ts';
import { nativeVerify, systemClock, systemRandom, systemTimers } from '../../../node/system/machine.ts';
import { boxKeyPair } from '../../../protocol/box.ts';
import { hex } from '../../../protocol/bytes.ts';
import { admit, createRoster, expel, nextRoster, propose, sign } from '../../../protocol/federation/authority.ts';
import { cardValidity, signCard } from '../../../protocol/federation/card.ts';
import { dealKeepers } from '../../../protocol/federation/keepers.ts';
import type { Membership } from '../../../protocol/federation/membership.ts';
import type { Roster } from '../../../protocol/federation/roster.ts';
import { parseRoster } from '../../../protocol/federation/signed.ts';
import { type Signer, signer } from '../../../protocol/identity.ts';
import { peerOf, seedOf } from './worlds.ts';

const dayMs = 24 * 3_600_000;
const now = systemClock.now();
const validity = { issuedAt: now - dayMs, expires: now + 365 * dayMs };

export const memberOf = (n: number): string => hex(new Uint8Array(16).fill(n));
export const boxOf = (n: number) => boxKeyPair((length) => new Uint8Array(length).fill(n));

const withMember = (draft: Roster, n: number): Roster => {
  const request = { name: `Spitalul ${n}`, country: 'MD', kind: 'hospital' as const };
  return admit(draft, { peerId: peerOf(n), request: request as never }, { id: memberOf(n), from: now - dayMs });
};

/** Rosters one after another, as the authority hands them out. */
export class TestAuthority {
  readonly rosters: Uint8Array[] = [];
  readonly #key: Signer;

  /** Hospitals 1 to `members`; the first `keepers` of them hold shares of the index key, any two are enough. */
  constructor(members: number, keepers = 0, keySeed = 200) {
    this.#key = signer(new Uint8Array(32).fill(keySeed));
    const empty = createRoster({
      name: 'Federația de probă',
      authorities: { keys: [hex(this.#key.publicKey)], k: 1 },
      defaultSystem: 'urn:oid:1.3.6.1.4.1.99999.1',
      ...validity,
    });
    let draft = Array.from({ length: members }, (_, i) => i + 1).reduce(withMember, empty);
    const list = Array.from({ length: keepers }, (_, i) => ({ member: memberOf(i + 1), box: boxOf(i + 1).public }));
    if (keepers > 0) draft = dealKeepers(draft, { keepers: list, t: 2 }, systemRandom);
    this.#publish(draft);
  }

  get federation(): string {
    return parseRoster(this.rosters[0]!).federation;
  }

  admit(n: number): Uint8Array {
    return this.#publish(withMember(this.#next(), n));
  }

  expel(n: number): Uint8Array {
    return this.#publish(expel(this.#next(), memberOf(n), now));
  }

  /** Roster n's card, with these addresses. */
  card(n: number, addresses: readonly string[], issuedAt = now): Uint8Array {
    const card = {
      name: `Spitalul ${n}`,
      country: 'MD',
      addresses: [...addresses],
      boxKeys: boxOf(n).public,
      services: [],
      version: '0.1.0',
      ...cardValidity(issuedAt),
    };
    return signCard(card, this.federation, signer(seedOf(n)));
  }

  #next(): Roster {
    const { roster, hash, federation } = parseRoster(this.rosters.at(-1)!);
    return nextRoster({ roster, hash, federation }, validity);
  }

  #publish(draft: Roster): Uint8Array {
    const envelope = sign(propose(draft), this.#key);
    this.rosters.push(envelope);
    return envelope;
  }
}

/** What a disk would hold. */
class MemoryRosterStore implements RosterStore {
  readonly kept: Uint8Array[];

  constructor(rosters: readonly Uint8Array[]) {
    this.kept = [...rosters];
  }

  async load(): Promise<Uint8Array[]> {
    return this.kept;
  }

  async append(envelope: Uint8Array): Promise<void> {
    this.kept.push(envelope);
  }
}

export interface Hospital {
  readonly n: number;
  readonly network: Network;
  readonly gate: Gate;
  readonly exchange: RosterExchange;
  readonly store: MemoryRosterStore;
  readonly failures: unknown[];
  /** Resolves when the roster in force is this number or higher. */
  atRoster(number: number): Promise<Membership>;
  stop(): Promise<void>;
}

export interface HospitalOptions {
  readonly gate?: GateOptions;
  readonly redial?: RedialOptions;
  readonly parts?: Partial<RosterExchangeParts>;
}

/** A started hospital with these rosters on disk; it finds others by the cards that it is given later. */
export async function hospital(
  n: number,
  rosters: readonly Uint8Array[],
  makeNetwork: (n: number, doorkeeper: Doorkeeper) => Promise<Network>,
  options: HospitalOptions = {},
): Promise<Hospital> {
  const store = new MemoryRosterStore(rosters);
  const failures: unknown[] = [];
  const waiting: { number: number; done: (membership: Membership) => void }[] = [];
  const gate = new Gate(options.gate ?? {}, {
    clock: systemClock,
    timers: systemTimers,
    membership: () => exchange.current(),
  });
  const network = await makeNetwork(n, gate);
  const exchange: RosterExchange = new RosterExchange(
    { redial: { minMs: 50, ...options.redial } },
    {
      network,
      gate,
      rosterStore: store,
      cardStore: { load: async () => [], put: async () => undefined },
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      verify: nativeVerify,
      onFailure: (error) => failures.push(error),
      onRoster: (membership) => {
        for (const each of waiting.filter((one) => membership.number >= one.number)) each.done(membership);
      },
      ...options.parts,
    },
  );
  await exchange.load();
  gate.watch(network);
  await exchange.start();
  return {
    n,
    network,
    gate,
    exchange,
    store,
    failures,
    atRoster: (number) =>
      new Promise((done) => {
        if (exchange.membership().number >= number) done(exchange.membership());
        else waiting.push({ number, done });
      }),
    stop: async () => {
      gate.stop();
      await exchange.stop();
      await network.stop();
    },
  };
}

/** Resolves when the two have a connection. */
export function connected(network: Network, peer: string): Promise<void> {
  return new Promise((done) => {
    if (network.connected().includes(peer)) return done();
    const stop = network.on('connect', (who) => {
      if (who !== peer) return;
      stop();
      done();
    });
  });
}

/** Resolves when the two have none. */
export function disconnected(network: Network, peer: string): Promise<void> {
  return new Promise((done) => {
    if (!network.connected().includes(peer)) return done();
    const stop = network.on('disconnect', (who) => {
      if (who !== peer) return;
      stop();
      done();
    });
  });
}
