// Peer ids as libp2p's own objects and bytes, checked: only Ed25519 ones are members' (design: one kind of key).
import type { PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { publicKeyOf } from '../../protocol/identity.ts';

/** @throws PeerError field/invalid */
export function libp2pPeerId(peer: string): PeerId {
  publicKeyOf(peer);
  return peerIdFromString(peer);
}

/** The multihash that kad-dht hashes. @throws PeerError field/invalid */
export const peerIdBytes = (peer: string): Uint8Array => libp2pPeerId(peer).toMultihash().bytes;
