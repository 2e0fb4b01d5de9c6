// Writes explicit VR little endian data sets (PS3.5 7.1): enough for the studies that we make up.

/** Text with `\` between values, numbers, bytes as they are, or the items of a sequence. */
type WriterValue = string | readonly number[] | Uint8Array | readonly Attributes[];
export type Attributes = ReadonlyArray<readonly [tag: number, vr: string, value: WriterValue]>;

const longForm = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

/** The encoded data set; attributes must come in ascending order of their tags. Text is UTF-8 (ISO_IR 192). */
export function writeDataset(attributes: Attributes): Uint8Array {
  return Buffer.concat(attributes.flatMap(([tag, vr, value]) => element(tag, vr, value)));
}

/** The header of an element whose value follows from elsewhere. */
export function elementHeader(tag: number, vr: string, length: number): Uint8Array {
  const head = Buffer.alloc(longForm.has(vr) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (longForm.has(vr)) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return head;
}

function element(tag: number, vr: string, value: WriterValue): Uint8Array[] {
  const bytes = encode(vr, value);
  return [elementHeader(tag, vr, bytes.length), bytes];
}

function encode(vr: string, value: WriterValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (vr === 'SQ') return Buffer.concat((value as readonly Attributes[]).flatMap((item) => sequenceItem(item)));
  if (typeof value === 'string') return padded(Buffer.from(value, 'utf8'), vr === 'UI' ? 0 : 0x20);
  const numbers = value as readonly number[];
  const size = vr === 'US' || vr === 'SS' ? 2 : 4;
  const bytes = Buffer.alloc(numbers.length * size);
  for (const [i, number] of numbers.entries()) {
    if (size === 2) bytes.writeUInt16LE(number & 0xffff, i * 2);
    else bytes.writeUInt32LE(number >>> 0, i * 4);
  }
  return bytes;
}

function sequenceItem(item: Attributes): Uint8Array[] {
  const content = writeDataset(item);
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return [head, content];
}

function padded(bytes: Buffer, pad: number): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(pad)]);
}
