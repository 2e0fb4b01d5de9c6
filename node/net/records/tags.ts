// Publishing records near their tags and looking tags up: the closest peers by kad-dht, batches to each of them.

import { checkFound, type Picked, pickHighest, type Served } from '../../../protocol/adverts/checks.ts';
import { type Version, verifyAdvert } from '../../../protocol/adverts/record.ts';
import {
  encodeTagsRequest,
  type GetReply,
  getReply,
  putReply,
  putRequests,
  type TagPlace,
  tagsProtocol,
} from '../../../protocol/adverts/store-messages.ts';
import { unhex } from '../../../protocol/bytes.ts';
import { codeOfWire, type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import type { Membership } from '../../../protocol/federation/membership.ts';
import type { Verify } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock } from '../../../protocol/ports.ts';
import { inParallel } from '../../flow/in-parallel.ts';
import type { Network } from '../network.ts';
import type { TagStore } from './tag-store.ts';

export interface TagsOptions {
  /** How long a look-up waits for one peer. */
  readonly lookUpMs?: number;
}

export interface TagsParts {
  readonly network: Network;
  /** This peer's own store: it is often among the closest. */
  readonly store: TagStore;
  readonly membership: () => Membership;
  readonly verify: Verify;
  readonly clock: Clock;
  /** The highest version of a record seen earlier, to notice when everybody serves an older one. */
  readonly known?: (tag: string, member: string) => Version | undefined;
}

/** A signed record and the tag that it goes under. */
export interface TaggedRecord {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

/** Stored on `stored` of `wanted` peers; `errors` says why not on the others. */
export interface Placed {
  readonly stored: number;
  readonly wanted: number;
  readonly errors: readonly ErrorCode[];
}

export interface LookedUp {
  /** The highest version of each member's record under each tag, with who served older ones. */
  readonly records: readonly Picked[];
  /** Members that did not answer. */
  readonly unreachable: readonly string[];
  /**
   * True if nothing can have been missed: everybody asked has answered; above 20 members, where each record lies on 20
   * peers, at least half of those of each tag.
   */
  readonly complete: boolean;
  /** Members that served what is no valid record. */
  readonly blamed: readonly { readonly member: string; readonly code: ErrorCode }[];
}

/** Pages of one peer's answer: each holds up to 4 MiB. */
const maxPages = 64;
const peersAtOnce = 32;
const tagsAtOnce = 8;

export class Tags {
  readonly #options: Required<TagsOptions>;
  readonly #parts: TagsParts;

  constructor(options: TagsOptions, parts: TagsParts) {
    this.#options = { lookUpMs: 3000, ...options };
    this.#parts = parts;
  }

  /** Stores every record on the peers closest to its tag; one outcome for each, in order. */
  async publish(
    records: readonly TaggedRecord[],
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Placed[]> {
    const targets = await this.#targets(
      records.map((each) => each.tag),
      options.signal,
    );
    const outcome = records.map(() => ({ stored: 0, errors: [] as ErrorCode[] }));
    const ofPeer = new Map<string, number[]>();
    for (const [i, { tag }] of records.entries()) {
      for (const peer of targets.get(tag) ?? []) ofPeer.set(peer, [...(ofPeer.get(peer) ?? []), i]);
    }
    await inParallel(peersAtOnce, [...ofPeer], async ([peer, indices]) => {
      const results = await this.#put(
        peer,
        indices.map((i) => records[i]!.bytes),
        options.signal,
      );
      for (const [at, code] of results.entries()) {
        const { errors } = outcome[indices[at]!]!;
        if (code === undefined) outcome[indices[at]!]!.stored++;
        else if (errors.length < limits.netClosest) errors.push(code);
      }
    });
    return outcome.map((each, i) => ({ ...each, wanted: targets.get(records[i]!.tag)?.length ?? 0 }));
  }

