import Schema from 'typebox/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markedStudy } from '../../../sim/studies/studies.ts';
import {
  found,
  grant,
  handTimers,
  memberB,
  openPeer,
  type Peer,
  requestIn,
  requestOut,
  take,
  transfer,
} from './kit.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const study = (instances = 1) => [...markedStudy({ seed: 3, patient, instances, bytesEach: 2048 })];

let peer: Peer;
const timers = handTimers();

beforeEach(async () => {
  peer = await openPeer({ timers });
});
afterEach(() => peer.close());

type Described = { paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>> };

/** The JSON that a route answered, which must be as its description says. */
async function json(path: string, call: Parameters<Peer['call']>[1] = {}, route = path.replace(/\?.*/, '')) {
  const answer = await peer.call(path, call);
  const value = (await answer.json()) as never;
  const described = (await (await peer.call('/api/openapi.json')).json()) as Described;
  const method = call.json === undefined && call.body === undefined ? (call.method ?? 'GET') : 'POST';
  const { responses } = described.paths[route]![method.toLowerCase()]!;
  const content = (responses[answer.status] ?? responses.default)!.content as Record<string, { schema: object }>;
  const schema = content[answer.headers.get('content-type')!.split(';')[0]!]!.schema;
  expect(Schema.Check(schema, value), `${route}: ${JSON.stringify(value)}`).toBe(true);
  return { status: answer.status, value };
}

describe('accounts', () => {
  it('give a token for a name and password, and take few guesses', async () => {
    const { value: user } = await json('/api/v1/users', { json: { name: 'dr.ursu', role: 'imaging' } });
    const { username, password } = user as { username: string; password: string };
    const { status, value } = await json('/api/v1/session', { as: 'nobody', json: { username, password } });
    expect([status, value]).toMatchObject([200, { role: 'imaging' }]);
    const headers = { authorization: `Bearer ${(value as { token: string }).token}` };
    expect((await peer.call('/api/v1/patients', { as: 'nobody', headers })).status).toBe(200);
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      statuses.push((await peer.call('/api/v1/session', { as: 'nobody', json: { username, password: 'x' } })).status);
    }
    expect(statuses.slice(0, 9)).toEqual(Array(9).fill(401));
    expect(statuses.slice(9)).toEqual(Array(3).fill(429));
    const logins = [];
    for await (const { entry } of peer.audit.entries()) if (entry?.kind === 'login') logins.push(entry.outcome);
    expect(logins).toEqual(['success', ...Array(9).fill('denied')]);
  });

  it('make tokens that work, and write down who made them', async () => {
    const { status, value } = await json('/api/v1/tokens', { json: { name: 'ct scanner', role: 'device' } });
    expect(status).toBe(201);
    const headers = { authorization: `Bearer ${(value as { token: string }).token}` };
    expect((await peer.call('/api/v1/peer', { as: 'nobody', headers })).status).toBe(200);
    expect((await peer.call('/api/v1/tokens', { as: 'nobody', headers, json: {} })).status).toBe(403);
    const [entry] = (await json('/api/v1/audit?limit=1')).value as object[];
    expect(entry).toMatchObject({ index: 0, kind: 'token', person: { name: 'admin one' } });
    const bad = await json('/api/v1/tokens', { json: { name: 'x', role: 'king' } });
    expect(bad).toMatchObject({ status: 400, value: { code: 'http/invalid' } });
  });
});

describe('health', () => {
  it('tells readiness, metrics and what this is', async () => {
    expect(await json('/healthz', { as: 'nobody' })).toEqual({ status: 200, value: {} });
    expect(await json('/readyz', { as: 'nobody' })).toEqual({ status: 200, value: { ready: true } });
    expect(await (await peer.call('/metrics')).text()).toContain('dicomnet_import_total');
    const page = await peer.call('/', { as: 'nobody' });
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';style-src 'sha256-/);
    expect(await page.text()).toMatch(/lang="ro"[\s\S]*lang="ru"[\s\S]*lang="en"/);
  });

  it('says 503 until everything has started', async () => {
    const starting = await openPeer({ ready: () => false });
    try {
      expect((await starting.call('/readyz', { as: 'nobody' })).status).toBe(503);
    } finally {
      await starting.close();
    }
  });
});

