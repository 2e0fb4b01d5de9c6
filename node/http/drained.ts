// The rest of a body that nobody wants any more.
import type { Readable } from 'node:stream';
import { limits } from '../../protocol/limits.ts';

/**
 * Reads on to the end of a body that was refused in its middle: most clients look for an answer only when they have sent
 * everything. False when it is too long for that.
 */
export async function drained(body: Readable): Promise<boolean> {
  let left = limits.httpDrainBytes;
  if (body.destroyed || body.readableEnded) return true;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    left -= (chunk as Uint8Array).length;
    if (left < 0) return false;
  }
  return true;
}
