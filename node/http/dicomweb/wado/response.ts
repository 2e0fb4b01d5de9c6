// What a retrieve transaction is asked for (PS3.18 10.4.1), and its response (10.4.3).

import type { Principal } from '../../../access/roles.ts';
import type { MediaRange } from '../accept.ts';

/** What of a study: all, one series, one instance. */
export interface Selection {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** A body and what its header says. */
export interface WadoResponse {
  readonly contentType: string;
  readonly length?: number;
  /** A name of exactly these bytes. */
  readonly etag?: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes [from, to) of the body, where that takes less than reading it from its start. */
  readonly part?: (from: number, to: number) => AsyncIterable<Uint8Array>;
}

export interface WadoRequest {
  readonly selection: Selection;
  readonly ranges: readonly MediaRange[];
  readonly by: Principal;
  /** URL of the DICOMweb service. */
  readonly base: string;
}
