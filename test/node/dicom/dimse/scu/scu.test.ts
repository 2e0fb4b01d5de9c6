// Our service class user by itself: several operations at a time, storage commitment, cancelling.
import { afterEach, describe, expect, test } from 'vitest';
import { queryProposal } from '../../../../../node/dicom/dimse/query-models.ts';
import { DimseServer, type DimseServerOptions } from '../../../../../node/dicom/dimse/scp/server.ts';
import {
  DimseClient,
  type DimseClientOptions,
  type DimseClientParts,
} from '../../../../../node/dicom/dimse/scu/client.ts';
import {
  Commitments,
  commitmentClass,
  commitmentInstance,
  commitmentProposal,
} from '../../../../../node/dicom/dimse/scu/commitment.ts';
import type { Services } from '../../../../../node/dicom/dimse/services.ts';
import type { OpenStore } from '../../../../../node/dicom/dimse/sink.ts';
import { explicitVrLittleEndian } from '../../../../../node/dicom/dimse/uids.ts';
import { systemTimers } from '../../../../../node/system/machine.ts';
import type { PeerError } from '../../../../../protocol/errors.ts';
import { ctStorage, MemoryStore, type RunningServer, serve } from '../helpers.ts';

const running: Pick<RunningServer, 'server'>[] = [];
afterEach(async () => {
  for (const { server } of running.splice(0)) await server.close();
});

async function start(store: OpenStore, options: Partial<DimseServerOptions> = {}): Promise<number> {
  const one = await serve(store, { closeMs: 100, ...options });
  running.push(one);
  return one.port;
}

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A server with services that DEMO may use. */
async function serving(services: Services): Promise<number> {
  const callers = [{ aeTitle: 'DEMO', host: '127.0.0.1' }];
  const options = { host: '127.0.0.1', port: 0, aeTitle: 'PEER', closeMs: 100, callers };
  const server = new DimseServer(options, { log, timers: systemTimers, store: new MemoryStore().open, services });
  running.push({ server });
  return (await server.listen()).port;
}

const storage = { abstractSyntax: ctStorage, transferSyntaxes: [explicitVrLittleEndian] };
const open = (port: number, more: Partial<DimseClientOptions> = {}, parts: Partial<DimseClientParts> = {}) =>
  DimseClient.connect(
    { host: '127.0.0.1', port, calledAe: 'PEER', callingAe: 'DEMO', contexts: [storage], ...more },
    { timers: systemTimers, ...parts },
  );
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: PeerError) => error.code,
  );
const instance = (sopInstanceUid: string) => ({
  ...{ sopClassUid: ctStorage, sopInstanceUid, transferSyntax: explicitVrLittleEndian },
  bytes: new Uint8Array(100_000).fill(Number(sopInstanceUid.at(-1))),
});

describe('several operations at a time', () => {
  test('as many stores as the other side takes are under way; one more is refused', async () => {
    const store = new MemoryStore();
    const client = await open(await start(store.open), { operations: 4 });
    expect(client.window).toBe(4);
    const stores = ['1.1', '1.2', '1.3', '1.4'].map((uid) => client.store(instance(uid)));
    expect(await codeOf(client.store(instance('1.5')))).toBe('dimse/sequence');
    expect(await Promise.all(stores)).toEqual([0, 0, 0, 0]);
    expect(store.finished.map((each) => each.info.sopInstanceUid)).toEqual(['1.1', '1.2', '1.3', '1.4']);
    for (const { bytes, info } of store.finished) expect(bytes).toEqual(instance(info.sopInstanceUid).bytes);
    await client.release();
  });

  test('the association’s end ends all of them', async () => {
    const gate = Promise.withResolvers<void>();
    const store: OpenStore = () => ({ write: () => gate.promise, finish: async () => 0, abort: async () => undefined });
    const client = await open(await start(store), { operations: 3 });
    const stores = ['1.1', '1.2', '1.3'].map((uid) => codeOf(client.store(instance(uid))));
    client.abort();
    expect(await Promise.all(stores)).toEqual(['dimse/cancelled', 'dimse/cancelled', 'dimse/cancelled']);
    gate.resolve();
  });

  test('who does not ask gets one', async () => {
    const client = await open(await start(new MemoryStore().open));
    expect(client.window).toBe(1);
    await client.release();
  });
});

