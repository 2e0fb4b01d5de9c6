// The Merkle tree of RFC 9162 section 2.1. Complete nodes are numbered in post-order: the order in which a growing tree
// makes them, so that they can be appended to one file and never change.
import { concat, equal } from '../bytes.ts';
import { must } from '../errors.ts';
import { sha256 } from '../hash.ts';
import { limits } from '../limits.ts';

/** The root of the tree of the first `size` leaves is made of these: the roots of its complete subtrees, largest first. */
export interface Edge {
  readonly size: number;
  readonly peaks: readonly Uint8Array[];
}

export const emptyEdge: Edge = { size: 0, peaks: [] };

/** A complete subtree: `level` 0 is a leaf, `index` counts from the left at that level. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

const half = (n: number): number => Math.floor(n / 2);

/** RFC 9162 2.1.1: SHA-256(0x00 || data). */
export const leafHash = (data: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(0), data));

/** RFC 9162 2.1.1: SHA-256(0x01 || left || right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(1), left, right));

/** Adds one leaf hash; `nodes` are the complete nodes that it finishes, the leaf first, in post-order. */
export function appendLeaf(edge: Edge, leaf: Uint8Array): { edge: Edge; nodes: Uint8Array[] } {
  const peaks = [...edge.peaks];
  const nodes = [leaf];
  let node = leaf;
  for (let rest = edge.size; rest % 2 === 1; rest = half(rest)) {
    node = nodeHash(peaks.pop()!, node);
    nodes.push(node);
  }
  peaks.push(node);
  return { edge: { size: edge.size + 1, peaks }, nodes };
}

/** The root of the tree with this edge; that of the empty tree is the hash of nothing. */
export const rootOf = (edge: Edge): Uint8Array => (edge.size === 0 ? sha256(new Uint8Array()) : fold(edge.peaks));

/** Joins adjacent subtrees, the largest first, into the one that holds them all. */
export function fold(peaks: readonly Uint8Array[]): Uint8Array {
  let root = peaks[peaks.length - 1]!;
  for (let i = peaks.length - 2; i >= 0; i--) root = nodeHash(peaks[i]!, root);
  return root;
}

/** How many complete nodes a tree of `size` leaves has. */
export function nodeCount(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = half(rest)) ones += rest % 2;
  return 2 * size - ones;
}

/** Where a complete node stands in post-order. */
export const positionOf = ({ level, index }: TreeNode): number => nodeCount((index + 1) * 2 ** level - 1) + level;

/** The complete subtrees that make up the leaves from `start` to `end` (exclusive), when `start` is where one may begin. */
function covering(start: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The nodes whose hashes are the peaks of the tree of `size` leaves. */
export const peakNodes = (size: number): TreeNode[] => covering(0, size);

/** The largest power of two below `n` (n > 1). */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * A proof before its hashes are read: each of its hashes is the `fold` of the complete nodes listed for it. So whoever
 * keeps the tree needs no more than to read nodes by their position.
 */
export type ProofPlan = readonly (readonly TreeNode[])[];

/** RFC 9162 2.1.3.1: that leaf `index` is in the tree of `size` leaves. @throws PeerError audit/range */
export function inclusionPlan(index: number, size: number): ProofPlan {
  must(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size, 'audit/range', {
    size,
  });
  const plan: TreeNode[][] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    const left = index < middle;
    plan.push(left ? covering(middle, end) : covering(start, middle));
    [start, end] = left ? [start, middle] : [middle, end];
  }
  return plan.reverse();
}

/** RFC 9162 2.1.4.1: that the tree of `from` leaves is the beginning of that of `to`. @throws PeerError audit/range */
export function consistencyPlan(from: number, to: number): ProofPlan {
  must(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to, 'audit/range', { from, to });
  if (from === 0 || from === to) return [];
  const plan: TreeNode[][] = [];
  let [start, end, known] = [0, to, true];
  while (end !== from) {
    const middle = start + splitOf(end - start);
    const left = from <= middle;
    plan.push(left ? covering(middle, end) : covering(start, middle));
    if (!left) known = false; // the old root is no longer the subtree at hand: its own hash must be given too
    [start, end] = left ? [start, middle] : [middle, end];
  }
  if (!known) plan.push(covering(start, end));
  return plan.reverse();
}

/** Reads the hashes of a plan through `node`. */
export const proofOf = (plan: ProofPlan, node: (which: TreeNode) => Uint8Array): Uint8Array[] =>
  plan.map((nodes) => fold(nodes.map(node)));

const usable = (proof: readonly Uint8Array[]): boolean =>
  proof.length <= limits.auditProofHashes && proof.every((hash) => hash.length === 32);

/** RFC 9162 2.1.3.2: true if `proof` shows that `leaf` (a leaf hash) is at `index` of the tree of `size` with `root`. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!usable(proof) || !Number.isSafeInteger(size) || !Number.isSafeInteger(index)) return false;
  if (index < 0 || index >= size) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(hash, root);
}

/** RFC 9162 2.1.4.2: true if `proof` shows that the tree of `from` leaves is the beginning of that of `to` leaves. */
export function verifyConsistency(
  from: number,
  fromRoot: Uint8Array,
  to: number,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!usable(proof) || !Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (from === to) return proof.length === 0 && equal(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && equal(fromRoot, rootOf(emptyEdge));
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  // a `from` that is a power of two is itself the first node of the path
  const path = fn === 0 ? [fromRoot, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let [fr, sr] = [first, first];
  for (const hash of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(hash, fr), nodeHash(hash, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, hash);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fr, fromRoot) && equal(sr, toRoot);
}
