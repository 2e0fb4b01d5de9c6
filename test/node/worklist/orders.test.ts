// The orders kept: placed again, cancelled, performed, joined by images, there after a restart.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DicomJson } from '../../../node/dicom/model/json.ts';
import { systemRandom } from '../../../node/system/machine.ts';
import { fhirOrders } from '../../../node/worklist/fhir-orders.ts';
import { hl7Orders } from '../../../node/worklist/hl7-orders.ts';
import { Orders } from '../../../node/worklist/orders.ts';
import { PerformedSteps } from '../../../node/worklist/performed-steps.ts';
import { freshDir, openStores, removeDir, type Stores } from '../stores.ts';
import { cyrillic, omi, orm, serviceRequest, text } from './messages.ts';

let dir: string;
let stores: Stores;
let orders: Orders;
let steps: PerformedSteps;
let now = 1_790_000_000_000;
const clock = { now: () => now };

async function open() {
  stores = await openStores(dir);
  orders = new Orders({ kv: stores.kv, clock, random: systemRandom });
  await orders.load();
  steps = new PerformedSteps({ kv: stores.kv, vault: stores.vault, orders, clock });
}
beforeEach(async () => {
  dir = await freshDir();
  await open();
});
afterEach(async () => {
  await stores.kv.close();
  await removeDir(dir);
});

const place = async (message: string) => (await orders.take(hl7Orders(text(message)).orders))[0]!;
const placeFhir = async (change: object = {}) =>
  (await orders.take(fhirOrders(serviceRequest(change), () => undefined)))[0]!;

const created = (of: { studyUid: string; stepId?: string; accession?: string }): DicomJson => ({
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00400241': { vr: 'AE', Value: ['CT1'] },
  '00400244': { vr: 'DA', Value: ['20261201'] },
  '00400245': { vr: 'TM', Value: ['083100'] },
  '00400252': { vr: 'CS', Value: ['IN PROGRESS'] },
  '00400253': { vr: 'SH', Value: ['PPS1'] },
  '00400270': {
    vr: 'SQ',
    Value: [
      {
        '0020000D': { vr: 'UI', Value: [of.studyUid] },
        ...(of.accession && { '00080050': { vr: 'SH', Value: [of.accession] } }),
        ...(of.stepId && { '00400009': { vr: 'SH', Value: [of.stepId] } }),
      },
    ],
  },
});
const status = (text: string): DicomJson => ({ '00400252': { vr: 'CS', Value: [text] } });

describe('orders', () => {
  test('what the sender leaves out is assigned, and stays when it sends again', async () => {
    const order = await placeFhir({ identifier: [] });
    expect(order.studyUid).toMatch(/^2\.25\.\d+$/);
    expect(order.accession).toMatch(/^A[A-Z2-9]{12}$/);
    expect(order.procedureId).toBe(order.accession);
    expect(order.steps[0]).toMatchObject({ status: 'scheduled', performed: [] });
    now += 1000;
    const again = await placeFhir({ identifier: [], priority: 'stat' });
    expect(again).toEqual({ ...order, priority: 'STAT', changed: now });
    expect([...orders.all()]).toEqual([again]);
  });

  test('all are there after a restart', async () => {
    const order = await place(orm());
    await stores.kv.close();
    await open();
    expect([...orders.all()]).toEqual([order]);
    expect(orders.ofStudy(order.studyUid)).toEqual(order);
    expect(orders.named({ accession: 'ACC100' })?.step.id).toBe('SPS100');
  });

  test('cancelled by message or by hand, once; then nothing changes it', async () => {
    const order = await place(orm());
    expect((await place(orm({ control: 'CA' }))).status).toBe('discontinued');
    await expect(place(orm({ control: 'XO' }))).rejects.toMatchObject({ code: 'order/ended' });
    await expect(orders.cancel(order.id)).rejects.toMatchObject({ code: 'order/ended' });
    await expect(orders.cancel('0'.repeat(32))).rejects.toMatchObject({ code: 'order/unknown' });
    await expect(place(orm({ control: 'CA', placer: 'P999' }))).rejects.toMatchObject({ code: 'order/unknown' });
  });

  test('two orders share neither accession number nor study; a message is taken whole or not at all', async () => {
    await place(orm());
    await expect(place(orm({ placer: 'P101' }))).rejects.toMatchObject({ code: 'order/conflict' });
    const both = hl7Orders(text(orm({ placer: 'P102', accession: 'ACC102' }).replace(/ZDS.*\r/, ''))).orders;
    await expect(orders.take([...both, { ...both[0]!, key: 'another' }])).rejects.toMatchObject({
      code: 'order/conflict',
    });
    expect([...orders.all()]).toHaveLength(1);
  });

  test('images join their order: it knows when, and is done unless a scanner says more', async () => {
    const order = await place(orm());
    await orders.arrived('1.2.3', ['CT']);
    await orders.arrived(order.studyUid, ['SR']);
    expect(orders.get(order.id)).toMatchObject({ status: 'scheduled', acquired: now });
    await orders.arrived(order.studyUid, ['SR', 'CT']);
    expect(orders.get(order.id)).toMatchObject({ status: 'completed', acquired: now });
  });
});

