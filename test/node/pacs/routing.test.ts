// Routing rules and the durable queue behind them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StudyReader } from '../../../node/access/study-reader.ts';
import type { DimseClient } from '../../../node/dicom/dimse/scu/client.ts';
import { silentLog } from '../../../node/dicom/dimse/scu/inbox.ts';
import { uids } from '../../../node/dicom/model/transfer-syntax.ts';
import { proposalsFor } from '../../../node/pacs/deliver.ts';
import { RouteQueue } from '../../../node/pacs/route-queue.ts';
import { Router } from '../../../node/pacs/router.ts';
import { RoutingRules } from '../../../node/pacs/routing-rules.ts';
import type { NewInstance } from '../../../node/store/new-instance.ts';
import type { InstanceRecord } from '../../../node/store/records.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { freshDir, openStores, removeDir, type Stores } from '../stores.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
const instanceOf = (sopInstanceUid: string, source?: string) =>
  ({ sopInstanceUid, sopClassUid: ct, study: 'a'.repeat(32), source }) as InstanceRecord;
const arrived = (more: { series?: object; study?: object; source?: string } = {}, sop = '1.2.3') =>
  ({
    series: { uid: '1', modality: 'CT', station: 'CT1', bodyPart: 'HEAD', description: 'Axial 5 mm', ...more.series },
    study: { description: 'Head trauma', ...more.study },
    instance: instanceOf(sop, more.source),
  }) as unknown as NewInstance;

describe('routing rules', () => {
  const to = ['PACS'];
  test.each<[object, NewInstance, string | undefined, string[]]>([
    [{}, arrived(), undefined, to],
    [{ modality: 'CT' }, arrived(), undefined, to],
    [{ modality: 'MR' }, arrived(), undefined, []],
    [{ modality: 'CT', bodyPart: 'CH*' }, arrived(), undefined, []],
    [{ callingAe: 'SCAN?' }, arrived(), 'SCAN1', to],
    [{ callingAe: 'SCAN?' }, arrived(), undefined, []],
    [{ description: '*TRAUMA*' }, arrived(), undefined, to],
    [{ description: 'axial (5)*' }, arrived(), undefined, []],
    [{ stationName: 'ct1' }, arrived(), undefined, to],
    [{ stationName: '*' }, arrived({ series: { station: undefined } }), undefined, []],
    [{ sopClass: `${ct}*` }, arrived(), undefined, to],
    [{ origin: 'copy' }, arrived(), undefined, []],
    [{ origin: 'copy' }, arrived({ source: 'b'.repeat(32) }), undefined, to],
    [{ origin: 'origin' }, arrived({ source: 'b'.repeat(32) }), undefined, []],
    [{}, arrived(), 'PACS', []],
  ])('%j', (match, instance, callingAe, expected) => {
    expect(new RoutingRules([{ match, to }]).of(instance, callingAe)).toEqual(expected);
  });

  test('several rules name a destination once', () => {
    const rules = new RoutingRules([
      { match: {}, to: ['A', 'B'] },
      { match: { modality: 'CT' }, to: ['B', 'C'] },
    ]);
    expect(rules.of(arrived(), 'A')).toEqual(['B', 'C']);
  });
});

test('contexts of an association are bounded, and what does not fit waits', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({
    sopClassUid: `1.2.${i}`,
    transferSyntax: uids.explicitLittleEndian,
  }));
  expect(proposalsFor(many)).toMatchObject({ count: 64, contexts: { length: 128 } });
  const coded = many.map((each) => ({ ...each, transferSyntax: '1.2.840.10008.1.2.4.90' }));
  expect(proposalsFor(coded)).toMatchObject({ count: 42, contexts: { length: 126 } });
  expect(proposalsFor(many.slice(0, 2).flatMap((each) => [each, each]))).toMatchObject({
    count: 4,
    contexts: { length: 4 },
  });
});

