// Whoever attacks: a real libp2p node with a key of its own that lets everything in and says whatever it likes, made
// from the same protocol functions that honest peers use.

import { Libp2pNetwork } from '../../node/net/libp2p/network.ts';
import { nationalSystem } from '../../node/setup/config.ts';
import { nativeBulk } from '../../node/system/bulk.ts';
import { nativeSigner, nativeVerify, systemClock, systemRandom, systemTimers } from '../../node/system/machine.ts';
import { type Decision, decision, decisionKind } from '../../protocol/access/decision.ts';
import { accessMessageBytes, accessProtocol, verifyGrant } from '../../protocol/access/messages.ts';
import { type AskedPatient, sealPatient } from '../../protocol/access/patient.ts';
import { type Request, request, requestKind } from '../../protocol/access/request.ts';
import { unwrapGrant } from '../../protocol/access/wrap.ts';
import { type SummaryReply, signSummaryRequest, summaryProtocol, summaryReply } from '../../protocol/adverts/ask.ts';
import { type AdvertFields, encodeAdvert, lifetimes, type SizeClass } from '../../protocol/adverts/record.ts';
import {
  decodeTagsRequest,
  encodeTagsRequest,
  getReply,
  putReply,
  type TagsRequest,
  tagsProtocol,
} from '../../protocol/adverts/store-messages.ts';
import { type BoxPublic, type BoxSecret, boxKeyPair } from '../../protocol/box.ts';
import { hex } from '../../protocol/bytes.ts';
import { signEnvelope, verifyEnvelope } from '../../protocol/envelope.ts';
import { codeOfWire, type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { cardValidity, signCard, verifyCard } from '../../protocol/federation/card.ts';
import { signJoin } from '../../protocol/federation/join.ts';
import {
  encodeRosterRequest,
  type RosterRequest,
  rosterProtocol,
  rosterReplies,
} from '../../protocol/federation/messages.ts';
import type { MemberKind } from '../../protocol/federation/roster.ts';
import type { Signer } from '../../protocol/identity.ts';
import { openManifest } from '../../protocol/manifest/sealed-manifest.ts';
import { epochAt } from '../../protocol/tags/epoch.ts';
import { transferProtocol, transferVersion } from '../../protocol/transfer/messages.ts';
import { openDoors } from '../contract/network.ts';
import type { Hospital } from '../node/hospitals.ts';
import { RawTransfer } from './raw-transfer.ts';

/** The code that a promise is rejected with, `none` when it is not. Whatever has no code is thrown on. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
}

/** A request made by hand, and the secret halves of its keys. */
export interface Crafted {
  readonly value: Request;
  readonly envelope: Uint8Array;
  readonly secret: BoxSecret;
}

type SummaryRequest = Parameters<typeof signSummaryRequest>[0];

const minute = 60_000;

export class Attacker {
  readonly name: string;
  readonly kind: MemberKind;
  readonly signer: Signer;
  readonly network: Libp2pNetwork;
  /** Of its key, for whoever goes on as it. */
  readonly seed = systemRandom(32);
  readonly #box = boxKeyPair(systemRandom);
  /** Known once it has been admitted, or has heard of it. */
  federation = '';
  member = '';
  /** What it answers as a storing peer: by default it says that it stores everything, and has nothing. */
  onTags: (request: TagsRequest) => Uint8Array[] = () => [];

  private constructor(name: string, kind: MemberKind) {
    const { seed } = this;
    this.name = name;
    this.kind = kind;
    this.signer = nativeSigner(seed);
    const options = { seed, listen: ['/ip4/127.0.0.1/tcp/0'] };
    this.network = new Libp2pNetwork(options, { doorkeeper: openDoors, timers: systemTimers });
    this.network.serve(tagsProtocol, async (_peer, body) => {
      const asked = decodeTagsRequest(body);
      const records = this.onTags(asked);
      return asked.type === 'get'
        ? getReply.encode({ records })
        : putReply.encode({ results: asked.records.map(() => 0) });
    });
  }

  static async start(name: string, kind: MemberKind = 'hospital'): Promise<Attacker> {
    const attacker = new Attacker(name, kind);
    await attacker.network.start();
    return attacker;
  }

  get peerId(): string {
    return this.network.self;
  }

  stop(): Promise<void> {
    return this.network.stop();
  }

  /** What it would hand to the authority. */
  joinRequest(): Uint8Array {
    const now = systemClock.now();
    const addresses = addressesOf(this.network);
    const about = { name: this.name, country: 'MD' };
    const card = { ...about, addresses, boxKeys: this.#box.public, services: [], version: '0', ...cardValidity(now) };
    return signJoin({ ...about, kind: this.kind, card: signCard(card, '', this.signer), issuedAt: now }, this.signer);
  }

  /** Learns where a hospital listens. */
  async meet(...hospitals: readonly Hospital[]): Promise<void> {
    for (const { core } of hospitals) await this.network.learn(core.peerId, addressesOf(core.members.network));
  }

  ask(to: Hospital, protocol: string, body: Uint8Array): Promise<Uint8Array> {
    return this.network.request(to.core.peerId, protocol, body, { maxBytes: accessMessageBytes });
  }

  /** Says something on the roster protocol. */
  async roster(to: Hospital, message: RosterRequest): Promise<unknown> {
    return rosterReplies[message.type].decode(await this.ask(to, rosterProtocol, encodeRosterRequest(message)));
  }

  /** The box keys on a hospital's card, as any member gets them. */
  async boxOf(of: Hospital): Promise<BoxPublic> {
    const { cards } = (await this.roster(of, { type: 'cards', have: [] })) as { cards: Uint8Array[] };
    const all = cards.map((bytes) => verifyCard(bytes, this.federation, nativeVerify));
    return all.find((card) => card.signer === of.core.peerId)!.value.boxKeys;
  }

  /** A request that is right in everything but for the changes. */
  async craft(
    to: Hospital,
    patient: Pick<AskedPatient, 'value'> & Partial<AskedPatient>,
    change: Partial<Request> = {},
    by: Signer = this.signer,
  ): Promise<Crafted> {
    const now = systemClock.now();
    const keys = boxKeyPair(systemRandom);
    const head = { id: hex(systemRandom(16)), from: this.member, to: memberOf(to), ...change };
    const context = { federation: this.federation, id: head.id, from: head.from, to: head.to };
    const value: Request = {
      practitioner: { name: 'Dr. M', role: 'practitioner' },
      purpose: 'TREAT',
      reason: 'follow-up',
      patient: sealPatient({ system: nationalSystem, ...patient }, await this.boxOf(to), context, systemRandom),
      refs: 'all',
      tag: hex(systemRandom(32)),
      epoch: epochAt(now),
      keys: keys.public,
      issuedAt: now,
      notAfter: now + 60 * minute,
      ...head,
      ...change,
    };
    return { value, envelope: signEnvelope(requestKind, request, value, this.federation, by), secret: keys.secret };
  }

  /** Sends a request; gives the decision's envelope as it came. */
  send(to: Hospital, { envelope }: Pick<Crafted, 'envelope'>): Promise<Uint8Array> {
    return this.ask(to, accessProtocol, envelope);
  }

  opened(answer: Uint8Array): Decision {
    return verifyEnvelope(answer, decisionKind, decision, this.federation, nativeVerify).value;
  }

  /** Is granted a patient's one study and opens the grant's keys. */
  async granted(to: Hospital, patient: Pick<AskedPatient, 'value'>) {
    const crafted = await this.craft(to, patient);
    const { grants } = this.opened(await this.send(to, crafted));
    const { value: grant } = verifyGrant(grants![0]!, this.federation, nativeVerify);
    return { crafted, grant, keys: unwrapGrant(grant, crafted.secret, this.federation) };
  }

  /** Opens a stream of a transfer and says which grant it is for. */
  async transfer(from: Hospital, grant: string): Promise<RawTransfer> {
    const stream = new RawTransfer(await this.network.open(from.core.peerId, transferProtocol));
    await stream.send({ type: 'open', version: transferVersion, grant });
    return stream;
  }

  /** Fetches the manifest under a grant. @throws PeerError what the owner ended the stream with */
  async manifest(from: Hospital, grant: string): Promise<Uint8Array> {
    const stream = await this.transfer(from, grant);
    try {
      await stream.send({ type: 'manifest-wanted' });
      return (await stream.next()).bytes;
    } finally {
      stream.close();
    }
  }

  openManifest = (sealed: Uint8Array, of: { manifest: string }, keys: { manifestKey: Uint8Array }) =>
    openManifest(sealed, { id: of.manifest, key: keys.manifestKey }, { bulk: nativeBulk });

  /** A summary request that is right in everything but for the changes. */
  craftSummary(to: Hospital, tag: string, change: Partial<SummaryRequest> = {}, by: Signer = this.signer): Uint8Array {
    const now = systemClock.now();
    const value: SummaryRequest = {
      id: hex(systemRandom(16)),
      from: this.member,
      to: memberOf(to),
      practitioner: { name: 'Dr. M', role: 'practitioner' },
      purpose: 'TREAT',
      reason: 'follow-up',
      tag,
      epoch: epochAt(now),
      issuedAt: now,
      notAfter: now + 10 * minute,
      ...change,
    };
    return signSummaryRequest(value, this.federation, by);
  }

  async summary(to: Hospital, envelope: Uint8Array): Promise<SummaryReply> {
    return summaryReply.decode(await this.ask(to, summaryProtocol, envelope));
  }

  /** An advertisement that is right in everything but for the changes, as this member's. */
  advert(
    tag: string,
    change: Partial<AdvertFields> = {},
    size: SizeClass = 1024,
    by: Signer = this.signer,
  ): Uint8Array {
    const now = systemClock.now();
    const epoch = change.epoch ?? epochAt(now);
    const fields = {
      tag,
      epoch,
      generation: 1,
      member: this.member,
      incarnation: 1,
      seq: now,
      state: 'holds' as const,
    };
    return encodeAdvert({ ...fields, ...lifetimes(now, epoch), ...change }, size, this.federation, by);
  }

  /** Has a peer store records; gives what it says of each. */
  async put(at: Hospital, records: Uint8Array[]): Promise<(ErrorCode | 'stored')[]> {
    const { results } = putReply.decode(await this.ask(at, tagsProtocol, encodeTagsRequest({ type: 'put', records })));
    return results.map((wire) => (wire === 0 ? 'stored' : codeOfWire(wire)!));
  }

  /** What a peer has stored under a tag. */
  async get(at: Hospital, tag: string): Promise<Uint8Array[]> {
    const body = await this.ask(at, tagsProtocol, encodeTagsRequest({ type: 'get', tags: [tag] }));
    return getReply.decode(body).records;
  }
}

export const memberOf = (hospital: Hospital): string => hospital.core.members.federation.us().member.id;

const addressesOf = (network: { addresses(): string[] }): string[] =>
  network.addresses().map((address) => address.replace(/\/p2p\/[^/]+$/, ''));
