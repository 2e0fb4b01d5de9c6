import type { KvPart } from '../../../node/net/kv-part.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';

/** A key space that would be on disk. */
export class MemoryKv implements KvPart {
  readonly entries = new Map<string, Uint8Array>();

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.entries.get(hex(key))?.slice();
  }

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    this.entries.set(hex(key), value.slice());
  }

  async del(key: Uint8Array): Promise<void> {
    this.entries.delete(hex(key));
  }

  async *range(prefix: Uint8Array = new Uint8Array()): AsyncIterable<[Uint8Array, Uint8Array]> {
    const start = hex(prefix);
    const found = [...this.entries].filter(([key]) => key.startsWith(start)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, value] of found) yield [unhex(key), value.slice()];
  }
}
