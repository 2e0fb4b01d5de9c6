// Keeps the roster and everybody's cards the same everywhere (SPEC: federation): compares at every connect, fetches what
// is missing, pushes on what is newer, and keeps the connections over which a revocation spreads in seconds.
import { utf8 } from '../../protocol/bytes.ts';
import type { VerifiedEnvelope } from '../../protocol/envelope.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Card } from '../../protocol/federation/card.ts';
import {
  afterHello,
  alarms,
  type ChainAction,
  type ChainState,
  type Pinned,
  type RosterAlarm,
  served,
  stepChainThrough,
  unpinned,
} from '../../protocol/federation/chain.ts';
import { type Membership, membershipOf } from '../../protocol/federation/membership.ts';
import {
  decodeRosterRequest,
  encodeRosterRequest,
  fitIntoMessage,
  type RosterRequest,
  rosterProtocol,
  rosterReplies,
} from '../../protocol/federation/messages.ts';
import { parseRoster } from '../../protocol/federation/signed.ts';
import type { Verify } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Network } from '../net/network.ts';
import { closestOf } from '../net/records/distance.ts';
import { Redialer, type RedialOptions } from '../net/redial.ts';
import type { Timers } from '../system/machine.ts';
import { type CardStore, Cards } from './cards.ts';
import type { Gate } from './gate.ts';

/** Rosters on disk, also those kept as evidence of a fork. */
export interface RosterStore {
  /** In the order in which they were appended. */
  load(): Promise<Uint8Array[]>;
  append(envelope: Uint8Array, about: { number: number; hash: string; evidence: boolean }): Promise<void>;
}

export interface RosterExchangeOptions {
  /** The federation's id, when it is known beforehand. */
  readonly federation?: string | undefined;
  readonly redial?: RedialOptions;
}

export interface RosterExchangeParts {
  readonly network: Network;
  readonly gate: Gate;
  readonly rosterStore: RosterStore;
  readonly cardStore: CardStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly verify: Verify;
  readonly onRoster?: (membership: Membership) => void;
  readonly onCard?: (card: VerifiedEnvelope<Card>) => void;
  readonly onAlarm?: (alarm: RosterAlarm, number: number) => void;
  /** Told of exchanges with a member that failed, and of rosters that were refused. */
  readonly onFailure?: (error: unknown, peer: string) => void;
}

/** Rounds of asking one peer for more in one exchange: each brings at least one roster. */
const maxRounds = 64;
const hourMs = 3_600_000;

export class RosterExchange {
  readonly #parts: RosterExchangeParts;
  readonly #cards: Cards;
  readonly #redialer: Redialer;
  readonly #stop: (() => void)[] = [];
  readonly #running = new Set<Promise<void>>();
  #state: ChainState;
  #membership: Membership | undefined;
  /** Rosters are taken one after another, however many peers push. */
  #taking: Promise<unknown> = Promise.resolve();
  #ownCard: Uint8Array | undefined;

