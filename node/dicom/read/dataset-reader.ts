// An incremental reader of DICOM data sets (PS3.5 7): chunks of any size go in, events come out. Memory is one header or
// kept value and a stack of at most `limits.dicomDepth` sequences, whatever the data set's size; nothing recurses.
import { type ErrorCode, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DatasetHandler, OpenEvent } from '../model/dataset-events.ts';
import { tags } from '../model/tags.ts';
import { type Encoding, transferSyntax } from '../model/transfer-syntax.ts';
import { dictionaryVr, hasLongForm, looksLikeVr, type Vr, vrOf } from '../model/vr.ts';
import { ByteWindow } from './byte-window.ts';
import type { Container, ReaderState } from './dataset-state.ts';
import { sniffDataset } from './sniff.ts';

const undefinedLength = 0xffffffff;

const header: ReaderState = { at: 'header' };

export interface DatasetReaderOptions {
  readonly encoding: Encoding;
  /** Longest value that is handed over, in bytes. */
  readonly valueBytes?: number;
}

/**
 * `push` and `end` throw PeerError: dicom/truncated, dicom/length, dicom/too-deep, dicom/too-many, dicom/malformed.
 * After an error the reader only repeats it.
 */
export class DatasetReader {
  readonly #handler: DatasetHandler;
  readonly #valueBytes: number;
  readonly #window = new ByteWindow();
  readonly #stack: Container[];
  #top: Container;
  #state: ReaderState = header;
  #skipping = 0;
  #elements = 0;
  #fragments = 0;
  #head = -1;
  #signed = false;
  #failed: unknown;
  /** The first element showed another VR or byte order than was named; it is read as it is. */
  misdeclared = false;

  constructor(options: DatasetReaderOptions, handler: DatasetHandler) {
    this.#handler = handler;
    this.#valueBytes = options.valueBytes ?? limits.dicomValueBytes;
    this.#top = { kind: 'dataset', end: undefined, limit: Number.POSITIVE_INFINITY, encoding: options.encoding };
    this.#stack = [this.#top];
  }

  get offset(): number {
    return this.#window.offset;
  }

