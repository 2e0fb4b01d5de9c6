// The commands of a running peer, against a small server that answers as the API does.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDir, removeDir } from '../stores.ts';
import { dicomnet, json } from './cli.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown;

let home: string;
let server: Server;
let answers: Record<string, Answer>;
let calls: { call: string; token: string | undefined; body: string }[];

const at = (...path: string[]) => join(home, ...path);
const data = () => ['--data', at('d')];
const refused = (response: ServerResponse, status: number, code: string) => {
  response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify({ type: `urn:dicomnet:error:${code}`, title: 'x', status, code }));
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const call = `${request.method} ${request.url}`;
  calls.push({ call, token: request.headers.authorization, body: body.toString('latin1') });
  const found = answers[call];
  if (found === undefined) return refused(response, 404, 'http/not-found');
  const result = found(request, response, body);
  if (result !== undefined) response.end(JSON.stringify(result));
}

beforeAll(async () => {
  home = await freshDir();
  await mkdir(at('d'));
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const run = { http: `http://127.0.0.1:${port}`, dimse: 11112, p2p: [], pid: process.pid };
  await writeFile(at('d', 'run.json'), JSON.stringify(run));
  await writeFile(at('d', 'token'), 'secret\n');
  await writeFile(at('d', 'vault.json'), '{}');
});
afterAll(async () => {
  server.close();
  await removeDir(home);
});
beforeEach(() => {
  answers = {};
  calls = [];
});

describe('import', () => {
  const byContent: Answer = (_request, response, body) => {
    const word = body.toString('latin1').trim();
    if (word === 'full') return refused(response, 507, 'store/full');
    const outcomes: Record<string, object> = {
      new: { outcome: 'imported', study: '1.2' },
      old: { outcome: 'duplicate', study: '1.2' },
      differs: { outcome: 'aside', kind: 'conflict', reason: 'import/conflict' },
      broken: { outcome: 'aside', kind: 'quarantine', reason: 'dicom/truncated' },
    };
    return outcomes[word] ?? { outcome: 'refused', reason: 'dicom/not-dicom' };
  };
  const dicomdir = Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10'),
  ]);

  beforeAll(async () => {
    await mkdir(at('cd', 'IMAGES', 'deep'), { recursive: true });
    const files: Record<string, string | Buffer> = {
      DICOMDIR: dicomdir,
      'IMAGES/1': 'new',
      'IMAGES/2': 'old',
      'IMAGES/deep/3': 'differs',
      'IMAGES/deep/4': 'broken',
      'IMAGES/deep/notes.txt': 'hello',
      'IMAGES/empty': '',
      'more.zip': 'PK\x03\x04rest',
    };
    for (const [name, content] of Object.entries(files)) await writeFile(at('cd', name), content);
    await symlink(at('cd'), at('cd', 'IMAGES', 'loop'));
    await symlink(at('nowhere'), at('cd', 'IMAGES', 'broken-link'));
    await writeFile(at('full'), 'full');
  });

  const expected = () => ({
    imported: 1,
    duplicates: 1,
    conflicts: 1,
    refused: expect.arrayContaining([
      { path: at('cd', 'DICOMDIR'), reason: 'dicom/directory' },
      { path: at('cd', 'IMAGES', 'deep', '4'), reason: 'dicom/truncated' },
      { path: at('cd', 'IMAGES', 'deep', 'notes.txt'), reason: 'dicom/not-dicom' },
      { path: at('cd', 'IMAGES', 'empty'), reason: 'dicom/not-dicom' },
      { path: at('cd', 'IMAGES', 'broken-link'), reason: 'file/unreadable' },
      { path: at('cd', 'more.zip'), reason: 'import/archive-damaged' },
    ]),
  });

  it('walks a folder, and a DICOMDIR stands for its folder', async () => {
    answers['POST /api/v1/import'] = byContent;
    for (const path of [at('cd'), at('cd', 'DICOMDIR')]) {
      const ran = await json(['import', ...data(), path]);
      expect(ran).toMatchObject({ code: 0, err: '', document: expected() });
      expect(ran.document.refused).toHaveLength(6);
    }
    expect(new Set(calls.map((each) => each.token))).toEqual(new Set(['Bearer secret']));
    expect((await dicomnet(['import', ...data(), at('cd')])).out).toContain('1 imported, 1 there before');
  });

  it('fails when nothing could be taken', async () => {
    answers['POST /api/v1/import'] = byContent;
    const ran = await json(['import', ...data(), at('cd', 'more.zip')]);
    expect(ran).toMatchObject({ code: 1, document: { imported: 0, refused: [{ reason: 'import/archive-damaged' }] } });
    await mkdir(at('nothing'));
    expect((await json(['import', ...data(), at('nothing')])).code).toBe(0);
  });

  it('stops when the disk is full, and says what is missing', async () => {
    answers['POST /api/v1/import'] = byContent;
    const full = await json(['import', ...data(), at('cd', 'IMAGES', '1'), at('full')]);
    expect(full).toMatchObject({ code: 1, document: { error: { code: 'store/full' } } });
    expect(full.err).toContain('free some space');
    const none = await json(['import', ...data(), at('absent')]);
    expect(none).toMatchObject({ code: 1, document: { imported: 0, error: { code: 'file/missing' } } });
  });
});

