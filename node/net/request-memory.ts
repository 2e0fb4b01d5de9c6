// How many bytes of requests may be in memory: in all, and of one peer. Taken as they arrive, so that an announcement
// alone takes nothing from anybody. A peer never gets more than what it leaves to all others: however many take what they
// can, the next one gets some.
import { must } from '../../protocol/errors.ts';

/** One request's part. */
export interface Reservation {
  /** @throws PeerError net/busy when there is no memory left for it */
  take(bytes: number): void;
  free(): void;
}

export class RequestMemory {
  readonly #total: number;
  readonly #perPeer: number;
  #used = 0;
  readonly #usedBy = new Map<string, number>();

  constructor(total: number, perPeer: number) {
    this.#total = total;
    this.#perPeer = perPeer;
  }

  of(peer: string): Reservation {
    let mine = 0;
    return {
      take: (bytes) => {
        const used = this.#usedBy.get(peer) ?? 0;
        const left = this.#total - this.#used - bytes;
        const fits = used + bytes <= this.#perPeer && used + bytes <= left;
        must(fits, 'net/busy', { bytes, used });
        this.#add(peer, bytes);
        mine += bytes;
      },
      free: () => {
        this.#add(peer, -mine);
        mine = 0;
      },
    };
  }

  #add(peer: string, bytes: number): void {
    this.#used += bytes;
    const used = (this.#usedBy.get(peer) ?? 0) + bytes;
    if (used > 0) this.#usedBy.set(peer, used);
    else this.#usedBy.delete(peer);
  }
}
