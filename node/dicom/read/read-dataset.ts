// A data set that is in memory whole, as DICOM JSON: identifiers, reports, metadata. Large instances stream instead
// (instance-reader.ts).
import { inflateRawSync } from 'node:zlib';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DatasetHandler, ElementEvent, OpenEvent } from '../model/dataset-events.ts';
import type { DicomJson } from '../model/json.ts';
import { isPixelData } from '../model/tags.ts';
import { transferSyntax } from '../model/transfer-syntax.ts';
import { isUid } from '../model/uid.ts';
import type { Vr } from '../model/vr.ts';
import { DatasetReader } from './dataset-reader.ts';
import { JsonBuilder } from './json-builder.ts';
import { readFileHead } from './part10.ts';

export interface ReadDatasetOptions {
  /** Bound of the JSON, in bytes; `limits.dicomWholeJsonBytes` if absent. */
  readonly jsonBytes?: number;
}

const binary = new Set<Vr>(['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'UN']);

/**
 * All of a data set: text of any length is in the JSON; binary values above `limits.dicomInlineBytes`, and pixel data,
 * are byte ranges of `bytes` (`bulkRange`), which `bulkOf(bytes)` gives to `writeDataset`. Values of deflated and of
 * big-endian data sets are all in the JSON, so that no range means other bytes than a little-endian writer wants.
 * Throws dicom/... of the readers, dicom/too-many when the JSON would pass `limits.dicomWholeJsonBytes`.
 */
export function readDataset(bytes: Uint8Array, syntax: string, options: ReadDatasetOptions = {}): DicomJson {
  must(isUid(syntax), 'dicom/transfer-syntax');
  const layout = transferSyntax(syntax);
  const whole = layout.deflated ? inflated(bytes) : bytes;
  const collector = new WholeCollector(layout.deflated, options);
  const reader = new DatasetReader({ encoding: layout, valueBytes: whole.length }, collector);
  reader.push(whole);
  reader.end();
  const { builder } = collector;
  builder.end();
  must(builder.whole, 'dicom/too-many', { reason: 'too large to be read whole' });
  return builder.root;
}

/** A whole Part 10 file (or bare data set): its data set's JSON and bytes, to which byte ranges refer. */
export function readPart10(
  file: Uint8Array,
  options: ReadDatasetOptions = {},
): { json: DicomJson; dataset: Uint8Array; transferSyntax: string } {
  const head = readFileHead(file, true);
  must(head !== undefined, 'dicom/truncated');
  const dataset = file.subarray(head.datasetOffset);
  return { json: readDataset(dataset, head.transferSyntax, options), dataset, transferSyntax: head.transferSyntax };
}

function inflated(bytes: Uint8Array): Uint8Array {
  const allowed = limits.dicomInflateFreeBytes + limits.dicomInflateRatio * bytes.length;
  const maxOutputLength = Math.min(allowed, limits.dicomWholeJsonBytes);
  try {
    return inflateRawSync(bytes, { maxOutputLength });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const tooFar = code === 'ERR_BUFFER_TOO_LARGE';
    const cut = code === 'Z_BUF_ERROR';
    throw new PeerError(
      tooFar ? 'dicom/inflates-too-far' : cut ? 'dicom/truncated' : 'dicom/deflate',
      {},
      { cause: error },
    );
  }
}

class WholeCollector implements DatasetHandler {
  readonly builder: JsonBuilder;
  readonly #inline: boolean;
  #open: OpenEvent | undefined;

  constructor(inline: boolean, { jsonBytes = limits.dicomWholeJsonBytes }: ReadDatasetOptions) {
    this.#inline = inline;
    this.builder = new JsonBuilder({ jsonBytes, kept: new Set() });
  }

  element(event: ElementEvent): void {
    const long = binary.has(event.vr) && (event.length > limits.dicomInlineBytes || isPixelData(event.tag));
    const ranged = long && event.length > 0 && event.littleEndian && !this.#inline;
    this.builder.element(ranged ? { ...event, value: undefined } : event);
  }

  sequenceStart(event: OpenEvent): void {
    this.builder.sequenceStart(event);
  }

  sequenceEnd(end: number): void {
    this.builder.sequenceEnd(end);
  }

  itemStart(): void {
    this.builder.itemStart();
  }

  itemEnd(): void {
    this.builder.itemEnd();
  }

  fragmentsStart(event: OpenEvent): void {
    this.#open = event;
  }

  fragment(): void {
    // the range from the first to the last is what counts
  }

  fragmentsEnd(end: number): void {
    this.builder.fragments(this.#open!, end);
  }
}
