// Who has what of a patient: identifier to tag by the keepers, tag to records near it, and each record's summary from
// its owner's guard. Nobody on the way learns who was asked about.

import { openSummaryReply, signSummaryRequest, summaryProtocol, summaryReply } from '../../../protocol/adverts/ask.ts';
import type { Advert } from '../../../protocol/adverts/record.ts';
import { hex } from '../../../protocol/bytes.ts';
import { codeOfWire, must, PeerError } from '../../../protocol/errors.ts';
import type { Member } from '../../../protocol/federation/roster.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { isPurpose } from '../../../protocol/practitioner.ts';
import type { Principal } from '../../access/roles.ts';
import type { FindQuery, FindResult, FoundHospital } from '../../api/find.ts';
import type { Acts } from '../../audit/acts.ts';
import type { Us } from '../../federation/us.ts';
import type { Network } from '../../net/network.ts';
import type { LookedUp, Tags } from '../../net/records/tags.ts';
import type { Events } from '../../system/events.ts';
import { errorFields, type Log } from '../../system/log.ts';
import { type PatientTags, tagsToLookUp } from './patient-tags.ts';

/** Checked here too: not everybody comes by HTTP. */
type Query = Omit<FindQuery, 'purpose'> & { readonly purpose: string };

export interface FindParts {
  readonly tags: PatientTags;
  readonly lookUp: Tags['lookUp'];
  readonly network: Network;
  /** Our own guard's answer to a summary request: what we hold is shown, and audited, like anybody else's. */
  readonly ownSummary: (envelope: Uint8Array) => Promise<Uint8Array>;
  readonly us: () => Us;
  readonly acts: Pick<Acts, 'lookedUp'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
}

/** How long one hospital may take to answer before it counts as off line. */
const answerMs = 4_000;
const requestMs = 10 * 60_000;

export class Finder {
  readonly #defaultSystem: string;
  readonly #parts: FindParts;

  constructor(options: { defaultSystem: string }, parts: FindParts) {
    this.#defaultSystem = options.defaultSystem;
    this.#parts = parts;
  }

  /** @throws PeerError access/purpose, tags/*, federation/none */
  async find(query: Query, by: Principal, signal?: AbortSignal): Promise<FindResult> {
    const { clock, tags, acts, events } = this.#parts;
    const started = clock.now();
    const { system = this.#defaultSystem, value, purpose, reason } = query;
    must(isPurpose(purpose) && reason.trim() !== '', 'advert/no-purpose');
    const us = this.#parts.us();
    await acts.lookedUp(`${system}|${value}`, { practitioner: by, purpose, reason });
    const secret = await tags.secret(system, value, signal);
    const places = tagsToLookUp(secret, clock.now());
    const { records, unreachable, complete, blamed } = await this.#parts.lookUp(
      places.map((place) => place.tag),
      { signal },
    );
    this.#blame(records, blamed);
    const held = newestOfEach(records.map((each) => each.advert));
    const hospitals = await Promise.all(held.map((advert) => this.#ask(advert, us, { ...query, by }, signal)));
    const silent = hospitals.filter((each) => each.state === 'offline').map((each) => each.member);
    const all = complete && silent.length === 0;
    events.patientLookedUp(all ? 'complete' : 'incomplete');
    return {
      hospitals: hospitals.sort((a, b) => a.name.localeCompare(b.name)),
      complete: all,
      unreachable: [...new Set([...unreachable, ...silent])],
      ms: clock.now() - started,
    };
  }

  /** Who served forged, contradicting or older records is written down; what was found stands on the newest alone. */
  #blame(records: LookedUp['records'], blamed: LookedUp['blamed']): void {
    const { log, events } = this.#parts;
    for (const { member, code } of blamed) log.warn({ member, code }, 'a storing peer is blamed');
    for (const { advert, behind, conflicting } of records) {
      // perhaps it was only off line when the newer one came
      for (const { from } of behind)
        log.info({ member: from, code: 'advert/rolled-back' }, 'an older record was served');
      const { member } = advert;
      if (conflicting.length > 0) events.alarm('advert-conflict', { member });
    }
  }

  async #ask(
    advert: Advert,
    us: Us,
    query: Query & { by: Principal },
    signal: AbortSignal | undefined,
  ): Promise<FoundHospital> {
    const member = us.membership.member(advert.member);
    const base = { member: advert.member, name: member?.name ?? advert.member };
    try {
      const { state, code, studies } = await this.#answer(advert, member!, us, query, signal);
      return { ...base, online: true, state, code, studies };
    } catch (error) {
      this.#parts.log.info(
        { member: advert.member, ...errorFields(error) },
        'a hospital did not answer a summary request',
      );
      const coded = error instanceof PeerError ? error : undefined;
      const refused = coded !== undefined && !coded.row.retry;
      if (refused) return { ...base, online: true, state: 'denied', code: coded.code, studies: [] };
      return { ...base, online: false, lastSeen: advert.freshUntil - freshMs, state: 'offline', studies: [] };
    }
  }

  async #answer(
    advert: Advert,
    member: Member,
    us: Us,
    query: Query & { by: Principal },
    signal: AbortSignal | undefined,
  ): Promise<Pick<FoundHospital, 'state' | 'code' | 'studies'>> {
    const { clock, network, random } = this.#parts;
    const now = clock.now();
    const { tag, epoch, incarnation, seq } = advert;
    const request = {
      id: hex(random(16)),
      from: us.member.id,
      to: member.id,
      practitioner: { name: query.by.name, role: query.by.role },
      purpose: query.purpose,
      reason: query.reason,
      ...{ tag, epoch, incarnation, seq },
      issuedAt: now,
      notAfter: now + requestMs,
    };
    const envelope = signSummaryRequest(request, us.federation, us.signer);
    const options = { signal, timeoutMs: answerMs, maxBytes: summaryReply.maxBytes };
    const bytes =
      member.id === us.member.id
        ? await this.#parts.ownSummary(envelope)
        : await network.request(member.peerId, summaryProtocol, envelope, options);
    const reply = summaryReply.decode(bytes);
    const memberOf = (peer: string) => us.membership.memberOf(peer, now)?.id;
    const summary = openSummaryReply({ reply, advert, federation: us.federation, memberOf, verify: us.verify });
    const code = reply.code === undefined ? undefined : codeOfWire(reply.code);
    return { state: reply.state, code, studies: summary?.studies ?? [] };
  }
}

/** A record is made fresh for 48 hours: what is left of that tells when it was made. */
const freshMs = 48 * 3_600_000;

/** One record a member: between two epochs it has one under each tag. Those that say "withdrawn" hold nothing. */
function newestOfEach(adverts: readonly Advert[]): Advert[] {
  const newest = new Map<string, Advert>();
  for (const advert of adverts) {
    const other = newest.get(advert.member);
    if (other === undefined || advert.epoch > other.epoch) newest.set(advert.member, advert);
  }
  return [...newest.values()].filter((advert) => advert.state === 'holds');
}
