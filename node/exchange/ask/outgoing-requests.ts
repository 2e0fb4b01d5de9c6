// Asking other members for studies: requests that are kept until they are answered, however long that takes, and the
// keys that a grant brings.

import {
  type AskerAction,
  type AskerEvent,
  type AskerState,
  startAsker,
  stepAsker,
} from '../../../protocol/access/asker.ts';
import {
  checkDecision,
  type Decision,
  decisionKind,
  decision as decisionPayload,
} from '../../../protocol/access/decision.ts';
import { checkReceivedGrant } from '../../../protocol/access/grant.ts';
import { verifyGrant } from '../../../protocol/access/messages.ts';
import { type AskedPatient, sealPatient } from '../../../protocol/access/patient.ts';
import { digestOf, requestKind, request as requestPayload } from '../../../protocol/access/request.ts';
import { unwrapGrant } from '../../../protocol/access/wrap.ts';
import { type BoxPublic, type BoxSecret, boxKeyPair } from '../../../protocol/box.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { signEnvelope, type VerifiedEnvelope, verifyEnvelope } from '../../../protocol/envelope.ts';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import type { Member } from '../../../protocol/federation/roster.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { isPurpose, type Practitioner, type Purpose } from '../../../protocol/practitioner.ts';
import { normalize } from '../../../protocol/tags/identifier.ts';
import { direction } from '../../access/incoming-requests.ts';
import type { Principal } from '../../access/roles.ts';
import type { Ask } from '../../api/requests.ts';
import type { Us } from '../../federation/us.ts';
import { KeyedQueue } from '../../flow/keyed-queue.ts';
import type { Kv } from '../../store/kv.ts';
import { type Listing, type Place, TimedRows } from '../../store/timed-rows.ts';
import type { Events } from '../../system/events.ts';
import { type PatientTags, tagsToLookUp } from '../find/patient-tags.ts';
import { heldGrant, type Transfers } from '../transfer/transfers.ts';
import type { Outbox } from './outbox.ts';

/** Its purpose is checked here too: not everybody comes by HTTP. */
export type NewRequest = Omit<Ask, 'purpose'> & { readonly purpose: string };

export interface OutgoingRequest {
  readonly id: string;
  readonly to: string;
  readonly envelope: string;
  readonly patient: AskedPatient;
  readonly refs: readonly string[] | 'all';
  readonly purpose: Purpose;
  readonly reason: string;
  readonly practitioner: Practitioner;
  readonly at: number;
  /** Secret halves (hex) of the request's keys, until a grant was opened or none can come any more. */
  readonly secret?: { readonly x25519: string; readonly mlkemSeed: string } | undefined;
  readonly asking: AskerState;
  readonly text?: string | undefined;
}

export interface OutgoingRequestsParts {
  readonly us: () => Us;
  /** The box keys on a member's card. @throws PeerError net/no-card */
  readonly boxOf: (member: Member) => BoxPublic;
  readonly tags: PatientTags;
  readonly kv: Kv;
  readonly outbox: Outbox;
  readonly transfers: Pick<Transfers, 'begin' | 'get'>;
  readonly audit: (record: OutgoingRequest) => Promise<void>;
  /** Entries of an owner's audit log that we have seen a head for. */
  readonly auditSeen: (member: string) => Promise<number>;
  /** An owner's audit head came with its decision. */
  readonly seenHead: (member: string, decision: Decision) => Promise<void>;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: Random;
}

export class OutgoingRequests {
  readonly #defaultSystem: string;
  readonly #parts: OutgoingRequestsParts;
  readonly #rows: TimedRows<OutgoingRequest>;
  readonly #records = new Map<string, OutgoingRequest>();
  /** What happens to one request happens one after the other. */
  readonly #queue = new KeyedQueue();

  constructor(options: { defaultSystem: string }, parts: OutgoingRequestsParts) {
    this.#defaultSystem = options.defaultSystem;
    this.#parts = parts;
    this.#rows = new TimedRows({ bucket: 'request', prefix: direction.out, timeOf: ({ at }) => at }, parts);
  }

  async load(): Promise<void> {
    for await (const record of this.#rows.all()) this.#records.set(record.id, record);
    await this.#queueAgain();
  }

  /** A crash may have come between keeping a request and queueing it. */
  async #queueAgain(): Promise<void> {
    const waiting = await this.#parts.outbox.waiting();
    for (const record of this.#records.values()) {
      if (record.asking.state === 'queued' && !waiting.has(record.id))
        await this.#enqueue(record, record.asking.notAfter);
    }
  }

