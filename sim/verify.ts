// Many peers in one process verify the same signatures: each is verified once. The answer is the native one's.
import { createHash } from 'node:crypto';
import { nativeVerify } from '../node/system/machine.ts';
import type { Verify } from '../protocol/identity.ts';

const most = 200_000;

export function rememberingVerify(): Verify {
  const known = new Map<string, boolean>();
  return (signature, message, publicKey) => {
    const name = createHash('sha256').update(publicKey).update(signature).update(message).digest('base64');
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= most) known.clear();
    const holds = publicKey.length === 32 && signature.length === 64 && nativeVerify(signature, message, publicKey);
    known.set(name, holds);
    return holds;
  };
}
