// Keeps connections to those that should be connected: a few dials at a time, each peer with its own growing pause.
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Timers } from '../system/machine.ts';
import type { Network } from './network.ts';

export interface RedialOptions {
  /** First pause after a failure; doubles up to `maxMs`. Each is drawn between half and whole. */
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly parallel?: number;
}

export interface RedialParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Peers that should be connected, a bounded list. */
  readonly wanted: () => readonly string[];
}

interface Pause {
  readonly ms: number;
  readonly until: number;
}

export class Redialer {
  readonly #options: Required<RedialOptions>;
  readonly #parts: RedialParts;
  readonly #pauses = new Map<string, Pause>();
  readonly #dialling = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  readonly #stopListening: (() => void)[] = [];
  #cancelTimer: (() => void) | undefined;
  #started = false;

  constructor(options: RedialOptions, parts: RedialParts) {
    this.#options = { minMs: 1000, maxMs: 300_000, parallel: 8, ...options };
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.#stopListening.push(this.#parts.network.on('disconnect', () => this.look()));
    this.look();
  }

  async stop(): Promise<void> {
    this.#started = false;
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#cancelTimer?.();
    this.#abort.abort();
    await Promise.all(this.#dialling.values());
  }

  /** Dials who is due now; to be called when the wanted list or an address changed. */
  look(): void {
    if (!this.#started) return;
    const { network, clock, timers } = this.#parts;
    const wanted = new Set(this.#parts.wanted());
    for (const peer of this.#pauses.keys()) if (!wanted.has(peer)) this.#pauses.delete(peer);
    for (const peer of [network.self, ...network.connected(), ...this.#dialling.keys()]) wanted.delete(peer);
    const now = clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const peer of wanted) {
      const until = this.#pauses.get(peer)?.until ?? now;
      if (until > now) next = Math.min(next, until);
      else if (this.#dialling.size < this.#options.parallel) this.#begin(peer); // the others when one has ended
    }
    this.#cancelTimer?.();
    this.#cancelTimer = Number.isFinite(next) ? timers.after(next - now, () => this.look()) : undefined;
  }

  /** Forgets a peer's pause, since its address is new. */
  retry(peer: string): void {
    this.#pauses.delete(peer);
    this.look();
  }

  #begin(peer: string): void {
    const ended = () => {
      this.#dialling.delete(peer);
      this.look();
    };
    this.#dialling.set(peer, this.#dial(peer).finally(ended));
  }

  /** The peer has talked to us: should it go, it is dialled at once. A connection alone is none (it may turn us away). */
  reached(peer: string): void {
    this.#pauses.delete(peer);
  }

  async #dial(peer: string): Promise<void> {
    const { minMs, maxMs } = this.#options;
    const ms = Math.min(maxMs, (this.#pauses.get(peer)?.ms ?? minMs / 2) * 2);
    const [byte = 0] = this.#parts.random(1);
    try {
      await this.#parts.network.connect(peer, { signal: this.#abort.signal });
    } catch {
      // off line is an everyday state: it shows as not connected, and is tried again after the pause
    }
    this.#pauses.set(peer, { ms, until: this.#parts.clock.now() + (ms * (256 + byte)) / 512 });
  }
}