describe('performed procedure steps', () => {
  test('in progress, completed; the order follows; nothing changes it then', async () => {
    const { id, studyUid } = await place(orm());
    await steps.create('1.2.3.4', created({ studyUid, stepId: 'SPS100' }));
    expect(orders.get(id)).toMatchObject({ status: 'in-progress', steps: [{ performed: ['1.2.3.4'] }] });
    await orders.arrived(studyUid, ['CT']);
    expect(orders.get(id).status).toBe('in-progress');
    const end = { ...status('COMPLETED'), '00400250': { vr: 'DA', Value: ['20261201'] } };
    expect(await steps.set('1.2.3.4', end)).toBe('changed');
    expect(orders.get(id).status).toBe('completed');
    expect(await steps.set('1.2.3.4', status('DISCONTINUED'))).toBe('final');
    expect((await steps.get('1.2.3.4')).dataset).toMatchObject(end);
  });

  test('of several steps each has its own state', async () => {
    const [{ id, studyUid } = { id: '', studyUid: '' }] = await orders.take(hl7Orders(cyrillic(omi)).orders);
    await steps.create('1.2.3.5', created({ studyUid, stepId: 'SPS7B' }));
    await steps.set('1.2.3.5', status('DISCONTINUED'));
    expect(orders.get(id).steps.map((each) => each.status)).toEqual(['scheduled', 'discontinued']);
    await steps.create('1.2.3.6', created({ studyUid, stepId: 'SPS7A' }));
    await steps.set('1.2.3.6', status('COMPLETED'));
    expect(orders.get(id).status).toBe('completed');
  });

  test('what it must have, what it may not be, and that it may be of no order', async () => {
    const whole = created({ studyUid: '1.2.9' });
    const { '00400253': _id, ...without } = whole;
    await expect(steps.create('1.2.3.7', without)).rejects.toMatchObject({
      code: 'mpps/missing',
      data: { at: '00400253' },
    });
    await expect(steps.create('1.2.3.7', { ...whole, ...status('COMPLETED') })).rejects.toMatchObject({
      code: 'mpps/attribute',
    });
    await steps.create('1.2.3.7', whole);
    await expect(steps.create('1.2.3.7', whole)).rejects.toMatchObject({ code: 'mpps/duplicate' });
    await expect(steps.set('1.2.3.8', status('COMPLETED'))).rejects.toMatchObject({ code: 'mpps/unknown' });
    await expect(steps.set('1.2.3.7', status('DONE'))).rejects.toMatchObject({ code: 'mpps/attribute' });
    expect(await steps.set('1.2.3.7', { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'X' }] } })).toBe('partly');
    expect((await steps.get('1.2.3.7')).dataset['00100010']).toBeUndefined();
  });

  test('lasts, sealed', async () => {
    await steps.create('1.2.3.9', created({ studyUid: '1.2.9' }));
    await stores.kv.close();
    await open();
    expect((await steps.get('1.2.3.9')).status).toBe('IN PROGRESS');
  });
});
