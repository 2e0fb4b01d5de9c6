// One hospital's peer as a process: the core on this machine's disk, network and clock, with DICOM and HTTP before it.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './access/accounts.ts';
import type { Language } from './api/texts/language.ts';
import { text } from './api/texts/texts.ts';
import { SealedKeyBook } from './audit/keys.ts';
import { AuditLog } from './audit/log.ts';
import { type Core, startCore } from './core.ts';
import type { Caller } from './dicom/dimse/contexts.ts';
import { DimseServer, type DimseServerOptions } from './dicom/dimse/scp/server.ts';
import { Commitments } from './dicom/dimse/scu/commitment.ts';
import { PixelPool } from './dicom/pixels/pool.ts';
import { doctor } from './doctor.ts';
import { AsideDecisions } from './exchange/aside/decisions.ts';
import { retryAside } from './exchange/aside/retry.ts';
import { storeInto } from './exchange/import/from-dimse.ts';
import type { SpoolParts } from './exchange/upload/spool.ts';
import { Intake } from './exchange/upload/upload.ts';
import { type PatientChoice, Wrapper } from './exchange/upload/wrap.ts';
import { createHttp } from './http/server.ts';
import { WorkerEvaluator } from './net/keepers/worker-evaluator.ts';
import { Libp2pNetwork } from './net/libp2p/network.ts';
import { dicomServices } from './pacs/dicom-services.ts';
import { Remotes } from './pacs/remotes.ts';
import { openRouting } from './pacs/start.ts';
import { transcoding } from './pacs/transcoding.ts';
import type { Config } from './setup/config.ts';
import { type DataFolder, type OwnKeys, openData, ownKeys, version } from './setup/data-folder.ts';
import { type ObjectStore, openObjects } from './store/objects.ts';
import { openPackFiles } from './store/pack-files.ts';
import { nativeBulk } from './system/bulk.ts';
import { Events } from './system/events.ts';
import { writeWhole } from './system/files.ts';
import { Lifecycle } from './system/lifecycle.ts';
import { type Log, openLog } from './system/log.ts';
import { dicomMoment, nativeVerify, nextTurn, systemClock, systemRandom, systemTimers } from './system/machine.ts';
import { issuerIn } from './worklist/fhir-orders.ts';
import { worklistServices } from './worklist/start.ts';

export interface RunningPeer {
  readonly core: Core;
  readonly ports: { readonly http: number; readonly dimse: number };
  stop(): Promise<void>;
}

/** How long those who stopped in the middle of something are waited for; defaults in DimseServerOptions and HttpOptions. */
export interface Patience {
  readonly idleMs?: number;
  readonly artimMs?: number;
}

/** Tells the commands where the running peer is. */
const runFile = (dir: string): string => join(dir, 'run.json');

/**
 * Starts the peer of a data folder; ready when it resolves. What was started is stopped again if something fails.
 * @throws PeerError vault/*, store/*, config/invalid, net/port-taken, audit/damaged
 */
