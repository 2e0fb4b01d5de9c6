// What happens to the log at start: the derived files are brought up to the log's last whole entry, and what a crash
// left behind it is cut off. Reads from the last checkpoint on, unless the derived files are missing or wrong.
import { appendLeaf, type Edge, emptyEdge, rootOf } from '../../protocol/audit/merkle.ts';
import { hex } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import {
  type Checkpoint,
  type LogFiles,
  readAt,
  readCheckpoint,
  readEdge,
  readFrames,
  readHead,
  writeCheckpoint,
  writeDerived,
} from './files.ts';
import { frameBytes, parseLogFrame } from './frame.ts';

export interface Recovered {
  readonly edge: Edge;
  /** Length of the log. */
  readonly bytes: number;
  /** Bytes of an unacknowledged write that were cut off. */
  readonly cutBytes: number;
}

/** @throws PeerError audit/damaged when something acknowledged is missing or changed */
export async function recover(files: LogFiles): Promise<Recovered> {
  const checkpoint = await readCheckpoint(files);
  const { size: logBytes } = await files.log.stat();
  must(checkpoint === undefined || logBytes >= checkpoint.bytes, 'audit/damaged', { at: 'log', bytes: logBytes });
  const start = await startOf(files, checkpoint);
  const { edge, bytes } = await replay(files, start, logBytes, checkpoint);
  if (bytes < logBytes) await cutTail(files, bytes, logBytes, checkpoint);
  if (edge.size > start.edge.size || bytes < logBytes) await files.log.datasync();
  await checkHead(files, edge.size);
  if (checkpoint === undefined || checkpoint.bytes !== bytes) await writeCheckpoint(files, edge, bytes);
  return { edge, bytes, cutBytes: logBytes - bytes };
}

interface Position {
  readonly edge: Edge;
  readonly bytes: number;
}

async function startOf(files: LogFiles, checkpoint: Checkpoint | undefined): Promise<Position> {
  if (checkpoint !== undefined) {
    const edge = await readEdge(files, checkpoint.size);
    if (edge !== undefined && hex(rootOf(edge)) === checkpoint.root) return { edge, bytes: checkpoint.bytes };
  }
  return { edge: emptyEdge, bytes: 0 };
}

async function replay(files: LogFiles, start: Position, end: number, known: Checkpoint | undefined): Promise<Position> {
  let { edge, bytes } = start;
  let [written, nodes, offsets]: [Edge, Uint8Array[], number[]] = [edge, [], []];
  for await (const { at, next, frame } of readFrames(files, bytes, end)) {
    const grown = appendLeaf(edge, frame.leaf);
    nodes.push(...grown.nodes);
    offsets.push(at);
    edge = grown.edge;
    bytes = next;
    const changed = edge.size === known?.size && hex(rootOf(edge)) !== known.root;
    must(!changed, 'audit/damaged', { at: 'log', size: edge.size });
    if (offsets.length >= limits.auditCheckpointEntries) {
      await writeDerived(files, written, nodes, offsets);
      [written, nodes, offsets] = [edge, [], []];
    }
  }
  if (offsets.length > 0) await writeDerived(files, written, nodes, offsets);
  return { edge, bytes };
}

/**
 * A frame names what was durable before it. So if a whole one stands behind bad bytes and counts them as durable, they
 * were acknowledged, and cutting them off would hide it.
 */
async function cutTail(files: LogFiles, from: number, end: number, known: Checkpoint | undefined): Promise<void> {
  const damaged = new PeerError('audit/damaged', { at: 'log', bytes: from });
  if (known !== undefined && from < known.bytes) throw damaged;
  // the batch that `from` lies in is no longer than this, and the first frame of the next would follow it
  const tail = await readAt(files.log, from, Math.min(end - from, limits.auditBatchBytes + 3 * frameBytes));
  for (let at = 1; at < tail.length; at++) {
    const found = parseLogFrame(tail.subarray(at));
    if (found !== undefined && found.frame.durable > from) throw damaged;
  }
  await files.log.truncate(from);
}

/** The last head that others were given must be of this log. */
async function checkHead(files: LogFiles, size: number): Promise<void> {
  const head = await readHead(files);
  if (head === undefined) return;
  const edge = head.size <= size ? await readEdge(files, head.size) : undefined;
  must(edge !== undefined && hex(rootOf(edge)) === head.root, 'audit/damaged', { at: 'head', size, head: head.size });
}
