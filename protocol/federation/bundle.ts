// The roster file: what the authority hands out and `join` takes. CBOR {rosters: [envelope 0..n], cards: [envelope]}.
import { must, PeerError } from '../errors.ts';
import type { Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { array, bytes, payload } from '../schema.ts';
import { type ChainAction, type Pinned, stepChainThrough, unpinned } from './chain.ts';

export const bundlePayload = payload(
  {
    rosters: array(bytes({ min: 1, max: limits.rosterBytes }), limits.rosterNumbers + limits.forkEvidence, 1),
    cards: array(bytes({ min: 1, max: limits.cardBytes }), limits.members),
  },
  limits.bundleBytes,
);

export type Bundle = ReturnType<typeof bundlePayload.decode>;

/** @throws PeerError cbor/too-long */
export function encodeBundle(bundle: Bundle): Uint8Array {
  const encoded = bundlePayload.encode(bundle);
  must(encoded.length <= limits.bundleBytes, 'cbor/too-long', { length: encoded.length, max: limits.bundleBytes });
  return encoded;
}

/** @throws PeerError cbor/*, field/* */
export const decodeBundle = (input: Uint8Array): Bundle => bundlePayload.decode(input);

/**
 * The chain in a roster file, from roster 0 to its last, every link checked. Cards are the caller's to check.
 * @param options `federation` (hex) when its fingerprint was compared out of band
 * @throws PeerError the first refusal; roster/broken-chain when numbers are missing
 */
export function chainOfBundle(
  bundle: Bundle,
  options: { federation?: string | undefined; now: number },
  parts: { verify: Verify },
): { state: Pinned; actions: readonly ChainAction[] } {
  const [state, actions] = stepChainThrough(unpinned(options.federation), bundle.rosters, options.now, parts);
  for (const action of actions) {
    if (action.kind === 'refused') throw action.error;
    if (action.kind === 'fetch') throw new PeerError('roster/broken-chain', { missing: action.from });
  }
  must(state.kind !== 'unpinned', 'roster/broken-chain', { missing: 0 });
  return { state, actions };
}
