// Where a data set reader stands.
import type { Encoding } from '../model/transfer-syntax.ts';
import type { Vr } from '../model/vr.ts';

/** What is open around the next byte. */
export interface Container {
  readonly kind: 'dataset' | 'sequence' | 'item' | 'fragments';
  /** Where a defined length ends, undefined for one that a delimiter ends. */
  readonly end: number | undefined;
  /** No content may reach past this: the nearest defined end around. */
  readonly limit: number;
  readonly encoding: Encoding;
}

/** What the next bytes are: a header, the rest of a value or of a fragment. */
export type ReaderState =
  | { readonly at: 'header' }
  | { readonly at: 'value'; readonly tag: number; readonly vr: Vr; readonly offset: number; readonly length: number }
  | { readonly at: 'fragment'; readonly index: number; readonly offset: number; readonly length: number };
