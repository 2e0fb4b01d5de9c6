// A data set of short attributes and a few long values that stream past: nothing long is ever in memory. Explicit VR
// little endian (PS3.5 A.2), long values native or as fragments (A.4).
import { must } from '../../../protocol/errors.ts';
import type { DicomJson } from '../model/json.ts';
import { hasLongForm, type Vr } from '../model/vr.ts';
import { writeDataset } from './write-dataset.ts';

/** Bytes of a known length that can be read once. */
export interface Stream {
  readonly length: number;
  bytes(): AsyncIterable<Uint8Array>;
}

/** A long value of the top level. */
export interface LongValue {
  /** Eight hexadecimal digits, as in DICOM JSON. */
  readonly tag: string;
  readonly vr: Vr;
  /** Of a native value: its pieces, one after the other. Of an encapsulated one: its fragments. */
  readonly pieces: readonly Stream[];
  readonly encapsulated: boolean;
}

const lengthMost = 0xfffffffe;
const shortMost = 0xfffe;
const padsWithSpace = new Set<Vr>(['UT', 'UC', 'UR', 'LT', 'ST']);

/**
 * The data set's bytes in ascending order of tags. Text is written as UTF-8. Throws dicom/unwritable, dicom/too-deep,
 * import/too-large for a value or fragment that a 32-bit length cannot tell.
 */
export async function* composeDataset(
  json: DicomJson,
  values: readonly LongValue[],
  bulk?: (uri: string) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const long = [...values].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const tags = Object.keys(json).sort();
  // one character set for all runs of attributes, so it stands in the first
  const charset: DicomJson = { '00080005': { vr: 'CS', Value: ['ISO_IR 192'] } };
  let from = '';
  for (const value of [...long, undefined]) {
    const run = tags.filter((tag) => tag > from && (value === undefined || tag < value.tag));
    const attributes = run.map((tag) => [tag, json[tag]!] as const);
    yield written({ ...Object.fromEntries(attributes), ...(from === '' && charset) }, bulk);
    if (value === undefined) return;
    yield* value.encapsulated ? encapsulated(value) : native(value);
    from = value.tag;
  }
}

const written = (json: DicomJson, bulk: ((uri: string) => Uint8Array) | undefined): Uint8Array =>
  writeDataset(json, { encoding: 'explicit-le', ...(bulk && { bulk }) });

async function* native({ tag, vr, pieces }: LongValue): AsyncGenerator<Uint8Array> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  must(length <= lengthMost, 'import/too-large');
  const odd = length % 2;
  yield elementHeader(tag, vr, length + odd);
  for (const piece of pieces) yield* piece.bytes();
  if (odd === 1) yield Uint8Array.of(padsWithSpace.has(vr) ? 0x20 : 0);
}

async function* encapsulated({ tag, pieces }: LongValue): AsyncGenerator<Uint8Array> {
  const head = elementHeader(tag, 'OB', 0xffffffff);
  yield Buffer.concat([head, plainHeader(0xe000, 0)]); // the offset table, empty
  for (const piece of pieces) {
    must(piece.length <= lengthMost, 'import/too-large');
    const odd = piece.length % 2;
    yield plainHeader(0xe000, piece.length + odd);
    yield* piece.bytes();
    if (odd === 1) yield Uint8Array.of(0);
  }
  yield plainHeader(0xe0dd, 0);
}

function elementHeader(tag: string, named: Vr, length: number): Buffer {
  const vr = length > shortMost && !hasLongForm(named) ? 'UN' : named;
  const head = Buffer.alloc(hasLongForm(vr) ? 12 : 8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (head.length === 12) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return head;
}

function plainHeader(element: number, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0xfffe, 0);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(length, 4);
  return head;
}