describe('exchange', () => {
  it('finds, with a purpose and for a person', async () => {
    const query = { value: '2000000000008', purpose: 'TREAT', reason: 'control' };
    expect(await json('/api/v1/find', { json: query, as: 'practitioner' })).toEqual({ status: 200, value: found });
    expect(peer.calls.find).toEqual([{ query, by: { name: 'practitioner one', role: 'practitioner' } }]);
    const without = await json('/api/v1/find', { json: { ...query, purpose: 'CURIOUS' } });
    expect(without).toMatchObject({ status: 400, value: { code: 'http/invalid' } });
    const more = await json('/api/v1/find', { json: { ...query, extra: 1 } });
    expect(more.status).toBe(400);
  });

  it('asks for studies', async () => {
    const body = { member: memberB, patient: { value: '2' }, refs: 'all', purpose: 'TREAT', reason: 'control' };
    const { status, value } = await json('/api/v1/requests', { json: body });
    expect([status, value]).toEqual([201, { id: requestOut, state: 'queued' }]);
    expect(peer.calls.ask[0]!.input).toEqual(body);
    for (const refs of [[], ['x'], 'some', Array(1001).fill(requestIn)]) {
      expect((await json('/api/v1/requests', { json: { ...body, refs } })).status).toBe(400);
    }
  });

  it('lists requests of both directions to those who may see them, without their keys', async () => {
    const list = async (path: string, as: 'admin' | 'custodian' | 'practitioner') => {
      const { value } = await json(path, { as });
      return (value as { id: string; name: string }[]).map((each) => `${each.id} ${each.name}`);
    };
    const [into, out] = [`${requestIn} Spitalul B`, `${requestOut} Spitalul B`];
    expect(await list('/api/v1/requests', 'admin')).toEqual([out, into]);
    expect(await list('/api/v1/requests?direction=in,out', 'admin')).toEqual([out, into]);
    expect(await list('/api/v1/requests?direction=in', 'admin')).toEqual([into]);
    expect(await list('/api/v1/requests', 'custodian')).toEqual([into]);
    expect(await list('/api/v1/requests', 'practitioner')).toEqual([out]);
    expect((await json('/api/v1/requests?direction=out', { as: 'custodian' })).status).toBe(403);
    expect((await json('/api/v1/requests?direction=sideways')).status).toBe(400);
    const all = await (await peer.call('/api/v1/requests')).text();
    for (const secret of ['private-x', 'private-m', 'secret-ish', 'ffff']) expect(all).not.toContain(secret);
    const one = await json(`/api/v1/requests/${requestOut}`, {}, '/api/v1/requests/{id}');
    expect(one.value).toMatchObject({ direction: 'out', state: 'granted', transfer: requestOut, grants: [grant] });
    expect((await json(`/api/v1/requests/${grant}`, {}, '/api/v1/requests/{id}')).status).toBe(404);
  });

  it('decides', async () => {
    const path = `/api/v1/requests/${requestIn}`;
    const by = { name: 'custodian one', role: 'custodian' };
    const approved = await json(
      `${path}/approve`,
      { method: 'POST', as: 'custodian' },
      '/api/v1/requests/{id}/approve',
    );
    expect(approved.value).toEqual({ id: requestIn, state: 'granted' });
    await json(`${path}/deny`, { json: { reason: 'no consent' }, as: 'custodian' }, '/api/v1/requests/{id}/deny');
    await json(`/api/v1/grants/${grant}/revoke`, { method: 'POST', as: 'custodian' }, '/api/v1/grants/{id}/revoke');
    expect(peer.calls.decided).toEqual([
      { id: requestIn, by },
      { id: requestIn, reason: 'no consent', by },
      { revoked: grant, by },
    ]);
  });

  it('shows transfers', async () => {
    expect((await json('/api/v1/transfers')).value).toEqual([transfer]);
    const one = await json(`/api/v1/transfers/${requestOut}`, {}, '/api/v1/transfers/{id}');
    expect(one.value).toEqual(transfer);
  });

  it('joins by a bundle of bytes', async () => {
    const bundle = new Uint8Array(2_000_000).fill(5);
    const call = { body: bundle, headers: { 'content-type': 'application/cbor' } };
    expect((await json('/api/v1/roster', call)).value).toMatchObject({ number: 4 });
    expect(Buffer.compare(peer.calls.joined[0]!, bundle)).toBe(0);
    const checks = [{ name: 'clock', ok: true, advice: 'The clock is plausible.' }];
    expect((await json('/api/v1/doctor')).value).toEqual({ checks });
  });
});

