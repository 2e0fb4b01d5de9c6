// What goes on under a token: streams of events, downloads. They end with it, at once.

export class HeldTokens {
  readonly #held = new Map<string, Set<() => void>>();

  /** Has `end` called when the token of this id ends. Gives what stops that. */
  hold(id: string, end: () => void): () => void {
    const ends = this.#held.get(id) ?? new Set();
    this.#held.set(id, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0 && this.#held.get(id) === ends) this.#held.delete(id);
    };
  }

  ended(id: string): void {
    const ends = this.#held.get(id) ?? [];
    this.#held.delete(id);
    for (const end of ends) end();
  }
}