describe('request --wait', () => {
  const ask = ['request', '--patient', '1', '--member', 'Orhei', '--ref', 'r1', 'r2', '--reason', 'why', '--wait'];
  const views = (...states: object[]): Answer => {
    let i = 0;
    return () => ({ id: 'i', direction: 'out', ...states[Math.min(i++, states.length - 1)] });
  };
  const transfer = (state: string, code?: string) => () => ({
    ...{ id: 'i', state, code, rate: 5 },
    ...{ objects: { done: 1, total: 2 }, bytes: { done: 1, total: 2 } },
  });

  it('asks for what was said, and waits through decision and transfer', async () => {
    answers['POST /api/v1/requests'] = () => ({ id: 'i', state: 'queued' });
    const granted = { state: 'granted', transfer: 'i' };
    answers['GET /api/v1/requests/i'] = views({ state: 'pending' }, granted, { state: 'done', transfer: 'i' });
    answers['GET /api/v1/transfers/i'] = transfer('running');
    const ran = await json([...ask, ...data()]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.document).toEqual({ id: 'i', state: 'done', transfer: 'i' });
    const patient = { value: '1' };
    const body = { member: 'Orhei', patient, refs: ['r1', 'r2'], purpose: 'TREAT', reason: 'why' };
    expect(JSON.parse(calls[0]!.body)).toEqual(body);
  });

  it('fails when it is denied, and when the transfer fails', async () => {
    answers['POST /api/v1/requests'] = () => ({ id: 'i', state: 'queued' });
    answers['GET /api/v1/requests/i'] = views({ state: 'denied', code: 'access/purpose' });
    const denied = await json([...ask, ...data()]);
    expect(denied).toMatchObject({
      code: 1,
      document: { id: 'i', state: 'denied', error: { code: 'access/purpose' } },
    });
    answers['GET /api/v1/requests/i'] = views({ state: 'granted', transfer: 'i' });
    answers['GET /api/v1/transfers/i'] = transfer('failed', 'transfer/lying-source');
    const failed = await json([...ask, ...data()]);
    expect(failed).toMatchObject({ code: 1, document: { error: { code: 'transfer/lying-source' } } });
  });
});

