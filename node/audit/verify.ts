// Recomputes the whole log from its file: every leaf from its entry's bytes and key, every node, every offset, the root.
import { entryLeaf } from '../../protocol/audit/entry.ts';
import { appendLeaf, type Edge, emptyEdge, rootOf } from '../../protocol/audit/merkle.ts';
import { equal, hex, uintBytes } from '../../protocol/bytes.ts';
import { limits } from '../../protocol/limits.ts';
import { derivedReader, type LogFiles, readFrames, readHead } from './files.ts';
import type { LogFrame } from './frame.ts';

/** What is wrong: an entry's bytes, the tree's or the offsets' file, a head that was given out, the end of the log. */
interface Problem {
  readonly at: 'entry' | 'tree' | 'offsets' | 'head' | 'end';
  /** Entry or size. */
  readonly index: number;
}

export interface Verification {
  readonly ok: boolean;
  /** Entries whose bytes are there. */
  readonly entries: number;
  /** How many of them can't be opened any more, because their patient was erased. */
  readonly erased: number;
  readonly head: { readonly size: number; readonly root: string };
  /** The first `limits.auditProblems` of them. */
  readonly problems: readonly Problem[];
}

/** A size and root (hex) that somebody was given or has seen. */
export interface KnownHead {
  readonly size: number;
  readonly root: string;
}

/** @param edge what the running log takes for its tree, `bytes` for its length */
export async function verifyLog(
  files: LogFiles,
  edge: Edge,
  bytes: number,
  keyOf: (ref: string | undefined) => Promise<Uint8Array | undefined>,
  known: readonly KnownHead[],
): Promise<Verification> {
  const problems: Problem[] = [];
  const report = (at: Problem['at'], index: number) => {
    if (problems.length < limits.auditProblems) problems.push({ at, index });
  };
  const stored = await readHead(files);
  const heads = [...known, ...(stored === undefined ? [] : [stored])];
  const checkHeads = (at: Edge) => {
    const root = heads.some((each) => each.size === at.size) ? hex(rootOf(at)) : '';
    if (heads.some((each) => each.size === at.size && each.root !== root)) report('head', at.size);
  };

  let found = emptyEdge;
  let erased = 0;
  checkHeads(found);
  const [tree, offsets] = [derivedReader(files.tree, 'tree'), derivedReader(files.offsets, 'offsets')];
  for await (const { at, frame } of readFrames(files, 0, bytes)) {
    const index = found.size;
    const key = await keyOf(frame.ref);
    if (key === undefined) erased++;
    else if (!equal(leafOf(key, index, frame), frame.leaf)) report('entry', index);
    const grown = appendLeaf(found, frame.leaf);
    for (const node of grown.nodes) if (!equal(await tree(), node)) report('tree', index);
    if (!equal(await offsets(), uintBytes(at, 6))) report('offsets', index);
    found = grown.edge;
    checkHeads(found);
  }
  if (found.size !== edge.size || !equal(rootOf(found), rootOf(edge))) report('end', found.size);
  for (const each of heads) if (each.size > found.size) report('head', each.size);
  const head = { size: found.size, root: hex(rootOf(found)) };
  return { ok: problems.length === 0, entries: found.size, erased, head, problems };
}

const leafOf = (key: Uint8Array, index: number, frame: LogFrame): Uint8Array =>
  entryLeaf(key, index, frame.nonce, frame.sealed);
