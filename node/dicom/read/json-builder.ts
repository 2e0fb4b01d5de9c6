// Builds a data set's DICOM JSON while it flows, within a bound: what grows beyond it becomes a byte range.
import { PeerError } from '../../../protocol/errors.ts';
import type { ElementEvent, OpenEvent } from '../model/dataset-events.ts';
import {
  bulkUri,
  byCharset,
  type DicomJson,
  type JsonAttribute,
  type JsonValue,
  jsonAttribute,
  jsonSize,
} from '../model/json.ts';
import { tagName, tags } from '../model/tags.ts';
import { type Charset, charset } from '../text/charset.ts';
import { DoubtfulText } from './doubtful-text.ts';

interface Level {
  readonly attributes: DicomJson;
  charset: Charset;
  /** The sequence that is open in this level, if any. */
  items: JsonValue[] | undefined;
}

interface Root {
  readonly offset: number;
  length: number;
  size: number;
}

export interface JsonBuilderOptions {
  /** Bound of the JSON in bytes. */
  readonly jsonBytes: number;
  /** Top-level attributes (by their JSON names) that never become a byte range by the bound. */
  readonly kept: ReadonlySet<string>;
}

const placeholderSize = 80;

export class JsonBuilder {
  readonly root: DicomJson = {};
  /** False once something other than a long value or pixel data became a byte range. */
  whole = true;
  readonly #options: JsonBuilderOptions;
  readonly #roots = new Map<string, Root>();
  readonly #levels: Level[];
  #top: Level;
  #topName = '';
  #size = 0;
  #guessed = false;
  readonly #doubtful = new DoubtfulText();
  /** Open sequences that are only skipped: duplicates, and those that the bound has dropped. */
  #skipped = 0;
  /** The top-level sequence that was dropped while open: its range is set when it closes. */
  #dropped: string | undefined;

  constructor(options: JsonBuilderOptions) {
    this.#options = options;
    this.#top = { attributes: this.root, charset: charset([]), items: undefined };
    this.#levels = [this.#top];
  }

  /** Whether any text was decoded by a guess. */
  get guessedCharset(): boolean {
    return this.#guessed || this.#levels.some((level) => level.charset.guessed);
  }

  element(event: ElementEvent): void {
    const { tag, vr, offset, length, value } = event;
    // Group lengths may not be in DICOM JSON (F.2.2).
    if (this.#skipped > 0 || (tag & 0xffff) === 0) return;
    const name = tagName(tag);
    if (this.#top.attributes[name] !== undefined) return;
    const attribute: JsonAttribute =
      value === undefined
        ? { vr, BulkDataURI: bulkUri(offset, length) }
        : jsonAttribute({ ...event, value }, this.#top.charset);
    const doubted = value !== undefined && byCharset.has(vr) && this.#top.charset.doubted;
    if (tag === tags.specificCharacterSet) this.#specificCharacterSet(attribute);
    this.#add(name, attribute, offset, length);
    if (doubted) {
      this.#doubtful.add(this.#top.charset, { attributes: this.#top.attributes, name, event: { ...event, value } });
    }
  }

  sequenceStart({ tag, offset, length }: OpenEvent): void {
    const name = tagName(tag);
    if (this.#skipped > 0 || this.#top.attributes[name] !== undefined) {
      this.#skipped += 1;
      return;
    }
    const items: JsonValue[] = [];
    this.#top.items = items;
    this.#add(name, { vr: 'SQ', Value: items }, offset, length ?? 0);
  }

  sequenceEnd(end: number): void {
    if (this.#skipped > 0) {
      this.#skipped -= 1;
      if (this.#skipped === 0 && this.#dropped !== undefined) this.#closeDropped(this.#dropped, end);
      return;
    }
    this.#top.items = undefined;
    if (this.#levels.length > 1) return;
    const root = this.#roots.get(this.#topName)!;
    root.length = end - root.offset;
  }

  itemStart(): void {
    if (this.#skipped > 0) return;
    const attributes: DicomJson = {};
    this.#top.items!.push(attributes);
    this.#top = { attributes, charset: this.#top.charset, items: undefined };
    this.#levels.push(this.#top);
    this.#grow(3);
  }

  itemEnd(): void {
    if (this.#skipped > 0) return;
    this.#guessed ||= this.#top.charset.guessed;
    this.#levels.pop();
    this.#top = this.#levels[this.#levels.length - 1]!;
  }

  /** An encapsulated value has ended: its range. */
  fragments(event: OpenEvent, end: number): void {
    if (this.#skipped > 0 || tagName(event.tag) in this.#top.attributes) return;
    const length = end - event.offset;
    const uri = bulkUri(event.offset, length);
    this.#add(tagName(event.tag), { vr: event.vr, BulkDataURI: uri }, event.offset, length);
  }

  /** The data set has ended: brings the JSON within its bound. */
  end(): void {
    if (this.#doubtful.settle()) this.#guessed = true;
    if (this.#size > this.#options.jsonBytes) this.#shrink();
  }

  // The JSON is UTF-8, so it says so; which character set the data set names stays readable in the data set.
  #specificCharacterSet(attribute: JsonAttribute): void {
    const terms = (attribute.Value ?? []).map((term) => (typeof term === 'string' ? term : ''));
    this.#guessed ||= this.#top.charset.guessed;
    this.#top.charset = charset(terms);
    if (terms.length > 0) attribute.Value = ['ISO_IR 192'];
  }

  #add(name: string, attribute: JsonAttribute, offset: number, length: number): void {
    this.#top.attributes[name] = attribute;
    if (this.#levels.length === 1) {
      this.#topName = name;
      this.#roots.set(name, { offset, length, size: 0 });
    }
    this.#grow(jsonSize(attribute));
  }

  #grow(size: number): void {
    this.#size += size;
    this.#roots.get(this.#topName)!.size += size;
    if (this.#size > 2 * this.#options.jsonBytes) this.#shrink();
  }

  // Largest first, down to the bound.
  #shrink(): void {
    const { jsonBytes } = this.#options;
    const bySize = [...this.#roots].sort(([, a], [, b]) => b.size - a.size);
    for (const [name, root] of bySize) {
      if (this.#size <= jsonBytes || root.size <= placeholderSize) break;
      if (!this.#options.kept.has(name)) this.#drop(name, root);
    }
    if (this.#size > jsonBytes) throw new PeerError('dicom/too-many', { topLevel: this.#roots.size });
  }

  #drop(name: string, root: Root): void {
    const open = this.#levels.filter(({ items }) => items !== undefined).length;
    if (name === this.#topName && open > 0) {
      this.#guessed = this.guessedCharset;
      this.#skipped = open;
      this.#dropped = name;
      this.#levels.length = 1;
      this.#top = this.#levels[0]!;
      this.#top.items = undefined;
    }
    this.#collapse(name, root);
  }

  #closeDropped(name: string, end: number): void {
    const { offset } = this.#roots.get(name)!;
    this.root[name] = { vr: 'SQ', BulkDataURI: bulkUri(offset, end - offset) };
    this.#dropped = undefined;
  }

  #collapse(name: string, root: Root): void {
    const { vr } = this.root[name]!;
    this.root[name] = { vr, BulkDataURI: bulkUri(root.offset, root.length) };
    this.whole = false;
    this.#size += placeholderSize - root.size;
    root.size = placeholderSize;
  }
}
