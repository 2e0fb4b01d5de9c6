// Every door of a peer, in and out: a patient made of marks comes in and leaves by all of them, at a process of its own.
// Nobody gets anything who isn't known here, whatever leaves is written down with who got it, and the marks are looked
// for in everything that the peer says, shows and stores.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { freePort } from '../../sim/ports.ts';
import { run } from '../interop/archive.ts';
import { type Node, received, storescp } from '../interop/nodes.ts';
import { destination } from '../interop/routing-kit.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { json as jsonBytes, orm, serviceRequest } from '../node/worklist/messages.ts';
import { requires } from '../programs.ts';
import { markedInstances, patient, readableMarks } from './marked.ts';
import { PeerProcess } from './processes.ts';
import { Scanner } from './scanner.ts';

const programs = {
  findscu: requires('findscu'),
  getscu: requires('getscu'),
  movescu: requires('movescu'),
  storescp: requires('storescp'),
};
const has = Object.values(programs).every((program) => program !== undefined);

const instances = markedInstances(4, 3_000);
const [{ studyUid, seriesUid, sopInstanceUid, part10 }] = instances as [(typeof instances)[number]];
const words = {
  conclusion: 'Xylocarpine-conclusion',
  'order reason': 'Quokkaphobia',
  'file name': 'Wyvernsbane',
  'note of a decision': 'Jabberwockish',
  'key of a query': 'Vexillology',
};
const instance = `studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;

interface Entry {
  readonly kind: string;
  readonly outcome: string;
  readonly study?: string;
  readonly person?: { readonly name: string };
  readonly detail?: Record<string, unknown>;
}

/** What a person can ask for, and what the audit log must say of it then. */
const exits: readonly [
  string,
  string,
  {
    readonly method?: string;
    readonly body?: object;
    readonly accept?: string;
    readonly kind: string;
    readonly detail?: object;
  },
][] = [
  ['QIDO-RS', `/dicom-web/studies?PatientID=${patient.id}`, { kind: 'query', detail: { level: 'studies' } }],
  ['metadata', `/dicom-web/studies/${studyUid}/metadata`, { kind: 'view' }],
  ['WADO-RS', `/dicom-web/${instance}`, { kind: 'view', accept: 'multipart/related; type="application/dicom"' }],
  [
    'frames',
    `/dicom-web/${instance}/frames/1`,
    { kind: 'view', accept: 'multipart/related; type="application/octet-stream"' },
  ],
  ['rendered', `/dicom-web/${instance}/rendered`, { kind: 'view', accept: 'image/png' }],
  ['thumbnail', `/dicom-web/studies/${studyUid}/thumbnail`, { kind: 'view', accept: 'image/jpeg' }],
  [
    'WADO-URI',
    `/wado?requestType=WADO&studyUID=${studyUid}&seriesUID=${seriesUid}&objectUID=${sopInstanceUid}&contentType=application%2Fdicom`,
    { kind: 'view' },
  ],
  ['de-identified', `/api/v1/studies/${studyUid}/deidentified?profile=basic`, { kind: 'export' }],
  ['manifest', `/api/v1/studies/${studyUid}/manifest?format=kos`, { kind: 'export' }],
  ['manifest in FHIR', `/api/v1/studies/${studyUid}/manifest?format=fhir`, { kind: 'export' }],
  [
    'conclusion',
    `/api/v1/studies/${studyUid}/conclusions`,
    {
      kind: 'report',
      method: 'POST',
      body: { conclusion: words.conclusion, references: [{ instance: sopInstanceUid }] },
    },
  ],
  ['orders', '/api/v1/orders', { kind: 'query', detail: { list: 'orders' } }],
  ['what is aside', '/api/v1/quarantine', { kind: 'query', detail: { list: 'quarantine' } }],
  [
    'send',
    '/api/v1/remotes/RECEIVER/send',
    { kind: 'export', method: 'POST', body: { study: studyUid }, detail: { to: 'RECEIVER' } },
  ],
  [
    'C-FIND elsewhere',
    '/api/v1/remotes/RECEIVER/find',
    {
      kind: 'query',
      method: 'POST',
      body: { level: 'STUDY', keys: { StudyDescription: words['key of a query'] } },
      detail: { ae: 'RECEIVER' },
    },
  ],
];

describe.runIf(has)('doors', () => {
  let peer: PeerProcess;
  let receiver: Node;
  let token: string;
  let folder: string;
  const ports = { move: 0 };

  const call = async (
    method: string,
    path: string,
    body?: object | Uint8Array | string,
    headers: Record<string, string> = {},
  ) => {
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    const sent = body instanceof Uint8Array ? new Uint8Array(body) : isJson ? JSON.stringify(body) : body;
    const response = await fetch(`http://127.0.0.1:${peer.ports.http}${path}`, {
      method,
      headers: { ...(isJson && { 'content-type': 'application/json' }), authorization: `Bearer ${token}`, ...headers },
      ...(sent !== undefined && { body: sent }),
    });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const audit = async (): Promise<Entry[]> =>
    JSON.parse((await call('GET', '/api/v1/audit')).bytes.toString('utf8')) as Entry[];
  const scu = (program: string, args: readonly string[], aeTitle: string) =>
    run(program, ['-aet', aeTitle, '-aec', 'DICOMNET', ...args, '127.0.0.1', String(peer.ports.dimse)], folder);

  beforeAll(async () => {
    folder = await freshDir();
    receiver = await storescp(programs.storescp!);
    ports.move = await freePort();
    peer = await PeerProcess.init('Spital');
    await peer.configure((config) => ({
      dimse: {
        ...config.dimse,
        callers: [
          ...['FINDSCU', 'GETSCU', 'MOVESCU', 'CT1'].map((aeTitle) => ({ aeTitle, host: '127.0.0.1' })),
          { aeTitle: 'NAMED' },
        ],
        remotes: [{ aeTitle: 'RECEIVER', host: '127.0.0.1', port: receiver.port }],
      },
      routes: [{ match: { description: 'zqx*' }, to: ['RECEIVER'] }],
    }));
    process.env.DICOMNET_LOG = 'debug';
    await peer.start();
    token = await peer.token();
  });
  afterAll(async () => {
    delete process.env.DICOMNET_LOG;
    await peer?.remove();
    await receiver?.remove();
    await removeDir(folder);
  });

  test('in: STOW-RS, an archive, a conflict and what cannot be read, orders; and on by routing', async () => {
    const boundary = 'b0undary';
    const head = utf8(`--${boundary}\r\ncontent-type: application/dicom\r\n\r\n`);
    const stow = concat(head, part10, utf8(`\r\n--${boundary}--\r\n`));
    const multipart = { 'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}` };
    expect((await call('POST', '/dicom-web/studies', stow, multipart)).status).toBe(200);

    const zip = new ZipFile();
    for (const [i, each] of instances.slice(1).entries()) {
      zip.addBuffer(Buffer.from(each.part10), `${words['file name']}/${patient.name}/${i}.dcm`);
    }
    zip.addBuffer(Buffer.from('not a file of ours'), `${patient.name}.txt`);
    zip.end();
    const pieces: Uint8Array[] = [];
    for await (const piece of zip.outputStream) pieces.push(Buffer.from(piece as Uint8Array));
    const uploaded = await call('POST', '/api/v1/upload', Buffer.concat(pieces), { 'content-type': 'application/zip' });
    expect(JSON.parse(uploaded.bytes.toString('utf8'))).toMatchObject({ imported: 3, conflicts: 0 });

    const dicom = { 'content-type': 'application/dicom', 'x-source-name': 'a disc' };
    const changed = Uint8Array.from(part10);
    changed[changed.length - 10]! ^= 1;
    expect((await call('POST', '/api/v1/import', changed, dicom)).bytes.toString()).toContain('import/conflict');
    const cut = part10.subarray(0, part10.length - 100);
    expect((await call('POST', '/api/v1/import', cut, dicom)).bytes.toString()).toContain('quarantine');

    const subject = { reference: '#patient' };
    const named = { identifier: [{ value: patient.id }], name: [{ family: 'Qvortrup', given: ['Zebulonia'] }] };
    const contained = [{ resourceType: 'Patient', id: 'patient', ...named }];
    const order = serviceRequest({ subject, contained, reasonCode: [{ text: words['order reason'] }] });
    const fhir = { 'content-type': 'application/fhir+json' };
    expect((await call('POST', '/api/v1/orders', jsonBytes(order), fhir)).status).toBe(201);
    const message = orm({ name: 'Qvortrup^Zebulonia' }).replaceAll('2003000000016', patient.id);
    const hl7 = { 'content-type': 'application/hl7-v2' };
    expect((await call('POST', '/api/v1/orders', message, hl7)).bytes.toString()).toContain('MSA|AA');
    // and what is wrong with an order or query must not be told with its words
    for (const [body, headers] of [
      [jsonBytes({ ...order, status: patient.name }), fhir],
      [utf8(`{"resourceType": "${patient.name}`), fhir],
      [utf8(message.replace('ORC|NW', 'ORC|Qvortrup')), hl7],
    ] as const) {
      expect((await call('POST', '/api/v1/orders', body, headers)).status).toBe(422);
    }
    await eventually('routing has sent all', async () => (await received(receiver)).size === instances.length);
    expect(await audit()).toContainEqual(
      expect.objectContaining({
        kind: 'export',
        study: studyUid,
        person: { name: 'route to RECEIVER', role: 'device' },
      }),
    );
  });

  test.each(exits)(
    'out by HTTP: %s, written down with who asked, and not without a token',
    async (what, path, { method = 'GET', body, accept, kind, detail }) => {
      const name = `Dr. ${what}`;
      const made = await call('POST', '/api/v1/tokens', { name, role: 'admin' });
      const { token: own } = JSON.parse(made.bytes.toString('utf8')) as { token: string };
      const headers = { ...(accept && { accept }) };
      const at = (suffix: string) => `${path}${path.includes('?') ? '&' : '?'}${suffix}`;
      for (const [where, authorization] of [
        [path, ''],
        [path, 'Bearer wrong'],
        [at(`token=${own}`), ''],
        [at(`access_token=${own}`), ''],
      ] as const) {
        const refused = await call(method, where, body, { ...headers, authorization });
        expect([where, refused.status]).toEqual([where, 401]);
        expect(new Scanner(readableMarks(instances)).find(refused.bytes)).toEqual([]);
      }
      const { status, bytes } = await call(method, path, body, { ...headers, authorization: `Bearer ${own}` });
      // what cannot be had of a node that has no such service is asked for all the same
      if (what !== 'C-FIND elsewhere') expect(status, bytes.toString('latin1').slice(0, 500)).toBeLessThan(300);
      const entries = (await audit()).filter(({ person }) => person?.name === name);
      expect(entries).toContainEqual(
        expect.objectContaining({
          kind,
          outcome: 'success',
          ...(detail && { detail: expect.objectContaining(detail) }),
        }),
      );
      for (const entry of entries) if (path.includes(studyUid)) expect(entry.study).toBe(studyUid);
    },
  );

  test('out of what is aside: its bytes, how it differs, what is decided', async () => {
    const aside = JSON.parse((await call('GET', '/api/v1/quarantine')).bytes.toString()) as {
      id: string;
      kind: string;
    }[];
    expect(aside.map(({ kind }) => kind).sort()).toEqual(['conflict', 'quarantine']);
    const scanner = new Scanner({ 'family name': 'Qvortrup' });
    for (const { id, kind } of aside) {
      for (const part of ['', '/file', '/differences']) {
        expect((await call('GET', `/api/v1/quarantine/${id}${part}`, undefined, { authorization: '' })).status).toBe(
          401,
        );
      }
      expect(scanner.find((await call('GET', `/api/v1/quarantine/${id}/file`)).bytes)).toEqual(['family name']);
      expect(await audit()).toContainEqual(
        expect.objectContaining({ kind: 'export', detail: expect.objectContaining({ aside: id }) }),
      );
      if (kind !== 'conflict') continue;
      expect((await call('GET', `/api/v1/quarantine/${id}/differences`)).status).toBe(200);
      const decision = { action: 'both', note: words['note of a decision'] };
      expect((await call('POST', `/api/v1/quarantine/${id}/resolve`, decision)).status).toBe(200);
      const decided = (await audit()).filter(({ detail }) => detail?.decision === 'both');
      expect(decided.map(({ outcome }) => outcome)).toEqual(['pending', 'success']);
    }
  });

  test('out by DIMSE: to those who are named with their address, written down; to nobody else', async () => {
    const study = ['-k', '0008,0052=STUDY', '-k', `StudyInstanceUID=${studyUid}`];
    const out = join(folder, 'got');
    await mkdir(out);
    const asks = [
      ['FINDSCU', programs.findscu!, ['-v', '-S', ...study, '-k', 'PatientName']],
      ['CT1', programs.findscu!, ['-v', '-W', '-k', 'PatientName', '-k', 'PatientID']],
      ['GETSCU', programs.getscu!, ['-v', '-S', '-od', out, ...study]],
      ['MOVESCU', programs.movescu!, ['-v', '-S', '-aem', 'RECEIVER', ...study]],
    ] as const;
    await eventually('all is sent on', async () => (await destination(peer, 'RECEIVER')).waiting === 0);
    const before = (await audit()).length;
    const had = await received(receiver);
    for (const stranger of ['STRANGER', 'NAMED']) {
      for (const [, program, args] of asks) {
        const { output } = await scu(program, args, stranger);
        expect(output).toMatch(/Rejected|No (adequate|acceptable|valid)? ?Presentation Context/i);
        expect(output).not.toContain('Qvortrup');
      }
    }
    expect(await readdir(out)).toEqual([]);
    expect((await received(receiver)).size).toBe(had.size);
    expect(await audit()).toHaveLength(before);

    const said: string[] = [];
    for (const [aeTitle, program, args] of asks) said.push((await scu(program, args, aeTitle)).output);
    expect(said[0]).toContain('Qvortrup');
    expect(said[1]).toContain('Qvortrup');
    expect((await readdir(out)).length).toBeGreaterThanOrEqual(instances.length);
    const entries = (await audit()).slice(before);
    const device = (name: string) => ({ name, role: 'device' });
    for (const expected of [
      { kind: 'query', study: studyUid, person: device('FINDSCU') },
      { kind: 'query', detail: { list: 'worklist', callingAe: 'CT1' } },
      { kind: 'export', study: studyUid, person: device('GETSCU'), detail: expect.objectContaining({ to: 'GETSCU' }) },
      {
        kind: 'export',
        study: studyUid,
        person: device('MOVESCU'),
        detail: expect.objectContaining({ to: 'RECEIVER' }),
      },
    ]) {
      expect(entries).toContainEqual(expect.objectContaining(expected));
    }
  });

  test('no mark is in a log, a figure, a name or a byte of the data folder', async () => {
    const scanner = new Scanner({ ...readableMarks(instances), ...words });
    const figures = (await call('GET', '/metrics')).bytes;
    const openApi = (await call('GET', '/openapi.json')).bytes;
    await peer.stop();
    // the scanner finds what is planted: in a name, a file, the database, a log
    const planted = join(peer.dir, 'packs', `planted-${words['file name']}`);
    await writeFile(planted, Buffer.from(patient.id, 'utf16le'));
    expect((await scanner.findInFolder(peer.dir)).map((each) => each.split(': ')[1]).sort()).toEqual([
      'file name',
      'national id',
    ]);
    await rm(planted);
    expect(scanner.find(`${peer.stderr}${words.conclusion}`)).toEqual(['conclusion']);
    expect(scanner.find(part10)).toContain('family name');

    expect(await scanner.findInFolder(peer.dir)).toEqual([]);
    expect(peer.stderr).toContain('the peer is ready');
    expect(peer.stderr).toContain('"route":"/api/v1/orders"');
    expect(scanner.find(peer.stderr)).toEqual([]);
    expect(figures.toString()).toContain('dicomnet_');
    expect(scanner.find(figures)).toEqual([]);
    expect(scanner.find(openApi)).toEqual([]);
    // tables are compressed: what is in them is looked at as the database gives it
    const rows = await rowsOf(peer.dir);
    expect(rows.length).toBeGreaterThan(50);
    expect(scanner.find(Buffer.concat([...rows, utf8(studyUid)]))).toEqual(['study UID']);
    expect(scanner.find(Buffer.concat(rows))).toEqual([]);
  });
});

/** Keys and values as they stand in the database. */
async function rowsOf(dir: string): Promise<Uint8Array[]> {
  const db = new Level<Uint8Array, Uint8Array>(join(dir, 'db'), { keyEncoding: 'view', valueEncoding: 'view' });
  const rows: Uint8Array[] = [];
  for await (const [key, value] of db.iterator()) rows.push(Buffer.from(key), Buffer.from(value));
  await db.close();
  return rows;
}
