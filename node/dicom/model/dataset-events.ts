// What a data set reader tells while a data set flows through it. Offsets count from the data set's first byte.
import type { Vr } from './vr.ts';

export interface ElementEvent {
  /** group << 16 | element, unsigned. */
  readonly tag: number;
  readonly vr: Vr;
  /** Where the value starts, and its length in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The value, a view valid only during the call; absent when it is longer than the reader keeps. */
  readonly value: Uint8Array | undefined;
  /** Byte order of the value: that of the data set, but little inside a UN sequence (PS3.5 6.2.2). */
  readonly littleEndian: boolean;
}

/** A sequence, or the fragments of an encapsulated value, or an item. `length` is absent where it is undefined. */
export interface OpenEvent {
  readonly tag: number;
  readonly vr: Vr;
  /** Where the content starts. */
  readonly offset: number;
  readonly length: number | undefined;
}

export interface FragmentEvent {
  /** 0 is the Basic Offset Table (PS3.5 A.4), which may be empty. */
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  /** Only of the Basic Offset Table, when it is not longer than its cap. A view valid only during the call. */
  readonly value: Uint8Array | undefined;
  /** The first two bytes, big-endian (a JPEG marker), or -1. */
  readonly head: number;
}

export interface DatasetHandler {
  /** Whether a value is wanted although it is longer than the reader's cap. The answer must itself be bounded. */
  wants?(tag: number, length: number, announced: OpenEvent, littleEndian: boolean): boolean;
  element(event: ElementEvent): void;
  sequenceStart(event: OpenEvent): void;
  /** `end` is where the content ends, delimiter not counted. */
  sequenceEnd(end: number): void;
  itemStart(event: OpenEvent): void;
  itemEnd(end: number): void;
  /** An encapsulated value opens: pixel data, an icon's too. */
  fragmentsStart(event: OpenEvent): void;
  fragment(event: FragmentEvent): void;
  fragmentsEnd(end: number): void;
}