describe('the queue', () => {
  let dir: string;
  let stores: Stores;
  let now: number;
  const alarms: string[] = [];

  const open = async () => {
    const rules = new RoutingRules([{ match: {}, to: ['PACS'] }]);
    const events = { alarm: (kind: string) => void alarms.push(kind) };
    const queue = new RouteQueue({ kv: stores.kv, vault: stores.vault, rules, clock: { now: () => now }, events });
    await queue.load();
    return queue;
  };
  const take = async (queue: RouteQueue, sop: string) =>
    stores.kv.commit([...queue.arriving(arrived({}, sop), undefined)]);

  beforeEach(async () => {
    dir = await freshDir();
    stores = await openStores(dir);
    now = 1_000_000;
    alarms.length = 0;
  });
  afterEach(async () => {
    await stores.kv.close();
    await removeDir(dir);
  });

  test('keeps each instance once, over restarts, until it is done', async () => {
    const queue = await open();
    await take(queue, '1.1');
    await take(queue, '1.1');
    await take(queue, '1.2');
    await queue.put('OTHER', [instanceOf('1.1')]);
    const again = await open();
    expect(again.counts('PACS')).toEqual({ waiting: 2, failed: 0 });
    const { batch } = await again.due('PACS');
    expect(batch.map((each) => each.sopInstanceUid).sort()).toEqual(['1.1', '1.2']);
    await again.done(batch);
    expect((await again.due('PACS')).batch).toEqual([]);
    expect(again.counts('OTHER')).toEqual({ waiting: 1, failed: 0 });
    expect(await again.ofStudy('OTHER', 'a'.repeat(32))).toEqual({ waiting: 1, failed: 0 });
  });

  test('what is refused waits by itself; what waits for days is given up and seen', async () => {
    const queue = await open();
    await take(queue, '1.1');
    await take(queue, '1.2');
    const [one] = (await queue.due('PACS')).batch;
    await queue.postpone(one!, 'dimse/status', now + 5_000);
    const { batch, next } = await queue.due('PACS');
    expect([batch.length, next]).toEqual([1, now + 5_000]);
    now += 10_000;
    expect((await queue.due('PACS')).batch.length).toBe(2);
    expect(await queue.expire('PACS', now - 5_000)).toBe(2);
    expect((await queue.due('PACS')).batch).toEqual([]);
    expect((await open()).counts('PACS')).toEqual({ waiting: 0, failed: 2 });
    await queue.put('PACS', [instanceOf('1.1')]); // sent again by somebody
    expect((await queue.due('PACS')).batch.length).toBe(1);
  });

  function routerOver(queue: RouteQueue, connect: () => Promise<DimseClient>) {
    const waits: { ms: number; run: () => void }[] = [];
    const views: string[] = [];
    const remotes = {
      list: () => [{ aeTitle: 'PACS', host: '127.0.0.1', port: 104 }],
      with: async <T>(_ae: string, _wanted: unknown, work: (client: DimseClient) => Promise<T>) =>
        work(await connect()),
    };
    const router = new Router(
      { giveUpMs: 3_600_000 },
      {
        ...{ queue, remotes, log: silentLog, clock: { now: () => now } },
        index: {
          studyById: (id) => ({ id, uid: '1.9' }) as never,
          instance: async (uid) => ({
            ...instanceOf(uid),
            transferSyntax: uids.explicitLittleEndian,
            datasetOffset: 0,
          }),
        },
        view: async (study, by) => {
          views.push(`${study} ${by.name}`);
          return { read: () => [] } as unknown as StudyReader;
        },
        events: { alarm: (kind) => void alarms.push(kind) },
        timers: {
          sleep: () => Promise.reject(new Error('not used')),
          every: () => () => undefined,
          after: (ms, run) => {
            const wait = { ms, run };
            waits.push(wait);
            return () => void waits.splice(waits.indexOf(wait), 1);
          },
        },
      },
    );
    /** Lets the pause pass and the run that follows end. */
    const next = async () => {
      const [wait] = waits.splice(0, 1);
      now += wait!.ms;
      wait!.run();
      await settled(() => router.view()[0]?.state !== 'sending');
      return wait!.ms;
    };
    return { router, waits, views, next };
  }

  async function settled(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  test('a destination that is down gets growing pauses, then an alarm; one audit entry a study', async () => {
    const queue = await open();
    for (let i = 0; i < 5; i++) await take(queue, `1.${i}`);
    const { router, views, next } = routerOver(queue, () => Promise.reject(new PeerError('dimse/unreachable')));
    router.start();
    await settled(() => router.view()[0]?.state === 'pausing');
    const pauses = [await next(), await next(), await next(), await next()];
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(router.view()).toMatchObject([{ aeTitle: 'PACS', state: 'pausing', waiting: 5, code: 'dimse/unreachable' }]);
    for (let i = 0; i < 12 && alarms.length === 0; i++) expect(await next()).toBeLessThanOrEqual(600_000);
    expect(alarms).toEqual(['route-failed']);
    expect(router.view()).toMatchObject([{ state: 'idle', waiting: 0, failed: 5 }]);
    expect(new Set(views)).toEqual(new Set(['1.9 route to PACS']));
    expect(views.length).toBeLessThan(12);
    await router.stop();
  });

  test('an instance that is refused does not hold up the others', async () => {
    const queue = await open();
    for (let i = 0; i < 5; i++) await take(queue, `1.${i}`);
    const sent: string[] = [];
    const context = { id: 1, abstractSyntax: ct, transferSyntax: uids.explicitLittleEndian };
    const client = {
      ...{ window: 3, contexts: [context], abort: () => undefined },
      store: async ({ sopInstanceUid }: { sopInstanceUid: string }) => {
        if (sopInstanceUid === '1.2') return 0xc000;
        sent.push(sopInstanceUid);
        return 0;
      },
    } as unknown as DimseClient;
    const { router } = routerOver(queue, async () => client);
    router.start();
    await settled(() => router.view()[0]?.state === 'pausing');
    expect(sent.sort()).toEqual(['1.0', '1.1', '1.3', '1.4']);
    expect(router.view()).toMatchObject([{ waiting: 1, sent: 4 }]);
    await router.stop();
  });

  test('what a crash cost the queue and its pack gave back is tried at the start', async () => {
    const queue = await open();
    // the rows come back behind the queue's back, when it has counted
    await take(await open(), '1.1');
    const { router } = routerOver(queue, () => Promise.reject(new PeerError('dimse/unreachable')));
    router.start();
    await settled(() => router.view()[0]?.state === 'pausing');
    expect(router.view()[0]).toMatchObject({ aeTitle: 'PACS', code: 'dimse/unreachable' });
    await router.stop();
  });

  test('nothing is written for what matches no rule', () => {
    const rules = new RoutingRules([{ match: { modality: 'US' }, to: ['PACS'] }]);
    const events = { alarm: () => undefined };
    const queue = new RouteQueue({ kv: stores.kv, vault: stores.vault, rules, clock: { now: () => now }, events });
    expect(queue.arriving(arrived(), undefined)).toEqual([]);
  });
});
