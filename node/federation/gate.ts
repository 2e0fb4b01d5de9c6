// The roster gate: who may connect and speak. Whoever is not a member may stay a few seconds, only to push a newer roster
// that names it; whoever was expelled is not let in at all. Every stream of every protocol asks here.

import type { Membership } from '../../protocol/federation/membership.ts';
import { rosterProtocol } from '../../protocol/federation/messages.ts';
import { limits } from '../../protocol/limits.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Doorkeeper, Network } from '../net/network.ts';
import type { Timers } from '../system/machine.ts';

export type Standing = 'member' | 'stranger' | 'expelled';

export interface GateOptions {
  readonly strangerMs?: number;
  /** How often validity in time (a member's `to`, the roster's expiry) is looked at again. */
  readonly reviewMs?: number;
}

export interface GateParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The roster in force; undefined before there is one, when nobody is let in. */
  readonly membership: () => Membership | undefined;
  /** Told of every connection that the gate ended. */
  readonly onTurnedAway?: ((peer: string, standing: Standing) => void) | undefined;
}

interface Stranger {
  /** Cancels the end of its time. */
  readonly cancel: () => void;
  /** Streams that it has opened. */
  streams: number;
}

export class Gate implements Doorkeeper {
  readonly #options: Required<GateOptions>;
  readonly #parts: GateParts;
  /** Strangers that are connected, in the order in which they came. */
  readonly #strangers = new Map<string, Stranger>();
  #network: Network | undefined;
  readonly #stop: (() => void)[] = [];

  constructor(options: GateOptions, parts: GateParts) {
    this.#options = { strangerMs: limits.gateStrangerMs, reviewMs: 30_000, ...options };
    this.#parts = parts;
  }

  standing(peer: string): Standing {
    const membership = this.#parts.membership();
    if (membership === undefined || membership.isRevoked('peer', peer)) return 'expelled';
    return membership.memberOf(peer, this.#parts.clock.now()) === undefined ? 'stranger' : 'member';
  }

  mayConnect(peer: string, direction: 'in' | 'out'): boolean {
    const standing = this.standing(peer);
    if (standing === 'member') return true;
    return standing === 'stranger' && direction === 'in';
  }

  maySpeak(peer: string, protocol: string): boolean {
    const standing = this.standing(peer);
    if (standing !== 'stranger') return standing === 'member';
    return this.#mayOpen(peer) && protocol === rosterProtocol;
  }

  isMember(peer: string): boolean {
    return this.standing(peer) === 'member';
  }

  /** Begins to watch a network's connections. */
  watch(network: Network): void {
    this.#network = network;
    this.#stop.push(
      network.on('connect', (peer) => this.#arrived(network, peer)),
      network.on('disconnect', (peer) => this.#forget(peer)),
      this.#parts.timers.every(this.#options.reviewMs, () => void this.review()),
    );
  }

  stop(): void {
    for (const stop of this.#stop.splice(0)) stop();
    for (const peer of [...this.#strangers.keys()]) this.#forget(peer);
  }

  /** After every change of the roster: lets in who became a member, cuts off at once who is none any more. */
  async review(): Promise<void> {
    const network = this.#network;
    if (network === undefined) return;
    const changed = network.connected().map(async (peer) => {
      const standing = this.standing(peer);
      const wasStranger = this.#strangers.has(peer);
      if (standing === 'member' && wasStranger) {
        this.#forget(peer);
        await network.reconsider(peer);
      } else if (standing === 'expelled' || (standing === 'stranger' && !wasStranger)) {
        await this.#turnAway(network, peer, standing);
      }
    });
    await Promise.all(changed);
  }

  #arrived(network: Network, peer: string): void {
    const standing = this.standing(peer);
    if (standing === 'member') return;
    if (standing === 'expelled') return void this.#turnAway(network, peer, standing);
    const timeIsUp = () => void this.#turnAway(network, peer, 'stranger');
    this.#strangers.set(peer, { cancel: this.#parts.timers.after(this.#options.strangerMs, timeIsUp), streams: 0 });
    // the room is for whoever comes: the one that has had most of its time goes
    const [oldest] = this.#strangers.keys();
    if (this.#strangers.size > limits.gateStrangers) void this.#turnAway(network, oldest!, 'stranger');
  }

  #forget(peer: string): void {
    this.#strangers.get(peer)?.cancel();
    this.#strangers.delete(peer);
  }

  /** A push takes a few streams; whoever opens stream after stream is gone before it costs anything. */
  #mayOpen(peer: string): boolean {
    const stranger = this.#strangers.get(peer);
    if (stranger === undefined || ++stranger.streams <= limits.gateStrangerStreams) return true;
    if (this.#network !== undefined) void this.#turnAway(this.#network, peer, 'stranger');
    return false;
  }

  async #turnAway(network: Network, peer: string, standing: Standing): Promise<void> {
    this.#forget(peer);
    this.#parts.onTurnedAway?.(peer, standing);
    await network.disconnect(peer);
  }
}
