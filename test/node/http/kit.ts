// A peer's HTTP server over real stores, real accounts and a real audit log; the federation behind it is made up.
import { join } from 'node:path';
import { Accounts } from '../../../node/access/accounts.ts';
import { direction, type IncomingRequest, incomingRequests } from '../../../node/access/incoming-requests.ts';
import type { Principal } from '../../../node/access/roles.ts';
import { type StudyReader, studyReader } from '../../../node/access/study-reader.ts';
import type { FindQuery, FindResult } from '../../../node/api/find.ts';
import { type Role, roles } from '../../../node/api/roles.ts';
import type { Language } from '../../../node/api/texts/language.ts';
import { text } from '../../../node/api/texts/texts.ts';
import { actsOver } from '../../../node/audit/acts.ts';
import { SealedKeyBook } from '../../../node/audit/keys.ts';
import { AuditLog } from '../../../node/audit/log.ts';
import { PixelPool } from '../../../node/dicom/pixels/pool.ts';
import { AsideDecisions } from '../../../node/exchange/aside/decisions.ts';
import { PatientDecisions } from '../../../node/exchange/aside/patient-decisions.ts';
import type { NewRequest, OutgoingRequest } from '../../../node/exchange/ask/outgoing-requests.ts';
import { type FileImported, importFile } from '../../../node/exchange/import/from-file.ts';
import type { TransferView } from '../../../node/exchange/transfer/transfers.ts';
import { Intake } from '../../../node/exchange/upload/upload.ts';
import { type PatientChoice, Wrapper } from '../../../node/exchange/upload/wrap.ts';
import type { HttpParts } from '../../../node/http/parts.ts';
import { createHttp } from '../../../node/http/server.ts';
import { Manifests } from '../../../node/manifests/manifests.ts';
import { nationalSystem } from '../../../node/setup/config.ts';
import { type Listing, TimedRows } from '../../../node/store/timed-rows.ts';
import { Events } from '../../../node/system/events.ts';
import { systemClock, systemRandom, systemTimers, type Timers } from '../../../node/system/machine.ts';
import { Orders } from '../../../node/worklist/orders.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { freshDir, openStores, removeDir } from '../stores.ts';

export const memberB = 'b'.repeat(32);
export const requestIn = '1'.repeat(32);
export const requestOut = '2'.repeat(32);
export const grant = '3'.repeat(32);
export const version = '9.8.7';

interface Line {
  readonly fields: object;
  readonly message: string;
}

/** What the made-up federation was asked, and by whom. */
interface Calls {
  readonly find: { query: FindQuery; by: Principal }[];
  readonly ask: { input: NewRequest; by: Principal }[];
  readonly decided: unknown[];
  readonly joined: Uint8Array[];
  readonly retried: string[];
}

export interface Call {
  readonly as?: Role | 'nobody';
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: Uint8Array | ReadableStream;
  readonly headers?: Record<string, string>;
}

export async function openPeer(change: Partial<HttpParts> = {}, minFreeBytes = 0) {
  const dir = await freshDir();
  const stores = await openStores(dir, { minFreeBytes });
  const accounts = new Accounts({ bucket: stores.kv.bucket('account'), clock: systemClock, random: systemRandom });
  const audit = await openAudit(dir);
  const lines: Line[] = [];
  const note = (fields: object, message: string) => void lines.push({ fields, message });
  const log = { debug: note, info: note, warn: note, error: note };
  const events = new Events({ log });
  const calls: Calls = { find: [], ask: [], decided: [], joined: [], retried: [] };
  const pixels = new PixelPool({}, { timers: systemTimers });
  const lists = await listsIn(stores);
  const parts: HttpParts = {
    ...{
      accounts,
      audit,
      acts: actsOver(audit),
      events,
      log,
      index: stores.index,
      importer: stores.importer,
      aside: stores.aside,
    },
    ...others(calls, lists),
    guard: guardOver(stores, audit, calls, lists),
    ...uploads(stores, minFreeBytes),
    decisions: decisionsOver(stores, audit),
    patients: new PatientDecisions({
      ...{ index: stores.index, bucket: stores.kv.bucket('patientDecision'), acts: change.acts ?? actsOver(audit) },
      ...{ clock: systemClock, touch: () => undefined },
    }),
    manifests: manifestsOf(stores),
    peer: { peerId: '12D3KooWPeer', name: 'Spitalul A' },
    pacs: noPacs,
    pixels,
    orders: await openOrders(stores),
    issuerOf: () => undefined,
    ready: () => true,
    deidentificationKey: new Uint8Array(32).fill(7),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    ...change,
  };
  const http = await createHttp({ host: '127.0.0.1', port: 0, version }, parts);
  const { url, port } = await http.listen();
  const made = roles.map(async (role) => [role, await accounts.createToken(`${role} one`, role)] as const);
  const tokens = Object.fromEntries(await Promise.all(made)) as Record<Role, string>;
  return {
    ...{ url, port, http, stores, lists, accounts, audit, events, lines, calls, tokens, parts },
    call: (path: string, call: Call = {}) => fetch(`${url}${path}`, requestOf(tokens, call)),
    close: async () => {
      await http.close();
      await pixels.stop();
      await audit.close();
      await stores.close();
      await removeDir(dir);
    },
  };
}

