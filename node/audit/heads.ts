// Other members' audit heads: the largest one seen of each, which every later one must continue. A log that was cut or
// rewritten contradicts it; both heads are then kept as evidence.
import { type AttachedHead, auditHead, auditHeadKind, checkNewHead } from '../../protocol/audit/head.ts';
import { concat, unhex, utf8 } from '../../protocol/bytes.ts';
import { verifyEnvelope } from '../../protocol/envelope.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Us } from '../federation/us.ts';
import type { Bucket } from '../store/kv.ts';
import type { Events } from '../system/events.ts';
import type { Log } from '../system/log.ts';
import { reportFailure } from '../system/parts.ts';

const place = (kind: 'head' | 'fork', member: string): Uint8Array => concat(utf8(`${kind}/`), unhex(member));

export class SeenHeads {
  readonly #bucket: Bucket;
  readonly #us: () => Us;
  readonly #events: Events;
  readonly #log: Log;
  readonly #ask: (member: string, seen: number) => Promise<AttachedHead>;

  /** @param parts.ask has a member prove its present head from the size that we have seen. @throws PeerError net/* */
  constructor(parts: {
    bucket: Bucket;
    us: () => Us;
    events: Events;
    log: Log;
    ask: (member: string, seen: number) => Promise<AttachedHead>;
  }) {
    this.#bucket = parts.bucket;
    this.#us = parts.us;
    this.#events = parts.events;
    this.#log = parts.log;
    this.#ask = parts.ask;
  }

  /** Entries of a member's log that we have seen a head for; 0 for none. */
  async size(member: string): Promise<number> {
    const seen = await this.#last(member);
    return seen?.value.size ?? 0;
  }

  /**
   * Compares a head that came with a message with what was seen before. One that is proved from another size than we
   * have seen says nothing by itself: its member is asked for a proof. A fork is kept, and raises an alarm.
   */
  async take(member: string, attached: AttachedHead): Promise<void> {
    const last = await this.#last(member);
    const proved = last === undefined || last.value.size === attached.from;
    await this.#compare(member, proved ? attached : await this.#ask(member, last.value.size));
  }

  /** As `take`, for what must not wait: a head that can't be compared now is compared with the next one that comes. */
  async takeIfPossible(member: string, attached: AttachedHead | undefined): Promise<void> {
    if (attached === undefined) return;
    await this.take(member, attached).catch(reportFailure(this.#log, 'comparing audit heads'));
  }

  async #compare(member: string, attached: AttachedHead): Promise<void> {
    const next = this.#open(attached.head);
    must(next.value.member === member, 'access/mismatch', { member });
    const last = await this.#last(member);
    try {
      const outcome = checkNewHead(last?.value, next.value, attached.proof);
      if (outcome === 'new') await this.#bucket.put(place('head', member), attached.head);
    } catch (error) {
      if (!(error instanceof PeerError) || error.code !== 'audit/forked') throw error;
      await this.#bucket.put(place('fork', member), attached.head);
      this.#events.alarm('audit-forked', { member });
    }
  }

  async #last(member: string) {
    const bytes = await this.#bucket.get(place('head', member));
    return bytes === undefined ? undefined : this.#open(bytes);
  }

  #open(bytes: Uint8Array) {
    const { federation, verify } = this.#us();
    return verifyEnvelope(bytes, auditHeadKind, auditHead, federation, verify);
  }
}
