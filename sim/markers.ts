// Finds secrets in bytes: names, identifiers and keys that must not be readable where we look. One pass over the bytes
// whatever the number of markers: the first three bytes tell by a table whether any can begin there.
export class Markers {
  readonly #begins = new Uint8Array(2 ** 24 / 8);
  readonly #byStart = new Map<number, { what: string; bytes: Uint8Array }[]>();
  readonly #known = new Set<string>();

  /** @param bytes at least 3 and at most 80 */
  add(what: string, bytes: Uint8Array): void {
    const name = Buffer.from(bytes).toString('latin1');
    if (this.#known.has(name)) return;
    this.#known.add(name);
    const start = startOf(bytes, 0);
    this.#begins[start >> 3]! |= 1 << (start & 7);
    const others = this.#byStart.get(start) ?? [];
    this.#byStart.set(start, [...others, { what, bytes: Uint8Array.from(bytes) }]);
  }

  /** What the first marker in the bytes is, if there is one. */
  find(bytes: Uint8Array): string | undefined {
    for (let at = 0; at + 2 < bytes.length; at++) {
      const start = startOf(bytes, at);
      if ((this.#begins[start >> 3]! & (1 << (start & 7))) === 0) continue;
      for (const { what, bytes: marker } of this.#byStart.get(start)!) {
        if (marker.every((byte, i) => bytes[at + i] === byte)) return what;
      }
    }
    return undefined;
  }
}

const startOf = (bytes: Uint8Array, at: number): number => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
