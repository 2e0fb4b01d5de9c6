import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeCommand } from '../../../../../node/dicom/dimse/command.ts';
import type { OpenStore } from '../../../../../node/dicom/dimse/sink.ts';
import type { ReceivedPdu } from '../../../../../node/dicom/dimse/upper-layer/pdu-reader.ts';
import { PeerError } from '../../../../../protocol/errors.ts';
import { limits } from '../../../../../protocol/limits.ts';
import {
  associateRq,
  bytesOf,
  commandPdu,
  dataPdu,
  ManualTimers,
  MemoryStore,
  RawCaller,
  type RunningServer,
  serve,
  storeRq,
} from '../helpers.ts';

const running: RunningServer[] = [];
const callers: RawCaller[] = [];

afterEach(async () => {
  for (const caller of callers.splice(0)) caller.socket.destroy();
  for (const { server } of running.splice(0)) await server.close();
});

async function start(...args: Parameters<typeof serve>): Promise<RunningServer> {
  const one = await serve(...args);
  running.push(one);
  return one;
}

function call(port: number): RawCaller {
  const caller = new RawCaller(port);
  callers.push(caller);
  return caller;
}

const statusIn = (received: ReceivedPdu | undefined) =>
  received?.type === 'fragment' && received.command ? decodeCommand(received.bytes).status : received;

const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));
const abort = (source: number, reason: number) => ({ type: 'abort', source, reason });