describe('storage commitment', () => {
  const kept = { sopClassUid: ctStorage, sopInstanceUid: '1.2.3' };
  const lost = { sopClassUid: ctStorage, sopInstanceUid: '1.2.4' };
  const uid = (value: string) => ({ vr: 'UI' as const, Value: [value] });
  const result = (transaction: string) => ({
    sopClassUid: commitmentClass,
    sopInstanceUid: commitmentInstance,
    typeId: 2,
    dataset: {
      '00081195': uid(transaction),
      '00081199': { vr: 'SQ' as const, Value: [{ '00081150': uid(ctStorage), '00081155': uid('1.2.3') }] },
      '00081198': {
        vr: 'SQ' as const,
        Value: [
          { '00081150': uid(ctStorage), '00081155': uid('1.2.4'), '00081197': { vr: 'US' as const, Value: [0x0112] } },
        ],
      },
    },
  });
  const told = { transactionUid: '1.9', committed: [kept], failed: [{ ...lost, reason: 0x0112 }] };

  /** A server that answers on the same association, or later on one of its own. */
  async function archive(report: (send: () => Promise<number>) => Promise<void>): Promise<number> {
    const asked: unknown[] = [];
    return serving({
      normalized: [
        {
          sopClassUids: [commitmentClass],
          needs: 'commit',
          action: async (request) => {
            asked.push(request.dataset);
            expect(request.typeId).toBe(1);
            return { status: 0, after: () => report(() => request.report(result('1.9'))) };
          },
        },
      ],
    });
  }

  test('the result comes on the same association', async () => {
    const statuses: number[] = [];
    const port = await archive(async (send) => void statuses.push(await send()));
    const commitments = new Commitments();
    const client = await open(port, { contexts: [commitmentProposal] }, { event: commitments.event });
    const expected = commitments.expect('1.9', AbortSignal.timeout(10_000));
    await client.requestCommitment('1.9', [kept, lost]);
    expect(await expected).toEqual(told);
    await client.release();
    expect(statuses).toEqual([0]);
  });

  test('the result comes on another association, to our server', async () => {
    const commitments = new Commitments();
    const event = { sopClassUids: [commitmentClass], needs: 'commit', event: commitments.service } as const;
    const port = await serving({ normalized: [event] });
    const expected = commitments.expect('1.9', AbortSignal.timeout(10_000));
    const roles = [{ sopClassUid: commitmentClass, scu: false, scp: true }];
    const client = await open(port, { contexts: [commitmentProposal], roles });
    expect(await client.report(result('1.9'))).toBe(0);
    expect(await client.report(result('1.9'))).not.toBe(0); // nobody waits for it any more
    expect(await expected).toEqual(told);
    await client.release();
  });

  test('who does not serve it says so; who waits can stop', async () => {
    const client = await open(await start(new MemoryStore().open), { contexts: [commitmentProposal, storage] });
    expect(await codeOf(client.requestCommitment('1.9', [kept]))).toBe('dimse/service-refused');
    await client.release();
    const left = new AbortController();
    const waiting = codeOf(new Commitments().expect('1.9', left.signal));
    left.abort();
    expect(await waiting).toBe('dimse/cancelled');
  });
});

