// GCM does not commit to its key: this makes one ciphertext that opens under two keys (Dodis et al. 2018, "Fast message
// franking"), and shows that a sealed object made of it still opens under one only.
import { describe, expect, it } from 'vitest';
import { concat } from '../../../protocol/bytes.ts';
import { aadBytes, chunkNonce, encodeHeader } from '../../../protocol/seal/header.ts';
import { commitmentOf, objectKey } from '../../../protocol/seal/keys.ts';
import { openAll, openHeader } from '../../../protocol/seal/opener.ts';
import { collide } from '../../e2e/gcm-collision.ts';
import { parts, refused, salt } from './samples.ts';

const [shown, hidden] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;

describe('key commitment', () => {
  const key1 = objectKey(shown, salt);
  const key2 = objectKey(hidden, salt);
  const header = encodeHeader({
    log2ChunkSize: 12,
    encoding: 0,
    salt,
    commitment: commitmentOf(key1),
    plainLength: 16,
  });
  const aad = header.subarray(0, aadBytes);
  const nonce = chunkNonce(0, true);
  const sealed = collide(key1, key2, nonce, aad);

  it('is needed: GCM alone opens one chunk under two keys', () => {
    const one = parts.bulk.gcm(key1).open(nonce, aad, sealed);
    const other = parts.bulk.gcm(key2).open(nonce, aad, sealed);
    expect(one).toBeDefined();
    expect(other).toBeDefined();
    expect(one).not.toEqual(other);
  });

  it('lets the object open under one key only, before any chunk is tried', () => {
    const object = concat(header, sealed);
    expect(openAll(object, shown, parts.bulk)).toHaveLength(16);
    expect(refused(() => openHeader(object.subarray(0, 80), hidden, parts.bulk)).code).toBe('seal/commitment');
  });
});
