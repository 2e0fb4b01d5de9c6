// Who gets a place for an association. Listed callers keep places that nobody else can take: an address or certificate
// proves who calls, an AE title alone anybody can claim, and an unlisted address proves nothing.
import { limits } from '../../../../protocol/limits.ts';
import type { Caller } from '../contexts.ts';

interface Place {
  readonly caller: Caller | undefined;
  readonly address: string;
}

/** How much is proved: nothing, a listed AE title, a listed address or certificate. */
type Standing = 'unlisted' | 'titled' | 'pinned';

function standingOf(caller: Caller | undefined): Standing {
  if (caller === undefined) return 'unlisted';
  return caller.host === undefined && caller.fingerprint === undefined ? 'titled' : 'pinned';
}

/** The part of all places that those of one standing and of lower ones may hold together. */
const shares: Readonly<Record<Standing, number>> = { unlisted: 0.5, titled: 0.75, pinned: 1 };

export class Places<Holder extends object> {
  readonly #total: number;
  readonly #listed: boolean;
  readonly #taken = new Map<Holder, Place>();

  /** @param total places; without `callers` there is nobody to keep any for */
  constructor(total: number, callers: readonly Caller[] | undefined) {
    this.#total = total;
    this.#listed = callers !== undefined && callers.length > 0;
  }

  get size(): number {
    return this.#taken.size;
  }

  /** False where there is no place for this caller, or for this address. */
  take(holder: Holder, place: Place): boolean {
    if (!this.#isRoom(place)) return false;
    this.#taken.set(holder, place);
    return true;
  }

  /** False if it had none. */
  leave(holder: Holder): boolean {
    return this.#taken.delete(holder);
  }

  has(holder: Holder): boolean {
    return this.#taken.has(holder);
  }

  #isRoom({ caller, address }: Place): boolean {
    const taken = [...this.#taken.values()];
    if (taken.length >= this.#total) return false;
    if (caller !== undefined) {
      const same = taken.filter((each) => each.caller === caller).length;
      if (same >= (caller.maxAssociations ?? limits.dimseCallerAssociations)) return false;
    }
    const standing = standingOf(caller);
    if (standing === 'pinned') return true;
    const unpinned = taken.filter((each) => standingOf(each.caller) !== 'pinned');
    if (unpinned.filter((each) => each.address === address).length >= limits.dimseAddressAssociations) return false;
    if (!this.#listed) return true;
    const below = standing === 'unlisted' ? unpinned.filter((each) => each.caller === undefined) : unpinned;
    return below.length < Math.max(1, Math.floor(this.#total * shares[standing]));
  }
}
