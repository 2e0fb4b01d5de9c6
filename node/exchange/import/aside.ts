// What came in but can't join the index: unreadable data (quarantine), another content under a known SOP Instance UID
// or another patient's study (conflict). Kept sealed with its reason, so that a person can list, look, retry or drop it.
import { hex, unhex } from '../../../protocol/bytes.ts';
import type { ErrorCode } from '../../../protocol/errors.ts';
import { must } from '../../../protocol/errors.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import type { Bucket } from '../../store/kv.ts';
import { decodeRecord, encodeRecord } from '../../store/records.ts';

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
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { bucket: Bucket; clock: Clock; random: Random }) {
    this.#bucket = parts.bucket;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Durable when it resolves; gives the id under which it is listed. */
  async put(object: AsideObject): Promise<string> {
    const id = hex(this.#random(8));
    const record: AsideRecord = { ...object, id, at: this.#clock.now() };
    await this.#bucket.put(unhex(id), encodeRecord(record));
    return id;
  }

  async list(): Promise<AsideRecord[]> {
    const all: AsideRecord[] = [];
    for await (const [, row] of this.#bucket.range()) all.push(decodeRecord(row));
    return all.sort((a, b) => a.at - b.at);
  }

  /** @throws PeerError aside/unknown */
  async get(id: string): Promise<AsideRecord> {
    const row = /^[0-9a-f]{16}$/.test(id) ? await this.#bucket.get(unhex(id)) : undefined;
    must(row !== undefined, 'aside/unknown');
    return decodeRecord(row);
  }

  /** Forgets it, after it has been taken in by a retry. */
  remove(id: string): Promise<void> {
    return this.#bucket.del(unhex(id));
  }
}