export type Peer = Awaited<ReturnType<typeof openPeer>>;

function requestOf(tokens: Record<Role, string>, { as = 'admin', method, json, body, headers }: Call): RequestInit {
  const sent = json === undefined ? body : JSON.stringify(json);
  return {
    method: method ?? (sent === undefined ? 'GET' : 'POST'),
    headers: {
      ...(as !== 'nobody' && { authorization: `Bearer ${tokens[as]}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent as string, duplex: 'half' }),
  };
}

async function openAudit(dir: string): Promise<AuditLog> {
  const auditKey = systemRandom(32);
  const map = new Map<string, Uint8Array>();
  const name = (key: Uint8Array) => Buffer.from(key).toString('hex');
  const store = {
    get: async (key: Uint8Array) => map.get(name(key)),
    put: async (key: Uint8Array, value: Uint8Array) => void map.set(name(key), value),
    del: async (key: Uint8Array) => void map.delete(name(key)),
  };
  const keys = new SealedKeyBook({ auditKey, store, random: systemRandom });
  const signHead = () => Uint8Array.of(1);
  return AuditLog.open(
    { dir: join(dir, 'audit') },
    { clock: systemClock, random: systemRandom, auditKey, keys, signHead },
  );
}

type Stores = Awaited<ReturnType<typeof openStores>>;

function decisionsOver(stores: Stores, audit: AuditLog): AsideDecisions {
  const options = { defaultSystem: nationalSystem, issuers: { '': nationalSystem } };
  return new AsideDecisions(options, {
    ...stores,
    ...{ clock: systemClock, random: systemRandom, moved: () => undefined },
    acts: actsOver(audit),
  });
}

function uploads(stores: Stores, minFreeBytes: number) {
  const { objects, bulk, importer, index } = stores;
  const spool = { objects, bulk, random: systemRandom };
  const patientId = { defaultSystem: nationalSystem, issuers: { '': nationalSystem, Cahul: 'urn:x:cahul' } };
  const wrapper = new Wrapper(
    { ...patientId, institution: 'Spitalul A' },
    { ...spool, importer, index, clock: systemClock },
  );
  return {
    spool,
    choosePatient: (choice: PatientChoice) => wrapper.choose(choice),
    intake: (from: string) => new Intake({ from, minFreeBytes }, { ...spool, importer, wrapper }),
  };
}

function guardOver(stores: Stores, audit: AuditLog, { decided }: Calls, lists: Lists): HttpParts['guard'] {
  return {
    requests: lists.incoming,
    approve: async (id, by) => {
      decided.push({ id, by });
      return { id, state: 'granted' };
    },
    deny: async (id, reason, by) => {
      decided.push({ id, reason, by });
      return { id, state: 'denied' };
    },
    revoke: async (id, by) => {
      decided.push({ revoked: id, by });
    },
    view: async (uid, by, what, detail): Promise<StudyReader> => {
      const study = stores.index.study(uid);
      must(study !== undefined, 'http/not-found');
      const { viewed, exported } = actsOver(audit);
      await (what === 'view' ? viewed(study, by) : exported(study, by, detail));
      return studyReader(study, stores);
    },
  };
}

const manifestsOf = ({ index, keys, kv, bulk }: Stores): Manifests =>
  new Manifests({ index, keys, bucket: kv.bucket('manifest'), bulk, random: systemRandom });

const noPacs: HttpParts['pacs'] = {
  list: () => [],
  echo: async () => notHere(),
  find: async () => notHere(),
  pull: async () => notHere(),
  send: async () => notHere(),
  commit: async () => notHere(),
  jobs: async () => [],
  job: async () => notHere(),
  cancel: async () => notHere(),
  routing: () => [],
};

function notHere(): never {
  throw new PeerError('remote/unknown');
}

const practitioner = { name: 'Dr. Rusu', role: 'practitioner' };
const asked = { system: 'urn:x', value: '2000000000008', name: 'Marker^Zebulon' };
const common = { practitioner, purpose: 'TREAT' as const, reason: 'control' };

const incoming: IncomingRequest = {
  ...{ id: requestIn, digest: 'd'.repeat(64), from: memberB, asked, studies: [], at: 1000, ...common },
  keys: { x25519: 'secret-ish', mlkem: 'secret-ish' },
  owning: { state: 'pending', notAfter: 5000, code: 'access/person' },
  decision: 'ffff',
};

const outgoing: OutgoingRequest = {
  ...{ id: requestOut, to: memberB, envelope: 'ffff', patient: asked, refs: 'all', at: 2000, ...common },
  secret: { x25519: 'private-x', mlkemSeed: 'private-m' },
  asking: { state: 'transferring', grants: [grant], until: 9000 },
};

export const transfer: TransferView = {
  ...{ id: requestOut, request: requestOut, state: 'running', at: 2000, rate: 5 },
  objects: { done: 1, total: 2 },
  bytes: { done: 10, total: 20 },
  secondsLeft: 2,
};

export const found: FindResult = {
  hospitals: [{ member: memberB, name: 'Spitalul B', online: true, state: 'answered', studies: [] }],
  complete: true,
  unreachable: [],
  ms: 12,
};

function others(calls: Calls, lists: Lists) {
  return {
    retryAside: async (id: string): Promise<FileImported> => {
      calls.retried.push(id);
      return { outcome: 'imported', study: '1.2.3' };
    },
    finder: {
      find: async (query: FindQuery, by: Principal) => {
        calls.find.push({ query, by });
        return found;
      },
    },
    asking: {
      create: async (input: NewRequest, by: Principal) => {
        calls.ask.push({ input, by });
        return { id: requestOut, state: 'queued' };
      },
      get: (id: string) => (id === requestOut ? outgoing : undefined),
      rows: (listing?: Listing) => lists.outgoing.rows(listing),
      total: () => lists.outgoing.total(),
    },
    transfers: {
      get: (id: string) => (id === requestOut ? transfer : undefined),
      rows: (listing?: Listing) => lists.transfers.rows(listing),
      total: () => lists.transfers.total(),
    },
    federation: {
      status: () => ({
        federation: 'f'.repeat(64),
        roster: 3,
        reachability: 'direct',
        members: [{ id: memberB, name: 'Spitalul B' }],
      }),
      join: async (bundle: Uint8Array) => {
        calls.joined.push(bundle);
        return { federation: 'f'.repeat(64), number: 4 };
      },
      doctor: async (language: Language) => [{ name: 'clock', ok: true, advice: text(language)('doctor.clock.found') }],
    },
  };
}

/** Takes a file into the peer's stores. */
export async function take(peer: Peer, part10: Uint8Array): Promise<FileImported> {
  async function* whole() {
    yield part10;
  }
  return importFile(peer.stores.importer, whole(), 'test');
}

/** Timers that a test winds by hand. */
export function handTimers(): Timers & { tick(): void } {
  const running = new Set<() => void>();
  return {
    ...systemTimers,
    every(_ms, run) {
      running.add(run);
      return () => void running.delete(run);
    },
    tick: () => {
      for (const run of running) run();
    },
  };
}

/** The parts of a multipart body: headers and bytes. */
export function partsOf(contentType: string, body: Uint8Array): { headers: Record<string, string>; body: Buffer }[] {
  const boundary = /boundary=([0-9a-f]+)/.exec(contentType)![1]!;
  const whole = Buffer.from(body);
  const found: { headers: Record<string, string>; body: Buffer }[] = [];
  let at = whole.indexOf(`--${boundary}\r\n`);
  while (at >= 0) {
    const start = at + boundary.length + 4;
    const headEnd = whole.indexOf('\r\n\r\n', start);
    const end = whole.indexOf(`\r\n--${boundary}`, headEnd + 2);
    const lines = whole.toString('latin1', start, headEnd).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(': ').map((x, i) => (i ? x : x.toLowerCase()))));
    found.push({ headers, body: whole.subarray(headEnd + 4, end) });
    at = whole.toString('latin1', end + 2, end + 6 + boundary.length).endsWith('--') ? -1 : end + 2;
  }
  return found;
}

/** Requests and transfers as a peer lists them, one of each. */
async function listsIn({ kv }: Stores) {
  const timed = <Row extends { id: string; at: number }>(bucket: 'request' | 'transfer', prefix?: Uint8Array) =>
    new TimedRows<Row>({ bucket, ...(prefix && { prefix }), timeOf: ({ at }) => at }, { kv });
  const lists = {
    incoming: incomingRequests(kv),
    outgoing: timed<OutgoingRequest>('request', direction.out),
    transfers: timed<TransferView>('transfer'),
  };
  await lists.incoming.put(incoming);
  await lists.outgoing.put(outgoing);
  await lists.transfers.put(transfer);
  return lists;
}

type Lists = Awaited<ReturnType<typeof listsIn>>;

async function openOrders({ kv }: Awaited<ReturnType<typeof openStores>>): Promise<Orders> {
  const orders = new Orders({ kv, clock: systemClock, random: systemRandom });
  await orders.load();
  return orders;
}
