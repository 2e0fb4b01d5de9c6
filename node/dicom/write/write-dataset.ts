// Writes a data set in the DICOM JSON model as the bytes of PS3.5 7: little endian, UTF-8, sequences with their lengths.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DicomJson, JsonAttribute } from '../model/json.ts';
import { isPixelData, tags } from '../model/tags.ts';
import { dictionaryVr, hasLongForm, type Vr } from '../model/vr.ts';
import { inCharset, valueBytes } from './write-values.ts';

export interface WriteDatasetOptions {
  readonly encoding: 'explicit-le' | 'implicit-le';
  /**
   * The bytes behind a `BulkDataURI` (`bulkRange` in json.ts reads our placeholders): little endian; text in UTF-8; a
   * sequence's items in the encoding that is written; an encapsulated value's items without the closing delimiter.
   */
  readonly bulk?: (uri: string) => Uint8Array;
  /** Pixel data of the top level are fragments: undefined length (PS3.5 A.4). */
  readonly encapsulated?: boolean;
}

const undefinedLength = 0xffffffff;
const shortMost = 0xfffe;
const name = /^[0-9A-F]{8}$/;
const padsWithNul = new Set<Vr>(['UI', 'OB', 'UN', 'OW', 'OF', 'OD', 'OL', 'OV']);

/**
 * The data set's bytes, attributes in ascending order. Group lengths and groups 0000 and 0002, which are no data set's,
 * are left out. Memory: the bytes and the JSON. Throws dicom/unwritable, dicom/too-deep.
 */
export function writeDataset(json: DicomJson, options: WriteDatasetOptions): Uint8Array {
  mustBeModel(json, 0);
  const writer = new DatasetWriter(options, hasWideText(json));
  writer.dataset(json, 0);
  return writer.bytes();
}

/** JSON that others wrote has the model's types by name only. Throws dicom/unwritable, dicom/too-deep. */
function mustBeModel(json: DicomJson, depth: number): void {
  must(depth <= limits.dicomDepth, 'dicom/too-deep', { depth });
  for (const attribute of Object.values(json)) {
    must(isItem(attribute), 'dicom/unwritable', { reason: 'not an attribute' });
    const { vr, Value = [], InlineBinary = '', BulkDataURI = '' } = attribute;
    const texts = typeof InlineBinary === 'string' && typeof BulkDataURI === 'string';
    must(Array.isArray(Value) && texts, 'dicom/unwritable', { reason: 'not an attribute' });
    for (const value of Value) {
      if (vr === 'SQ') must(isItem(value), 'dicom/unwritable', { reason: 'not an item' });
      if (vr === 'SQ') mustBeModel(value as DicomJson, depth + 1);
      else
        must(typeof value !== 'object' || value === null || isName(value), 'dicom/unwritable', { reason: 'a value' });
    }
  }
}

const isName = (value: object): boolean => Object.values(value).every((group) => typeof group === 'string');

/** Whether text in it needs a character set beyond ASCII. */
function hasWideText(json: DicomJson): boolean {
  return Object.values(json).some(({ vr, Value = [] }) => {
    if (vr === 'SQ') return Value.some((item) => hasWideText(item as DicomJson));
    if (!inCharset.has(vr)) return false;
    return Value.some((value) => /[^\0-\x7f]/.test(typeof value === 'string' ? value : JSON.stringify(value)));
  });
}

