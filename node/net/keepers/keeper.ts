// A keeper's service, /dicomnet/index/1: meters every member, then applies its share to points that it cannot look into.

import { utf8 } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { type Membership, mustBeMember } from '../../../protocol/federation/membership.ts';
import type { Member } from '../../../protocol/federation/roster.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock } from '../../../protocol/ports.ts';
import type { HeldShare } from '../../../protocol/tags/keeper.ts';
import { type EvaluateRequest, evaluateRequest, indexProtocol } from '../../../protocol/tags/messages.ts';
import { type MeterState, newMeter, take } from '../../../protocol/tags/meter.ts';
import { KeyedQueue } from '../../flow/keyed-queue.ts';
import type { Network } from '../network.ts';
import type { Evaluator } from './evaluator.ts';

/** What the keeper needs of a key space on disk. */
export interface MeterStore {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
}

export interface KeeperOptions {
  /** Points an hour that the federation grants one member; each keeper gives its t/n-th part. */
  readonly pointsPerHour: number;
  /** Points that a member may save up. */
  readonly burstPoints: number;
}

/** Some look-ups a minute, or a morning's patients. */
const keeperDefaults: KeeperOptions = { pointsPerHour: 2_000, burstPoints: 20_000 };

export interface KeeperParts {
  readonly network: Network;
  readonly evaluator: Evaluator;
  readonly meterStore: MeterStore;
  readonly membership: () => Membership;
  /** The shares this peer holds; empty where it is no keeper. */
  readonly heldShares: () => readonly HeldShare[];
  readonly clock: Clock;
  /** For the log and the metrics: every request, granted or refused by the meter. */
  readonly onMetered?: (event: { member: string; points: number; granted: boolean }) => void;
}

export class KeeperService {
  readonly #options: KeeperOptions;
  readonly #parts: KeeperParts;
  /** Each member's requests are metered one after another. */
  readonly #metering = new KeyedQueue();

  constructor(options: Partial<KeeperOptions>, parts: KeeperParts) {
    this.#options = { ...keeperDefaults, ...options };
    this.#parts = parts;
    parts.network.serve(indexProtocol, (peer, body) => this.answer(peer, body), { maxBytes: limits.evaluationBytes });
  }

  /** Answers one request of a member's peer, also this peer's own. @throws PeerError tags/*, member/unknown, cbor/*, field/* */
  async answer(peer: string, body: Uint8Array): Promise<Uint8Array> {
    const { membership, clock, heldShares, evaluator } = this.#parts;
    const roster = membership();
    const member = mustBeMember(roster, peer, clock.now());
    const request = evaluateRequest.decode(body);
    const held = heldShares();
    // nothing is taken from the meter for what cannot be answered
    const ofKey = held.filter((share) => share.key === request.key);
    must(ofKey.length > 0, 'tags/not-keeper');
    must(
      ofKey.some((share) => share.generation === request.generation),
      'tags/generation',
      { asked: request.generation },
    );
    await this.#metering.run(member.id, () => this.#meter(roster, member, request));
    return evaluator.run({ type: 'answer', request, held: ofKey });
  }

  async #meter(roster: Membership, member: Member, request: EvaluateRequest): Promise<void> {
    const { meterStore, clock, onMetered } = this.#parts;
    const key = roster.indexKey;
    must(key !== undefined, 'tags/not-keeper');
    const options = { ...this.#options, t: key.t, n: key.shares.length };
    const now = clock.now();
    const place = utf8(member.id);
    const before = await meterStore.get(place);
    const state = before === undefined ? newMeter(options, now) : decodeMeter(before);
    const allowances = roster.roster.allowances.filter((each) => each.member === member.id);
    const points = request.blinded.length;
    const outcome = take(options, state, { points, now, allowances });
    // on disk before the answer is made: a crash gives nothing back
    await meterStore.put(place, utf8(JSON.stringify(outcome.state)));
    onMetered?.({ member: member.id, points, granted: outcome.granted });
    if (!outcome.granted) throw new PeerError('tags/over-quota', { waitMs: outcome.waitMs });
  }
}

// a meter's level is a fraction, which our CBOR doesn't have
const decodeMeter = (bytes: Uint8Array): MeterState => JSON.parse(new TextDecoder().decode(bytes)) as MeterState;
