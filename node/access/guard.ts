// The one way out. Whatever leaves this peer (a summary's key, a grant, an object, a study shown to our own people) is
// decided here, by policy and by people, and written to the audit log before its first byte goes. Denied by default.

import { type Decision, decisionKind, decision as decisionPayload } from '../../protocol/access/decision.ts';
import { type OwnerAction, type OwnerEvent, startOwner, stepOwner } from '../../protocol/access/owner.ts';
import { openPatient } from '../../protocol/access/patient.ts';
import { decideRequest, decideSummary, type Policy } from '../../protocol/access/policy.ts';
import { checkRequest, digestOf, type Request } from '../../protocol/access/request.ts';
import {
  checkSummaryRequest,
  type SummaryReply,
  summaryReply,
  verifySummaryRequest,
} from '../../protocol/adverts/ask.ts';
import type { AttachedHead } from '../../protocol/audit/head.ts';
import type { BoxSecret } from '../../protocol/box.ts';
import { hex, unhex } from '../../protocol/bytes.ts';
import { signEnvelope, type VerifiedEnvelope } from '../../protocol/envelope.ts';
import { catalogue, must } from '../../protocol/errors.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { Purpose } from '../../protocol/practitioner.ts';
import { normalize } from '../../protocol/tags/identifier.ts';
import { type Acts, orNoteRefused } from '../audit/acts.ts';
import type { Us } from '../federation/us.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import { Recent } from '../flow/recent.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { Index } from '../store/index.ts';
import type { Publication, StudyRecord } from '../store/records.ts';
import type { Events } from '../system/events.ts';
import { AdmittedTransfers } from './admitted-transfers.ts';
import { heldUnder, matchAsked, stillHeld, studiesAsked } from './asked-studies.ts';
import type { Grants } from './grants.ts';
import type { IncomingRequest, IncomingRequests } from './incoming-requests.ts';
import type { Replays } from './replays.ts';
import type { Principal } from './roles.ts';
import type { StudyReader } from './study-reader.ts';
import type { ServedGrant, TransferGuard } from './transfer-guard.ts';

export interface GuardParts {
  readonly us: () => Us;
  readonly box: BoxSecret;
  readonly index: Index;
  readonly requests: IncomingRequests;
  readonly grants: Grants;
  readonly replays: Replays;
  readonly manifests: Manifests;
  readonly publication: (tag: string) => Promise<Publication | undefined>;
  readonly read: (study: StudyRecord) => StudyReader;
  readonly acts: Acts;
  /** Our log's head now, which a member that has seen `from` entries of it can check against that. */
  readonly auditHead: (from: number) => Promise<AttachedHead | undefined>;
  /** Sends a decision, however long its member is away. */
  readonly send: (to: string, request: string, envelope: Uint8Array) => Promise<void>;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: Random;
}

/** A grant lasts so long unless a person says otherwise. */
const grantMs = 30 * 24 * 3600_000;
/** One audit entry covers what a person reads of a study within this time: a viewer asks for every frame by itself. */
const viewMs = 5 * 60_000;
const viewsKept = 10_000;

export class Guard implements TransferGuard {
  readonly #policy: Policy;
  readonly #parts: GuardParts;
  readonly #views: Recent<string, true>;
  readonly #admitted: AdmittedTransfers;
  /** Decisions about one request wait for each other. */
  readonly #queue = new KeyedQueue();

  constructor(options: { policy: Policy }, parts: GuardParts) {
    this.#policy = options.policy;
    this.#parts = parts;
    this.#admitted = new AdmittedTransfers(parts);
    this.#views = new Recent({ most: viewsKept, lasting: { ms: viewMs, clock: parts.clock } });
  }

  /**
   * Answers a summary request with the key of what we advertised, if policy lets this asker know.
   * @param peer who sends it, by the connection
   */
  async summary(peer: string, envelope: Uint8Array): Promise<Uint8Array> {
    return this.#orNote('summaryRefused', peer, () => this.#summary(peer, envelope));
  }