  #enqueue({ id, to, envelope }: OutgoingRequest, notAfter: number): Promise<void> {
    return this.#parts.outbox.put({ kind: 'request', about: id, to, envelope: unhex(envelope), notAfter });
  }

  /**
   * Sends a request, durable before it goes, and waits for one try to deliver it.
   * @throws PeerError member/unknown, net/no-card, tags/*, field/invalid, advert/no-purpose
   */
  async create(input: NewRequest, by: Principal): Promise<{ id: string; state: string }> {
    const us = this.#parts.us();
    const now = this.#parts.clock.now();
    const to = memberNamed(us, input.member, now);
    const record = await this.#record(us, to, input, by);
    await this.#parts.audit(record);
    await this.#put(record);
    await this.#enqueue(record, now + limits.requestLifetimeMs);
    await this.#parts.outbox.deliver(to.id);
    return { id: record.id, state: shownState(this.#records.get(record.id)!.asking) };
  }

  all(): Iterable<OutgoingRequest> {
    return this.#records.values();
  }

  rows(listing?: Listing): AsyncIterable<Place & { readonly row: OutgoingRequest }> {
    return this.#rows.rows(listing);
  }

  total(): Promise<number> {
    return this.#rows.total();
  }

  get(id: string): OutgoingRequest | undefined {
    return this.#records.get(id);
  }

  /** The owner refused the message itself. */
  async refused(id: string, code: ErrorCode): Promise<void> {
    const answer = { state: 'denied' as const, issuedAt: this.#parts.clock.now(), code };
    await this.#queue.run(id, () => this.#step(this.#mustKnow(id), { type: 'answered', answer }));
  }

  /** It could not be delivered in time. */
  async expired(id: string): Promise<void> {
    await this.#queue.run(id, () => this.#step(this.#mustKnow(id), { type: 'tick', now: this.#parts.clock.now() }));
  }

  /**
   * Takes a decision: the answer to a request, or a later one that its owner sent.
   * @throws PeerError access/mismatch, access/misaddressed, access/clock, envelope/*, member/unknown
   */
  async decided(envelope: Uint8Array): Promise<void> {
    const { us, clock } = this.#parts;
    const { federation, verify, membership } = us();
    const opened = verifyEnvelope(envelope, decisionKind, decisionPayload, federation, verify);
    const record = this.#mustKnow(opened.value.request);
    const sent = verifyEnvelope(unhex(record.envelope), requestKind, requestPayload, federation, verify);
    const requestDigest = digestOf(sent);
    checkDecision({ opened, request: sent.value, requestDigest, members: membership, now: clock.now() });
    await this.#parts.seenHead(record.to, opened.value);
    await this.#queue.run(record.id, () => this.#answered(this.#mustKnow(record.id), opened, requestDigest));
  }

  async #answered(record: OutgoingRequest, opened: VerifiedEnvelope<Decision>, requestDigest: string): Promise<void> {
    const { state, issuedAt, code } = opened.value;
    if (state !== 'granted') {
      const answer = state === 'denied' ? { state, issuedAt, code: code! } : { state, issuedAt, code };
      await this.#step({ ...record, text: opened.value.text }, { type: 'answered', answer });
      return;
    }
    await this.#granted(record, opened, requestDigest);
  }

  async #granted(record: OutgoingRequest, opened: VerifiedEnvelope<Decision>, requestDigest: string): Promise<void> {
    if (record.secret === undefined) return; // opened before: the same answer came twice
    const { us, clock, transfers } = this.#parts;
    const { federation, verify, membership, member } = us();
    const secret: BoxSecret = { x25519: unhex(record.secret.x25519), mlkemSeed: unhex(record.secret.mlkemSeed) };
    const held = opened.value.grants!.map((bytes) => {
      const grant = verifyGrant(bytes, federation, verify);
      const request = { from: member.id, to: record.to };
      checkReceivedGrant({ opened: grant, request, requestDigest, members: membership, now: clock.now() });
      const { id, manifest, to } = grant.value;
      return heldGrant(id, manifest, to, unwrapGrant(grant.value, secret, federation));
    });
    const { issuedAt, text } = opened.value;
    const until = Math.min(...held.map((grant) => grant.until));
    const patient = this.#identifier(record);
    await transfers.begin(record.id, record.to, patient, held);
    const answer = { state: 'granted' as const, issuedAt, grants: held.map((grant) => grant.id), until };
    await this.#step({ ...record, text }, { type: 'answered', answer });
    await this.#step(this.#mustKnow(record.id), { type: 'started' });
    // after a crash it went on by itself, and may have ended before this answer came again
    const transfer = transfers.get(record.id);
    if (transfer !== undefined && transfer.state !== 'running') await this.#over(record.id, transfer.code);
  }

  /** A transfer ended: everything is here, or the owner stopped it with a code. */
  async ended(id: string, code: ErrorCode | undefined): Promise<void> {
    await this.#queue.run(id, () => this.#over(id, code));
  }

  async #over(id: string, code: ErrorCode | undefined): Promise<void> {
    const started = this.#records.get(id)?.asking.state;
    // a crash may have come between the two
    if (started === 'granted') await this.#step(this.#mustKnow(id), { type: 'started' });
    if (started !== 'granted' && started !== 'transferring') return;
    await this.#step(this.#mustKnow(id), code === undefined ? { type: 'arrived' } : { type: 'ended', code });
  }

  #identifier(record: OutgoingRequest) {
    const { system, value } = record.patient;
    const { value: normalized, checked } = normalize(system, value);
    return { system, value: normalized, status: checked ? ('checked' as const) : ('unchecked' as const) };
  }

  async #record(us: Us, to: Member, input: NewRequest, by: Principal): Promise<OutgoingRequest> {
    const { boxOf, tags, clock, random } = this.#parts;
    const { purpose, reason, refs } = input;
    must(isPurpose(purpose) && reason.trim() !== '', 'advert/no-purpose');
    const { system = this.#defaultSystem, value, name, birthDate } = input.patient;
    const patient: AskedPatient = { system, value: normalize(system, value).value, name, birthDate };
    const [place] = tagsToLookUp(await tags.secret(system, value), clock.now());
    const id = hex(random(16));
    const keys = boxKeyPair(random);
    const now = clock.now();
    const practitioner = { name: by.name, role: by.role };
    const context = { federation: us.federation, id, from: us.member.id, to: to.id };
    const content = {
      ...{ id, from: us.member.id, to: to.id, practitioner, purpose, reason },
      patient: sealPatient(patient, boxOf(to), context, random),
      refs: refs === 'all' ? refs : [...refs],
      tag: place!.tag,
      epoch: place!.epoch,
      keys: keys.public,
      auditSeen: await this.#parts.auditSeen(to.id),
      issuedAt: now,
      notAfter: now + limits.requestLifetimeMs,
    };
    const envelope = hex(signEnvelope(requestKind, requestPayload, content, us.federation, us.signer));
    const secret = { x25519: hex(keys.secret.x25519), mlkemSeed: hex(keys.secret.mlkemSeed) };
    const [asking] = startAsker(content.notAfter);
    return { id, to: to.id, envelope, patient, refs, purpose, reason, practitioner, at: now, secret, asking };
  }

  async #step(record: OutgoingRequest, event: AskerEvent): Promise<void> {
    const [asking, actions] = stepAsker(record.asking, event);
    const next = actions.reduce(apply, { ...record, asking });
    await this.#put(next);
    this.#parts.events.requestChanged({ id: record.id, state: shownState(asking) });
  }

  #mustKnow(id: string): OutgoingRequest {
    const record = this.#records.get(id);
    must(record !== undefined, 'access/request-unknown');
    return record;
  }

  async #put(record: OutgoingRequest): Promise<void> {
    this.#records.set(record.id, record);
    await this.#rows.put(record);
  }
}

/** What becomes of the record; sending, fetching and receipts are begun where their event comes from. */
function apply(record: OutgoingRequest, action: AskerAction): OutgoingRequest {
  const over = action.type === 'forget-keys' || action.type === 'unwrap';
  return over ? { ...record, secret: undefined } : record;
}

/** What the API calls a state: what is being transferred was granted. */
export const shownState = (asking: AskerState): string =>
  asking.state === 'transferring' ? 'granted' : asking.state === 'sent' ? 'queued' : asking.state;

/** @throws PeerError member/unknown */
function memberNamed(us: Us, name: string, now: number): Member {
  const found = us.membership.members(now).filter((each) => [each.id, each.peerId, each.name].includes(name));
  if (found.length === 1) return found[0]!;
  throw new PeerError('member/unknown', { found: found.length });
}
