// What the protocol needs from outside and never takes by itself.

/** Unix time in milliseconds. */
export interface Clock {
  now(): number;
}

/** Fresh random bytes from the system's generator (from a seed only in sim/). */
export type Random = (length: number) => Uint8Array;
