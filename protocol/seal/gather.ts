// Makes whole units (a header, sealed chunks) of bytes that come in any split.

/** Copies only what comes in parts: a piece that holds a whole unit gives it as a view. */
export class Gather {
  #buffer = new Uint8Array(0);
  #held = 0;

  /**
   * Takes what is missing to a unit of `want` bytes from the start of `bytes`. The unit, once it is whole, is valid
   * until the next call.
   */
  take(bytes: Uint8Array, want: number): { taken: number; unit?: Uint8Array } {
    if (this.#held === 0 && bytes.length >= want) return { taken: want, unit: bytes.subarray(0, want) };
    // larger only between two units, when nothing is held
    if (this.#buffer.length < want) this.#buffer = new Uint8Array(want);
    const piece = bytes.subarray(0, want - this.#held);
    this.#buffer.set(piece, this.#held);
    this.#held += piece.length;
    if (this.#held < want) return { taken: piece.length };
    this.#held = 0;
    return { taken: piece.length, unit: this.#buffer.subarray(0, want) };
  }
}
