// One hospital's peer as a process: the core on this machine's disk, network and clock, with DICOM and HTTP before it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './access/accounts.ts';
import { text } from './api/texts/texts.ts';
import { auditLogIn } from './audit/start.ts';
import { type Core, startCore } from './core.ts';
import { Commitments } from './dicom/dimse/scu/commitment.ts';
import { PixelPool } from './dicom/pixels/pool.ts';
import { doctor } from './doctor.ts';
import { openAside } from './exchange/aside/start.ts';
import { storeInto } from './exchange/import/from-dimse.ts';
import { openUploads } from './exchange/upload/start.ts';
import { createHttp } from './http/server.ts';
import { WorkerEvaluator } from './net/keepers/worker-evaluator.ts';
import { Libp2pNetwork } from './net/libp2p/network.ts';
import { startDicomServer } from './pacs/dicom-server.ts';
import { dicomServices } from './pacs/dicom-services.ts';
import { Remotes } from './pacs/remotes.ts';
import { openRouting } from './pacs/start.ts';
import { transcoding } from './pacs/transcoding.ts';
import { openData, ownKeys, ownToken, version } from './setup/data-folder.ts';
import { openObjects } from './store/objects.ts';
import { openPackFiles } from './store/packs/pack-files.ts';
import { bootId } from './system/boot-id.ts';
import { nativeBulk } from './system/bulk.ts';
import { Events } from './system/events.ts';
import { writeDurable } from './system/files.ts';
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
  const data = await openData(dir, undefined, log);
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

  const machine = {
    ...{ bulk: nativeBulk, verify: nativeVerify, clock: systemClock, timers: systemTimers, random: systemRandom },
    ...{ events, log },
  };
  const parts = { ...machine, config, keys, vault, kv };

  const { routing, start: startPacs } = await openRouting(parts);
  let p2p: Libp2pNetwork | undefined;
  const core = await startCore(
    {
      ...{ ...parts, routing, objects: files, packFiles, evaluator },
      network: (doorkeeper, onFailure) => {
        const { listen, announce } = config.p2p;
        const options = { seed: keys.seed, listen, announce: announce.length > 0 ? announce : undefined };
        p2p = new Libp2pNetwork(options, { doorkeeper, timers: systemTimers, onFailure });
        return p2p;
      },
      audit: auditLogIn(join(dir, 'audit'), parts, lifecycle),
      bootId: await bootId(),
    },
    lifecycle,
  );
  const { store, imports, members, advertising, orders } = core;
  const { index, objects } = store;
  const { guard } = core.access;
  const { acts } = core.audit;
  const { importer } = imports;

  // other DICOM nodes
  const commitments = new Commitments();
  const { services, commitment } = dicomServices({
    ...{ ...machine, index, guard, acts, kv, objects, remotes: new Remotes(config.dimse, machine) },
    ...{ transcode: transcoding(pixels), committed: commitments.service },
    ...worklistServices({ ...machine, orders, acts, kv, vault, moment: dicomMoment, turn: nextTurn }),
  });
  await commitment.start();
  lifecycle.started('storage commitment', () => commitment.stop());
  const takeIn = storeInto(importer, events);
  const dimsePort = await startDicomServer(config, patience, { ...machine, store: takeIn, services }, lifecycle);
  const pacs = startPacs({ index, guard, acts, store: takeIn, pixels, commitments }, lifecycle);

  // people and other programs
  const { federation, network } = members;
  const { ledger, advertiser } = advertising;
  const ports = { http: 0, dimse: dimsePort };
  const checked = {
    ...machine,
    config,
    index,
    objects,
    ports,
    federation,
    network,
    ledger,
    gone: () => p2p?.gone ?? [],
  };
  const accounts = new Accounts({ bucket: kv.bucket('account'), clock: systemClock, random: systemRandom });
  await accounts.adoptConsole(await ownToken(dir));
  const http = await createHttp(
    { ...config.http, version, idleMs: patience.idleMs },
    {
      ...{ ...machine, index, guard, acts, orders, pacs, pixels, ...imports },
      ...{ manifests: core.manifests, finder: core.finder, audit: core.audit.trail },
      ...{ asking: core.exchange.asking, transfers: core.exchange.transfers },
      deidentificationKey: core.deidentificationKey,
      accounts,
      federation: {
        status: () => federation.status(),
        join: (bundle) => federation.join(bundle),
        doctor: (language) => doctor(checked, text(language)),
      },
      ...openAside({
        ...parts,
        store,
        imports,
        acts,
        touch: (patient, formerly) => advertiser.touch(patient, formerly),
      }),
      ...openUploads({ ...parts, index, objects, importer }),
      issuerOf: issuerIn(config.patientId.issuers),
      ready: () => true,
      peer: { peerId: keys.peerId, name: config.name },
    },
  );
  const { port, url } = await http.listen();
  ports.http = port;
  lifecycle.started('http', () => http.close());

  const run = { http: url, dimse: dimsePort, p2p: network.addresses(), pid: process.pid };
  // appears whole: commands read it at any time
  await writeDurable(runFile(dir), `${JSON.stringify(run)}\n`, 0o600);
  lifecycle.started('run file', () => rm(runFile(dir), { force: true }));
  log.info({ http: port, dimse: dimsePort, version }, 'the peer is ready');
  return { core, ports, stop: () => lifecycle.stop() };
}
