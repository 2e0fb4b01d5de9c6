// This peer in its federation: who it is, what it holds of the index key, and what follows when the roster changes.
import type { BoxPublic, BoxSecret } from '../../protocol/box.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { decodeBundle } from '../../protocol/federation/bundle.ts';
import { openShare } from '../../protocol/federation/keepers.ts';
import type { Membership } from '../../protocol/federation/membership.ts';
import type { Member } from '../../protocol/federation/roster.ts';
import type { Signer, Verify } from '../../protocol/identity.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { HeldShare } from '../../protocol/tags/keeper.ts';
import type { Network } from '../net/network.ts';
import type { Kv } from '../store/kv.ts';
import type { Events } from '../system/events.ts';
import { errorFields, type Log } from '../system/log.ts';
import type { CardStore } from './cards.ts';
import type { RosterExchange, RosterStore } from './roster-exchange.ts';
import type { Us } from './us.ts';

export interface FederationParts {
  readonly exchange: RosterExchange;
  readonly network: Network;
  readonly box: BoxSecret;
  readonly signer: Signer;
  readonly verify: Verify;
  /** Signs this peer's card for a federation. */
  readonly card: (where: { federation: string; member: string; addresses: readonly string[] }) => Uint8Array;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
}

export interface FederationStatus {
  readonly federation?: string | undefined;
  readonly name?: string | undefined;
  readonly roster?: number | undefined;
  readonly hash?: string | undefined;
  readonly member?: string | undefined;
  readonly reachability: 'none' | 'alone' | 'connected';
  readonly connected: readonly string[];
  readonly members: readonly { id: string; name: string; peerId: string; connected: boolean; keeper: boolean }[];
}

export class Federation {
  readonly #parts: FederationParts;
  #shares: { readonly hash: string; readonly shares: readonly HeldShare[] } | undefined;
  #carded = '';
  readonly #followers = new Set<() => void>();

  constructor(parts: FederationParts) {
    this.#parts = parts;
  }

  /** Who we are now. @throws PeerError roster/none before joining, member/unknown when the roster doesn't name us */
  us(): Us {
    const us = this.current();
    must(us !== undefined, 'member/unknown', { peerId: this.#parts.network.self });
    return us;
  }

  /** As `us`, but undefined while we are nobody's member. */
  current(): Us | undefined {
    const { exchange, network, clock, signer, verify } = this.#parts;
    const membership = exchange.current();
    const member = membership?.memberOf(network.self, clock.now());
    if (membership === undefined || member === undefined) return undefined;
    return { federation: membership.federation, member, membership, signer, verify };
  }

  /** The index key's shares that we hold as a keeper. */
  heldShares(): readonly HeldShare[] {
    const us = this.current();
    const key = us?.membership.indexKey;
    if (us === undefined || key === undefined) return [];
    if (this.#shares?.hash !== us.membership.hash) {
      const share = openShare(key, us.member.id, this.#parts.box);
      const shares = share === undefined ? [] : [{ key: key.id, generation: key.generation, ...share }];
      this.#shares = { hash: us.membership.hash, shares };
    }
    return this.#shares.shares;
  }

  /** The box keys on a member's card. @throws PeerError net/no-card */
  boxOf(member: Member): BoxPublic {
    const card = this.#parts.exchange.cardOf(member.peerId);
    must(card !== undefined, 'net/no-card', { member: member.id });
    return card.value.boxKeys;
  }

  /** The peer that speaks for a member now. @throws PeerError member/unknown */
  peerOf(id: string): string {
    const member = this.us().membership.member(id);
    must(member !== undefined, 'member/unknown', { member: id });
    return member.peerId;
  }

  /** Takes a roster file: joins, or follows. @throws PeerError roster/*, member/unknown when it doesn't name this peer */
  async join(bundle: Uint8Array): Promise<{ federation: string; number: number }> {
    await this.#parts.exchange.takeFile(decodeBundle(bundle));
    const { federation, membership } = this.us();
    await this.announce();
    return { federation, number: membership.number };
  }

  /** Makes our card known when the roster names us, when our addresses have changed, and anew every month. */
  async announce(): Promise<void> {
    const us = this.current();
    if (us === undefined) return;
    const addresses = this.#parts.network.addresses().map((address) => address.replace(/\/p2p\/[^/]+$/, ''));
    const month = Math.floor(this.#parts.clock.now() / renewMs);
    const about = `${us.federation} ${us.member.id} ${addresses.join()} ${month}`;
    if (about === this.#carded) return;
    const card = this.#parts.card({ federation: us.federation, member: us.member.id, addresses });
    await this.#parts.exchange.publishCard(card);
    this.#carded = about;
  }

  /** Calls `run` for every roster that comes into force; the returned function ends that. */
  onRoster(run: () => void): () => void {
    this.#followers.add(run);
    return () => this.#followers.delete(run);
  }

  /** What follows a new roster, behind it. */
  changed(membership: Membership): void {
    const { events, log } = this.#parts;
    events.rosterInForce(membership.number);
    this.announce().catch((error: unknown) => log.warn(errorFields(error), 'our card could not be made known'));
    for (const run of this.#followers) run();
  }

  status(): FederationStatus {
    const { exchange, network, clock } = this.#parts;
    const membership = exchange.current();
    if (membership === undefined) return { reachability: 'none', connected: [], members: [] };
    const connected = new Set(network.connected());
    const keepers = new Set(membership.keepers().map(({ member }) => member.id));
    const members = membership.members(clock.now()).map(({ id, name, peerId }) => ({
      ...{ id, name, peerId },
      connected: connected.has(peerId),
      keeper: keepers.has(id),
    }));
    return {
      federation: membership.federation,
      name: membership.roster.name,
      roster: membership.number,
      hash: membership.hash,
      member: this.current()?.member.id,
      reachability: connected.size > 0 ? 'connected' : 'alone',
      connected: [...connected],
      members,
    };
  }
}

/** A card is valid for 90 days and renewed well before. */
const renewMs = 30 * 24 * 3_600_000;

/** Rosters on disk, in the order in which they came. */
export function rosterStore(kv: Kv): RosterStore {
  const bucket = kv.bucket('roster');
  let next: number | undefined;
  return {
    async load() {
      const all: Uint8Array[] = [];
      for await (const [, row] of bucket.range()) all.push(row);
      next = all.length;
      return all;
    },
    async append(envelope) {
      if (next === undefined) throw new PeerError('store/corrupt', { bucket: 'roster' });
      const key = new Uint8Array(4);
      new DataView(key.buffer).setUint32(0, next++);
      await bucket.put(key, envelope);
    },
  };
}

/** Cards on disk, the newest of each peer. */
export function cardStore(kv: Kv): CardStore {
  const bucket = kv.bucket('card');
  return {
    async load() {
      const all: Uint8Array[] = [];
      for await (const [, row] of bucket.range()) all.push(row);
      return all;
    },
    put: (peerId, card) => bucket.put(utf8(peerId), card),
  };
}