describe('the language of sentences', () => {
  const spoken = async (path: string, language?: string) => {
    const headers = language === undefined ? {} : { 'accept-language': language };
    const answer = await peer.call(path, { headers });
    const { title, code, checks } = (await answer.json()) as {
      title: string;
      code: string;
      checks: { advice: string }[];
    };
    const said = title ?? checks[0]!.advice;
    return { said, code, language: answer.headers.get('content-language'), vary: answer.headers.get('vary') };
  };

  it('of an error is the one that is preferred, else English; the code is the same', async () => {
    const absent = { code: 'http/not-found', vary: 'accept-language' };
    const en = { ...absent, language: 'en', said: 'There is nothing at this address.' };
    const ro = { ...absent, language: 'ro', said: 'La această adresă nu este nimic.' };
    const ru = { ...absent, language: 'ru', said: 'По этому адресу ничего нет.' };
    expect(await spoken('/nothing')).toEqual(en);
    expect(await spoken('/nothing', 'de')).toEqual(en);
    expect(await spoken('/nothing', 'ro-MD, ru;q=0.5')).toEqual(ro);
    expect(await spoken('/nothing', 'ro;q=0.5, ru;q=0.6')).toEqual(ru);
  });

  it("of the doctor's advice is too", async () => {
    const advice = { code: undefined, vary: 'accept-language' };
    expect(await spoken('/api/v1/doctor', 'ru')).toEqual({ ...advice, language: 'ru', said: 'Часы похожи на верные.' });
    expect(await spoken('/api/v1/doctor')).toEqual({ ...advice, language: 'en', said: 'The clock is plausible.' });
  });
});

describe('events', () => {
  it('are streamed to those who may see them, until the token ends', async () => {
    const device = await peer.call('/api/v1/events', { as: 'device' });
    const admin = await peer.call('/api/v1/events');
    expect(admin.headers.get('content-type')).toBe('text/event-stream');
    peer.events.requestDecided({ id: requestIn, state: 'granted', member: 'f'.repeat(64) });
    peer.events.transferMoved({ id: requestOut, request: requestOut, state: 'running' });
    timers.tick();
    const request = `event: request\ndata: {"id":"${requestIn}","direction":"in","state":"granted"}\n\n`;
    const moved = `event: transfer\ndata: {"id":"${requestOut}","request":"${requestOut}","state":"running"}\n\n`;
    expect(await readUntil(device, ': still here\n\n')).toBe(`: following\n\n${moved}: still here\n\n`);
    expect(await readUntil(admin, ': still here\n\n')).toBe(`: following\n\n${request}${moved}: still here\n\n`);
  });

  it('end for whoever does not read them', async () => {
    const slow = await peer.call('/api/v1/events');
    const text = 'x'.repeat(64 * 1024);
    // far more than the socket's buffers and ours hold
    for (let i = 0; i < 2000; i++) peer.events.alarm('route-full', { ae: text });
    await expect(readUntil(slow, 'never')).rejects.toThrow();
    expect((await peer.call('/api/v1/peer')).status).toBe(200);
  });
});

async function readUntil(answer: Response, end: string): Promise<string> {
  let text = '';
  for await (const chunk of answer.body!) {
    text += Buffer.from(chunk).toString();
    if (text.endsWith(end)) break;
  }
  return text;
}

