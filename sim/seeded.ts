// Randomness from a seed: the same names give the same numbers. Only the simulator may have this.
import { createHash } from 'node:crypto';
import type { Random } from '../protocol/ports.ts';

export class Seeded {
  readonly #name: string;
  readonly #state = new Uint32Array(4);

  constructor(...names: readonly (string | number)[]) {
    this.#name = JSON.stringify(names);
    const hash = createHash('sha256').update(this.#name).digest();
    for (let i = 0; i < 4; i++) this.#state[i] = hash.readUInt32LE(4 * i);
  }

  /** A stream of its own, whatever was drawn from this one. */
  of(...names: readonly (string | number)[]): Seeded {
    return new Seeded(this.#name, ...names);
  }

  /** 32 random bits (xoshiro128**, Blackman and Vigna). */
  #next(): number {
    const s = this.#state;
    const five = Math.imul(s[1]!, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** From 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  /** From `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.int(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)]!;
  }

  /** `count` different ones, in random order. */
  some<T>(from: readonly T[], count: number): T[] {
    const all = [...from];
    for (let i = 0; i < Math.min(count, all.length); i++) {
      const other = this.between(i, all.length - 1);
      [all[i], all[other]] = [all[other]!, all[i]!];
    }
    return all.slice(0, count);
  }

  readonly bytes: Random = (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      let word = this.#next();
      for (let i = 0; i < 4 && at < length; i++, word >>>= 8) out[at++] = word & 255;
    }
    return out;
  };
}