describe('export', () => {
  const study = 'GET /dicom-web/studies/1.2.3';
  const part = (content: string) => `\r\n--x\r\nContent-Type: application/dicom\r\n\r\n${content}`;
  const send =
    (text: string, cut = false): Answer =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'multipart/related; type="application/dicom"; boundary=x' });
      if (cut) response.write(text, () => response.destroy());
      else response.end(text);
    };

  it('writes files by number, for their owner alone, and never over others', async () => {
    answers[study] = send(`${part('one')}${part('../../two')}\r\n--x--`);
    const ran = await json(['export', '1.2.3', '--out', at('out'), ...data()]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.document).toEqual({ files: 2, bytes: 12 });
    expect(await readdir(at('out'))).toEqual(['00001.dcm', '00002.dcm']);
    expect(await readFile(at('out', '00002.dcm'), 'utf8')).toBe('../../two');
    expect((await stat(at('out', '00001.dcm'))).mode & 0o777).toBe(0o600);
    await json(['export', '1.2.3', '--out', at('out'), ...data()]);
    expect(await readdir(at('out'))).toHaveLength(4);
  });

  it('leaves nothing of a study that did not come whole', async () => {
    answers[study] = send(`${part('one')}${part('tw')}`, true);
    const ran = await json(['export', '1.2.3', '--out', at('cut'), ...data()]);
    expect(ran).toMatchObject({ code: 1, document: { error: { code: 'net/closed' } } });
    expect(await readdir(at('cut'))).toEqual([]);
  });

  it('asks for a study without its patient, and says what was left out', async () => {
    const call =
      'GET /api/v1/studies/1.2.3/deidentified?profile=basic%2Bdates&blank=0%2C0%2C9%2C9%3B1%2C2%2C3%2C4&suspected=leave-out';
    answers[call] = (request, response, body) => {
      response.setHeader('dicomnet-left-out', 2);
      return send(`${part('one')}\r\n--x--`)(request, response, body);
    };
    const options = ['--deidentify', 'basic+dates', '--blank', '0,0,9,9', '1,2,3,4', '--leave-out'];
    const ran = await json(['export', '1.2.3', '--out', at('without'), ...options, ...data()]);
    expect(ran).toMatchObject({ code: 0, document: { files: 1, bytes: 3, leftOut: 2 } });
  });

  it('takes a hostile id for a name only', async () => {
    const ran = await json(['export', '../../api/v1/patients', '--out', at('hostile'), ...data()]);
    expect(ran).toMatchObject({ code: 1, document: { error: { code: 'study/unknown' } } });
    expect(calls.map((each) => each.call)).toEqual(['GET /dicom-web/studies/..%2F..%2Fapi%2Fv1%2Fpatients']);
  });
});

describe('the others', () => {
  it('send what the API takes and print what it answers', async () => {
    const said: [args: string[], call: string, body: object | undefined, answer: unknown][] = [
      [['requests', '--in'], 'GET /api/v1/requests?direction=in', undefined, []],
      [['requests'], 'GET /api/v1/requests', undefined, []],
      [['approve', 'i'], 'POST /api/v1/requests/i/approve', {}, { id: 'i', state: 'granted' }],
      [['deny', 'i', '--reason', 'no'], 'POST /api/v1/requests/i/deny', { reason: 'no' }, { id: 'i', state: 'denied' }],
      [
        ['user', 'add', 'ion', '--role', 'imaging'],
        'POST /api/v1/users',
        { name: 'ion', role: 'imaging' },
        { username: 'ion' },
      ],
      [
        ['token', 'create', '--role', 'device', '--name', 'ct'],
        'POST /api/v1/tokens',
        { name: 'ct', role: 'device' },
        { token: 't' },
      ],
      [['user', 'list'], 'GET /api/v1/users', undefined, [{ name: 'ion', role: 'imaging', disabled: true }]],
      [['user', 'disable', 'ion'], 'POST /api/v1/users/ion/disable', {}, { ended: 2 }],
      [['user', 'enable', 'ion'], 'POST /api/v1/users/ion/enable', {}, { name: 'ion' }],
      [['user', 'password', 'ion'], 'POST /api/v1/users/ion/password', {}, { username: 'ion', password: 'p' }],
      [['token', 'list'], 'GET /api/v1/tokens', undefined, [{ id: 'ab', name: 'ct', role: 'device', created: 1 }]],
      [['token', 'end', 'ab'], 'DELETE /api/v1/tokens/ab', undefined, { id: 'ab', name: 'ct', role: 'device' }],
      [['quarantine', 'retry', 'q'], 'POST /api/v1/quarantine/q/retry', {}, { outcome: 'imported' }],
      [['audit', 'show', '--from', '5'], 'GET /api/v1/audit?from=5', undefined, [{ index: 5 }]],
      [['doctor'], 'GET /api/v1/doctor', undefined, { checks: [{ name: 'disk', ok: false, advice: 'free some' }] }],
      [['patients'], 'GET /api/v1/patients', undefined, [{ id: 'p', identifiers: [], findable: false, studies: 1 }]],
      [['transfers'], 'GET /api/v1/transfers', undefined, []],
    ];
    for (const [, call, , document] of said) answers[call] = () => document;
    const ran = await Promise.all(said.map(([args]) => json([...args, ...data()])));
    for (const [i, [args, call, body, document]] of said.entries()) {
      expect([args, ran[i]!.code, ran[i]!.document]).toEqual([args, 0, document]);
      const sent = calls.find((each) => each.call === call)!.body;
      expect([call, sent === '' ? undefined : JSON.parse(sent)]).toEqual([call, body]);
    }
  });

  it('verify fails when the log does not hold', async () => {
    const document = { ok: false, entries: 3, head: { size: 3, root: 'r' }, problems: [] };
    answers['GET /api/v1/audit/verify'] = () => document;
    const ran = await json(['audit', 'verify', ...data()]);
    expect(ran).toMatchObject({ code: 1, document: { ok: false, entries: 3, error: { code: 'audit/damaged' } } });
  });

  it('say what the peer refused in its words, and keep hostile text from the terminal', async () => {
    answers['POST /api/v1/find'] = (_request, response) => refused(response, 403, 'http/forbidden');
    const ran = await json(['find', '--patient', '1', ...data()]);
    expect(ran).toMatchObject({ code: 1, document: { error: { code: 'http/forbidden' } } });
    expect(ran.err).toBe('Your role does not allow this; ask an administrator.\n');
    const hospital = { name: '\x1b[2Jevil\u202e', state: 'answered', studies: [] };
    answers['POST /api/v1/find'] = () => ({ hospitals: [hospital], complete: true, unreachable: [], ms: 1 });
    const { out } = await dicomnet(['find', '--patient', '1', ...data()]);
    expect(out).toContain('evil');
    for (const steering of ['\x1b', '\u202e']) expect(out).not.toContain(steering);
  });

  it('know a peer that was killed by its run file', async () => {
    await mkdir(at('killed'));
    const run = { http: 'http://127.0.0.1:1', dimse: 0, p2p: [], pid: 999_999_999 };
    await writeFile(at('killed', 'run.json'), JSON.stringify(run));
    await writeFile(at('killed', 'vault.json'), '{}');
    await writeFile(at('killed', 'token'), 't');
    const code = async () => (await json(['patients', '--data', at('killed')])).document.error;
    expect(await code()).toMatchObject({ code: 'peer/not-running' });
    // its number was given to another process since, and nobody listens
    await writeFile(at('killed', 'run.json'), JSON.stringify({ ...run, pid: process.pid }));
    expect(await code()).toMatchObject({ code: 'peer/not-running' });
  });
});