  async #summary(peer: string, envelope: Uint8Array): Promise<Uint8Array> {
    const { clock, replays, us, events } = this.#parts;
    const { federation, membership, member, verify } = us();
    const request = verifySummaryRequest(envelope, federation, verify);
    must(request.signer === peer, 'envelope/signer');
    const now = clock.now();
    const memberOf = (peer: string) => membership.memberOf(peer, now)?.id;
    const seen = (key: string) => replays.seen(key);
    const { replayKey, until } = checkSummaryRequest({ request, me: member.id, memberOf, now, seen });
    await replays.remember(replayKey, until);
    const { value } = request;
    const asker = membership.memberOf(request.signer, now)!;
    const verdict = decideSummary({ member: asker, purpose: value.purpose, reason: value.reason });
    const publication = await this.#parts.publication(value.tag);
    const isKnown = publication?.state === 'holds' && publication.epoch === value.epoch && this.#isTold(publication);
    const known = isKnown ? publication : undefined;
    const reply = this.#summaryReply(verdict.verdict === 'allow', known, value);
    const outcome = reply.state === 'answered' ? 'success' : 'denied';
    const { practitioner, reason } = value;
    const why = { practitioner, purpose: value.purpose as Purpose, reason };
    await this.#parts.acts.summaryAnswered(asker.id, why, publication?.patient, outcome);
    events.summaryAnswered(reply.state, asker.id);
    return summaryReply.encode(reply);
  }

  /** Whether what was published may still be told: a person may have decided otherwise since. */
  #isTold({ identifier: { system, value } }: Publication): boolean {
    return heldUnder(this.#parts.index, system, value) !== undefined;
  }

  #summaryReply(
    allowed: boolean,
    publication: Publication | undefined,
    asked: { incarnation?: number | undefined; seq?: number | undefined },
  ): SummaryReply {
    if (!allowed) return { state: 'denied', code: catalogue['access/no-rights'].wire };
    if (publication === undefined) return { state: 'denied', code: catalogue['access/refs'].wire };
    const { incarnation, seq, key, record } = publication;
    const current = asked.incarnation === incarnation && asked.seq === seq;
    return {
      state: 'answered',
      incarnation,
      seq,
      key: key === undefined ? undefined : unhex(key),
      record: current ? undefined : unhex(record),
    };
  }

  /** Takes a request from another member and answers with a decision's envelope. The same again gets the same answer. */
  async request(opened: VerifiedEnvelope<Request>): Promise<Uint8Array> {
    return this.#orNote('requestRefused', opened.signer, () => this.#request(opened));
  }

  async #request(opened: VerifiedEnvelope<Request>): Promise<Uint8Array> {
    const { us, clock, requests } = this.#parts;
    const { member, membership } = us();
    const { value } = opened;
    checkRequest({ opened, me: member.id, members: membership, now: clock.now() });
    return this.#queue.run(value.id, async () => {
      const digest = digestOf(opened);
      const before = await requests.get(value.id);
      must(before === undefined || (before.digest === digest && before.from === value.from), 'access/replayed');
      if (before?.decision !== undefined) return unhex(before.decision);
      const fresh = before ?? this.#open(value, digest);
      await this.#parts.acts.requestReceived(nameOf(fresh));
      return unhex((await this.#judge(fresh, value)).decision!);
    });
  }

  /** A person lets a pending request through. @throws PeerError access/request-unknown, access/state */
  async approve(id: string, by: Principal): Promise<{ id: string; state: string }> {
    const { clock } = this.#parts;
    return this.#decide(id, by, (asked) => {
      must(stillHeld(this.#parts.index, asked), 'access/refs'); // whose a study is may have been decided since
      return { type: 'approved', ready: true, draft: this.#draft(asked), now: clock.now() };
    });
  }

  /** A person refuses a pending request, with words for the asker. @throws PeerError access/request-unknown, access/state */
  async deny(id: string, reason: string, by: Principal): Promise<{ id: string; state: string }> {
    return this.#decide(id, by, () => ({ type: 'refused', code: 'access/denied' }), reason);
  }

  /** Ends a grant: transfers under it stop at their next object. @throws PeerError access/grant-unknown */
  async revoke(grant: string, by: Principal): Promise<void> {
    const { grants, acts } = this.#parts;
    const given = await grants.get(grant);
    await acts.grantRevoked(grant, given.grant.holder, by);
    await grants.revoke(grant);
  }

  /** What others have asked of us. */
  get requests(): Pick<IncomingRequests, 'get' | 'rows' | 'total'> {
    return this.#parts.requests;
  }

  /** Checks the grant; its transfer begins, or is refused, in writing. */
  admitTransfer(grant: string, peer: string): Promise<ServedGrant> {
    return this.#orNote('transferRefused', peer, async () =>
      this.#admitted.admit(await this.#parts.grants.check(grant, peer)),
    );
  }

  async check(grant: string, peer: string): Promise<void> {
    await this.#parts.grants.check(grant, peer);
  }

  /**
   * Lets one of our own people read a study that is kept here. `detail` goes into the audit entry of an export.
   * @throws PeerError http/not-found
   */
  async view(studyUid: string, by: Principal, what: 'view' | 'export', detail?: object): Promise<StudyReader> {
    const study = this.#parts.index.study(studyUid);
    must(study !== undefined, 'http/not-found');
    const name = `${what} ${study.id} ${by.role} ${by.name}`;
    if (what === 'export' || !this.#views.has(name)) {
      const { acts } = this.#parts;
      await (what === 'view' ? acts.viewed(study, by) : acts.exported(study, by, detail));
      this.#views.set(name, true);
    }
    return this.#parts.read(study);
  }

  /** What is refused before it is looked at is written down too: who tried, and why it was refused. */
  #orNote<T>(act: 'summaryRefused' | 'requestRefused' | 'transferRefused', peer: string, step: () => Promise<T>) {
    const { acts, events } = this.#parts;
    return orNoteRefused(step, async (code) => {
      await acts[act](peer, code);
      events.messageRefused(code, peer);
    });
  }

  #open(value: Request, digest: string): IncomingRequest {
    const { us, box, index, clock } = this.#parts;
    const { federation } = us();
    const asked = openPatient(value.patient, box, { federation, id: value.id, from: value.from, to: value.to });
    const patient = heldUnder(index, asked.system, normalize(asked.system, asked.value).value);
    const chosen = patient === undefined ? [] : studiesAsked(index, patient, asked, value.refs);
    const { id, from, practitioner, purpose, reason } = value;
    return {
      ...{ id, digest, from, practitioner, purpose, reason, asked },
      patient: patient?.id,
      studies: chosen.map((study) => study.id),
      keys: { x25519: hex(value.keys.x25519), mlkem: hex(value.keys.mlkem) },
      auditSeen: value.auditSeen,
      at: clock.now(),
      owning: startOwner(value.notAfter),
    };
  }

  #judge(asked: IncomingRequest, value: Request): Promise<IncomingRequest> {
    const { us, index, clock } = this.#parts;
    const { membership } = us();
    const patient = asked.patient === undefined ? undefined : index.patient(asked.patient);
    const wanted = value.refs === 'all' ? 1 : new Set(value.refs).size;
    const now = clock.now();
    const verdict = decideRequest(this.#policy, {
      member: membership.member(asked.from)!,
      practitioner: asked.practitioner,
      purpose: asked.purpose,
      refsHeld: asked.studies.length >= wanted,
      patient: patient === undefined ? 'missing' : matchAsked(index, patient, asked),
      issuedAt: value.issuedAt,
      now,
    });
    return this.#step(asked, { type: 'judged', verdict, ready: true, draft: this.#draft(asked), now });
  }

  async #decide(id: string, by: Principal, event: (asked: IncomingRequest) => OwnerEvent, text?: string) {
    return this.#queue.run(id, async () => {
      const asked = await this.#parts.requests.get(id);
      must(asked !== undefined, 'access/request-unknown');
      const decided = await this.#step({ ...asked, text }, event(asked), by);
      if (decided.decision !== undefined && decided.decision !== asked.decision) {
        await this.#parts.send(decided.from, id, unhex(decided.decision));
      }
      return { id, state: decided.owning.state };
    });
  }

  /** One step of the request's machine: its actions in order, then its new state, durable before anybody is told. */
  async #step(asked: IncomingRequest, event: OwnerEvent, by?: Principal): Promise<IncomingRequest> {
    const [owning, actions] = stepOwner(asked.owning, event);
    let next: IncomingRequest = { ...asked, owning };
    const grants: Uint8Array[] = [];
    for (const action of actions) next = await this.#act(next, action, grants, by);
    await this.#parts.requests.put(next);
    this.#parts.events.requestDecided({ id: asked.id, state: owning.state, member: asked.from });
    return next;
  }

  async #act(
    asked: IncomingRequest,
    action: OwnerAction,
    grants: Uint8Array[],
    by: Principal | undefined,
  ): Promise<IncomingRequest> {
    switch (action.type) {
      case 'audit':
        await this.#parts.acts.requestDecided(nameOf(asked), action, by);
        return asked;
      case 'issue':
        for (const [i, id] of action.draft.grants.entries()) {
          const study = this.#parts.index.studyById(asked.studies[i]!)!;
          grants.push(await this.#parts.grants.issue(asked, study, id, action.draft.until));
        }
        return asked;
      case 'answer':
        return { ...asked, decision: hex(await this.#answer(asked, action, grants)) };
      case 'kill':
        for (const grant of action.grants) await this.#parts.grants.revoke(grant);
        return asked;
      case 'stage':
      case 'ask-person':
        return asked; // the list of requests shows it
    }
  }

  async #answer(
    asked: IncomingRequest,
    action: Extract<OwnerAction, { type: 'answer' }>,
    grants: readonly Uint8Array[],
  ) {
    const { us, clock, auditHead } = this.#parts;
    const { federation, signer } = us();
    const value: Decision = {
      request: asked.id,
      requestDigest: asked.digest,
      to: asked.from,
      state: action.state,
      code: action.code,
      text: asked.text,
      grants: grants.length > 0 ? [...grants] : undefined,
      audit: await auditHead(asked.auditSeen ?? 0),
      issuedAt: clock.now(),
    };
    return signEnvelope(decisionKind, decisionPayload, value, federation, signer);
  }

  #draft(asked: IncomingRequest) {
    const grants = asked.studies.map(() => hex(this.#parts.random(16)));
    return { grants, until: this.#parts.clock.now() + grantMs };
  }
}

/** A request as the audit log names it. */
const nameOf = ({ studies, from, ...asked }: IncomingRequest) => ({ ...asked, peer: from, studies: studies.length });
