// Connections that have no association: those that have not asked yet, and those that were refused and do not close. They
// cost memory and prove nothing, so their number is bounded, and when it is reached the oldest of whoever has most of
// them goes: a caller that says at once what it wants is always let in and gets a DICOM answer, however many are mute.
import type { Socket } from 'node:net';

const nobody: ReadonlySet<string> = new Set();

export class WaitingRoom {
  readonly #most: number;
  /** Addresses of listed callers: theirs go last. */
  readonly #known: ReadonlySet<string>;
  /** In the order in which they came. */
  readonly #waiting = new Map<Socket, string>();

  constructor(most: number, known: ReadonlySet<string> = nobody) {
    this.#most = most;
    this.#known = known;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a connection in; gives the one that has to go for it, if any. */
  enter(socket: Socket, address: string): Socket | undefined {
    this.#waiting.set(socket, address);
    if (this.#waiting.size <= this.#most) return undefined;
    const victim = this.#oldestOfMost();
    if (victim !== undefined) this.#waiting.delete(victim);
    return victim;
  }

  leave(socket: Socket): void {
    this.#waiting.delete(socket);
  }

  #oldestOfMost(): Socket | undefined {
    const strangers = [...this.#waiting].filter(([, address]) => !this.#known.has(address));
    const all = strangers.length > 0 ? strangers : [...this.#waiting];
    const count = new Map<string, number>();
    for (const [, address] of all) count.set(address, (count.get(address) ?? 0) + 1);
    const most = Math.max(...count.values());
    return all.find(([, address]) => count.get(address) === most)?.[0];
  }
}
