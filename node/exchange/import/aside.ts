// What came in but can't join the index: unreadable data (quarantine), another content under a known SOP Instance UID
// or another patient's study (conflict). Kept sealed with its reason, so that a person can list, look, retry or drop it.
import { hex } from '../../../protocol/bytes.ts';
import type { ErrorCode } from '../../../protocol/errors.ts';
import { must } from '../../../protocol/errors.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import type { Added } from '../../store/additions.ts';
import type { Kv } from '../../store/kv.ts';
import { type Listing, type Place, TimedRows } from '../../store/timed-rows.ts';

/** Why something that did not join the index is kept aside. */
export const conflictReasons = {
  conflict: 'import/conflict',
  patient: 'import/patient-differs',
  full: 'import/study-full',
} as const satisfies Partial<Record<Added, ErrorCode>>;

export interface AsideObject {
  readonly kind: 'quarantine' | 'conflict';
  readonly reason: ErrorCode;
  readonly announced: {
    readonly from: string;
    readonly transferSyntax: string;
    readonly instance?: { readonly sopClassUid: string; readonly sopInstanceUid: string } | undefined;
  };
  /** Key (hex) under which the object is sealed as if it were a series key. */
  readonly key: string;
  readonly objectId: string;
  readonly sealedLength: number;
  readonly plainLength: number;
  readonly datasetOffset: number;
}

export interface AsideRecord extends AsideObject {
  readonly id: string;
  readonly at: number;
}

export class Aside {
  readonly #rows: TimedRows<AsideRecord>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { kv: Kv; clock: Clock; random: Random }) {
    this.#rows = new TimedRows({ bucket: 'aside', timeOf: ({ at }) => at }, parts);
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Durable when it resolves; gives the id under which it is listed. */
  async put(object: AsideObject): Promise<string> {
    const id = hex(this.#random(8));
    await this.#rows.put({ ...object, id, at: this.#clock.now() });
    return id;
  }

  rows(listing?: Listing): AsyncIterable<Place & { readonly row: AsideRecord }> {
    return this.#rows.rows(listing);
  }

  total(): Promise<number> {
    return this.#rows.total();
  }

  /** @throws PeerError aside/unknown */
  async get(id: string): Promise<AsideRecord> {
    const row = await this.#rows.get(id);
    must(row !== undefined, 'aside/unknown');
    return row;
  }

  /** Forgets it, after it has been taken in by a retry. */
  remove(id: string): Promise<void> {
    return this.#rows.remove(id);
  }
}