const isItem = (value: unknown): value is DicomJson =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class DatasetWriter {
  readonly #options: WriteDatasetOptions;
  readonly #wide: boolean;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor(options: WriteDatasetOptions, wide: boolean) {
    this.#options = options;
    this.#wide = wide;
  }

  bytes(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  dataset(json: DicomJson, depth: number): void {
    for (const key of Object.keys(depth === 0 && this.#wide ? { '00080005': 0, ...json } : json).sort()) {
      must(name.test(key), 'dicom/unwritable', { reason: 'not a tag' });
      const tag = Number.parseInt(key, 16);
      const group = tag >>> 16;
      if ((tag & 0xffff) === 0 || group === 0 || group === 2) continue;
      must(group !== 0xfffe && group !== 0xffff, 'dicom/unwritable', { reason: 'a delimiter' });
      if (tag === tags.specificCharacterSet) this.#characterSet(json[key]);
      else this.#attribute(tag, json[key]!, depth);
    }
  }

  // Whatever the JSON says of character sets was true of where it came from: this text is UTF-8.
  #characterSet(said: JsonAttribute | undefined): void {
    const value = this.#wide || (said?.Value?.length ?? 0) > 0 ? ['ISO_IR 192'] : [];
    this.#element(tags.specificCharacterSet, 'CS', valueBytes({ vr: 'CS', Value: value }));
  }

  #attribute(tag: number, attribute: JsonAttribute, depth: number): void {
    const { vr, BulkDataURI } = attribute;
    must(typeof vr === 'string' && /^[A-Z]{2}$/.test(vr), 'dicom/unwritable', { reason: 'no VR' });
    if (BulkDataURI !== undefined) this.#bulk(tag, vr, BulkDataURI, depth);
    else if (vr === 'SQ') this.#sequence(tag, attribute.Value ?? [], depth);
    else this.#element(tag, vr, valueBytes(attribute));
  }

  #bulk(tag: number, vr: Vr, uri: string, depth: number): void {
    const value = this.#options.bulk?.(uri);
    must(value !== undefined, 'dicom/unwritable', { reason: 'a value that is elsewhere', vr });
    const fragments = this.#options.encapsulated === true && isPixelData(tag) && (depth === 0 || startsAsItem(value));
    if (fragments) this.#fragments(tag, value);
    else this.#element(tag, vr, value);
  }

  #fragments(tag: number, items: Uint8Array): void {
    this.#header(tag, 'OB', undefinedLength);
    this.#push(items);
    this.#push(plain(tags.sequenceEnd, 0));
  }

  #sequence(tag: number, items: readonly unknown[], depth: number): void {
    // In implicit VR a private sequence is known as one only by its delimiter.
    const delimited = this.#options.encoding === 'implicit-le' && dictionaryVr(tag) !== 'SQ';
    const head = this.#header(tag, 'SQ', delimited ? undefinedLength : 0);
    const done = delimited ? () => this.#push(plain(tags.sequenceEnd, 0)) : this.#measured(head);
    this.#items(items as readonly DicomJson[], depth);
    done();
  }

  #items(items: readonly DicomJson[], depth: number): void {
    for (const item of items) {
      const head = plain(tags.item, 0);
      this.#push(head);
      const itemDone = this.#measured(head);
      this.dataset(item, depth + 1);
      itemDone();
    }
  }

  // The length is known once what follows the header is written; it is the header's last four bytes.
  #measured(head: Buffer): () => void {
    const start = this.#length;
    return () => {
      must(this.#length - start < undefinedLength, 'dicom/unwritable', { reason: 'too long' });
      head.writeUInt32LE(this.#length - start, head.length - 4);
    };
  }

  #element(tag: number, vr: Vr, value: Uint8Array): void {
    const odd = value.length % 2;
    must(value.length + odd < undefinedLength, 'dicom/unwritable', { reason: 'too long' });
    this.#header(tag, vr, value.length + odd);
    this.#push(value);
    if (odd === 1) this.#push(Uint8Array.of(padsWithNul.has(vr) ? 0 : 0x20));
  }

  #header(tag: number, named: Vr, length: number): Buffer {
    if (this.#options.encoding === 'implicit-le') return this.#push(plain(tag, length));
    // A value too long for its VR's 16 bits of length is written as UN (PS3.5 6.2.2 note 5).
    const vr = length > shortMost && !hasLongForm(named) ? 'UN' : named;
    const head = Buffer.alloc(hasLongForm(vr) ? 12 : 8);
    writeTag(head, tag);
    head.write(vr, 4, 'latin1');
    if (head.length === 12) head.writeUInt32LE(length, 8);
    else head.writeUInt16LE(length, 6);
    return this.#push(head);
  }

  #push<Part extends Uint8Array>(part: Part): Part {
    this.#parts.push(part);
    this.#length += part.length;
    return part;
  }
}

const startsAsItem = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0x00 && bytes[3] === 0xe0;

function writeTag(head: Buffer, tag: number): void {
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
}

function plain(tag: number, length: number): Buffer {
  const head = Buffer.alloc(8);
  writeTag(head, tag);
  head.writeUInt32LE(length, 4);
  return head;
}
