// Finds secrets in bytes: names, identifiers and keys that must not be readable where we look. One pass over the bytes
// whatever the number of markers: a small table tells by two bytes whether any can begin there.
export class Markers {
  readonly #begins = new Uint8Array(2 ** 16);
  readonly #byStart = new Map<number, { what: string; bytes: Uint8Array }[]>();
  readonly #known = new Set<string>();

  /** @param bytes at least 4 and at most 80 */
  add(what: string, bytes: Uint8Array): void {
    const name = Buffer.from(bytes).toString('latin1');
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#begins[(bytes[0]! << 8) | bytes[1]!] = 1;
    const start = startOf(bytes, 0);
    const others = this.#byStart.get(start) ?? [];
    this.#byStart.set(start, [...others, { what, bytes: Uint8Array.from(bytes) }]);
  }

  /** What the first marker in the bytes is, if there is one. */
  find(bytes: Uint8Array): string | undefined {
    const begins = this.#begins;
    let two = bytes[0] ?? 0;
    for (let at = 1; at < bytes.length - 2; at++) {
      two = ((two << 8) | bytes[at]!) & 0xffff;
      if (begins[two] === 0) continue;
      for (const { what, bytes: marker } of this.#byStart.get(startOf(bytes, at - 1)) ?? []) {
        if (marker.every((byte, i) => bytes[at - 1 + i] === byte)) return what;
      }
    }
    return undefined;
  }
}

const startOf = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