  push(chunk: Uint8Array): void {
    this.#guarded(() => {
      this.#window.feed(chunk);
      let more = true;
      while (more) more = this.#step();
      this.#window.release();
    });
  }

  /** Says that no more comes. Zero bytes after the last element are padding; anything else unfinished is an error. */
  end(): void {
    this.#guarded(() => {
      const whole = this.#state === header && this.#window.waiting.every((byte) => byte === 0);
      while (whole && this.#stack.length > 1 && this.#top.end === this.offset) this.#close(this.offset);
      if (!whole || this.#stack.length > 1) throw this.#error('dicom/truncated');
    });
  }

  #guarded(work: () => void): void {
    if (this.#failed) throw this.#failed;
    try {
      work();
    } catch (error) {
      this.#failed = error;
      this.#window.release();
      throw error;
    }
  }

  #error(code: ErrorCode & `dicom/${string}`): PeerError {
    return new PeerError(code, { offset: this.#window.offset, depth: this.#depth });
  }

  // Sequence and item are two containers, one level.
  get #depth(): number {
    return this.#stack.length >> 1;
  }

  #step(): boolean {
    if (this.#skipping > 0) {
      this.#skipping -= this.#window.skip(this.#skipping);
      if (this.#skipping > 0) return false;
    }
    const state = this.#state;
    if (state.at === 'value') return this.#value(state);
    if (state.at === 'fragment') return this.#fragment(state);
    if (this.#top.end === this.#window.offset) {
      this.#close(this.#window.offset);
      return true;
    }
    this.#fits(this.#window.offset, 8);
    if (!this.#window.need(8)) return false;
    return this.#top.kind === 'sequence' || this.#top.kind === 'fragments' ? this.#itemHeader() : this.#elementHeader();
  }

  #u16(at: number): number {
    const { bytes } = this.#window;
    return this.#top.encoding.littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  #u32(at: number): number {
    const [low, high] = [this.#u16(at), this.#u16(at + 2)];
    return this.#top.encoding.littleEndian ? high * 0x10000 + low : low * 0x10000 + high;
  }

  #tag(at: number): number {
    return this.#u16(at) * 0x10000 + this.#u16(at + 2);
  }

  // Real files name explicit VR and are implicit, or the other way round; the first element tells for certain.
  #checkEncoding(): void {
    const { bytes, at } = this.#window;
    const told = sniffDataset(bytes.subarray(at, at + 8));
    if (told === undefined) return;
    const encoding = transferSyntax(told);
    const named = this.#top.encoding;
    if (encoding.explicit === named.explicit && encoding.littleEndian === named.littleEndian) return;
    this.misdeclared = true;
    this.#top = { ...this.#top, encoding };
    this.#stack[0] = this.#top;
  }

  #elementHeader(): boolean {
    if (this.#window.offset === 0) this.#checkEncoding();
    const { at } = this.#window;
    const tag = this.#tag(at);
    if (tag >= tags.item && tag <= tags.sequenceEnd) return this.#delimiter(tag);
    if (!this.#top.encoding.explicit) return this.#open(tag, dictionaryVr(tag), this.#u32(at + 4), 8);
    return this.#explicitHeader(tag, at);
  }

  #explicitHeader(tag: number, at: number): boolean {
    const [first, second] = [this.#window.bytes[at + 4]!, this.#window.bytes[at + 5]!];
    const vr = vrOf(first, second);
    if (vr !== undefined && !hasLongForm(vr)) return this.#open(tag, vr, this.#u16(at + 6), 8);
    // A VR of a later edition has the long form, with two zero bytes (PS3.5 7.1.2); anything else is not a VR.
    const long = vr !== undefined || (looksLikeVr(first, second) && this.#u16(at + 6) === 0);
    if (!long) throw this.#error('dicom/malformed');
    if (!this.#window.need(12)) return false;
    return this.#open(tag, vr ?? 'UN', this.#u32(this.#window.at + 8), 12);
  }

  #count(): void {
    this.#elements += 1;
    if (this.#elements > limits.dicomElements) throw this.#error('dicom/too-many');
  }

  // The header is read: opens what it announces, or starts on its value.
  #open(tag: number, vr: Vr, length: number, size: number): boolean {
    this.#count();
    const inUn = vr === 'UN' && length === undefinedLength && this.#top.encoding.explicit;
    this.#window.consume(size);
    const { offset } = this.#window;
    this.#fits(offset, length);
    if (length === undefinedLength) {
      if (tag === tags.pixelData || vr === 'OB' || vr === 'OW')
        return this.#enter('fragments', { tag, vr, offset, length: undefined });
      const encoding = inUn ? { explicit: false, littleEndian: true } : this.#top.encoding;
      return this.#enter('sequence', { tag, vr: 'SQ', offset, length: undefined }, encoding);
    }
    if (vr === 'SQ') return this.#enter('sequence', { tag, vr, offset, length });
    const known = vr === 'UN' && this.#top.encoding.littleEndian ? this.#namedVr(tag) : vr;
    return this.#startValue({
      at: 'value',
      tag,
      vr: known === 'xs' ? (this.#signed ? 'SS' : 'US') : known,
      offset,
      length,
    });
  }

  // An element that went through a program without a dictionary comes as UN: its value is that of the implicit VR.
  #namedVr(tag: number): Vr {
    const vr = dictionaryVr(tag);
    return vr === 'SQ' ? 'UN' : vr;
  }

  #fits(offset: number, length: number): void {
    if (offset + (length === undefinedLength ? 0 : length) > this.#top.limit) throw this.#error('dicom/length');
  }

  #enter(kind: 'sequence' | 'fragments' | 'item', event: OpenEvent, encoding = this.#top.encoding): boolean {
    if (kind !== 'item' && this.#depth >= limits.dicomDepth) throw this.#error('dicom/too-deep');
    const end = event.length === undefined ? undefined : event.offset + event.length;
    this.#top = { kind, end, limit: end ?? this.#top.limit, encoding };
    this.#stack.push(this.#top);
    this.#state = header;
    if (kind === 'sequence') this.#handler.sequenceStart(event);
    else if (kind === 'item') this.#handler.itemStart(event);
    else {
      this.#fragments = 0;
      this.#handler.fragmentsStart(event);
    }
    return true;
  }

  #close(end: number): void {
    const { kind } = this.#top;
    this.#stack.pop();
    this.#top = this.#stack[this.#stack.length - 1]!;
    if (kind === 'sequence') this.#handler.sequenceEnd(end);
    else if (kind === 'item') this.#handler.itemEnd(end);
    else this.#handler.fragmentsEnd(end);
  }

  // A delimiter closes what has no length of its own. One too many is refused: what it would close is a guess.
  #delimiter(tag: number): boolean {
    const { kind, end } = this.#top;
    const closesItem = tag === tags.itemEnd && kind === 'item';
    const closesSequence = tag === tags.sequenceEnd && (kind === 'sequence' || kind === 'fragments');
    if (end !== undefined || !(closesItem || closesSequence)) throw this.#error('dicom/malformed');
    const before = this.#window.offset;
    this.#window.consume(8);
    this.#close(before);
    return true;
  }

  #itemHeader(): boolean {
    const tag = this.#tag(this.#window.at);
    if (tag !== tags.item) return this.#delimiter(tag);
    const length = this.#u32(this.#window.at + 4);
    this.#window.consume(8);
    const { offset } = this.#window;
    this.#fits(offset, length);
    if (this.#top.kind === 'sequence') {
      this.#count();
      const known = length === undefinedLength ? undefined : length;
      return this.#enter('item', { tag, vr: '', offset, length: known });
    }
    if (length === undefinedLength) throw this.#error('dicom/malformed');
    if (this.#fragments > limits.dicomFragments) throw this.#error('dicom/too-many');
    this.#state = { at: 'fragment', index: this.#fragments, offset, length };
    this.#fragments += 1;
    this.#head = -1;
    return true;
  }

  #startValue(state: ReaderState & { at: 'value' }): boolean {
    this.#state = state;
    const { littleEndian } = this.#top.encoding;
    const kept =
      state.length <= this.#valueBytes || this.#handler.wants?.(state.tag, state.length, state, littleEndian) === true;
    this.#skipping = kept ? 0 : state.length;
    return true;
  }

  #value(state: ReaderState & { at: 'value' }): boolean {
    const { tag, vr, offset, length } = state;
    const skipped = this.#window.offset > offset;
    if (!skipped && !this.#window.need(length)) return false;
    const { bytes, at } = this.#window;
    const value = skipped ? undefined : bytes.subarray(at, at + length);
    if (!skipped) this.#window.consume(length);
    this.#state = header;
    if (tag === tags.pixelRepresentation && value?.length === 2) this.#signed = value[0] === 1 || value[1] === 1;
    this.#handler.element({ tag, vr, offset, length, value, littleEndian: this.#top.encoding.littleEndian });
    return true;
  }

  #fragment(state: ReaderState & { at: 'fragment' }): boolean {
    const { index, offset, length } = state;
    const position = this.#window.offset;
    if (index === 0 && length > 0 && length <= limits.dicomFragments * 4 && position === offset) {
      if (!this.#window.need(length)) return false;
      const value = this.#window.bytes.subarray(this.#window.at, this.#window.at + length);
      this.#window.consume(length);
      return this.#fragmentDone(state, value);
    }
    if (position === offset && length > 0) {
      const lead = Math.min(2, length);
      if (!this.#window.need(lead)) return false;
      const { bytes, at } = this.#window;
      if (lead === 2) this.#head = (bytes[at]! << 8) | bytes[at + 1]!;
      this.#window.consume(lead);
      this.#skipping = length - lead;
      return true;
    }
    return this.#fragmentDone(state, undefined);
  }

  #fragmentDone(state: ReaderState & { at: 'fragment' }, value: Uint8Array | undefined): boolean {
    this.#state = header;
    const { index, offset, length } = state;
    this.#handler.fragment({ index, offset, length, value, head: this.#head });
    return true;
  }
}