export async function startPeer(dir: string, log: Log = openLog(), patience: Patience = {}): Promise<RunningPeer> {
  const lifecycle = new Lifecycle({ log, timers: systemTimers });
  try {
    return await start(dir, log, lifecycle, patience);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function start(dir: string, log: Log, lifecycle: Lifecycle, patience: Patience): Promise<RunningPeer> {
  const data = await openData(dir);
  const { config, vault, kv } = data;
  lifecycle.started('database', () => kv.close());
  const keys = await ownKeys(kv);
  const files = await openObjects(join(dir, 'objects'));
  const packFiles = await openPackFiles(join(dir, 'packs'));
  const events = new Events({ log });
  const evaluator = new WorkerEvaluator();
  lifecycle.started('evaluator', () => evaluator.stop());
  const pixels = new PixelPool({}, { timers: systemTimers });
  lifecycle.started('pixels', () => pixels.stop());

  const { routing, start: startPacs } = await openRouting({ config, kv, vault, events, log });

  const core = await startCore(
    {
      routing,
      ...{ config, keys, vault, kv, objects: files, packFiles, evaluator, events, log },
      network: (doorkeeper, onFailure) => {
        const { listen, announce } = config.p2p;
        const options = { seed: keys.seed, listen, announce: announce.length > 0 ? announce : undefined };
        return new Libp2pNetwork(options, { doorkeeper, timers: systemTimers, onFailure });
      },
      audit: (signHead) => openAudit(data, keys, signHead, lifecycle),
      ...{ bulk: nativeBulk, verify: nativeVerify, clock: systemClock, timers: systemTimers, random: systemRandom },
      bootId: await bootId(),
    },
    lifecycle,
  );

  const { objects } = core;
  const remotes = new Remotes(config.dimse, { timers: systemTimers, log });
  const commitments = new Commitments();
  const { services, commitment } = dicomServices({
    ...{ core, kv, objects, remotes, log, transcode: transcoding(pixels), committed: commitments.service },
    ...worklistServices({
      ...{ orders: core.orders, acts: core.acts, kv, vault, moment: dicomMoment, turn: nextTurn },
      ...{ clock: systemClock, random: systemRandom },
    }),
    ...{ clock: systemClock, timers: systemTimers, random: systemRandom },
  });
  await commitment.start();
  lifecycle.started('storage commitment', () => commitment.stop());

  const dimse = new DimseServer(
    { ...(await dimseOptions(config)), ...patience },
    {
      log,
      timers: systemTimers,
      store: storeInto(core.importer, events),
      services,
    },
  );
  const { port: dimsePort } = await dimse.listen();
  lifecycle.started('dimse', () => dimse.close());

  const ports = { http: 0, dimse: dimsePort };
  const checks = (language: Language) => doctor({ core, config, objects, ports, clock: systemClock }, text(language));
  const { federation, importer, aside } = core;
  const http = await createHttp(
    { ...config.http, version, idleMs: patience.idleMs },
    {
      ...core,
      accounts: new Accounts({ bucket: kv.bucket('account'), clock: systemClock, random: systemRandom }),
      federation: { status: () => federation.status(), join: (bundle) => federation.join(bundle), doctor: checks },
      retryAside: (id) => retryAside({ aside, importer, objects, index: core.index, bulk: nativeBulk }, id),
      decisions: decisions(config, core, objects),
      ...uploads(config, core, { objects, bulk: nativeBulk, random: systemRandom }),
      pacs: startPacs(core, { store: storeInto(core.importer, events), pixels, commitments }, lifecycle),
      issuerOf: issuerIn(config.patientId.issuers),
      ready: () => true,
      pixels,
      peer: { peerId: keys.peerId, name: config.name },
      ...{ events, log, clock: systemClock, timers: systemTimers, random: systemRandom },
    },
  );
  const { port, url } = await http.listen();
  ports.http = port;
  lifecycle.started('http', () => http.close());

  const run = { http: url, dimse: dimsePort, p2p: core.network.addresses(), pid: process.pid };
  // appears whole: commands read it at any time
  await writeWhole(
    runFile(dir),
    `${JSON.stringify(run)}
`,
    0o600,
  );
  lifecycle.started('run file', () => rm(runFile(dir), { force: true }));
  log.info({ http: port, dimse: dimsePort, version }, 'the peer is ready');
  return { core, ports, stop: () => lifecycle.stop() };
}

function decisions(config: Config, core: Core, objects: ObjectStore): AsideDecisions {
  const { aside, importer, index, studyKeys: keys, acts, advertiser } = core;
  return new AsideDecisions(config.patientId, {
    ...{ aside, importer, index, keys, objects, acts, bulk: nativeBulk, clock: systemClock, random: systemRandom },
    moved: (from, to) => {
      advertiser.touch(from);
      advertiser.touch(to);
    },
  });
}

/** Where uploads go. */
function uploads(config: Config, { importer, index }: Core, spool: SpoolParts) {
  const { bulk, random } = spool;
  const wrapper = new Wrapper(
    { ...config.patientId, institution: config.name },
    { importer, index, bulk, random, clock: systemClock },
  );
  const { minFreeBytes } = config.storage;
  return {
    spool,
    choosePatient: (choice: PatientChoice) => wrapper.choose(choice),
    intake: (from: string) => new Intake({ from, minFreeBytes }, { ...spool, importer, wrapper }),
  };
}

async function openAudit(
  { dir, kv }: DataFolder,
  { audit: auditKey }: OwnKeys,
  signHead: (head: { size: number; root: string; at: number }) => Uint8Array,
  lifecycle: Lifecycle,
): Promise<AuditLog> {
  const book = new SealedKeyBook({ auditKey, store: kv.bucket('auditKey'), random: systemRandom });
  const parts = { clock: systemClock, random: systemRandom, auditKey, keys: book, signHead };
  const log = await AuditLog.open({ dir: join(dir, 'audit') }, parts);
  lifecycle.started('audit log', () => log.close());
  return log;
}

async function dimseOptions({ dimse }: Config): Promise<DimseServerOptions> {
  const { aeTitle, port, host, callers, maxAssociations } = dimse;
  const pem = (path: string) => readFile(path, 'utf8');
  const tls = dimse.tls && {
    cert: await pem(dimse.tls.cert),
    key: await pem(dimse.tls.key),
    ...(dimse.tls.ca !== undefined && { ca: await pem(dimse.tls.ca) }),
  };
  return {
    aeTitle,
    port,
    ...(host !== undefined && { host }),
    ...(tls && { tls }),
    ...(callers && { callers: callers as Caller[] }),
    ...(maxAssociations !== undefined && { maxAssociations }),
  };
}

/** Changes with every start of the machine; where the system doesn't tell, every start of the peer counts as one. */
async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.from(systemRandom(16)).toString('hex');
    throw error;
  }
}
