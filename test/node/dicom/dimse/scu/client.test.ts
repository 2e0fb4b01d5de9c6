import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { DimseServerOptions } from '../../../../../node/dicom/dimse/scp/server.ts';
import { DimseClient, type DimseClientOptions } from '../../../../../node/dicom/dimse/scu/client.ts';
import type { OpenStore } from '../../../../../node/dicom/dimse/sink.ts';
import { explicitVrLittleEndian, verification } from '../../../../../node/dicom/dimse/uids.ts';
import { dataValues } from '../../../../../node/dicom/dimse/upper-layer/fragments.ts';
import { systemTimers } from '../../../../../node/system/machine.ts';
import { concat } from '../../../../../protocol/bytes.ts';
import type { PeerError } from '../../../../../protocol/errors.ts';
import { selfSigned } from '../certificate.ts';
import { ctStorage, ManualTimers, MemoryStore, type RunningServer, serve } from '../helpers.ts';

const running: RunningServer[] = [];
const silent: Server[] = [];

afterEach(async () => {
  for (const { server } of running.splice(0)) await server.close();
  for (const server of silent.splice(0)) server.close();
});

async function start(store: OpenStore, options: Partial<DimseServerOptions> = {}): Promise<number> {
  const one = await serve(store, { closeMs: 100, ...options });
  running.push(one);
  return one.port;
}

const open = (port: number, more: Partial<DimseClientOptions> = {}, timers = systemTimers) =>
  DimseClient.connect(
    {
      host: '127.0.0.1',
      port,
      calledAe: 'PEER',
      callingAe: 'DEMO',
      contexts: [
        { abstractSyntax: verification, transferSyntaxes: [explicitVrLittleEndian] },
        { abstractSyntax: ctStorage, transferSyntaxes: [explicitVrLittleEndian] },
        { abstractSyntax: ctStorage, transferSyntaxes: ['1.2.840.10008.1.2.4.70'] },
        { abstractSyntax: '1.2.840.10008.5.1.4.31', transferSyntaxes: [explicitVrLittleEndian] },
      ],
      ...more,
    },
    { timers },
  );

const instance = (bytes: Parameters<typeof dataValues>[0], transferSyntax = explicitVrLittleEndian) => ({
  sopClassUid: ctStorage,
  sopInstanceUid: '1.2.3',
  transferSyntax,
  bytes,
});

const random = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 256);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: PeerError) => error.code,
  );

