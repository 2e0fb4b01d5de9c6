// Orders over HTTP: FHIR and HL7 in, listed, looked at, cancelled; who may, and what the log says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Order } from '../../../node/worklist/order.ts';
import { cyrillic, json, omi, orm, serviceRequest, text } from '../worklist/messages.ts';
import { openPeer, type Peer } from './kit.ts';

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer.close());

const hl7 = 'x-application/hl7-v2+er7';
const post = (body: Uint8Array, type: string, more: Record<string, string> = {}) =>
  peer.call('/api/v1/orders', { as: 'imaging', body, headers: { 'content-type': type, ...more } });

describe('orders', () => {
  test('a FHIR ServiceRequest becomes an order, which is listed, seen and cancelled', async () => {
    const answer = await post(json(serviceRequest()), 'application/fhir+json; charset=utf-8');
    expect(answer.status).toBe(201);
    const { orders } = (await answer.json()) as { orders: Order[] };
    expect(orders).toMatchObject([
      { status: 'scheduled', accession: 'ACC200', patient: { name: 'Țurcanu^Ștefan^Ion^Dl' } },
    ]);
    expect(orders[0]).not.toHaveProperty('key');
    const at = `/api/v1/orders/${orders[0]!.id}`;
    expect(await (await peer.call('/api/v1/orders', { as: 'practitioner' })).json()).toEqual(orders);
    expect(await (await peer.call('/api/v1/orders?status=completed')).json()).toEqual([]);
    expect(await (await peer.call(at)).json()).toEqual(orders[0]);
    const cancelled = await peer.call(at, { as: 'imaging', method: 'DELETE' });
    expect(await cancelled.json()).toMatchObject({ status: 'discontinued' });
    expect((await peer.call(at, { method: 'DELETE' })).status).toBe(409);
    expect((await peer.call(`/api/v1/orders/${'0'.repeat(32)}`)).status).toBe(404);
  });

  test('an HL7 message is acknowledged, or refused with the field that is wrong', async () => {
    const answer = await post(text(orm()), hl7);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, hl7]);
    expect(await answer.text()).toMatch(
      /^MSH\|\^~\\&\|DICOMNET\|\|RIS\|SPITAL\|\d{14}\|\|ACK\^O01\|[^\r]*\rMSA\|AA\|MSGP100\r$/,
    );
    const refused = await post(text(orm({ name: '' })), hl7);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toMatch(/\rMSA\|AE\|MSGP100\rERR\|\|PID\^1\^5\|/);
    const asJson = await post(cyrillic(omi), hl7, { accept: 'application/json' });
    expect(((await asJson.json()) as { orders: Order[] }).orders[0]!.steps).toHaveLength(2);
  });

  test('what is no order', async () => {
    const wrong = await post(text('{'), 'application/fhir+json');
    expect([wrong.status, ((await wrong.json()) as { code: string }).code]).toEqual([422, 'order/fhir']);
    expect((await post(text('<x/>'), 'application/fhir+xml')).status).toBe(415);
    expect((await post(new Uint8Array(600_000), 'application/fhir+json')).status).toBe(413);
  });

  test('who may: what imports may place and cancel, who views may see', async () => {
    const body = json(serviceRequest({ id: 'sr-2', identifier: [] }));
    const headers = { 'content-type': 'application/fhir+json' };
    expect((await peer.call('/api/v1/orders', { as: 'device', body, headers })).status).toBe(201);
    expect((await peer.call('/api/v1/orders', { as: 'practitioner', body, headers })).status).toBe(403);
    expect((await peer.call('/api/v1/orders', { as: 'learner' })).status).toBe(403);
    expect((await peer.call('/api/v1/orders', { as: 'nobody' })).status).toBe(401);
  });

  test('the audit log has all of it, the other log nothing of a patient', async () => {
    const kinds: string[] = [];
    for await (const { entry } of peer.audit.entries({ from: 0 })) kinds.push(JSON.stringify(entry));
    expect(kinds.filter((each) => each.includes('"order":"place"')).length).toBe(4);
    expect(kinds.filter((each) => each.includes('"order":"cancel"')).length).toBe(1);
    expect(JSON.stringify(peer.lines)).not.toMatch(/Țurcanu|Ковальчук|ACC\d|20030000000/);
  });

  test('a device sees the orders of its own station alone', async () => {
    const change = { id: 'sr-2', identifier: [{ value: 'P201' }] };
    const answer = await post(json(serviceRequest(change)), 'application/fhir+json');
    expect(answer.status).toBe(201);
    const { orders } = (await answer.json()) as { orders: Order[] };
    const { id, steps } = orders[0]!;
    const as = async (name: string) => ({ authorization: `Bearer ${await peer.accounts.createToken(name, 'device')}` });
    const [own, other] = [await as(steps[0]!.station!), await as('ANOTHER')];
    const get = (path: string, headers: Record<string, string>, method = 'GET') =>
      peer.call(path, { as: 'nobody', headers, method });
    const ids = async (headers: Record<string, string>) =>
      ((await (await get('/api/v1/orders', headers)).json()) as Order[]).map((each) => each.id);
    expect(await ids(own)).toContain(id);
    expect(await ids(other)).not.toContain(id);
    expect((await get(`/api/v1/orders/${id}`, own)).status).toBe(200);
    expect((await get(`/api/v1/orders/${id}`, other)).status).toBe(404);
    expect((await get(`/api/v1/orders/${id}`, other, 'DELETE')).status).toBe(404);
    expect((await get(`/api/v1/orders/${id}`, own, 'DELETE')).status).toBe(200);
  });
});
