/** The bytes of a file in memory. */
export class FileBytes {
  #data = new Uint8Array(1024);
  length = 0;

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#data.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#data.length));
      larger.set(this.#data.subarray(0, this.length));
      this.#data = larger;
    }
    this.#data.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  truncate(length: number): void {
    if (length > this.length) this.write(this.length, new Uint8Array(length - this.length));
    this.#data.fill(0, length, this.length);
    this.length = length;
  }

  /** A view of what is there now. */
  get view(): Uint8Array {
    return this.#data.subarray(0, this.length);
  }
}
