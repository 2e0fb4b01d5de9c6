// What one hospital's peer is made of, without the machine around it: composed from ports, so that the simulator runs
// the very same over a modelled network, disk and clock. Read it from top to bottom; stopped in exactly the reverse.
import { accessMessageBytes, accessProtocol } from '../protocol/access/messages.ts';
import { summaryProtocol } from '../protocol/adverts/ask.ts';
import { type AttachedHead, auditHead, auditHeadKind } from '../protocol/audit/head.ts';
import { auditProtocol, headReply, headRequest } from '../protocol/audit/messages.ts';
import type { Bulk } from '../protocol/bulk.ts';
import { signEnvelope } from '../protocol/envelope.ts';
import { must } from '../protocol/errors.ts';
import { hkdf } from '../protocol/hash.ts';
import type { Verify } from '../protocol/identity.ts';
import type { Clock, Random } from '../protocol/ports.ts';
import { normalize } from '../protocol/tags/identifier.ts';
import { transferProtocol } from '../protocol/transfer/messages.ts';
import { Grants } from './access/grants.ts';
import { Guard } from './access/guard.ts';
import { incomingRequests } from './access/incoming-requests.ts';
import { Replays } from './access/replays.ts';
import { studyReader } from './access/study-reader.ts';
import { actsOver } from './audit/acts.ts';
import { SeenHeads } from './audit/heads.ts';
import type { AuditTrail } from './audit/trail.ts';
import { AccessMessages } from './exchange/ask/access-messages.ts';
import { Outbox } from './exchange/ask/outbox.ts';
import { OutgoingRequests } from './exchange/ask/outgoing-requests.ts';
import { Receipts } from './exchange/ask/receipts.ts';
import { Advertiser } from './exchange/find/advertiser.ts';
import { Finder } from './exchange/find/finder.ts';
import { PatientTags } from './exchange/find/patient-tags.ts';
import { Aside } from './exchange/import/aside.ts';
import { Importer } from './exchange/import/importer.ts';
import { replayPacks } from './exchange/import/replay.ts';
import type { Routes } from './exchange/import/routed.ts';
import type { FetchOptions } from './exchange/transfer/fetch-job.ts';
import { Fetcher } from './exchange/transfer/fetcher.ts';
import { progressStore } from './exchange/transfer/progress-store.ts';
import { TransferServer } from './exchange/transfer/serve.ts';
import { Transfers } from './exchange/transfer/transfers.ts';
import { cardStore, Federation, rosterStore } from './federation/federation.ts';
import { Gate } from './federation/gate.ts';
import { RosterExchange } from './federation/roster-exchange.ts';
import { Recent } from './flow/recent.ts';
import { Manifests } from './manifests/manifests.ts';
import type { Evaluator } from './net/keepers/evaluator.ts';
import { IndexClient } from './net/keepers/index-client.ts';
import { KeeperService } from './net/keepers/keeper.ts';
import type { Doorkeeper, Network } from './net/network.ts';
import { RepublishLedger } from './net/records/ledger.ts';
import { TagStore, type TagStoreOptions } from './net/records/tag-store.ts';
import { Tags } from './net/records/tags.ts';
import type { Config } from './setup/config.ts';
import { type OwnKeys, ownCard } from './setup/data-folder.ts';
import { Additions } from './store/additions.ts';
import { Index } from './store/index.ts';
import type { Kv } from './store/kv.ts';
import type { ObjectStore } from './store/objects.ts';
import { withPacks } from './store/packed-objects.ts';
import { PackedRows } from './store/packed-rows.ts';
import { type PackFiles, Packs } from './store/packs.ts';
import type { StudyRecord } from './store/records.ts';
import { StudyKeys } from './store/study-keys.ts';
import type { Vault } from './store/vault.ts';
import type { Events } from './system/events.ts';
import type { Lifecycle } from './system/lifecycle.ts';
import { errorFields, type Log } from './system/log.ts';
import type { Timers } from './system/machine.ts';
import { Orders } from './worklist/orders.ts';