describe('DIMSE server', () => {
  test('C-ECHO, C-STORE and release, byte by byte', async () => {
    const store = new MemoryStore();
    const { port } = await start(store.open);
    const caller = call(port);
    expect(await caller.associate()).toMatchObject({
      type: 'associate-ac',
      user: { maxPduBytes: limits.dimsePduBytes },
    });
    const echo = { commandField: 0x30, messageId: 1, affectedSopClassUid: '1.2.840.10008.1.1', hasDataSet: false };
    for (const byte of bytesOf(commandPdu(1, echo))) caller.send(Uint8Array.of(byte));
    expect(statusIn(await caller.next())).toBe(0);
    caller.send(commandPdu(3, storeRq()), dataPdu(3, text('hello '), false), dataPdu(3, text('world'), true));
    expect(statusIn(await caller.next())).toBe(0);
    expect(store.finished.map((one) => String.fromCharCode(...one.bytes))).toEqual(['hello world']);
    expect(store.finished[0]?.info).toMatchObject({
      callingAe: 'SCANNER',
      calledAe: 'PEER',
      remoteAddress: '127.0.0.1',
      sopInstanceUid: '1.2.3.4',
      transferSyntax: '1.2.840.10008.1.2.1',
    });
    caller.send({ type: 'release-rq' });
    expect(await caller.next()).toEqual({ type: 'release-rp' });
  });

  test('unknown operations, wrong classes, bad UIDs get their status, their data is drained, the association goes on', async () => {
    const store = new MemoryStore();
    const { port } = await start(store.open);
    const caller = call(port);
    await caller.associate();
    const exchange = async (command: Parameters<typeof commandPdu>[1]) => {
      caller.send(commandPdu(3, command));
      if (command.hasDataSet) caller.send(dataPdu(3, text('x'), true));
      return statusIn(await caller.next());
    };
    expect(await exchange({ commandField: 0x20, messageId: 1, hasDataSet: true })).toBe(0x0211);
    expect(await exchange({ commandField: 0x0130, messageId: 2, hasDataSet: false })).toBe(0x0211);
    expect(await exchange(storeRq({ affectedSopClassUid: '1.2.840.10008.5.1.4.1.1.4' }))).toBe(0x0122);
    expect(await exchange(storeRq({ affectedSopInstanceUid: '../../etc/passwd' }))).toBe(0x0117);
    expect(await exchange(storeRq({ hasDataSet: false }))).toBe(0xc000);
    expect(store.finished).toEqual([]);
    expect(await exchange(storeRq())).toBe(0);
    expect(store.finished.length).toBe(1);
  });

  test('an error of the sink becomes its status; the rest is drained and the association goes on', async () => {
    const aborted: Error[] = [];
    let failAt: 'open' | 'write' | 'finish' | 'none' = 'open';
    const store: OpenStore = () => {
      if (failAt === 'open') throw new PeerError('cbor/too-long');
      return {
        write: () => (failAt === 'write' ? Promise.reject(new PeerError('cbor/too-long')) : undefined),
        finish: () => (failAt === 'finish' ? Promise.reject(new Error('odd')) : Promise.resolve(0)),
        abort: async (reason) => void aborted.push(reason),
      };
    };
    const { port } = await start(store);
    const caller = call(port);
    await caller.associate();
    const send = async () => {
      caller.send(commandPdu(3, storeRq()), dataPdu(3, text('a'), false), dataPdu(3, text('b'), true));
      return statusIn(await caller.next());
    };
    expect(await send()).toBe(0xa700);
    failAt = 'write';
    expect(await send()).toBe(0xa700);
    expect(aborted.length).toBe(1);
    failAt = 'finish';
    expect(await send()).toBe(0x0110);
    failAt = 'none';
    expect(await send()).toBe(0);
    expect(aborted.length).toBe(1);
  });

  test.each([
    ['an abort', (caller: RawCaller) => caller.send({ type: 'abort', source: 0, reason: 0 }), 'dimse/aborted', 112],
    ['a close in the middle of a PDU', (caller: RawCaller) => caller.socket.end(), 'dimse/closed', 50],
    ['a reset', (caller: RawCaller) => caller.socket.resetAndDestroy(), 'dimse/closed', 50],
    ['a PDU of no known type', (caller: RawCaller) => caller.send(text('GET / HTTP/1.1')), 'dimse/pdu-type', 112],
    ['data on another context', (caller: RawCaller) => caller.send(dataPdu(1, text('x'), true)), 'dimse/sequence', 112],
    ['a second request', (caller: RawCaller) => caller.send(associateRq()), 'dimse/sequence', 112],
    ['a release', (caller: RawCaller) => caller.send({ type: 'release-rq' }), 'dimse/sequence', 112],
  ])('in mid data set %s aborts the sink', async (_name, misbehave, code, cut) => {
    const store = new MemoryStore();
    const { port, log } = await start(store.open);
    const caller = call(port);
    await caller.associate();
    const half = bytesOf(dataPdu(3, text('x'.repeat(100)), false));
    const told = store.next();
    caller.send(commandPdu(3, storeRq()), half.subarray(0, cut));
    await store.writing.promise;
    misbehave(caller);
    await told;
    expect(store.finished).toEqual([]);
    expect(store.aborted.map(({ reason }) => (reason as PeerError).code)).toEqual([code]);
    expect(log.lines.filter((line) => line.level === 'warn').length).toBe(1);
  });

  test('PDUs that are not allowed are answered by an A-ABORT with source and reason', async () => {
    const { port } = await start(new MemoryStore().open);
    const answers = async (...what: Parameters<RawCaller['send']>) => {
      const caller = call(port);
      await caller.associate();
      caller.send(...what);
      return caller.next();
    };
    expect(await answers(Uint8Array.of(8, 0, 0, 0, 0, 4))).toEqual(abort(2, 1));
    expect(await answers(Uint8Array.of(4, 0, 0xff, 0xff, 0xff, 0xff))).toEqual(abort(2, 6));
    expect(await answers({ type: 'release-rp' })).toEqual(abort(2, 2));
    expect(await answers(commandPdu(9, storeRq()))).toEqual(abort(0, 0));
    expect(await answers(dataPdu(3, text('x'), true))).toEqual(abort(0, 0));
    const early = call(port);
    early.send({ type: 'release-rq' });
    expect(await early.next()).toEqual(abort(0, 0));
  });

  test('rejections say their source and reason', async () => {
    const { port } = await start(new MemoryStore().open, {
      callers: [{ aeTitle: 'SCANNER', host: '127.0.0.1' }],
      maxAssociations: 1,
    });
    const rejected = (result: number, source: number, reason: number) => ({
      type: 'associate-rj',
      result,
      source,
      reason,
    });
    expect(await call(port).associate({ calledAe: 'OTHER' })).toEqual(rejected(1, 1, 7));
    expect(await call(port).associate({ callingAe: 'OTHER' })).toEqual(rejected(1, 1, 3));
    expect(await call(port).associate({ applicationContext: '1.2' })).toEqual(rejected(1, 1, 2));
    expect(await call(port).associate({ protocolVersion: 2 })).toEqual(rejected(1, 2, 2));
    const first = call(port);
    expect(await first.associate()).toMatchObject({ type: 'associate-ac' });
    expect(await call(port).associate()).toEqual(rejected(2, 3, 2));
    first.send({ type: 'release-rq' });
    expect(await first.next()).toEqual({ type: 'release-rp' });
    expect(await call(port).associate()).toMatchObject({ type: 'associate-ac' });
  });

  test('who connects and says nothing is cut off by ARTIM, who falls silent by the idle timer', async () => {
    const timers = new ManualTimers();
    const store = new MemoryStore();
    const { port, server } = await start(store.open, { artimMs: 10_000, idleMs: 4000, closeMs: 1 }, timers);
    const associated = call(port);
    await associated.associate();
    const silent = call(port);
    silent.send(bytesOf(associateRq()).subarray(0, 80));
    // one more association, opened after the silent one's bytes were sent, shows that the server has seen them connect
    await call(port).associate();
    expect(timers.fire(10_000)).toBe(1);
    expect(await silent.next()).toBeUndefined();
    associated.send(commandPdu(3, storeRq()));
    associated.send(dataPdu(3, text('a'), false), dataPdu(3, text('b'), false));
    await store.writing.promise;
    const told = store.next();
    for (let tick = 0; tick < 5; tick++) timers.fire(1000);
    await told;
    expect(await associated.next()).toEqual(abort(0, 0));
    expect(store.aborted.map(({ reason }) => (reason as PeerError).code)).toEqual(['dimse/timeout']);
    expect(server.associations).toBe(0);
  });

  test('who lets a message trickle is ended, inside a data set and inside a PDU, and one at a modest pace is not', async () => {
    const timers = new ManualTimers();
    const { port, server } = await start(new MemoryStore().open, { idleMs: 4000 }, timers);
    const begin = async (...said: Parameters<RawCaller['send']>) => {
      const caller = call(port);
      await caller.associate();
      caller.send(...said);
      return caller;
    };
    const store = commandPdu(3, storeRq());
    const trickling = await begin(store, dataPdu(3, text('a'), false));
    const half = bytesOf(store);
    const inCommand = await begin(half.subarray(0, 20));
    const modest = await begin(store, dataPdu(3, text('a'), false));
    const finishing = await begin(store, dataPdu(3, text('a'), true), store, dataPdu(3, text('b'), false));
    const all = [trickling, inCommand, modest, finishing];
    const tick = async () => {
      trickling.send(dataPdu(3, text('aa'), false));
      inCommand.send(half.subarray(20, 21));
      modest.send(dataPdu(3, new Uint8Array(limits.dimseProgressBytes / 4), false));
      finishing.send(dataPdu(3, text('cc'), true), store, dataPdu(3, text('d'), false));
      // an echo on a connection of its own comes back when the server has read what came before it
      const probe = call(port);
      await probe.associate();
      probe.send({ type: 'release-rq' });
      await probe.next();
      expect(server.associations).toBe(all.length);
      timers.fire(1000);
    };
    for (let i = 0; i < 5; i++) await tick();
    await vi.waitUntil(() => server.associations === 2);
    expect(await trickling.next()).toEqual(abort(0, 0));
    expect(await inCommand.next()).toEqual(abort(0, 0));
    for (let i = 0; i < 4; i++) {
      modest.send(dataPdu(3, new Uint8Array(limits.dimseProgressBytes), false));
      finishing.send(dataPdu(3, text('cc'), true), store, dataPdu(3, text('d'), false));
      await call(port).associate();
      timers.fire(1000);
    }
    expect(modest.socket.destroyed || finishing.socket.destroyed).toBe(false);
  });

  test('mute connections make room: who asks is answered, and no address takes all places', async () => {
    const { port, server } = await start(new MemoryStore().open, { maxAssociations: 40 });
    const mute = Array.from({ length: 200 }, () => call(port));
    await Promise.all(mute.map(({ socket }) => once(socket, 'connect')));
    const asked = Array.from({ length: limits.dimseAddressAssociations }, () => call(port));
    const answers = await Promise.all(asked.map((caller) => caller.associate()));
    expect(answers.map((answer) => answer?.type)).toEqual(asked.map(() => 'associate-ac'));
    const more = await Promise.all(Array.from({ length: 10 }, () => call(port).associate()));
    for (const answer of more) expect(answer).toMatchObject({ type: 'associate-rj', result: 2, source: 3, reason: 2 });
    expect(server.associations).toBe(limits.dimseAddressAssociations);
    const left = mute.filter(({ socket }) => !socket.destroyed);
    expect(left.length).toBeLessThanOrEqual(40 + 32);
  });

  test('while the sink works, silence is not the caller’s and nothing more is read', async () => {
    const timers = new ManualTimers();
    const gate = Promise.withResolvers<void>();
    let written = 0;
    const writing = Promise.withResolvers<void>();
    const store: OpenStore = () => ({
      write(bytes) {
        written += bytes.length;
        writing.resolve();
        return gate.promise;
      },
      finish: async () => 0,
      abort: async () => undefined,
    });
    const { port, server } = await start(store, { idleMs: 4000 }, timers);
    const caller = call(port);
    await caller.associate();
    caller.send(commandPdu(3, storeRq()));
    const piece = dataPdu(3, new Uint8Array(200_000), false);
    for (let i = 0; i < 100; i++) caller.send(piece);
    await writing.promise;
    for (let tick = 0; tick < 20; tick++) timers.fire(1000);
    expect(server.associations).toBe(1);
    // 20 MB were sent; what is not in the kernel's buffers is still the caller's
    expect(written).toBeLessThanOrEqual(131_072); // what one read gives
    expect(caller.socket.writableLength).toBeGreaterThan(1_000_000);
    caller.socket.destroy();
    gate.resolve();
  });

  test('a caller that never reads its answers is not read from any more', async () => {
    const timers = new ManualTimers();
    const { port, server } = await start(new MemoryStore().open, { idleMs: 4000, artimMs: 7000, closeMs: 1 }, timers);
    const caller = call(port);
    await caller.associate();
    caller.socket.pause();
    const echo = bytesOf(
      commandPdu(1, { commandField: 0x30, messageId: 1, affectedSopClassUid: '1.2.840.10008.1.1', hasDataSet: false }),
    );
    const many = new Uint8Array(echo.length * 1000);
    for (let i = 0; i < 1000; i++) many.set(echo, i * echo.length);
    // until the server stops reading, so that the caller's own buffer fills
    while (caller.socket.writableLength < 4_000_000) {
      caller.send(many);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const closed = new Promise<void>((resolve) => caller.socket.once('close', () => resolve()));
    for (let tick = 0; tick < 5; tick++) timers.fire(1000);
    expect(server.associations).toBe(0);
    caller.socket.resume();
    timers.fire(7000);
    timers.fire(7000);
    await closed;
  });

  test('close waits for open associations, then aborts them', async () => {
    const timers = new ManualTimers();
    const store = new MemoryStore();
    const { port, server } = await serve(store.open, { closeMs: 5000 }, timers);
    const [polite, stuck] = [call(port), call(port)];
    await polite.associate();
    await stuck.associate();
    stuck.send(commandPdu(3, storeRq()), dataPdu(3, text('a'), false));
    polite.send(commandPdu(3, storeRq()), dataPdu(3, text('done'), true));
    expect(statusIn(await polite.next())).toBe(0);
    const closed = server.close();
    polite.send(commandPdu(3, storeRq()), dataPdu(3, text('late'), true));
    expect(statusIn(await polite.next())).toBe(0);
    polite.send({ type: 'release-rq' });
    expect(await polite.next()).toEqual({ type: 'release-rp' });
    expect(server.associations).toBe(1);
    expect(timers.fire(5000)).toBe(1);
    await closed;
    expect(await stuck.next()).toEqual(abort(0, 0));
    expect(store.aborted.map(({ reason }) => (reason as PeerError).code)).toEqual(['dimse/stopping']);
    expect(store.finished.length).toBe(2);
  });

  test('a port in use is told by its code', async () => {
    const { port } = await start(new MemoryStore().open);
    await expect(serve(new MemoryStore().open, { port })).rejects.toMatchObject({
      code: 'net/port-taken',
      data: { port },
    });
  });

  test('no UID and no data set gets into the log', async () => {
    const { port, log } = await start(() => {
      throw new PeerError('cbor/too-long');
    });
    const caller = call(port);
    await caller.associate();
    caller.send(commandPdu(3, storeRq({ affectedSopInstanceUid: '1.2.77777.1' })), dataPdu(3, text('MARKER'), true));
    await caller.next();
    caller.send(commandPdu(3, storeRq({ affectedSopInstanceUid: '1.2.77777.1' })), dataPdu(1, text('MARKER'), true));
    await caller.next();
    expect(log.lines.length).toBeGreaterThan(2);
    expect(JSON.stringify(log.lines)).not.toMatch(/77777|MARKER/);
  });
});
