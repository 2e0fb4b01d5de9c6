import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appendLeaf,
  consistencyPlan,
  type Edge,
  emptyEdge,
  fold,
  inclusionPlan,
  leafHash,
  nodeCount,
  nodeHash,
  peakNodes,
  positionOf,
  proofOf,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../protocol/audit/merkle.ts';
import { hex, uintBytes } from '../../../protocol/bytes.ts';
import { sha256 } from '../../../protocol/hash.ts';

/** RFC 9162 2.1.1, word for word: what the incremental tree is compared with. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(uintBytes(i, 4)));
const nodes: Uint8Array[] = [];
const edges: Edge[] = [emptyEdge];
for (const leaf of leaves) {
  const grown = appendLeaf(edges[edges.length - 1]!, leaf);
  nodes.push(...grown.nodes);
  edges.push(grown.edge);
}
const roots = edges.map(rootOf);
const node = (which: { level: number; index: number }) => nodes[positionOf(which)]!;
const flip = (bytes: Uint8Array, bit: number) => bytes.map((b, i) => (i === bit >> 3 ? b ^ (1 << (bit & 7)) : b));

test('the incremental root is that of RFC 9162 for every size', () => {
  for (const [size, root] of roots.entries()) expect(hex(root), `size ${size}`).toBe(hex(mth(leaves.slice(0, size))));
});

test('nodes stand in the file where positionOf looks for them, and the peaks give the root', () => {
  expect(nodes.length).toBe(nodeCount(leaves.length));
  for (let size = 1; size <= leaves.length; size++) expect(fold(peakNodes(size).map(node))).toEqual(roots[size]);
});

test('every inclusion proof of every tree verifies, and nothing else does', () => {
  for (let size = 1; size <= 40; size++) {
    for (let index = 0; index < size; index++) {
      const proof = proofOf(inclusionPlan(index, size), node);
      const holds = (leaf: number, at: number, n: number) =>
        verifyInclusion(leaves[leaf]!, at, n, proof, roots[n] ?? roots[0]!);
      expect(holds(index, index, size)).toBe(true);
      expect(holds(index + 1, index, size)).toBe(false);
      expect(verifyInclusion(leaves[index]!, index, size, proof, roots[size + 1]!)).toBe(false);
      expect(verifyInclusion(leaves[index]!, index, size, [...proof, leaves[0]!], roots[size]!)).toBe(false);
      if (size > 1) expect(verifyInclusion(leaves[index]!, index, size, proof.slice(1), roots[size]!)).toBe(false);
    }
  }
});

test('every consistency proof between every two sizes verifies, and nothing else does', () => {
  for (let to = 1; to <= 40; to++) {
    for (let from = 0; from <= to; from++) {
      const proof = proofOf(consistencyPlan(from, to), node);
      expect(verifyConsistency(from, roots[from]!, to, roots[to]!, proof), `${from} to ${to}`).toBe(true);
      const other = flip(roots[from]!, 9);
      expect(verifyConsistency(from, other, to, roots[to]!, proof), `${from} to ${to}`).toBe(false);
      expect(verifyConsistency(from, roots[from]!, to, roots[to]!, [...proof, leaves[0]!])).toBe(false);
      if (proof.length > 0) expect(verifyConsistency(from, roots[from]!, to, roots[to]!, proof.slice(1))).toBe(false);
      expect(verifyConsistency(to + 1, roots[to + 1]!, to, roots[to]!, proof)).toBe(false);
    }
  }
});

test('a proof with any bit changed does not hold', () => {
  const bit = fc.integer({ min: 0, max: 255 });
  const sizes = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.nat(1000), bit);
  fc.assert(
    fc.property(sizes, ([size, pick, at]) => {
      const index = pick % size;
      const proof = proofOf(inclusionPlan(index, size), node);
      for (let i = 0; i < proof.length; i++) {
        const altered = proof.with(i, flip(proof[i]!, at));
        if (verifyInclusion(leaves[index]!, index, size, altered, roots[size]!)) return false;
      }
      const consistency = proofOf(consistencyPlan(index, size), node);
      for (let i = 0; i < consistency.length; i++) {
        const altered = consistency.with(i, flip(consistency[i]!, at));
        if (verifyConsistency(index, roots[index]!, size, roots[size]!, altered)) return false;
      }
      // every tree continues the empty one
      return index === 0 || !verifyConsistency(index, roots[index]!, size, flip(roots[size]!, at), consistency);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('what cannot be a tree or a proof is false or audit/range, never a crash', () => {
  expect(() => inclusionPlan(3, 3)).toThrow(expect.objectContaining({ code: 'audit/range' }));
  expect(() => consistencyPlan(4, 3)).toThrow(expect.objectContaining({ code: 'audit/range' }));
  const odd = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
  const proof = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 120 });
  fc.assert(
    fc.property(odd, odd, proof, (a, b, hashes) => {
      const root = leaves[1]!;
      return !verifyInclusion(root, a, b, hashes, leaves[2]!) && !verifyConsistency(a, root, b, leaves[2]!, hashes);
    }),
    { seed: 1, numRuns: 500 },
  );
});