export interface CoreParts {
  readonly config: Config;
  readonly keys: OwnKeys;
  readonly vault: Vault;
  readonly kv: Kv;
  /** Objects in files of their own; small ones go into packs. */
  readonly objects: ObjectStore & { freshName(): string };
  readonly packFiles: PackFiles;
  readonly network: (doorkeeper: Doorkeeper, onFailure: (error: unknown, protocol: string) => void) => Network;
  readonly evaluator: Evaluator;
  /** Opens the audit log; heads are signed for the federation of the moment. */
  readonly audit: (signHead: (head: { size: number; root: string; at: number }) => Uint8Array) => Promise<AuditTrail>;
  readonly bulk: Bulk;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly bootId: string;
  readonly fetch?: Partial<FetchOptions>;
  readonly tagStore?: TagStoreOptions;
  /** What arrives and goes on to other DICOM nodes. */
  readonly routing?: { readonly routes: Routes | undefined; readonly arrived: () => void };
  readonly events: Events;
  readonly log: Log;
}

export type Core = Awaited<ReturnType<typeof startCore>>;

/** Points an hour that one member may have evaluated, and may save up: some look-ups a minute, or a morning's patients. */
const meter = { pointsPerHour: 2_000, burstPoints: 20_000 };

/** Starts everything; `lifecycle` stops it. */
export async function startCore(parts: CoreParts, lifecycle: Lifecycle) {
  const { config, keys, vault, kv, evaluator, bulk, verify, clock, timers, random, events, log } = parts;
  const { peerId, signer, box } = keys;
  const failed = (what: string) => (error: unknown) => log.warn({ what, ...errorFields(error) }, 'something failed');

  let running = false;

  // what is here
  const packs = await Packs.open({ files: parts.packFiles, sealer: vault, bulk });
  lifecycle.started('packs', () => packs.close());
  const objects = withPacks(parts.objects, { packs, kv });
  const packed = new PackedRows({ packs, kv });
  const index = new Index({ kv, vault });
  await index.load();
  const additions = new Additions({ index, kv, packed, vault });
  const studyKeys = new StudyKeys({ kv, random, clock });
  const aside = new Aside({ kv, clock, random });
  const replayed = await replayPacks({ rows: packed, packs, index, additions, keys: studyKeys, aside, bulk });
  if (replayed > 0) log.info({ instances: replayed }, 'instances came back from their packs after a crash');
  const manifests = new Manifests({ index, keys: studyKeys, bucket: kv.bucket('manifest'), bulk, random });

  // the network, behind the gate
  const membership = () => exchange.membership();
  const onTurnedAway = (peer: string, standing: string) => {
    log.info({ peer, standing }, 'a peer was turned away');
  };
  const gate: Gate = new Gate({}, { clock, timers, membership: () => exchange.current(), onTurnedAway });
  const network = parts.network(gate, (error, protocol) => {
    log.warn({ protocol, ...errorFields(error) }, 'a handler failed');
  });
  const exchange: RosterExchange = new RosterExchange(
    {},
    {
      ...{ network, gate, clock, timers, random, verify },
      rosterStore: rosterStore(kv),
      cardStore: cardStore(kv),
      onRoster: (now) =>
        queueMicrotask(() => {
          federation.changed(now);
          if (running) advertiser.catchUp().catch(failed('publishing'));
        }),
      onAlarm: (alarm, number) => events.alarm(`roster-${alarm}`, { number }),
      onFailure: (error, peer) => log.info({ peer, ...errorFields(error) }, 'an exchange of rosters failed'),
    },
  );
  const federation = new Federation({
    ...{ exchange, network, box, signer, verify, clock, events, log },
    card: (where) => ownCard(config, keys, where, clock.now()),
  });
  const us = () => federation.us();

  // what is written down about patients, before anything leaves
  const audit = await parts.audit((head) => {
    const { federation: of, member } = us();
    return signEnvelope(auditHeadKind, auditHead, { ...head, member: member.id }, of, signer);
  });
  const acts = actsOver(audit);
  const heads = new SeenHeads({
    ...{ us, events },
    bucket: kv.bucket('evidence'),
    ask: async (member, seen) => {
      const request = headRequest.encode({ seen });
      return headReply.decode(await network.request(federation.peerOf(member), auditProtocol, request));
    },
  });
  network.serve(auditProtocol, async (_peer, body) => {
    return headReply.encode(await audit.attachedHead(headRequest.decode(body).seen));
  });

  // tags, records near them, and keeping them there
  const keeper = new KeeperService(meter, {
    ...{ network, evaluator, membership, clock },
    meterStore: kv.bucket('meter'),
    heldShares: () => federation.heldShares(),
    onMetered: ({ member, points, granted }) => log.info({ member, points, granted }, 'points were evaluated'),
  });
  const indexClient = new IndexClient(
    {},
    {
      ...{ network, evaluator, membership, random, keeper },
      onBlame: ({ member, code }) => events.alarm('keeper', { member, code }),
    },
  );
  const tagStore = new TagStore(parts.tagStore ?? {}, {
    ...{ network, membership, verify, clock, timers },
    records: kv.bucket('tagRecord'),
    onFailure: failed('tag records'),
  });
  const tags = new Tags({}, { network, store: tagStore, membership, verify, clock });
  const patientTags = new PatientTags({
    bucket: kv.bucket('tagSecret'),
    vault,
    evaluate: async (inputs, signal) => {
      const { outputs, generation } = await indexClient.evaluate(inputs, { signal });
      return { y: outputs, generation };
    },
    generation: () => {
      const key = membership().indexKey;
      must(key !== undefined, 'tags/no-keepers', { missing: 1 });
      return key.generation;
    },
  });
  const ledger: RepublishLedger = new RepublishLedger(
    {},
    {
      ...{ clock, timers, random },
      entries: kv.bucket('ledger'),
      publish: (records, options) => tags.publish(records, options),
      makeRecord: (entry) => advertiser.current(entry.tag),
      onAlarm: ({ kind }) => events.alarm(`record-${kind}`),
      onFailure: failed('publishing'),
    },
  );
  const advertiser: Advertiser = new Advertiser(
    { advertise: config.advertise },
    {
      ...{ index, tags: patientTags, signer, clock, random, timers, log },
      bucket: kv.bucket('publication'),
      secret: hkdf(keys.audit, ['dicomnet/1/summary hedge']),
      self: () => {
        const now = federation.current();
        const generation = now?.membership.indexKey?.generation;
        if (now === undefined || generation === undefined) return undefined;
        return { federation: now.federation, member: now.member.id, incarnation: 1, generation };
      },
      publish: (records) => ledger.queue(records),
      isQueued: (tag) => ledger.has(tag),
    },
  );

  const orders = new Orders({ kv, clock, random });
  await orders.load();

  // the one way in
  const imports = new Recent<string, true>({ most: 10_000, lasting: { ms: importMs, clock } });
  /** One audit entry covers what comes of a study within some minutes: a CT has a thousand instances. */
  const noteImport = (study: StudyRecord): void => {
    if (imports.has(study.id)) return;
    imports.set(study.id, true);
    acts.imported(study).catch(failed('auditing an import'));
  };
  const importer = new Importer(
    { ...config.patientId, minFreeBytes: config.storage.minFreeBytes },
    {
      ...{ objects, index, additions, keys: studyKeys, aside, bulk, clock, random },
      early: () => packs.early(),
      routes: parts.routing?.routes,
      changed: (studyUid) => {
        const study = index.study(studyUid);
        if (study === undefined) return;
        if (study.origin === 'origin') advertiser.touch(study.patient);
        noteImport(study);
        parts.routing?.arrived();
        const modalities = study.series.flatMap(({ modality }) => modality ?? []);
        orders.arrived(studyUid, modalities).catch(failed('joining images to their order'));
        events.studyChanged(studyUid);
      },
    },
  );

  // the one way out
  const replays = new Replays({ kv, vault, clock });
  await replays.load();
  const grants = new Grants({ bucket: kv.bucket('grant'), manifests, keys: studyKeys, us, clock, random });
  const outbox: Outbox = new Outbox(
    {
      ...{ bucket: kv.bucket('outbox'), clock, random, timers, log },
      send: (to, envelope, signal) =>
        network.request(federation.peerOf(to), accessProtocol, envelope, { signal, maxBytes: accessMessageBytes }),
    },
    (message, outcome) => messages.delivered(message, outcome),
  );
  const policy = { autoGrant: config.policy.autoGrant.map((rule) => ({ ...rule, withoutDemographics: true })) };
  const guard = new Guard(
    { policy },
    {
      ...{ us, box, index, grants, replays, manifests, acts, events, clock, random },
      requests: incomingRequests(kv),
      publication: (tag) => advertiser.publication(tag),
      read: (study) => studyReader(study, { index, objects, keys: studyKeys, bulk }),
      auditHead: (from) => audit.attachedHead(from),
      send: async (to, about, envelope) => {
        await outbox.put({ kind: 'decision', about, to, envelope, notAfter: clock.now() + decisionMs });
        void outbox.deliver(to);
      },
    },
  );
  const transferServer = new TransferServer({ guard, objects, timers, log });

  // finding, asking, fetching
  /** What the audit log calls a patient: our record, if there is one. */
  const nameOf = (system: string, value: string): string => {
    const normalized = normalize(system, value).value;
    return index.patientBy(system, normalized)?.id ?? `${system}|${normalized}`;
  };
  const finder = new Finder(
    { defaultSystem: config.patientId.defaultSystem },
    {
      ...{ tags: patientTags, network, us, acts, clock, random, events, log },
      lookUp: (wanted, options) => tags.lookUp(wanted, options),
      ownSummary: (envelope) => guard.summary(network.self, envelope),
    },
  );
  const receipts = new Receipts({
    us,
    grants,
    outbox,
    acts,
    auditHead: (seen) => audit.attachedHead(seen),
    clock,
    seenHead: (member, head) => heads.take(member, head),
  });
  const transfers: Transfers = new Transfers({
    ...{ importer, manifests, bulk, clock, events, log },
    kv,
    fetcher: (adopt) =>
      new Fetcher(parts.fetch ?? {}, {
        ...{ network, objects, bulk, clock, timers, log, adopt, bootId: parts.bootId },
        progress: progressStore(kv),
      }),
    peerOf: (member) => federation.peerOf(member),
    receipt: async (owner, grant, request, list) => receipts.send(owner, grant, request, list, 0),
    ended: (request, code) => asking.ended(request, code),
  });
  const asking: OutgoingRequests = new OutgoingRequests(
    { defaultSystem: config.patientId.defaultSystem },
    {
      ...{ us, tags: patientTags, outbox, transfers, events, clock, random },
      boxOf: (member) => federation.boxOf(member),
      kv,
      auditSeen: (member) => heads.size(member),
      audit: ({ to, patient, ...record }) =>
        acts.requestSent({ ...record, peer: to, patient: nameOf(patient.system, patient.value) }),
      seenHead: (member, { audit: head }) => compareHead(member, head),
    },
  );

  /** A head that can't be compared now is compared with the next one that comes: no patient waits for it. */
  async function compareHead(member: string, head: AttachedHead | undefined): Promise<void> {
    if (head === undefined) return;
    await heads.take(member, head).catch(failed('comparing audit heads'));
  }

  const messages: AccessMessages = new AccessMessages({ us, guard, asking, receipts, log });
  network.serve(accessProtocol, (peer, body) => messages.received(peer, body), { maxBytes: accessMessageBytes });
  network.serve(summaryProtocol, (peer, body) => guard.summary(peer, body));
  network.serveStream(transferProtocol, transferServer.serve);

  // what a crash cut off in the middle of an import was never acknowledged; transfers' files, with a dash, go on
  for (const name of await objects.partials()) {
    if (!name.includes('-')) await (await objects.partial(name)).discard();
  }

  // from here on it runs
  await exchange.load();
  await asking.load();
  await network.start();
  lifecycle.started('network', () => network.stop());
  gate.watch(network);
  lifecycle.started('gate', () => gate.stop());
  await tagStore.start();
  lifecycle.started('tag store', () => tagStore.stop());
  await exchange.start();
  lifecycle.started('roster exchange', () => exchange.stop());
  await federation.announce();
  const announceAgain = timers.every(3_600_000, () => {
    federation.announce().catch(failed('announcing our card'));
  });
  lifecycle.started('card', announceAgain);
  await ledger.start();
  lifecycle.started('ledger', () => ledger.stop());
  advertiser.start();
  running = true;
  await advertiser.catchUp();
  lifecycle.started('advertiser', () => advertiser.stop());
  outbox.start();
  const stopListening = network.on('connect', (peer) => {
    const member = federation.current()?.membership.memberOf(peer, clock.now());
    if (member !== undefined) void outbox.deliver(member.id);
    ledger.kick();
  });
  lifecycle.started('outbox', () => {
    stopListening();
    return outbox.stop();
  });
  await transfers.start();
  lifecycle.started('transfers', () => transfers.stop());

  return {
    // lasts as long as the peer: what was given out years ago and today still belongs together
    deidentificationKey: hkdf(keys.audit, ['dicomnet/1/de-identification']),
    ...{
      index,
      objects,
      importer,
      aside,
      guard,
      finder,
      asking,
      transfers,
      federation,
      network,
      exchange,
      audit,
      acts,
    },
    ...{
      advertiser,
      orders,
      ledger,
      tags,
      outbox,
      manifests,
      studyKeys,
      peerId,
      gate,
      heads,
      tagStore,
      indexClient,
      patientTags,
      grants,
    },
  };
}

/** What comes of one study within this time is one import to the audit log. */
const importMs = 5 * 60_000;
/** A decision waits so long for a member that is off line. */
const decisionMs = 60 * 24 * 3_600_000;
