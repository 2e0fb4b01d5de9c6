// Records kept for others near their tags, and the service that takes and gives them (/dicomnet/tags/1). Stored as they
// came, on disk, within a quota for each publisher, until they lapse.

import { checkStore } from '../../../protocol/adverts/checks.ts';
import { type Advert, verifyAdvert } from '../../../protocol/adverts/record.ts';
import {
  decodeTagsRequest,
  fitGetReply,
  type GetReply,
  type GetRequest,
  getReply,
  putReply,
  type TagPlace,
  tagsProtocol,
} from '../../../protocol/adverts/store-messages.ts';
import { concat, hex, uintBytes, unhex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { type Membership, mustBeMember } from '../../../protocol/federation/membership.ts';
import type { Verify } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { Timers } from '../../system/machine.ts';
import type { KvPart } from '../kv-part.ts';
import type { Network } from '../network.ts';

export interface TagStoreOptions {
  /** Bytes that one publisher may have here. */
  readonly quotaBytes?: number;
  readonly sweepMs?: number;
}

export interface TagStoreParts {
  readonly network: Network;
  readonly records: KvPart;
  readonly membership: () => Membership;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told of sweeps that failed: the disk. */
  readonly onFailure?: (error: unknown) => void;
}

interface Kept {
  readonly keepUntil: number;
  readonly incarnation: number;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export class TagStore {
  readonly #options: Required<TagStoreOptions>;
  readonly #parts: TagStoreParts;
  /** Bytes stored for each publisher (member id). */
  #used = new Map<string, number>();
  /** Looking at what is stored and storing are one step: requests take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #cancel: (() => void) | undefined;

  constructor(options: TagStoreOptions, parts: TagStoreParts) {
    this.#options = { quotaBytes: limits.advertQuotaBytes, sweepMs: 6 * 3_600_000, ...options };
    this.#parts = parts;
    const maxBytes = limits.advertMessageBytes + 1024;
    parts.network.serve(tagsProtocol, (peer, body) => this.#answer(peer, body), { maxBytes });
  }

  /** Counts what is there and drops what has lapsed, now and from time to time. */
  async start(): Promise<void> {
    await this.sweep();
    const again = () => void this.sweep().catch((error: unknown) => this.#parts.onFailure?.(error));
    this.#cancel = this.#parts.timers.every(this.#options.sweepMs, again);
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#turn;
  }

  /** One wire number for each record: 0 stored or there already, else the error's. */
  async put(records: readonly Uint8Array[]): Promise<number[]> {
    const opened = records.map((bytes) => this.#open(bytes));
    return this.#inTurn(async () => {
      const now = this.#parts.clock.now();
      const ahead = new Map<string, Kept>(); // of this batch, on its way to the disk
      const writes: Promise<void>[] = [];
      const results: number[] = [];
      for (const each of opened) {
        if (typeof each === 'number') results.push(each);
        else results.push(await this.#store(each, ahead, writes, now));
      }
      await Promise.all(writes);
      return results;
    });
  }

  /** Records of these tags, in the order of the tags, as many as one reply holds. */
  async get(request: Pick<GetRequest, 'tags' | 'from'>): Promise<GetReply> {
    const { tags, from } = request;
    const start = from === undefined ? 0 : tags.indexOf(from.tag);
    must(start >= 0, 'field/invalid', { at: 'from' });
    const found: (TagPlace & { bytes: Uint8Array })[] = [];
    const now = this.#parts.clock.now();
    let length = 0;
    for (const tag of new Set(tags.slice(start))) {
      for await (const [key, value] of this.#parts.records.range(unhex(tag))) {
        const member = hex(key.subarray(32));
        const { keepUntil, bytes } = decodeKept(value);
        if (keepUntil <= now || (tag === from?.tag && member < from.member)) continue;
        found.push({ tag, member, bytes });
        length += bytes.length;
        if (length > limits.advertMessageBytes) return fitGetReply(found);
      }
    }
    return fitGetReply(found);
  }

  /** Drops what has lapsed or whose publisher is no member any more, and counts the rest anew. */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      const { records, clock, membership } = this.#parts;
      const used = new Map<string, number>();
      const now = clock.now();
      for await (const [key, value] of records.range()) {
        const member = hex(key.subarray(32));
        const { keepUntil, bytes } = decodeKept(value);
        if (keepUntil <= now || membership().member(member) === undefined) await records.del(key);
        else used.set(member, (used.get(member) ?? 0) + bytes.length);
      }
      this.#used = used;
    });
  }

  async #answer(peer: string, body: Uint8Array): Promise<Uint8Array> {
    mustBeMember(this.#parts.membership(), peer, this.#parts.clock.now());
    const request = decodeTagsRequest(body);
    if (request.type === 'put') return putReply.encode({ results: await this.put(request.records) });
    return getReply.encode(await this.get(request));
  }

  #open(bytes: Uint8Array): Advert | number {
    const { membership, verify } = this.#parts;
    try {
      return verifyAdvert(bytes, membership().federation, verify);
    } catch (error) {
      if (error instanceof PeerError) return error.row.wire;
      throw error;
    }
  }

  async #store(advert: Advert, ahead: Map<string, Kept>, writes: Promise<void>[], now: number): Promise<number> {
    const { records, membership } = this.#parts;
    const key = concat(unhex(advert.tag), unhex(advert.member));
    const place = hex(key);
    const onDisk = ahead.get(place) ?? (await this.#read(key));
    const stored = onDisk !== undefined && onDisk.keepUntil > now ? onDisk : undefined;
    const used = this.#used.get(advert.member) ?? 0;
    try {
      const memberOf = (peer: string) => membership().memberOf(peer, now)?.id;
      const quota = this.#options.quotaBytes;
      if (checkStore({ advert, memberOf, stored, now, used, quota }) === 'same') return 0;
    } catch (error) {
      if (error instanceof PeerError) return error.row.wire;
      throw error;
    }
    const { keepUntil, incarnation, seq, bytes } = advert;
    ahead.set(place, { keepUntil, incarnation, seq, bytes });
    this.#used.set(advert.member, used + bytes.length - (onDisk?.bytes.length ?? 0));
    writes.push(records.put(key, encodeKept(advert)));
    return 0;
  }

  async #read(key: Uint8Array): Promise<Kept | undefined> {
    const value = await this.#parts.records.get(key);
    return value === undefined ? undefined : decodeKept(value);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(run);
    this.#turn = mine.catch(() => undefined); // whoever waits for `mine` gets the error; the next one goes on
    return mine;
  }
}

// what a look at the place needs is in front of the envelope, so that nothing is verified twice
const encodeKept = ({ keepUntil, incarnation, seq, bytes }: Kept): Uint8Array =>
  concat(uintBytes(keepUntil, 6), uintBytes(incarnation, 7), uintBytes(seq, 7), bytes);

function decodeKept(value: Uint8Array): Kept {
  const number = (at: number, size: number) => value.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
  return { keepUntil: number(0, 6), incarnation: number(6, 7), seq: number(13, 7), bytes: value.subarray(20) };
}
