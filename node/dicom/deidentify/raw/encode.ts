// Writes a tree of raw elements as a data set, little-endian, explicit or implicit VR: short pieces gathered, long
// values streamed. Sequences and items get undefined lengths, so that nothing has to be counted before it is written.

import { tags } from '../../model/tags.ts';
import { hasLongForm, type Vr } from '../../model/vr.ts';
import { swapped, unitOf } from '../../pixels/stored-bytes.ts';
import { withoutComments } from './comments.ts';
import type { DatasetNode, DatasetNodes, FragmentsNode, RangeNode } from './nodes.ts';

const undefinedLength = 0xffffffff;
const batchBytes = 64 * 1024;

type Bytes = AsyncIterable<Uint8Array>;

export interface EncodeParts {
  readonly explicit: boolean;
  /** Byte order of the source. */
  readonly littleEndian: boolean;
  /** Bytes [offset, offset + length) of the source's data set. */
  readonly range: (offset: number, length: number) => Bytes;
  /** A change to the bytes of a long value, the identity for most. */
  readonly change: (node: RangeNode, bytes: Bytes) => Bytes;
}

/** The encoded data set, in pieces. */
export async function* encode(nodes: DatasetNodes, parts: EncodeParts): AsyncGenerator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces(nodes, parts.explicit)) {
    if (piece instanceof Uint8Array) {
      batch.push(piece);
      size += piece.length;
      if (size < batchBytes) continue;
    }
    if (size > 0) yield Buffer.concat(batch);
    batch = [];
    size = 0;
    if (piece instanceof Uint8Array) continue;
    if (piece.kind === 'fragments') yield* fragments(piece, parts);
    else yield* long(piece, parts);
  }
  if (size > 0) yield Buffer.concat(batch);
}

async function* long(node: RangeNode, { range, change }: EncodeParts): AsyncGenerator<Uint8Array> {
  const raw = range(node.offset, node.length);
  yield* change(node, node.littleEndian ? raw : swapped(raw, unitOf(node.vr)));
  if (node.length % 2 === 1) yield Uint8Array.of(0);
}

async function* fragments(node: FragmentsNode, { range, littleEndian }: EncodeParts): AsyncGenerator<Uint8Array> {
  const [first, last] = [node.fragments[0], node.fragments.at(-1)];
  if (first === undefined || last === undefined) return;
  // one range with the items' headers as they are, rather than a read for each of 100,000 fragments
  const even = node.fragments.every(({ length }) => length % 2 === 0);
  const start = first.offset - 8;
  if (littleEndian && even) {
    const streams = node.fragments.map(({ offset, length }) => ({ at: offset - start, length }));
    return yield* withoutComments(range(start, last.offset + last.length - start), streams);
  }
  for (const { offset, length } of node.fragments) {
    yield header(tags.item, undefined, length + (length % 2));
    if (length > 0) yield* withoutComments(range(offset, length), [{ at: 0, length }]);
    if (length % 2 === 1) yield Uint8Array.of(0);
  }
}

function* pieces(nodes: DatasetNodes, explicit: boolean): Generator<Uint8Array | RangeNode | FragmentsNode> {
  for (const node of nodes) {
    const { tag, vr } = node;
    const shown = explicit ? vr : undefined;
    if (node.kind === 'sequence') {
      yield header(tag, explicit ? 'SQ' : undefined, undefinedLength);
      for (const item of node.items) {
        yield header(tags.item, undefined, undefinedLength);
        yield* pieces(item, explicit);
        yield header(tags.itemEnd, undefined, 0);
      }
      yield header(tags.sequenceEnd, undefined, 0);
    } else if (node.kind === 'fragments') {
      yield header(tag, shown, undefinedLength);
      yield node;
      yield header(tags.sequenceEnd, undefined, 0);
    } else {
      const length = node.kind === 'value' ? node.value.length : node.length;
      yield header(tag, shown, length + (length % 2));
      if (node.kind === 'range') yield node;
      else yield* short(node);
    }
  }
}

function* short({ vr, value, littleEndian }: DatasetNode & { kind: 'value' }): Generator<Uint8Array> {
  const unit = littleEndian ? 1 : unitOf(vr);
  yield unit === 1 ? value : turned(value, unit);
  if (value.length % 2 === 1) yield Uint8Array.of(isTextual.test(vr) ? 0x20 : 0);
}

const isTextual = /^(AE|AS|CS|DA|DS|DT|IS|LO|LT|PN|SH|ST|TM|UC|UR|UT)$/;

function turned(value: Uint8Array, unit: number): Uint8Array {
  const bytes = new Uint8Array(value);
  for (let at = 0; at + unit <= bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
  return bytes;
}

/** An element's or item's header. What a short length cannot say is written as UN (PS3.5 6.2.2). */
function header(tag: number, vr: Vr | undefined, length: number): Uint8Array {
  const shown = vr !== undefined && !hasLongForm(vr) && length > 0xffff ? 'UN' : vr;
  const size = shown !== undefined && hasLongForm(shown) ? 12 : 8;
  const head = new Uint8Array(size);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  if (shown === undefined) view.setUint32(4, length, true);
  else {
    head[4] = shown.charCodeAt(0);
    head[5] = shown.charCodeAt(1);
    if (size === 12) view.setUint32(8, length, true);
    else view.setUint16(6, length, true);
  }
  return head;
}