  constructor(options: RosterExchangeOptions, parts: RosterExchangeParts) {
    this.#parts = parts;
    this.#state = unpinned(options.federation);
    const { network } = parts;
    this.#cards = new Cards({
      ...parts,
      membership: () => this.membership(),
      onAddress: (peer) => this.#redialer.retry(peer),
    });
    this.#redialer = new Redialer(options.redial ?? {}, { ...parts, wanted: () => this.#wanted() });
    network.serve(rosterProtocol, (peer, body) => this.#answer(peer, body), { maxBytes: limits.rosterMessageBytes });
  }

  /** The roster in force. @throws PeerError roster/none when the peer has not joined yet */
  membership(): Membership {
    must(this.#membership !== undefined, 'roster/none');
    return this.#membership;
  }

  /** As `membership`, but undefined before the peer has joined: for the gate. */
  current(): Membership | undefined {
    return this.#membership;
  }

  /** A peer's newest card. */
  cardOf(peer: string): VerifiedEnvelope<Card> | undefined {
    return this.#cards.of(peer);
  }

  /** Reads what is on disk; nothing goes over the network yet. */
  async load(): Promise<void> {
    const { rosterStore, clock, verify } = this.#parts;
    const [state] = stepChainThrough(this.#state, await rosterStore.load(), clock.now(), { verify });
    this.#apply(state);
    if (this.#membership !== undefined) await this.#cards.load();
  }

  /** Begins to exchange; the network has been started. */
  async start(): Promise<void> {
    const { network, timers, clock } = this.#parts;
    this.#stop.push(
      network.on('connect', (peer) => this.#connected(peer)),
      timers.every(hourMs, () => {
        this.#raise(alarms(this.#state, clock.now()));
        this.#redialer.look(); // a member's time may have begun
      }),
    );
    this.#raise(alarms(this.#state, clock.now()));
    await this.#cards.teach(this.#membership !== undefined);
    for (const peer of network.connected()) this.#connected(peer);
    this.#redialer.start();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stop.splice(0)) stop();
    await this.#redialer.stop();
    await Promise.all(this.#running);
    await this.#taking;
  }

  /** Takes rosters and cards from a file (`join`, or an authority's next roster). @throws PeerError the first refusal */
  async takeFile(bundle: { rosters: readonly Uint8Array[]; cards: readonly Uint8Array[] }): Promise<void> {
    const last = bundle.rosters.at(-1);
    const lasts = last === undefined || this.#parts.clock.now() < parseRoster(last).roster.expires;
    must(lasts, 'roster/expired');
    const actions = await this.#take(bundle.rosters);
    for (const action of actions) if (action.kind === 'refused') throw action.error;
    for (const action of actions)
      if (action.kind === 'fetch') throw new PeerError('roster/broken-chain', { missing: action.from });
    await this.#cards.takeAll(bundle.cards, this.#parts.network.self);
  }

  /** Our own card has changed: keeps it and tells everybody connected. */
  async publishCard(card: Uint8Array): Promise<void> {
    this.#ownCard = card;
    await this.#cards.take(card);
    this.#greetAll();
  }

  #connected(peer: string): void {
    // a stranger speaks first, if it has anything to say
    if (this.#isMember(peer)) this.#spawn(peer, () => this.#greet(peer));
  }

  #greetAll(except?: string): void {
    for (const peer of this.#parts.network.connected()) if (peer !== except) this.#connected(peer);
  }

  /** Compares, evens out the rosters, then the cards. */
  async #greet(peer: string): Promise<void> {
    const reply = await this.#ask(peer, { type: 'hello', ...this.#hello() });
    this.#redialer.reached(peer);
    await this.#evenOut(peer, reply);
    if (reply.card !== undefined) await this.#cards.takeAll([reply.card], peer);
    const { cards } = await this.#ask(peer, { type: 'cards', have: this.#cards.have() });
    await this.#cards.takeAll(cards, peer);
    await this.#parts.network.reconsider(peer); // it knows us now, if it did not before
  }

  async #evenOut(peer: string, first: { number: number; hash: string }): Promise<void> {
    let theirs = first;
    for (let round = 0; round < maxRounds; round++) {
      const next = afterHello(this.#pinned(), theirs);
      if (next.kind === 'same') return;
      if (next.kind === 'push') {
        const rosters = fitIntoMessage(served(this.#pinned(), next.from));
        const after = await this.#ask(peer, { type: 'push', rosters });
        if (after.number === theirs.number && after.hash === theirs.hash) return; // it takes no more from us
        theirs = after;
      } else if (!(await this.#fetch(peer, next.from))) return;
    }
  }

  /** Fetches rosters from a number on. True if that brought anything new. */
  async #fetch(peer: string, from: number): Promise<boolean> {
    const { rosters } = await this.#ask(peer, { type: 'rosters', from });
    const actions = await this.#take(rosters, peer);
    const missing = actions.find((action) => action.kind === 'fetch');
    if (missing !== undefined && missing.from < from) return this.#fetch(peer, missing.from);
    return actions.some((action) => action.kind === 'accepted' || action.kind === 'evidence');
  }

  async #answer(peer: string, body: Uint8Array): Promise<Uint8Array> {
    const request = decodeRosterRequest(body);
    if (request.type === 'push') {
      const actions = await this.#take(request.rosters, peer);
      const missing = actions.find((action) => action.kind === 'fetch');
      if (missing !== undefined && this.#isMember(peer))
        this.#spawn(peer, () => this.#fetch(peer, missing.from).then());
      const { number, hash } = this.membership();
      return rosterReplies.push.encode({ number, hash });
    }
    if (request.type === 'hello') {
      const mine = this.#hello();
      must(request.federation === mine.federation, 'roster/other-federation', { federation: request.federation });
      if (request.card !== undefined && this.#isMember(peer)) await this.#cards.takeAll([request.card], peer);
      return rosterReplies.hello.encode(this.#isMember(peer) ? mine : { ...mine, card: undefined });
    }
    must(this.#isMember(peer), 'member/unknown', { peerId: peer });
    if (request.type === 'rosters') {
      return rosterReplies.rosters.encode({ rosters: fitIntoMessage(served(this.#pinned(), request.from)) });
    }
    return rosterReplies.cards.encode({ cards: fitIntoMessage(this.#cards.newerThan(request.have), limits.members) });
  }

  async #ask<T extends RosterRequest['type']>(peer: string, request: RosterRequest & { type: T }) {
    const reply = rosterReplies[request.type as T];
    const body = await this.#parts.network.request(peer, rosterProtocol, encodeRosterRequest(request), {
      maxBytes: reply.maxBytes,
    });
    return reply.decode(body) as ReturnType<(typeof rosterReplies)[T]['decode']>;
  }

  /** One after another: checks, keeps on disk, then applies and tells. */
  #take(rosters: readonly Uint8Array[], from?: string): Promise<readonly ChainAction[]> {
    const taken = this.#taking.then(() => this.#takeNow(rosters, from));
    this.#taking = taken.catch(() => undefined); // whoever asked gets the error; the next one goes on
    return taken;
  }

  async #takeNow(rosters: readonly Uint8Array[], from: string | undefined): Promise<readonly ChainAction[]> {
    const { rosterStore, clock, verify, gate } = this.#parts;
    const [state, actions] = stepChainThrough(this.#state, rosters, clock.now(), { verify });
    for (const action of actions) {
      if (action.kind === 'refused') this.#parts.onFailure?.(action.error, from ?? this.#parts.network.self);
      if (action.kind !== 'accepted' && action.kind !== 'evidence') continue;
      const { number, hash } = action;
      await rosterStore.append(action.bytes, { number, hash, evidence: action.kind === 'evidence' });
    }
    if (state === this.#state) return actions;
    this.#apply(state);
    await gate.review();
    this.#raise(actions);
    this.#greetAll(from);
    this.#redialer.look();
    return actions;
  }

  #apply(state: ChainState): void {
    this.#state = state;
    if (state.kind === 'unpinned') return;
    this.#membership = membershipOf(state);
    this.#parts.onRoster?.(this.#membership);
  }

  #raise(actions: readonly ChainAction[]): void {
    for (const action of actions) if (action.kind === 'alarm') this.#parts.onAlarm?.(action.alarm, action.number);
  }

  /** Up to limits.netMesh members, else those near to us in the DHT: enough for word to reach everybody. */
  #wanted(): string[] {
    const { network, clock } = this.#parts;
    const peers = this.#membership?.members(clock.now()).map((member) => member.peerId) ?? [];
    const reachable = peers.filter((peer) => peer !== network.self && this.#cards.of(peer) !== undefined);
    if (reachable.length <= limits.netMesh) return reachable;
    return closestOf(utf8(network.self), reachable, limits.netMesh);
  }

  #hello() {
    const { federation, number, hash } = this.membership();
    return { federation, number, hash, card: this.#ownCard };
  }

  #pinned(): Pinned {
    must(this.#state.kind !== 'unpinned', 'roster/none');
    return this.#state;
  }

  #isMember(peer: string): boolean {
    return this.#parts.gate.standing(peer) === 'member';
  }

  #spawn(peer: string, run: () => Promise<void>): void {
    const task: Promise<void> = run()
      .catch((error: unknown) => this.#parts.onFailure?.(error, peer))
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }
}
