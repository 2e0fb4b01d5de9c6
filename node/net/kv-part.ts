/** What the network parts need of a key space on disk; store/kv.ts's buckets are such. */
export interface KvPart {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  del(key: Uint8Array): Promise<void>;
  /** Entries whose key starts with `prefix`, in key order. */
  range(prefix?: Uint8Array): AsyncIterable<[key: Uint8Array, value: Uint8Array]>;
}
