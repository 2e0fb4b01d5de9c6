// The newest card of every member: where it listens and what to seal to. Kept on disk, newest wins.

import type { VerifiedEnvelope } from '../../protocol/envelope.ts';
import { PeerError } from '../../protocol/errors.ts';
import { type Card, checkCard, newerCard, verifyCard } from '../../protocol/federation/card.ts';
import { type Membership, mustBeMember } from '../../protocol/federation/membership.ts';
import type { Verify } from '../../protocol/identity.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Network } from '../net/network.ts';

/** Cards on disk, one a peer. */
export interface CardStore {
  load(): Promise<Uint8Array[]>;
  put(peerId: string, card: Uint8Array): Promise<void>;
}

export interface CardParts {
  readonly cardStore: CardStore;
  readonly clock: Clock;
  readonly verify: Verify;
  readonly membership: () => Membership;
  readonly network: Network;
  /** A peer's addresses are new. */
  readonly onAddress: (peer: string) => void;
  readonly onCard?: (card: VerifiedEnvelope<Card>) => void;
  readonly onFailure?: (error: unknown, peer: string) => void;
}

export class Cards {
  readonly #parts: CardParts;
  readonly #cards = new Map<string, VerifiedEnvelope<Card>>();

  #networkRuns = false;

  constructor(parts: CardParts) {
    this.#parts = parts;
  }

  /** Cards that are valid no more, or of former members, are passed over. */
  async load(): Promise<void> {
    for (const bytes of await this.#parts.cardStore.load()) this.#tryHold(bytes);
  }

  of(peer: string): VerifiedEnvelope<Card> | undefined {
    return this.#cards.get(peer);
  }

  /** What we hold, for asking others for newer ones. */
  have(): { peerId: string; issuedAt: number }[] {
    return this.#members().map((card) => ({ peerId: card.signer, issuedAt: card.value.issuedAt }));
  }

  /** The envelopes of cards newer than `have`, and of peers not named there. */
  newerThan(have: readonly { peerId: string; issuedAt: number }[]): Uint8Array[] {
    const known = new Map(have.map((each) => [each.peerId, each.issuedAt]));
    const newer = this.#members().filter((card) => card.value.issuedAt > (known.get(card.signer) ?? -1));
    return newer.map((card) => card.bytes);
  }

  /** Checks and keeps a card from anybody. True if it is newer than what was held. @throws PeerError card/*, member/unknown, envelope/* */
  async take(bytes: Uint8Array): Promise<VerifiedEnvelope<Card> | undefined> {
    const card = this.#hold(bytes);
    if (card !== undefined) await this.#parts.cardStore.put(card.signer, bytes);
    return card;
  }

  /** Takes what holds; a card that does not is its sender's fault alone. */
  async takeAll(cards: readonly Uint8Array[], from: string): Promise<void> {
    for (const bytes of cards) {
      try {
        const card = await this.take(bytes);
        if (card === undefined) continue;
        await this.#learn(card);
        this.#parts.onCard?.(card);
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        this.#parts.onFailure?.(error, from);
      }
    }
  }

  /** Tells the network all addresses; once, after it has started. */
  async teach(joined: boolean): Promise<void> {
    this.#networkRuns = true;
    for (const card of joined ? this.#members() : []) await this.#learn(card);
  }

  async #learn(card: VerifiedEnvelope<Card>): Promise<void> {
    const { network, onAddress } = this.#parts;
    if (card.signer === network.self || !this.#networkRuns) return;
    await network.learn(card.signer, card.value.addresses);
    onAddress(card.signer);
  }

  #tryHold(bytes: Uint8Array): void {
    try {
      this.#hold(bytes);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error; // expired or expelled: as if it were not there
    }
  }

  #hold(bytes: Uint8Array): VerifiedEnvelope<Card> | undefined {
    const membership = this.#parts.membership();
    const now = this.#parts.clock.now();
    const card = verifyCard(bytes, membership.federation, this.#parts.verify);
    checkCard(card, mustBeMember(membership, card.signer, now), now);
    const held = this.#cards.get(card.signer);
    if (newerCard(held, card) === held) return undefined;
    this.#cards.set(card.signer, card);
    return card;
  }

  /** Former members' cards are forgotten on the way. */
  #members(): VerifiedEnvelope<Card>[] {
    const membership = this.#parts.membership();
    const now = this.#parts.clock.now();
    for (const peer of this.#cards.keys()) if (membership.memberOf(peer, now) === undefined) this.#cards.delete(peer);
    return [...this.#cards.values()];
  }
}
