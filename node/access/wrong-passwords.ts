// After wrong passwords an account's next ones wait: guessing gets slow, and nobody is shut out for good. Names that no
// user has wait the same, so that the wait tells nothing. Kept in memory: a start forgives.
import { PeerError } from '../../protocol/errors.ts';
import type { Clock } from '../../protocol/ports.ts';

/** Wrong passwords of one account after which the next waits, and the longest wait, to which it doubles. */
const freeGuesses = 5;
const longestSeconds = 900;
/** Accounts, there or not, that are remembered; the oldest are forgotten. */
const mostAccounts = 10_000;

interface Wrong {
  readonly count: number;
  /** Unix ms before which no password is looked at. */
  readonly until: number;
}

export class WrongPasswords {
  /** In the order of the last attempt. */
  readonly #wrong = new Map<string, Wrong>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Before a password is looked at: it counts as wrong until it is known to be right, so that many at once are not more
   * guesses than one after the other.
   * @throws PeerError user/wait with the seconds that are left
   */
  attempt(account: string): void {
    const now = this.#clock.now();
    const { count, until } = this.#wrong.get(account) ?? { count: 0, until: 0 };
    const left = until - now;
    // more than the longest wait is left when the clock was set back: that holds nobody up
    if (left > 0 && left <= longestSeconds * 1000)
      throw new PeerError('user/wait', { seconds: Math.ceil(left / 1000) });
    this.#wrong.delete(account);
    this.#wrong.set(account, { count: count + 1, until: now + waitMs(count + 1) });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > mostAccounts) this.#wrong.delete(oldest!);
  }

  right(account: string): void {
    this.#wrong.delete(account);
  }
}

/** 1, 2, 4 .. 900 s from the fifth on. */
function waitMs(count: number): number {
  if (count < freeGuesses) return 0;
  return 1000 * Math.min(2 ** (count - freeGuesses), longestSeconds);
}