describe('what goes on under a token', () => {
  it('ends with it: of somebody who is shut out, a stream of events too', async () => {
    const { password } = await peer.accounts.createUser('dr.out', 'imaging');
    const { token } = await peer.accounts.signIn('dr.out', password);
    const own = { as: 'nobody', headers: { authorization: `Bearer ${token}` } } as const;
    const stream = await peer.call('/api/v1/events', own);
    const reading = expect(readUntil(stream, 'never')).rejects.toThrow();
    const { status, value } = await json(
      '/api/v1/users/dr.out/disable',
      { method: 'POST' },
      '/api/v1/users/{name}/disable',
    );
    expect([status, value]).toEqual([200, { ended: 1 }]);
    await reading;
    expect((await peer.call('/api/v1/patients', own)).status).toBe(401);
    const refused = await peer.accounts.signIn('dr.out', password).catch(({ code }) => code);
    expect(refused).toBe('http/unauthorized');
    expect(await acts()).toEqual(['userDisabled']);
  });

  it('ends with an upload in its middle', async () => {
    const { password } = await peer.accounts.createUser('dr.up', 'imaging');
    const { token } = await peer.accounts.signIn('dr.up', password);
    const begun = Promise.withResolvers<void>();
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1024));
        begun.resolve();
        return new Promise(() => undefined);
      },
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/dicom' };
    const sending = peer.call('/api/v1/import', { as: 'nobody', body, headers }).then(
      ({ status }) => status,
      () => 'cut',
    );
    await begun.promise;
    // the server has the request when it has noted the token's use
    while ((await listedOf('dr.up'))?.used === undefined) await new Promise((next) => setImmediate(next));
    await peer.accounts.disable('dr.up');
    expect(['cut', 401]).toContain(await sending);
  });

  it('ends when its user signs out, who is answered', async () => {
    const { password } = await peer.accounts.createUser('dr.exit', 'imaging');
    const enter = async () => {
      const { token } = await peer.accounts.signIn('dr.exit', password);
      return { as: 'nobody', headers: { authorization: `Bearer ${token}` } } as const;
    };
    const [one, two, three] = [await enter(), await enter(), await enter()];
    expect(await json('/api/v1/session', { ...one, method: 'DELETE' })).toEqual({ status: 200, value: { ended: 1 } });
    expect((await peer.call('/api/v1/patients', one)).status).toBe(401);
    const change = { old: password, password: 'a heron by the lake' };
    const changed = await json('/api/v1/session/password', { ...two, json: change });
    expect(changed).toEqual({ status: 200, value: { ended: 1 } });
    expect((await peer.call('/api/v1/patients', three)).status).toBe(401);
    const all = await json('/api/v1/session/all', { ...two, method: 'DELETE' });
    expect(all).toEqual({ status: 200, value: { ended: 1 } });
    expect((await json('/api/v1/session', { method: 'DELETE', as: 'console' })).status).toBe(403);
    expect(await acts()).toEqual(['signedOut', 'passwordChanged', 'signedOut']);
  });

  it('is listed without the token, and ended by an administrator', async () => {
    await json('/api/v1/tokens', { json: { name: 'short', role: 'device', days: 1 } });
    const { value } = await json('/api/v1/tokens');
    const row = (value as { id: string; name: string; created: number; expires: number }[]).find(
      ({ name }) => name === 'short',
    )!;
    expect(Math.round((row.expires - row.created) / 3_600_000)).toBe(24);
    const ended = await json(`/api/v1/tokens/${row.id}`, { method: 'DELETE' }, '/api/v1/tokens/{token}');
    expect(ended).toMatchObject({ status: 200, value: { name: 'short', role: 'device' } });
    expect((await json(`/api/v1/tokens/${row.id}`, { method: 'DELETE' }, '/api/v1/tokens/{token}')).status).toBe(404);
    expect((await json('/api/v1/tokens', { json: { name: 'long', role: 'device', days: 366 } })).status).toBe(400);
    expect((await json('/api/v1/tokens', { json: { name: 'x', role: 'console' } })).status).toBe(400);
    expect(await acts()).toEqual(['tokenMade', 'tokenEnded']);
  });
});

