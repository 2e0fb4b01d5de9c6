// A window of contiguous bytes over a stream of chunks: most reads are views of the chunk, only what lies across a
// chunk's edge is copied, and what is skipped is never touched.

const empty = new Uint8Array(0);

export class ByteWindow {
  /** After `need(n)`: the n bytes start at `at` of `bytes`, valid until the next call. */
  bytes: Uint8Array = empty;
  at = 0;
  /** Position in the whole stream of the next byte that is not consumed yet. */
  offset = 0;
  #chunk: Uint8Array = empty;
  #next = 0;
  #carry: Uint8Array = new Uint8Array(256);
  #carried = 0;

  /** Gives the next chunk; the one before must have been used up (`need` and `skip` said so). */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#next = 0;
  }

  /** Makes n bytes contiguous, or keeps what there is and says false: feed more. */
  need(n: number): boolean {
    const left = this.#chunk.length - this.#next;
    if (this.#carried === 0 && left >= n) {
      this.bytes = this.#chunk;
      this.at = this.#next;
      return true;
    }
    if (this.#carried < n) {
      const part = Math.min(n - this.#carried, left);
      this.#grow(this.#carried + part);
      this.#carry.set(this.#chunk.subarray(this.#next, this.#next + part), this.#carried);
      this.#carried += part;
      this.#next += part;
      if (this.#carried < n) return false;
    }
    this.bytes = this.#carry;
    this.at = 0;
    return true;
  }

  /** Moves past the n bytes that `need` has just shown. */
  consume(n: number): void {
    if (this.#carried > 0) this.#carried = 0;
    else this.#next += n;
    this.offset += n;
  }

  /** Moves past up to n bytes without looking at them; says how many there were. */
  skip(n: number): number {
    const part = Math.min(n, this.#chunk.length - this.#next);
    this.#next += part;
    this.offset += part;
    return part;
  }

  /** Bytes kept from earlier chunks for a `need` that is not met yet. */
  get waiting(): Uint8Array {
    return this.#carry.subarray(0, this.#carried);
  }

  /** Lets go of the chunk, so that its memory is not held until the next one. */
  release(): void {
    this.#chunk = empty;
    this.#next = 0;
    this.bytes = empty;
  }

  // Grows with what has arrived, never by a length that the sender only claims.
  #grow(size: number): void {
    if (size <= this.#carry.length) return;
    const bigger = new Uint8Array(Math.max(size, this.#carry.length * 2));
    bigger.set(this.#carry.subarray(0, this.#carried));
    this.#carry = bigger;
  }
}
