// Kademlia distance as kad-dht measures it: SHA-256 of the key XOR SHA-256 of the peer id's multihash.
import { sha256 } from '../../../protocol/hash.ts';
import { peerIdBytes } from '../peer-ids.ts';

/** The peers closest to the key, nearest first. */
export function closestOf(key: Uint8Array, peers: Iterable<string>, count: number): string[] {
  const target = sha256(key);
  const ranked = [...new Set(peers)].map((peer) => ({ peer, place: sha256(peerIdBytes(peer)) }));
  ranked.sort((a, b) => compareDistance(target, a.place, b.place));
  return ranked.slice(0, count).map((each) => each.peer);
}

function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < target.length; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}
