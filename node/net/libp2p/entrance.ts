// Who may begin a handshake. A handshake costs some milliseconds before it is known who comes, so connections from where
// no member is known share a few places, a second each at least, and a few of those a source. Members come from
// addresses on their cards or where they were before: whatever strangers do, nothing is taken from them.
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Timers } from '../../system/machine.ts';
import { sourceOf } from '../source.ts';

/** As much of a libp2p connection as is needed here. */
interface Incoming {
  readonly remoteAddr: { toString(): string };
  addEventListener(event: 'close', run: () => void, options: { once: true }): void;
  abort(error: Error): void;
}

interface EntranceParts {
  readonly timers: Timers;
  readonly isMember: (peer: string) => boolean;
}

const minimumMs = 1_000;

export class Entrance {
  readonly #parts: EntranceParts;
  readonly #places: number;
  readonly #ofSource: number;
  /** Handshakes from where no member is known, each until it is over and a second has passed. */
  readonly #begun = new Map<Incoming, { readonly source: string; over: boolean; late: boolean }>();
  /** Strangers' connections after the handshake. */
  readonly #strangers = new Map<Incoming, { readonly source: string; readonly peer: string }>();
  /** Where members are by their cards, and where they last came from. */
  readonly #carded = new Map<string, readonly string[]>();
  readonly #seen = new Map<string, string>();

  /** @param perSecond handshakes a second from where no member is known; a fifth of them from one source */
  constructor(perSecond: number, parts: EntranceParts) {
    this.#parts = parts;
    this.#places = perSecond;
    this.#ofSource = Math.max(1, Math.floor(perSecond / 5));
  }

  /** What a peer's card says of its addresses. */
  learn(peer: string, addresses: readonly string[]): void {
    this.#carded.set(
      peer,
      addresses.flatMap((address) => sourceOf(address) ?? []),
    );
  }

  /** Before the handshake. */
  mayBegin(connection: Incoming): boolean {
    const source = sourceOf(connection.remoteAddr.toString());
    if (source === undefined || this.#isKnown(source)) return true;
    const ofSource = [...this.#begun.values()].filter((each) => each.source === source).length;
    if (this.#begun.size >= this.#places || ofSource >= this.#ofSource) return false;
    const handshake = { source, over: false, late: false };
    this.#begun.set(connection, handshake);
    this.#parts.timers.after(minimumMs, () => {
      handshake.late = true;
      if (handshake.over) this.#begun.delete(connection);
    });
    connection.addEventListener('close', () => this.#ended(connection), { once: true });
    return true;
  }

  /** After it, when the peer is known. For a stranger too many of one source the oldest of them goes. */
  entered(connection: Incoming, peer: string): void {
    this.#ended(connection);
    const source = sourceOf(connection.remoteAddr.toString());
    if (source === undefined) return;
    if (this.#parts.isMember(peer)) {
      this.#seen.set(peer, source);
      return;
    }
    const others = [...this.#strangers].filter(
      ([, each]) => each.source === source && !this.#parts.isMember(each.peer),
    );
    if (others.length >= limits.gateStrangersOfSource) {
      const [oldest, { peer: gone }] = others[0]!;
      this.#strangers.delete(oldest);
      oldest.abort(new PeerError('net/refused', { peer: gone }));
    }
    this.#strangers.set(connection, { source, peer });
    connection.addEventListener('close', () => this.#strangers.delete(connection), { once: true });
  }

  #ended(connection: Incoming): void {
    const handshake = this.#begun.get(connection);
    if (handshake === undefined) return;
    handshake.over = true;
    if (handshake.late) this.#begun.delete(connection);
  }

  #isKnown(source: string): boolean {
    const { isMember } = this.#parts;
    for (const [peer, each] of this.#seen) if (each === source && isMember(peer)) return true;
    for (const [peer, sources] of this.#carded) if (sources.includes(source) && isMember(peer)) return true;
    return false;
  }
}