  /** Asks the peers closest to each tag and takes the highest version of every record. At most 256 tags. */
  async lookUp(tags: readonly string[], options: { signal?: AbortSignal | undefined } = {}): Promise<LookedUp> {
    must(tags.length <= limits.advertBatch, 'field/invalid', { at: 'tags' });
    const targets = await this.#targets(tags, options.signal);
    const ofPeer = new Map<string, string[]>();
    for (const [tag, peers] of targets) for (const peer of peers) ofPeer.set(peer, [...(ofPeer.get(peer) ?? []), tag]);
    const served: Served[] = [];
    const failed = new Set<string>();
    const blamed: { member: string; code: ErrorCode }[] = [];
    await inParallel(ofPeer.size, [...ofPeer], async ([peer, asked]) => {
      const member = this.#memberOf(peer) ?? peer;
      try {
        served.push(...(await this.#get(peer, member, asked, blamed, options.signal)));
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        failed.add(peer);
        if (!error.row.retry) blamed.push({ member, code: error.code });
      }
    });
    options.signal?.throwIfAborted();
    const few = this.#members().length <= limits.netClosest;
    const enough = (peers: readonly string[]) => peers.filter((peer) => failed.has(peer)).length * 2 <= peers.length;
    return {
      records: pickHighest(served, this.#parts.clock.now(), this.#parts.known),
      unreachable: [...failed].map((peer) => this.#memberOf(peer) ?? peer),
      complete: few ? failed.size === 0 : [...targets.values()].every(enough),
      blamed,
    };
  }

  #members(): string[] {
    const { membership, clock } = this.#parts;
    return membership()
      .members(clock.now())
      .map((member) => member.peerId);
  }

  #memberOf(peer: string): string | undefined {
    return this.#parts.membership().memberOf(peer, this.#parts.clock.now())?.id;
  }

  /** The peers that hold each tag's records: everybody in a small federation, else the closest. */
  async #targets(tags: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, readonly string[]>> {
    const members = this.#members();
    const targets = new Map<string, readonly string[]>();
    for (const tag of tags) targets.set(tag, members);
    if (members.length > limits.netClosest) {
      await inParallel(tagsAtOnce, [...targets.keys()], async (tag) => {
        targets.set(tag, await this.#parts.network.closest(unhex(tag), { signal }));
      });
    }
    return targets;
  }

  /** Undefined where it was stored, else why not. */
  async #put(
    peer: string,
    records: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<(ErrorCode | undefined)[]> {
    const results: (ErrorCode | undefined)[] = [];
    for (const request of putRequests(records)) {
      try {
        const numbers = await this.#putOnce(peer, request, signal);
        must(numbers.length === request.records.length, 'net/framing', { at: 'results' });
        results.push(...numbers.map((wire) => (wire === 0 ? undefined : (codeOfWire(wire) ?? 'net/unknown-error'))));
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof PeerError)) throw error;
        // what one batch met the rest would meet too: the ledger tries again
        while (results.length < records.length) results.push(error.code);
        return results;
      }
    }
    return results;
  }

  async #putOnce(peer: string, request: { type: 'put'; records: Uint8Array[] }, signal: AbortSignal | undefined) {
    if (peer === this.#parts.network.self) return this.#parts.store.put(request.records);
    const options = { maxBytes: putReply.maxBytes, signal };
    const body = await this.#parts.network.request(peer, tagsProtocol, encodeTagsRequest(request), options);
    return putReply.decode(body).results;
  }

  async #get(
    peer: string,
    member: string,
    tags: string[],
    blamed: { member: string; code: ErrorCode }[],
    signal: AbortSignal | undefined,
  ): Promise<Served[]> {
    const { membership, verify, clock } = this.#parts;
    const asked = new Set(tags);
    const served: Served[] = [];
    let from: TagPlace | undefined;
    for (let page = 0; page < maxPages; page++) {
      const reply = await this.#getOnce(peer, tags, from, signal);
      for (const bytes of reply.records) {
        try {
          const advert = verifyAdvert(bytes, membership().federation, verify);
          checkFound(advert, asked, (who) => this.#memberOf(who), clock.now());
          served.push({ from: member, advert });
        } catch (error) {
          if (!(error instanceof PeerError)) throw error;
          // one that has lapsed or whose publisher has left the roster is nobody's lie; it is passed over all the same
          if (error.code !== 'advert/expiry' && error.code !== 'advert/not-member')
            blamed.push({ member, code: error.code });
        }
      }
      if (reply.more === undefined) return served;
      must(asked.has(reply.more.tag) && reply.records.length > 0, 'net/framing', { at: 'more' });
      from = reply.more;
    }
    return served;
  }

  async #getOnce(
    peer: string,
    tags: string[],
    from: TagPlace | undefined,
    signal: AbortSignal | undefined,
  ): Promise<GetReply> {
    if (peer === this.#parts.network.self) return this.#parts.store.get({ tags, from });
    const options = { maxBytes: limits.advertMessageBytes + 1024, signal, timeoutMs: this.#options.lookUpMs };
    const body = await this.#parts.network.request(
      peer,
      tagsProtocol,
      encodeTagsRequest({ type: 'get', tags, from }),
      options,
    );
    return getReply.decode(body);
  }
}
