// Chance that a number decides: the same draws for the same seed and input, on every machine (sfc32).
export class Chance {
  #state: [number, number, number, number];

  constructor(seed: number, input: number) {
    this.#state = [seed | 0, input | 0, 0x9e3779b9, 1];
    for (let i = 0; i < 16; i++) this.#next();
  }

  #next(): number {
    let [a, b, c, d] = this.#state;
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    this.#state = [a, b, c, d];
    return t >>> 0;
  }

  /** From 0 to below `end`. */
  below(end: number): number {
    return this.#next() % Math.max(1, end);
  }

  /** True once in so many. */
  oneIn(many: number): boolean {
    return this.below(many) === 0;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next());
  }
}