describe('report and conclude', () => {
  it('shows a report as text, or as its tree', async () => {
    const value = { type: 'TEXT', text: 'No nodule' };
    const finding = { name: { value: '121071', scheme: 'DCM', meaning: 'Finding' }, value, children: [] };
    const root = { value: { type: 'CONTAINER', continuous: false }, children: [finding] };
    const report = { title: 'Chest CT', verified: false, verifiers: [], authors: [], patient: 'Rusu^Ana', root };
    answers['GET /api/v1/studies/1.2/instances/1.2.3/report'] = () => report;
    const ran = await dicomnet(['report', ...data(), '1.2', '1.2.3']);
    expect(ran).toMatchObject({ code: 0, out: 'Chest CT\n========\nPatient: Ana Rusu\n\nFinding: No nodule\n' });
    expect((await json(['report', ...data(), '1.2', '1.2.3'])).document).toEqual(report);
    expect(await json(['report', ...data(), '1.2', '9'])).toMatchObject({ code: 1 });
  });

  it('writes a conclusion with what it is about', async () => {
    const kept = { study: '1.2', series: '1.2.8', instance: '1.2.8.1' };
    answers['POST /api/v1/studies/1.2/conclusions'] = () => kept;
    const words = ['--text', 'Well', '--findings', 'None', '--language', 'en', '--instance', '1.3', '1.4'];
    expect((await json(['conclude', ...data(), '1.2', ...words])).document).toEqual(kept);
    expect(JSON.parse(calls[0]!.body)).toEqual({
      ...{ conclusion: 'Well', findings: 'None', language: 'en' },
      references: [{ instance: '1.3' }, { instance: '1.4' }],
    });
    expect(await json(['conclude', ...data(), '1.2'])).toMatchObject({ code: 2 });
  });
});
