// Collects what tells the frames of an instance while its data set flows through.

import type { ElementEvent, FragmentEvent, OpenEvent } from '../model/dataset-events.ts';
import { isPixelData, tags } from '../model/tags.ts';
import type { TransferSyntax } from '../model/transfer-syntax.ts';
import { type DatasetRange, type Frames, fragmentFrames, type ImageShape, nativeFrames } from './frames.ts';

const startOfImage = 0xffd8; // JPEG, JPEG-LS
const startOfCodestream = 0xff4f; // JPEG 2000, HTJ2K

/** Takes the events of the top level only. */
export class FrameCollector {
  /** The length of the pixel data in bytes, headers of fragments counted; 0 without. */
  pixelBytes = 0;
  #native: DatasetRange | undefined;
  #encapsulated: OpenEvent | undefined;
  #table: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #markers: number[] = [];

  element({ tag, offset, length, value }: ElementEvent): void {
    if (tag === tags.extendedOffsetTable && value) this.#table = wideOffsets(value);
    if (!isPixelData(tag)) return;
    this.#native = { offset, length };
    this.pixelBytes = length;
  }

  fragmentsStart(event: OpenEvent): void {
    if (isPixelData(event.tag)) this.#encapsulated = event;
  }

  fragment({ index, offset, length, value, head }: FragmentEvent): void {
    if (index === 0) {
      if (this.#table.length === 0 && value) this.#table = offsets(value);
      return;
    }
    if (head === startOfImage || head === startOfCodestream) this.#markers.push(this.#offsets.length);
    this.#offsets.push(offset);
    this.#lengths.push(length);
  }

  fragmentsEnd(end: number): void {
    if (this.#encapsulated) this.pixelBytes = end - this.#encapsulated.offset;
  }

  frames(shape: ImageShape, syntax: TransferSyntax): Frames {
    if (!this.#native && !this.#encapsulated) return { kind: 'none' };
    if (syntax.deflated) return { kind: 'unknown', reason: 'deflated' };
    if (this.#native) return nativeFrames(this.#native, shape);
    if (syntax.video) return { kind: 'unknown', reason: 'video' };
    const table = this.#table;
    return fragmentFrames(
      { offsets: this.#offsets, lengths: this.#lengths, markers: this.#markers, table },
      shape.frames,
    );
  }
}

// Offset tables are little-endian: encapsulation is (PS3.5 A.4).
function offsets(value: Uint8Array): number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length >> 2 }, (_, index) => view.getUint32(index * 4, true));
}

function wideOffsets(value: Uint8Array): number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length >> 3 }, (_, index) => Number(view.getBigUint64(index * 8, true)));
}