describe('C-FIND', () => {
  const keys = { '00100020': { vr: 'LO' as const } };

  /** A server with as many matches as are asked for; `made` counts how many it had to make. */
  async function archive(): Promise<{ port: number; made: () => number }> {
    let made = 0;
    const port = await serving({
      find: [
        {
          sopClassUids: [queryProposal('study', 'find').abstractSyntax],
          needs: 'query',
          async *find({ signal }) {
            while (!signal.aborted) {
              made++;
              yield { '00100020': { vr: 'LO', Value: [`${made} ${'x'.repeat(40)}`] } };
              if (made % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
            }
          },
        },
      ],
    });
    return { port, made: () => made };
  }

  test('who takes answers slowly is waited for; the signal cancels', async () => {
    const { port, made } = await archive();
    const client = await open(port, { contexts: [queryProposal('study', 'find')] });
    const left = new AbortController();
    let taken = 0;
    const taking = (async () => {
      for await (const _ of client.find({ root: 'study', level: 'STUDY', keys }, left.signal)) {
        if (++taken === 20) left.abort();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    expect(await codeOf(taking)).toBe('dimse/cancelled');
    // what kernels and buffers of a loopback connection hold, and no more
    expect(made()).toBeLessThan(200_000);
    await client.release();
  });

  test('leaving the loop cancels, and the association goes on', async () => {
    const { port } = await archive();
    const client = await open(port, { contexts: [queryProposal('study', 'find')] });
    for (let i = 0; i < 3; i++) {
      for await (const answer of client.find({ root: 'study', level: 'STUDY', keys })) {
        expect(answer['00100020']?.Value).toHaveLength(1);
        break;
      }
    }
    await client.release();
  });
});

describe('C-GET', () => {
  test('a large instance flows from their disk to our sink: whoever writes slowly is waited for', async () => {
    const [piece, pieces] = [1 << 18, 400];
    let produced = 0;
    let received = 0;
    let ahead = 0;
    const model = queryProposal('study', 'get');
    const port = await serving({
      retrieve: [
        {
          sopClassUids: [model.abstractSyntax],
          needs: 'retrieve',
          instances: async () => [
            {
              ...{ sopClassUid: ctStorage, sopInstanceUid: '1.2.3', transferSyntax: explicitVrLittleEndian },
              open: async () => ({
                transferSyntax: explicitVrLittleEndian,
                bytes: (async function* () {
                  for (let i = 0; i < pieces; i++) {
                    produced += piece;
                    yield new Uint8Array(piece);
                  }
                })(),
              }),
            },
          ],
        },
      ],
    });
    const store: OpenStore = () => ({
      async write(bytes) {
        received += bytes.length;
        ahead = Math.max(ahead, produced - received);
        await new Promise((resolve) => setImmediate(resolve));
      },
      finish: async () => 0,
      abort: async () => undefined,
    });
    const roles = [{ sopClassUid: ctStorage, scu: false, scp: true }];
    const client = await open(port, { contexts: [model, storage], roles }, { store });
    const keys = { '0020000D': { vr: 'UI' as const, Value: ['1.2'] } };
    expect(await client.get({ root: 'study', level: 'STUDY', keys })).toMatchObject({ completed: 1, failed: 0 });
    expect(received).toBe(piece * pieces);
    // what is under way: kernel buffers of a loopback connection and a few PDUs
    expect(ahead).toBeLessThan(16 << 20);
    await client.release();
  });

  test('the association’s end aborts the instance that is on its way', async () => {
    const model = queryProposal('study', 'get');
    const port = await serving({
      retrieve: [
        {
          sopClassUids: [model.abstractSyntax],
          needs: 'retrieve',
          instances: async () => [
            {
              ...{ sopClassUid: ctStorage, sopInstanceUid: '1.2.3', transferSyntax: explicitVrLittleEndian },
              open: async () => ({
                transferSyntax: explicitVrLittleEndian,
                bytes: (async function* () {
                  for (;;) yield new Uint8Array(1 << 16);
                })(),
              }),
            },
          ],
        },
      ],
    });
    const into = new MemoryStore();
    const roles = [{ sopClassUid: ctStorage, scu: false, scp: true }];
    const client = await open(port, { contexts: [model, storage], roles }, { store: into.open });
    const told = into.next();
    const keys = { '0020000D': { vr: 'UI' as const, Value: ['1.2'] } };
    const getting = codeOf(client.get({ root: 'study', level: 'STUDY', keys }));
    await into.writing.promise;
    client.abort();
    expect(await getting).toBe('dimse/cancelled');
    await told;
    expect(into.aborted.length).toBe(1);
  });
});