/** What was written down. */
async function acts() {
  const all = [];
  for await (const { entry } of peer.audit.entries()) all.push(entry?.act);
  return all;
}

async function listedOf(name: string) {
  for await (const { row } of peer.accounts.tokens()) if (row.name === name) return row;
  return undefined;
}

describe('studies and patients', () => {
  const file = { 'content-type': 'application/dicom', 'x-source-name': 'CD 5' };

  it('come in as files', async () => {
    const [one] = study();
    const call = { body: one!.part10, headers: file };
    const { value } = await json('/api/v1/import', call);
    expect(value).toEqual({ outcome: 'imported', study: one!.studyUid });
    expect((await json('/api/v1/import', call)).value).toMatchObject({ outcome: 'duplicate' });
    const cut = { ...call, body: one!.part10.subarray(0, 2000) };
    expect((await json('/api/v1/import', cut)).value).toMatchObject({ outcome: 'aside', reason: 'dicom/truncated' });
    const text = { ...call, body: Buffer.from('no image at all '.repeat(100)) };
    expect((await json('/api/v1/import', text)).value).toEqual({ outcome: 'refused', reason: 'dicom/not-dicom' });
    const about = (await json('/api/v1/peer')).value;
    expect(about).toMatchObject({ name: 'Spitalul A', roster: 3, studies: 1, instances: 1, version: '9.8.7' });
    const [kept] = (await json('/api/v1/quarantine')).value as { id: string; from: string }[];
    expect(kept).toMatchObject({ kind: 'quarantine', reason: 'dicom/truncated', from: 'http admin one: CD 5' });
    expect(await (await peer.call('/api/v1/quarantine')).text()).not.toMatch(/key|objectId/);
    const place = `/api/v1/quarantine/${kept!.id}`;
    expect((await json(place, {}, '/api/v1/quarantine/{id}')).value).toEqual(kept);
    const retried = await json(`${place}/retry`, { method: 'POST' }, '/api/v1/quarantine/{id}/retry');
    expect(retried.value).toMatchObject({ outcome: 'imported' });
    expect(peer.calls.retried).toEqual([kept!.id]);
    expect((await json(`/api/v1/quarantine/${'0'.repeat(16)}`, {}, '/api/v1/quarantine/{id}')).status).toBe(404);
  });

  it('get identifiers that make them findable', async () => {
    const [one] = [
      ...markedStudy({ seed: 1, patient: { ...patient, issuer: 'LOCAL' }, instances: 1, bytesEach: 1024 }),
    ];
    await take(peer, one!.part10);
    const [before] = (await json('/api/v1/patients')).value as { id: string }[];
    expect(before).toMatchObject({ name: 'Marker^Zebulon', studies: 1, findable: false });
    const body = { system: 'urn:dicomnet:id:md:idnp', value: '2000000000004' };
    const path = `/api/v1/patients/${before!.id}/identifiers`;
    const linked = await json(path, { json: body }, '/api/v1/patients/{id}/identifiers');
    expect(linked.value).toMatchObject({ findable: true });
    const unknown = path.replace(before!.id, '0'.repeat(32));
    expect((await json(unknown, { json: body }, '/api/v1/patients/{id}/identifiers')).status).toBe(404);
    const mine = (await json(`/api/v1/audit?patient=${before!.id}`)).value;
    expect(mine).toMatchObject([{ kind: 'amendment', patient: before!.id }]);
  });

  it('of two persons with one number show the doubt, until somebody decides; and again when that is taken back', async () => {
    const people = [
      { id: '2000000000004', name: 'First^Anna', birthDate: '19500205', sex: 'F' },
      { id: '2000000000004', name: 'Second^Boris', birthDate: '19800202', sex: 'M' },
    ] as const;
    for (const [i, who] of people.entries()) {
      await take(peer, [...markedStudy({ seed: 40 + i, patient: who, instances: 1, bytesEach: 1024 })][0]!.part10);
    }
    type Shown = { id: string; name: string; findable: boolean; doubt?: { with: string } };
    const list = async () =>
      new Map(((await json('/api/v1/patients')).value as Shown[]).map((each) => [each.name, each]));
    const [anna, boris] = [(await list()).get('First^Anna')!, (await list()).get('Second^Boris')!];
    expect(boris).toMatchObject({ findable: false, doubt: { with: anna.id, since: expect.any(Number) } });
    expect(anna).toMatchObject({ findable: true });
    expect(anna).not.toHaveProperty('doubt');
    const decide = (id: string, what: string) =>
      json(`/api/v1/patients/${id}/${what}`, { method: 'POST' }, `/api/v1/patients/{id}/${what}`);
    expect((await decide(anna.id, 'merge')).status).toBe(409);
    expect((await decide(boris.id, 'apart')).value).toMatchObject({ doubt: { with: anna.id, apart: true } });
    expect((await decide(boris.id, 'wrong-number')).value).toMatchObject({ id: boris.id, identifiers: [] });
    expect((await list()).get('Second^Boris')).not.toHaveProperty('doubt');
    for (const _ of [1, 2]) expect((await decide(boris.id, 'undo')).status).toBe(200);
    expect(await list()).toEqual(new Map([anna, boris].map((each) => [each.name, each])));
    expect((await decide(boris.id, 'merge')).value).toMatchObject({ id: anna.id });
    expect((await list()).size).toBe(1);
    expect((await decide('0'.repeat(32), 'merge')).status).toBe(404);
  });
});

