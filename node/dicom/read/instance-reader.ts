// Reads one instance's data set while it flows by, and says at the end what it was.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DatasetHandler, ElementEvent, FragmentEvent, OpenEvent } from '../model/dataset-events.ts';
import type { DicomJson } from '../model/json.ts';
import { isPixelData, tags } from '../model/tags.ts';
import { type TransferSyntax, transferSyntax } from '../model/transfer-syntax.ts';
import { isUid } from '../model/uid.ts';
import { DatasetReader } from './dataset-reader.ts';
import { FrameCollector } from './frame-collector.ts';
import type { Frames } from './frames.ts';
import { InflatingReader } from './inflate.ts';
import {
  headerAttributes,
  type InstanceHeader,
  type InstanceIdentity,
  imageShape,
  instanceHeader,
  instanceIdentity,
} from './instance-header.ts';
import { JsonBuilder } from './json-builder.ts';

export interface InstanceSummary {
  readonly header: InstanceHeader;
  /** The DICOM JSON model; long values and pixel data are byte ranges of the data set (`bulkRange` in json.ts). */
  readonly json: DicomJson;
  /** False when sequences or short values had to become byte ranges too, to stay within `limits.dicomJsonBytes`. */
  readonly jsonWhole: boolean;
  readonly frames: Frames;
  /** Length of the data set: of the inflated one when the transfer syntax is a deflated one. */
  readonly length: number;
  /** Pixel data in bytes, 0 without. */
  readonly pixelBytes: number;
  /** Byte ranges count in the inflated data set, not in the stored bytes. */
  readonly deflated: boolean;
  /** The data set is not laid out (VR, byte order) as its transfer syntax says; it was read as it is. */
  readonly misdeclared: boolean;
}

export interface InstanceReaderOptions {
  readonly transferSyntax: string;
  /** The transfer syntax was told from the bytes, not named: compressed pixel data are then refused. */
  readonly guessedSyntax?: boolean;
  /** Longest value in the JSON, bytes; texts may have `limits.dicomInlineTextBytes`. */
  readonly inlineBytes?: number;
  /** Bound of the JSON, bytes. */
  readonly jsonBytes?: number;
}

/**
 * `push` every chunk in order and await what it returns (a promise only for deflated data sets), then `end`. Both throw
 * or reject with PeerError `dicom/...`. Memory: the JSON, the fragments' offsets and one kept value.
 */
export class InstanceReader {
  readonly #options: InstanceReaderOptions;
  readonly #syntax: TransferSyntax;
  readonly #collector: Collector;
  readonly #reader: DatasetReader;
  readonly #inflate: InflatingReader | undefined;

  constructor(options: InstanceReaderOptions) {
    must(isUid(options.transferSyntax), 'dicom/transfer-syntax');
    this.#options = options;
    this.#syntax = transferSyntax(options.transferSyntax);
    this.#collector = new Collector(options);
    const valueBytes = options.inlineBytes ?? limits.dicomInlineBytes;
    this.#reader = new DatasetReader({ encoding: this.#syntax, valueBytes }, this.#collector);
    if (this.#syntax.deflated) this.#inflate = new InflatingReader((chunk) => this.#reader.push(chunk));
  }

  push(chunk: Uint8Array): undefined | Promise<void> {
    if (this.#inflate) return this.#inflate.push(chunk);
    this.#reader.push(chunk);
    return undefined;
  }

  /** Which instance this is, as soon as its UIDs have come; undefined before. Throws dicom/uid-invalid. */
  identity(): InstanceIdentity | undefined {
    return instanceIdentity(this.#collector.builder.root);
  }

  async end(): Promise<InstanceSummary> {
    if (this.#inflate) await this.#inflate.end();
    this.#reader.end();
    return this.#summary();
  }

  #summary(): InstanceSummary {
    const { builder, frames } = this.#collector;
    builder.end();
    const header = instanceHeader(builder.root, this.#options.transferSyntax, builder.guessedCharset);
    return {
      header,
      json: builder.root,
      jsonWhole: builder.whole,
      frames: frames.frames(imageShape(header), this.#syntax),
      length: this.#reader.offset,
      pixelBytes: frames.pixelBytes,
      deflated: this.#syntax.deflated,
      misdeclared: this.#reader.misdeclared,
    };
  }
}

/** Throws dicom/sop-mismatch (A900H) unless the data set is the instance that a command or file header announced. */
export function mustBeInstance(
  header: InstanceHeader,
  announced: { sopClassUid: string; sopInstanceUid: string },
): void {
  must(header.sopClassUid === announced.sopClassUid, 'dicom/sop-mismatch', { name: 'SOPClassUID' });
  must(header.sopInstanceUid === announced.sopInstanceUid, 'dicom/sop-mismatch', { name: 'SOPInstanceUID' });
}

const longText: ReadonlySet<string> = new Set(['LT', 'ST', 'UC', 'UT']);
const isOffsets = (tag: number, length: number): boolean =>
  tag === tags.extendedOffsetTable && length <= limits.dicomFragments * 8;

/** Passes the events on: all to the JSON, those of the top level to the frames. */
class Collector implements DatasetHandler {
  readonly builder: JsonBuilder;
  readonly frames = new FrameCollector();
  readonly #guessedSyntax: boolean;
  #depth = 0;
  #encapsulated: OpenEvent | undefined;

  constructor({ guessedSyntax = false, jsonBytes = limits.dicomJsonBytes }: InstanceReaderOptions) {
    this.#guessedSyntax = guessedSyntax;
    this.builder = new JsonBuilder({ jsonBytes, kept: headerAttributes });
  }

  // Viewers read the texts of reports where they stand; the other is the Extended Offset Table, 8 bytes a frame.
  wants(tag: number, length: number, { vr }: OpenEvent): boolean {
    return (longText.has(vr) && length <= limits.dicomInlineTextBytes) || isOffsets(tag, length);
  }

  element(event: ElementEvent): void {
    // Pixels and offset tables are ranges, however short.
    const ranged = event.length > 0 && (isPixelData(event.tag) || isOffsets(event.tag, event.length));
    this.builder.element(ranged ? { ...event, value: undefined } : event);
    if (this.#depth === 0) this.frames.element(event);
  }

  sequenceStart(event: OpenEvent): void {
    this.#depth += 1;
    this.builder.sequenceStart(event);
  }

  sequenceEnd(end: number): void {
    this.#depth -= 1;
    this.builder.sequenceEnd(end);
  }

  itemStart(): void {
    this.builder.itemStart();
  }

  itemEnd(): void {
    this.builder.itemEnd();
  }

  fragmentsStart(event: OpenEvent): void {
    must(!this.#guessedSyntax, 'dicom/transfer-syntax', { reason: 'compressed, but no header names how' });
    this.#encapsulated = event;
    if (this.#depth === 0) this.frames.fragmentsStart(event);
  }

  fragment(event: FragmentEvent): void {
    if (this.#depth === 0 && isPixelData(this.#encapsulated!.tag)) this.frames.fragment(event);
  }

  fragmentsEnd(end: number): void {
    this.builder.fragments(this.#encapsulated!, end);
    if (this.#depth === 0 && isPixelData(this.#encapsulated!.tag)) this.frames.fragmentsEnd(end);
  }
}
