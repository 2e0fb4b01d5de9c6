// A transfer's progress in the peer's database: small notes that survive a killed process without waiting for the disk.
import { concat, unhex, utf8 } from '../../../protocol/bytes.ts';
import type { Kv } from '../../store/kv.ts';
import type { ProgressStore } from './fetch-progress.ts';

/** @param kv whose `progress` bucket it uses; transfer ids are hex */
export function progressStore(kv: Kv): ProgressStore {
  const bucket = kv.bucket('progress');
  const decoder = new TextDecoder();
  return {
    async load(transferId) {
      const prefix = unhex(transferId);
      const entries = new Map<string, Uint8Array>();
      for await (const [key, value] of bucket.range(prefix))
        entries.set(decoder.decode(key.subarray(prefix.length)), value);
      return entries;
    },
    async save(transferId, changes) {
      const prefix = unhex(transferId);
      const writes = [...changes].map(([name, value]) => {
        const key = concat(prefix, utf8(name));
        return value === undefined ? { bucket: 'progress' as const, key } : { bucket: 'progress' as const, key, value };
      });
      await kv.note(writes);
    },
  };
}
