// Replays: a message is named by (signer, its own id) and remembered until its notAfter. The peer keeps the memory on
// disk; here is only what it means.

/** What the peer remembers of a request. */
export interface Remembered {
  /** Digest of the request, hex. */
  readonly digest: string;
  /** Unix ms; forgotten after it. */
  readonly notAfter: number;
}

/**
 * - `first`: remember it durably, then act on it;
 * - `again`: the same message once more, as after a lost answer: give the stored answer, do nothing anew;
 * - `conflict`: the id was used for another message: refuse with `access/replayed`.
 */
export type Replay = 'first' | 'again' | 'conflict';

/**
 * A memory past its notAfter no longer counts: the message itself has expired by then and is refused for that.
 * @param remembered what is stored under (signer, id)
 */
export function replayOf(remembered: Remembered | undefined, digest: string, now: number): Replay {
  if (remembered === undefined || now >= remembered.notAfter) return 'first';
  return remembered.digest === digest ? 'again' : 'conflict';
}