describe('DIMSE client with our server', () => {
  test('echo, stores in two transfer syntaxes, release', async () => {
    const store = new MemoryStore();
    const client = await open(await start(store.open));
    expect(client.contexts.map((context) => context.id)).toEqual([1, 3, 5]);
    expect(await client.echo()).toBe(0);
    const bytes = random(700_001);
    expect(await client.store(instance(bytes))).toBe(0);
    expect(await client.store(instance(bytes.subarray(0, 10), '1.2.840.10008.1.2.4.70'))).toBe(0);
    expect(await client.store(instance(new Uint8Array(0)))).toBe(0);
    expect(store.finished.map((one) => [one.info.transferSyntax, one.bytes.length])).toEqual([
      [explicitVrLittleEndian, 700_001],
      ['1.2.840.10008.1.2.4.70', 10],
      [explicitVrLittleEndian, 0],
    ]);
    expect(Buffer.compare(store.finished[0]!.bytes, bytes)).toBe(0);
    expect(await codeOf(client.store(instance(bytes, '1.2.840.10008.1.2.4.90')))).toBe('dimse/context-refused');
    await client.release();
    expect(await codeOf(client.echo())).toBe('dimse/closed');
  });

  test('the other side’s maximum PDU length is kept, however small, also for commands', async () => {
    const store = new MemoryStore();
    const client = await open(await start(store.open, { maxPduBytes: 64 }), { maxPduBytes: 64 });
    const bytes = random(5001);
    expect(await client.store(instance(bytes))).toBe(0);
    expect(Buffer.compare(store.finished[0]!.bytes, bytes)).toBe(0);
    await client.release();
  });

  test('a data set is cut into full values of even length and joined again', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 8, max: 60 }), async (pieces, pduBytes) => {
        const values = await Array.fromAsync(dataValues(pieces, 1, pduBytes));
        const lengths = values.map((value) => concat(...value.parts).length);
        expect(concat(...values.flatMap((value) => value.parts))).toEqual(concat(...pieces));
        expect(values.map((value) => value.last)).toEqual(values.map((_, index) => index === values.length - 1));
        for (const length of lengths.slice(0, -1)) expect(length).toBe((pduBytes - 6) & ~1);
        expect(lengths.at(-1)).toBeLessThanOrEqual(pduBytes - 6);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('a large instance passes with bounded memory and backpressure all the way', async () => {
    let received = 0;
    let ahead = 0;
    let produced = 0;
    const store: OpenStore = () => ({
      async write(bytes) {
        received += bytes.length;
        ahead = Math.max(ahead, produced - received);
        await new Promise((resolve) => setImmediate(resolve));
      },
      finish: async () => 0,
      abort: async () => undefined,
    });
    const client = await open(await start(store));
    async function* source() {
      for (let i = 0; i < 256; i++) {
        produced += 1 << 18;
        yield new Uint8Array(1 << 18);
      }
    }
    expect(await client.store(instance(source()))).toBe(0);
    expect(received).toBe(64 << 20);
    // what is under way: kernel buffers of a loopback connection and a few PDUs
    expect(ahead).toBeLessThan(16 << 20);
    await client.release();
  });

  test('a source that fails aborts the association and the sink', async () => {
    const store = new MemoryStore();
    const client = await open(await start(store.open));
    async function* source() {
      yield random(600_000);
      throw new Error('disk');
    }
    const told = store.next();
    const error = await client.store(instance(source())).catch((reason: PeerError) => reason);
    expect(error).toMatchObject({ code: 'dimse/cancelled', cause: { message: 'disk' } });
    await told;
    expect(store.aborted.length).toBe(1);
  });

  test('abort under way rejects what is under way', async () => {
    const gate = Promise.withResolvers<void>();
    const store: OpenStore = () => ({ write: () => gate.promise, finish: async () => 0, abort: async () => undefined });
    const client = await open(await start(store));
    const storing = codeOf(client.store(instance(random(100))));
    expect(await codeOf(client.echo())).toBe('dimse/sequence');
    client.abort();
    expect(await storing).toBe('dimse/cancelled');
    gate.resolve();
  });

  test('rejected, unreachable, silent', async () => {
    const port = await start(new MemoryStore().open, { callers: [{ aeTitle: 'SCANNER' }] });
    await expect(open(port)).rejects.toMatchObject({
      code: 'dimse/rejected',
      data: { result: 1, source: 1, reason: 3 },
    });
    expect(await codeOf(open(port, { callingAe: 'SCANNER' }).then((client) => client.release()))).toBe('no error');
    const mute = createServer((socket) => socket.resume());
    silent.push(mute);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port: mutePort } = mute.address() as { port: number };
    const timers = new ManualTimers();
    const connected = new Promise<void>((resolve) => mute.once('connection', () => resolve()));
    const connecting = codeOf(open(mutePort, { idleMs: 4000, artimMs: 9000 }, timers));
    await connected;
    for (let tick = 0; tick < 5; tick++) timers.fire(1000);
    expect(await connecting).toBe('dimse/timeout');
    timers.fire(9000);
    const { port: gone } = await serve(new MemoryStore().open).then(async ({ server, port: was }) => {
      await server.close();
      return { port: was };
    });
    await expect(open(gone)).rejects.toMatchObject({
      code: 'dimse/unreachable',
      data: { host: '127.0.0.1', port: gone },
    });
  });

  test('TLS: encrypted both ways, with and without a client certificate', async () => {
    const [ours, theirs, stranger] = [selfSigned(), selfSigned('scanner'), selfSigned('stranger')];
    const store = new MemoryStore();
    const trust = { ca: ours.cert, servername: 'localhost' };
    const plain = await start(store.open, { tls: ours });
    const client = await open(plain, { tls: trust });
    const bytes = random(300_000);
    expect(await client.store(instance(bytes))).toBe(0);
    expect(Buffer.compare(store.finished[0]!.bytes, bytes)).toBe(0);
    await client.release();
    const mutual = await start(store.open, { tls: { ...ours, ca: theirs.cert } });
    const known = await open(mutual, { tls: { ...trust, ...theirs } });
    expect(await known.echo()).toBe(0);
    await known.release();
    expect(await codeOf(open(plain, { tls: { ca: stranger.cert, servername: 'localhost' } }))).toBe(
      'dimse/unreachable',
    );
    expect(await codeOf(open(mutual, { tls: { ...trust, ...stranger } }))).toMatch(/^dimse\/(closed|unreachable)$/);
    expect(await codeOf(open(mutual, { tls: trust }))).toMatch(/^dimse\/(closed|unreachable)$/);
    expect(await codeOf(open(plain))).toMatch(/^dimse\/(closed|pdu-type)$/);
  });
});