describe('the audit log', () => {
  it('is read in pages, and verified', async () => {
    for (let i = 0; i < 5; i++) await peer.audit.append({ kind: 'peer', outcome: 'success', detail: i });
    const page = async (query: string) =>
      ((await json(`/api/v1/audit${query}`)).value as { index: number }[]).map(({ index }) => index);
    expect(await page('')).toEqual([0, 1, 2, 3, 4]);
    expect(await page('?from=1&limit=2')).toEqual([1, 2]);
    expect(await page('?from=5')).toEqual([]);
    expect(await page('?limit=0')).toEqual([]);
    const { value: head } = await json('/api/v1/audit/head');
    expect((await json('/api/v1/audit/verify')).value).toMatchObject({ ok: true, entries: 5, head });
    expect((await json('/api/v1/audit?from=-1')).status).toBe(400);
  });
});

it('logs method, route and status, and nothing about a patient', async () => {
  const [one] = study();
  await take(peer, one!.part10);
  await peer.call(`/dicom-web/studies?PatientName=Zebulon&PatientID=2000000000008`);
  await peer.call(`/dicom-web/studies/${one!.studyUid}/metadata`);
  await peer.call(`/dicom-web/studies/${one!.studyUid}9`);
  const http = peer.lines.filter(({ message }) => message === 'http').map(({ fields }) => fields);
  expect(http).toMatchObject([
    { method: 'GET', route: '/dicom-web/studies', status: 200 },
    { method: 'GET', route: '/dicom-web/studies/:study/metadata', status: 200 },
    { method: 'GET', route: '/dicom-web/studies/:study', status: 404 },
  ]);
  for (const secret of ['Zebulon', '2000000000008', one!.studyUid]) expect(JSON.stringify(http)).not.toContain(secret);
});

it('says of an unknown error only that there is one', async () => {
  const failing = await openPeer({
    finder: { find: () => Promise.reject(new Error('Marker^Zebulon was at /secret')) },
  });
  try {
    const query = { value: '2', purpose: 'TREAT', reason: 'control' };
    const answer = await failing.call('/api/v1/find', { json: query });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'http/internal', status: 500 });
    const log = JSON.stringify(failing.lines);
    expect(log).toContain('a request failed');
    for (const secret of ['Zebulon', 'secret']) expect(text + log).not.toContain(secret);
  } finally {
    await failing.close();
  }
});

it('names a port that is taken', async () => {
  const { createHttp } = await import('../../../node/http/server.ts');
  const second = await createHttp({ host: '127.0.0.1', port: peer.port, version: '1' }, peer.parts);
  await expect(second.listen()).rejects.toMatchObject({ code: 'net/port-taken', data: { port: peer.port } });
  await second.close();
});
