// A data set as a tree of raw elements: short values as they came, long ones as ranges of the data set. It ends with the
// pixel data: what follows them in a data set (padding, signatures, private data) never belongs into a de-identified one.
import { PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { DatasetHandler, ElementEvent, FragmentEvent, OpenEvent } from '../../model/dataset-events.ts';
import { isPixelData } from '../../model/tags.ts';
import { type Encoding, transferSyntax } from '../../model/transfer-syntax.ts';
import type { Vr } from '../../model/vr.ts';
import { DatasetReader } from '../../read/dataset-reader.ts';
import { InflatingReader } from '../../read/inflate.ts';

interface Named {
  readonly tag: number;
  readonly vr: Vr;
}

export interface ValueNode extends Named {
  readonly kind: 'value';
  readonly value: Uint8Array;
  readonly littleEndian: boolean;
  /** The text of a value that was kept as it came, where it must not repeat what was removed. */
  readonly kept?: string;
  /** That text is one of a published list: no more than a person's name or number is looked for in it. */
  readonly coded?: boolean;
}

/** Bytes [offset, offset + length) of the data set; of the inflated one when it is deflated. */
export interface RangeNode extends Named {
  readonly kind: 'range';
  readonly offset: number;
  readonly length: number;
  readonly littleEndian: boolean;
}

export interface SequenceNode extends Named {
  readonly kind: 'sequence';
  readonly items: readonly DatasetNodes[];
}

export interface FragmentsNode extends Named {
  readonly kind: 'fragments';
  readonly fragments: readonly { readonly offset: number; readonly length: number }[];
}

export type DatasetNode = ValueNode | RangeNode | SequenceNode | FragmentsNode;
export type DatasetNodes = readonly DatasetNode[];

/** Where a data set comes from. */
export interface DatasetSource {
  readonly transferSyntax: string;
  /** Bytes [from, to) of the data set as it is stored, to its end without `to`; asked for more than once. */
  read(from: number, to?: number): AsyncIterable<Uint8Array>;
}

export interface Tree {
  readonly nodes: DatasetNodes;
  /** The data set is laid out in another way than its transfer syntax says: as this one. */
  readonly misdeclared: boolean;
}

/** Reads all but long values and pixel data. @throws PeerError dicom/*, deid/too-large */
export async function readTree({ transferSyntax: uid, read }: DatasetSource): Promise<Tree> {
  const syntax = transferSyntax(uid);
  const builder = new TreeBuilder();
  const reader = new DatasetReader({ encoding: syntax, valueBytes: limits.dicomValueBytes }, builder);
  const inflate = syntax.deflated ? new InflatingReader((chunk) => reader.push(chunk)) : undefined;
  for await (const chunk of read(0)) {
    if (inflate) await inflate.push(chunk);
    else reader.push(chunk);
    if (builder.done && !inflate) return { nodes: builder.root, misdeclared: reader.misdeclared };
  }
  await inflate?.end();
  reader.end();
  return { nodes: builder.root, misdeclared: reader.misdeclared };
}

/** The items in the value of an element that came as UN; undefined when the bytes are no sequence. */
export function sequenceIn(tag: number, value: Uint8Array, littleEndian: boolean): SequenceNode | undefined {
  // PS3.5 6.2.2: implicit VR little endian; programs that only lost the dictionary leave the items explicit
  const encodings: Encoding[] = [
    { explicit: false, littleEndian: true },
    { explicit: true, littleEndian },
  ];
  for (const encoding of encodings) {
    const node = parsed(tag, value, encoding);
    if (node !== undefined) return node;
  }
  return undefined;
}

function parsed(tag: number, value: Uint8Array, encoding: Encoding): SequenceNode | undefined {
  const header = Buffer.alloc(12);
  const long = encoding.explicit ? 12 : 8;
  const u16 = (at: number, number: number) =>
    encoding.littleEndian ? header.writeUInt16LE(number, at) : header.writeUInt16BE(number, at);
  u16(0, tag >>> 16);
  u16(2, tag & 0xffff);
  if (encoding.explicit) header.write('SQ', 4, 'latin1');
  if (encoding.littleEndian) header.writeUInt32LE(value.length, long - 4);
  else header.writeUInt32BE(value.length, long - 4);
  const builder = new TreeBuilder();
  const reader = new DatasetReader({ encoding, valueBytes: value.length }, builder);
  try {
    reader.push(Buffer.concat([header.subarray(0, long), value]));
    reader.end();
  } catch (error) {
    if (error instanceof PeerError) return undefined; // no sequence: the caller removes what it cannot look into
    throw error;
  }
  const [node] = builder.root;
  return node?.kind === 'sequence' && !reader.misdeclared ? node : undefined;
}

type Level = { readonly nodes: DatasetNode[]; readonly open: OpenEvent; readonly items: DatasetNodes[] };

class TreeBuilder implements DatasetHandler {
  readonly root: DatasetNode[] = [];
  /** The pixel data of the data set itself have begun: nothing more is wanted. */
  done = false;
  #nodes: DatasetNode[] = this.root;
  readonly #open: Level[] = [];
  #fragments: { offset: number; length: number }[] = [];
  #encapsulated: OpenEvent | undefined;
  #kept = 0;

  /** Asked about every long value before it comes: the only word of native pixel data before their end. */
  wants(tag: number, length: number, { vr, offset }: OpenEvent, littleEndian: boolean): boolean {
    if (this.#open.length > 0 || !isPixelData(tag) || this.done) return false;
    this.#add({ kind: 'range', tag, vr, offset, length, littleEndian });
    this.done = true;
    return false;
  }

  element({ tag, vr, offset, length, value, littleEndian }: ElementEvent): void {
    if (this.#ended(tag)) return;
    const pixels = this.#open.length === 0 && isPixelData(tag) && length > 0; // always flow by, however few
    const kept = pixels ? undefined : value;
    if (kept === undefined) this.#add({ kind: 'range', tag, vr, offset, length, littleEndian });
    else this.#add({ kind: 'value', tag, vr, value: kept.slice(), littleEndian });
    this.#kept += kept?.length ?? 0;
    if (this.#kept > limits.deidHeaderBytes) throw new PeerError('deid/too-large');
  }

  sequenceStart(open: OpenEvent): void {
    this.#open.push({ nodes: this.#nodes, open, items: [] });
  }

  sequenceEnd(): void {
    const { nodes, open, items } = this.#open.pop()!;
    this.#nodes = nodes;
    if (!this.#ended(open.tag)) this.#add({ kind: 'sequence', tag: open.tag, vr: 'SQ', items });
  }

  itemStart(): void {
    this.#nodes = [];
    this.#open.at(-1)!.items.push(this.#nodes);
  }

  itemEnd(): void {
    // what follows belongs to the sequence until its next item
  }

  fragmentsStart(open: OpenEvent): void {
    this.#encapsulated = open;
    this.#fragments = [];
  }

  fragment({ offset, length }: FragmentEvent): void {
    this.#fragments.push({ offset, length });
  }

  fragmentsEnd(): void {
    const { tag, vr } = this.#encapsulated!;
    if (!this.#ended(tag)) this.#add({ kind: 'fragments', tag, vr, fragments: this.#fragments });
  }

  #add(node: DatasetNode): void {
    this.#nodes.push(node);
  }

  #ended(tag: number): boolean {
    if (this.#open.length > 0) return false;
    const last = this.root.at(-1);
    return tag > 0x7fe00010 || (last !== undefined && isPixelData(last.tag));
  }
}
