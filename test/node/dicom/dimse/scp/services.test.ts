// What the server makes of its services: order, cancelling, limits, and callers that misbehave.
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Command,
  CommandAssembler,
  commandFields,
  decodeCommand,
} from '../../../../../node/dicom/dimse/command.ts';
import type { Caller } from '../../../../../node/dicom/dimse/contexts.ts';
import { queryModel } from '../../../../../node/dicom/dimse/query-models.ts';
import type { DimseServerOptions } from '../../../../../node/dicom/dimse/scp/server.ts';
import type {
  FindService,
  NormalizedService,
  RetrievedInstance,
  RetrieveService,
  Services,
} from '../../../../../node/dicom/dimse/services.ts';
import { explicitVrLittleEndian, verification } from '../../../../../node/dicom/dimse/uids.ts';
import type { AssociateRq, Pdu } from '../../../../../node/dicom/dimse/upper-layer/pdu.ts';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { readDataset } from '../../../../../node/dicom/read/read-dataset.ts';
import { writeDataset } from '../../../../../node/dicom/write/write-dataset.ts';
import { systemTimers, type Timers } from '../../../../../node/system/machine.ts';
import { concat } from '../../../../../protocol/bytes.ts';
import { PeerError } from '../../../../../protocol/errors.ts';
import { limits } from '../../../../../protocol/limits.ts';
import { eventually } from '../../../hospitals.ts';
import {
  bytesOf as bytesOfPdu,
  commandPdu,
  ctStorage,
  dataPdu,
  ManualTimers,
  MemoryStore,
  RawCaller,
  type RunningServer,
  serve,
  storeRq,
} from '../helpers.ts';

const find = queryModel('study', 'find');
const move = queryModel('study', 'move');
const get = queryModel('study', 'get');
const procedureStep = '1.2.840.10008.3.1.2.3.3';

const running: RunningServer[] = [];
const callers: RawCaller[] = [];
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.socket.destroy();
  for (const { server } of running.splice(0)) await server.close();
});

const everybody: Caller[] = [{ aeTitle: 'SCANNER', may: ['store', 'query', 'retrieve', 'worklist', 'commit'] }];

async function start(
  services: Services,
  options: Partial<DimseServerOptions> = {},
  timers: Timers = systemTimers,
  store = new MemoryStore(),
): Promise<RunningServer> {
  const one = await serve(store.open, { callers: everybody, ...options, services }, timers);
  running.push(one);
  return one;
}

/** Resolves when something has begun to count and gone no further between two looks. */
function resting(count: () => number): Promise<void> {
  let before = 0;
  return eventually('it rests', () => {
    const [last, now] = [before, count()];
    before = now;
    return now > 0 && now === last;
  });
}

interface Message {
  readonly contextId: number;
  readonly command: Command;
  readonly dataset: DicomJson | undefined;
}

/** Reads whole messages. */
class Reader {
  readonly caller: RawCaller;

  constructor(port: number) {
    this.caller = new RawCaller(port);
    callers.push(this.caller);
  }

  /** The next message; the type of another PDU; undefined at the end. */
  async next(): Promise<Message | string | undefined> {
    const assembler = new CommandAssembler();
    for (;;) {
      const received = await this.caller.next();
      if (received?.type !== 'fragment') return received?.type;
      const whole = assembler.push(received);
      if (whole === undefined) continue;
      const command = decodeCommand(whole);
      const { contextId } = received;
      return { contextId, command, dataset: command.hasDataSet ? await this.#dataset() : undefined };
    }
  }

  async #dataset(): Promise<DicomJson> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const received = await this.caller.next();
      if (received?.type !== 'fragment' || received.command) throw new Error('no data set');
      parts.push(received.bytes.slice());
      if (received.last && received.end) return readDataset(concat(...parts), explicitVrLittleEndian);
    }
  }

  async message(): Promise<Message> {
    const next = await this.next();
    if (typeof next !== 'object') throw new Error(`no message but ${next}`);
    return next;
  }

  async status(): Promise<number | undefined> {
    return (await this.message()).command.status;
  }
}

const contexts: AssociateRq['contexts'] = [verification, ctStorage, find, move, get, procedureStep].map(
  (abstractSyntax, i) => ({ id: 2 * i + 1, abstractSyntax, transferSyntaxes: [explicitVrLittleEndian] }),
);
const idOf = (abstractSyntax: string) => contexts.find((each) => each.abstractSyntax === abstractSyntax)!.id;
const receives = { sopClassUid: ctStorage, scu: true, scp: true };
const user = { maxPduBytes: 16384, implementationClassUid: '1.2.3', roles: [receives], extended: [] };

async function call(port: number, more: Partial<AssociateRq> = {}): Promise<Reader> {
  const reader = new Reader(port);
  const answer = await reader.caller.associate({ contexts, user, ...more });
  if (answer?.type !== 'associate-ac') throw new Error(`answered ${answer?.type}`);
  return reader;
}

const bytesOf = (json: DicomJson) => writeDataset(json, { encoding: 'explicit-le' });
const studies: DicomJson = { '00080052': { vr: 'CS', Value: ['STUDY'] } };

function request(sopClass: string, messageId: number, more: Partial<Command> = {}, bytes = bytesOf(studies)): Pdu[] {
  const commandField = { [find]: commandFields.cFindRq, [move]: commandFields.cMoveRq, [get]: commandFields.cGetRq }[
    sopClass
  ];
  const command = { commandField: commandField!, messageId, affectedSopClassUid: sopClass, hasDataSet: true, ...more };
  return [commandPdu(idOf(sopClass), command), dataPdu(idOf(sopClass), bytes, true)];
}

const cancel = (messageId: number, sopClass = find): Pdu =>
  commandPdu(idOf(sopClass), { commandField: commandFields.cCancelRq, respondedTo: messageId, hasDataSet: false });

const echo = (messageId: number): Pdu =>
  commandPdu(idOf(verification), {
    commandField: 0x30,
    messageId,
    affectedSopClassUid: verification,
    hasDataSet: false,
  });

/** Gives one match, then waits for the signal. */
function waitingFind(): FindService & { ended: Promise<unknown> } {
  const ended = Promise.withResolvers<unknown>();
  return {
    ended: ended.promise,
    sopClassUids: [find],
    needs: 'query',
    async *find({ signal }) {
      try {
        yield { '0020000D': { vr: 'UI', Value: ['1.2.3'] } };
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      } finally {
        ended.resolve(signal.reason);
      }
    },
  };
}

const listing = (matches: number): FindService => ({
  sopClassUids: [find],
  needs: 'query',
  async *find({ identifier }) {
    const uids = identifier['0020000D']?.Value?.length ?? 0;
    for (let i = 0; i < matches; i++) yield { '00200013': { vr: 'IS', Value: [uids] } };
  },
});

describe('C-FIND', () => {
  test('is cancelled in the middle, while others are answered', async () => {
    const service = waitingFind();
    const { port } = await start({ find: [service] });
    const reader = await call(port);
    reader.caller.send(...request(find, 5));
    expect(await reader.message()).toMatchObject({
      command: { status: 0xff00, respondedTo: 5, hasDataSet: true },
      dataset: { '0020000D': { Value: ['1.2.3'] } },
    });
    reader.caller.send(echo(6));
    expect((await reader.message()).command).toMatchObject({ respondedTo: 6, status: 0 });
    reader.caller.send(cancel(4), cancel(5), cancel(5));
    expect((await reader.message()).command).toMatchObject({ respondedTo: 5, status: 0xfe00, hasDataSet: false });
    await service.ended;
    reader.caller.send(echo(7));
    expect(await reader.status()).toBe(0);
  });

  test('while the search works, silence is not the caller’s', async () => {
    const timers = new ManualTimers();
    const { port, server } = await start({ find: [waitingFind()] }, { idleMs: 4000 }, timers);
    const reader = await call(port);
    reader.caller.send(...request(find, 1));
    expect(await reader.status()).toBe(0xff00);
    reader.caller.send(echo(2));
    expect(await reader.status()).toBe(0);
    expect(timers.fire(1000)).toBe(0);
    reader.caller.send(cancel(1));
    expect(await reader.status()).toBe(0xfe00);
    for (let tick = 0; tick < 4; tick++) expect(timers.fire(1000)).toBe(1);
    expect(server.associations).toBe(0);
  });

  test('eight at a time, each with a message id of its own', async () => {
    const { port } = await start({ find: [waitingFind()] });
    const reader = await call(port);
    for (let id = 1; id <= limits.dimseOperations; id++) {
      reader.caller.send(...request(find, id));
      expect(await reader.status()).toBe(0xff00);
    }
    reader.caller.send(...request(find, 99));
    expect((await reader.message()).command).toMatchObject({ respondedTo: 99, status: 0xa700 });
    reader.caller.send(cancel(1));
    expect((await reader.message()).command).toMatchObject({ respondedTo: 1, status: 0xfe00 });
    reader.caller.send(...request(find, 2));
    expect((await reader.message()).command).toMatchObject({ respondedTo: 2, status: 0x0210 });
  });

  test('ends when the association does, in order and not', async () => {
    for (const how of ['release', 'abort'] as const) {
      const service = waitingFind();
      const { port, server } = await start({ find: [service] });
      const reader = await call(port);
      reader.caller.send(...request(find, 1));
      expect(await reader.status()).toBe(0xff00);
      if (how === 'abort') reader.caller.socket.destroy();
      else {
        reader.caller.send({ type: 'release-rq' });
        expect(await reader.next()).toBe('release-rp');
      }
      expect(await service.ended).toMatchObject({ code: 'dimse/closed' });
      await server.close();
    }
  });

  test('cancel storms do nothing', async () => {
    const { port } = await start({ find: [listing(1)] });
    const reader = await call(port);
    const storm = concat(...Array.from({ length: 10_000 }, (_, i) => bytesOfPdu(cancel(i + 100))));
    reader.caller.send(...request(find, 3), storm, echo(4));
    expect([await reader.status(), await reader.status(), await reader.status()]).toEqual([0xff00, 0, 0]);
  });

  test('long lists are taken, what is longer or broken is refused, and the association goes on', async () => {
    const { port } = await start({ find: [listing(1)] });
    const reader = await call(port);
    const uids = Array.from({ length: 10_000 }, (_, i) => `1.2.826.0.1.3680043.9.${i}.${'1'.repeat(30)}`);
    const send = async (bytes: Uint8Array) => {
      const [command] = request(find, 2) as [Pdu];
      reader.caller.send(command);
      for (let at = 0; at < bytes.length; at += 200_000) {
        const end = at + 200_000;
        reader.caller.send(dataPdu(idOf(find), bytes.subarray(at, end), end >= bytes.length));
      }
      return reader.message();
    };
    const list = await send(bytesOf({ ...studies, '0020000D': { vr: 'UI', Value: uids } }));
    expect(list.dataset).toMatchObject({ '00200013': { Value: [10_000] } });
    expect(await reader.status()).toBe(0);
    expect((await send(new Uint8Array(limits.dimseIdentifierBytes + 300_000))).command.status).toBe(0xa700);
    expect((await send(Uint8Array.from([8, 0, 0x52, 0, 0x43, 0x53, 0xff, 0xff, 1]))).command.status).toBe(0xa900);
    reader.caller.send(echo(3));
    expect(await reader.status()).toBe(0);
    const [bare] = request(find, 4, { hasDataSet: false }) as [Pdu];
    reader.caller.send(bare);
    expect(await reader.status()).toBe(0xc000);
  });

  test('what a service throws is the status; an odd error is 0110H and says nothing', async () => {
    const errors = [new PeerError('dimse/identifier', { at: '00080052' }), new Error('secret')];
    const service: FindService = {
      sopClassUids: [find],
      needs: 'query',
      find: () => {
        throw errors.shift();
      },
    };
    const { port } = await start({ find: [service] });
    const reader = await call(port);
    reader.caller.send(...request(find, 1));
    expect((await reader.message()).command).toMatchObject({ status: 0xa900, errorComment: 'dimse/identifier' });
    reader.caller.send(...request(find, 2));
    expect((await reader.message()).command).toMatchObject({ status: 0x0110, errorComment: 'dimse/internal' });
  });

  test('a caller that does not read holds up the search, and is cut off', async () => {
    let made = 0;
    const long: DicomJson = { '00081030': { vr: 'LO', Value: ['x'.repeat(60_000)] } };
    const service: FindService = {
      sopClassUids: [find],
      needs: 'query',
      async *find() {
        for (; made < 10_000; made++) yield long;
      },
    };
    const timers = new ManualTimers();
    const { port, server } = await start({ find: [service] }, { idleMs: 4000 }, timers);
    const reader = await call(port);
    reader.caller.socket.pause();
    reader.caller.send(...request(find, 1));
    await resting(() => made);
    expect(made).toBeLessThan(2000);
    for (let tick = 0; tick < 5; tick++) timers.fire(1000);
    await eventually('it is cut off', () => server.associations === 0);
  });
});

/** An instance whose data set is what `bytes` gives. */
const instance = (uid: string, bytes: () => AsyncIterable<Uint8Array>, sopClassUid = ctStorage): RetrievedInstance => ({
  ...{ sopClassUid, sopInstanceUid: uid, transferSyntax: explicitVrLittleEndian },
  open: async (accepted) =>
    accepted.includes(explicitVrLittleEndian) ? { transferSyntax: explicitVrLittleEndian, bytes: bytes() } : undefined,
});

async function* small() {
  yield bytesOf({ '00080018': { vr: 'UI', Value: ['1.2'] } });
}

const retrieving = (instances: readonly RetrievedInstance[]): RetrieveService => ({
  sopClassUids: [get, move],
  needs: 'retrieve',
  instances: async () => instances,
});

describe('C-GET', () => {
  const storeRsp = ({ contextId, command }: Message, status = 0): Pdu =>
    commandPdu(contextId, {
      commandField: 0x8001,
      respondedTo: command.messageId!,
      affectedSopClassUid: ctStorage,
      status,
      hasDataSet: false,
    });

  test('sends on the same association and counts what becomes of each', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* [];
      throw new PeerError('store/corrupt');
    };
    const all = [
      instance('1.1', small),
      instance('1.2', small),
      instance('1.3', broken),
      instance('1.4', small, '1.2.840.10008.5.1.4.1.1.4'),
      instance('1.5', small),
    ];
    const { port } = await start({ retrieve: [retrieving(all)] });
    const reader = await call(port);
    reader.caller.send(...request(get, 9));
    const answers = [0, 0xb007, 0xa700];
    const responses: Command[] = [];
    for (;;) {
      const message = await reader.message();
      if (message.command.commandField === 1) reader.caller.send(storeRsp(message, answers.shift()));
      else responses.push(message.command);
      if (message.command.status !== undefined && message.command.status !== 0xff00) {
        expect(message.dataset).toMatchObject({ '00080058': { Value: ['1.3', '1.4', '1.5'] } });
        break;
      }
    }
    expect(
      responses.map(({ remaining, completed, failed, warning }) => [remaining, completed, failed, warning]),
    ).toEqual([
      [4, 1, 0, 0],
      [3, 1, 0, 1],
      [2, 1, 1, 1],
      [1, 1, 2, 1],
      [undefined, 1, 3, 1],
    ]);
    expect(responses.at(-1)).toMatchObject({ status: 0xb000, respondedTo: 9 });
  });

  test('without the role nothing can be sent: A702H; nothing to send is success', async () => {
    const { port } = await start({ retrieve: [retrieving([instance('1.1', small)])] });
    const reader = await call(port, { user: { ...user, roles: [] } });
    reader.caller.send(...request(get, 1));
    expect((await reader.message()).command).toMatchObject({ status: 0xa702, completed: 0, failed: 1 });
    const none = await start({ retrieve: [retrieving([])] });
    const other = await call(none.port);
    other.caller.send(...request(get, 1));
    expect((await other.message()).command).toMatchObject({ status: 0, completed: 0, failed: 0 });
  });

  test('is cancelled between two instances', async () => {
    const all = Array.from({ length: 5 }, (_, i) => instance(`1.${i + 1}`, small));
    const { port } = await start({ retrieve: [retrieving(all)] });
    const reader = await call(port);
    reader.caller.send(...request(get, 1));
    const first = await reader.message();
    reader.caller.send(cancel(1, get), storeRsp(first));
    let last = await reader.message();
    while (last.command.status === 0xff00) last = await reader.message();
    expect(last.command).toMatchObject({ status: 0xfe00, completed: 1, remaining: 4 });
  });

  test('an instance that breaks off in the middle ends the association', async () => {
    const torn = async function* () {
      yield new Uint8Array(100_000);
      throw new PeerError('store/corrupt');
    };
    const { port, server } = await start({ retrieve: [retrieving([instance('1.1', torn)])] });
    const reader = await call(port);
    reader.caller.send(...request(get, 1));
    let received = await reader.caller.next();
    while (received?.type === 'fragment') received = await reader.caller.next();
    expect(received?.type).toBe('abort');
    expect(server.associations).toBe(0);
  });

  test('a requestor that stops reading in the middle stops the source, and is cut off', async () => {
    let given = 0;
    let ended = false;
    const endless = async function* () {
      try {
        for (; given < 100_000; given++) yield new Uint8Array(100_000);
      } finally {
        ended = true;
      }
    };
    const timers = new ManualTimers();
    const { port, server } = await start(
      { retrieve: [retrieving([instance('1.1', endless)])] },
      { idleMs: 4000 },
      timers,
    );
    const reader = await call(port);
    reader.caller.socket.pause();
    reader.caller.send(...request(get, 1));
    await resting(() => given);
    expect(given).toBeLessThan(1000);
    for (let tick = 0; tick < 5; tick++) timers.fire(1000);
    await eventually('it is cut off, and its source closed', () => ended && server.associations === 0);
  });
});

describe('C-MOVE', () => {
  test('tells the destination whose move it is, and the requestor how far it is', async () => {
    const statuses = [0, 0xa700, 0xb000];
    const sent: unknown[] = [];
    let closed = 0;
    const services: Services = {
      retrieve: [retrieving(['1.1', '1.2', '1.3'].map((uid) => instance(uid, small)))],
      destinations: {
        open: (aeTitle, instances, originator) =>
          aeTitle === 'DEST'
            ? {
                accepted: async () => [explicitVrLittleEndian],
                store: async ({ sopInstanceUid }) => {
                  sent.push([sopInstanceUid, instances.length, originator]);
                  return statuses.shift()!;
                },
                close: async () => void closed++,
                abort: () => undefined,
              }
            : undefined,
      },
    };
    const { port } = await start(services);
    const reader = await call(port);
    reader.caller.send(...request(move, 77, { moveDestination: 'DEST' }));
    const responses = [await reader.message(), await reader.message(), await reader.message()];
    expect(responses.map(({ command }) => command.status)).toEqual([0xff00, 0xff00, 0xb000]);
    expect(responses[2]).toMatchObject({
      command: { completed: 1, failed: 1, warning: 1 },
      dataset: { '00080058': { Value: ['1.2'] } },
    });
    const originator = { aeTitle: 'SCANNER', messageId: 77 };
    expect(sent).toEqual(['1.1', '1.2', '1.3'].map((uid) => [uid, 3, originator]));
    expect(closed).toBe(1);
    reader.caller.send(...request(move, 78, { moveDestination: 'ELSE' }));
    expect(await reader.status()).toBe(0xa801);
    reader.caller.send(...request(move, 79));
    expect(await reader.status()).toBe(0xa801);
  });
});

describe('C-MOVE whose requestor goes away', () => {
  test('ends what is under way to the destination', async () => {
    const storing = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<number>();
    const services: Services = {
      retrieve: [retrieving([instance('1.1', small), instance('1.2', small)])],
      destinations: {
        open: () => ({
          accepted: async () => [explicitVrLittleEndian],
          store: () => {
            storing.resolve();
            return aborted.promise;
          },
          close: async () => undefined,
          abort: () => aborted.reject(new PeerError('dimse/cancelled')),
        }),
      },
    };
    const { port, server } = await start(services);
    const reader = await call(port);
    reader.caller.send(...request(move, 1, { moveDestination: 'DEST' }));
    await storing.promise;
    reader.caller.socket.destroy();
    await expect(aborted.promise).rejects.toMatchObject({ code: 'dimse/cancelled' });
    await server.close();
    expect(server.associations).toBe(0);
  });
});

describe('N-services', () => {
  const service: NormalizedService = {
    sopClassUids: [procedureStep],
    needs: 'worklist',
    create: async ({ sopInstanceUid, dataset }) => ({
      status: 0,
      sopInstanceUid: sopInstanceUid ?? '1.2.3.4',
      dataset: dataset!,
    }),
    action: async ({ report, typeId }) => ({
      status: 0,
      after: async () => {
        const event = { sopClassUid: procedureStep, sopInstanceUid: '1.2.3', typeId: typeId! };
        reported.resolve(await report({ ...event, dataset: studies }));
      },
    }),
  };
  let reported = Promise.withResolvers<number>();

  const ask = (commandField: number, more: Partial<Command> = {}): Pdu[] => {
    const command = { commandField, messageId: 1, affectedSopClassUid: procedureStep, hasDataSet: true, ...more };
    const id = idOf(procedureStep);
    return command.hasDataSet
      ? [commandPdu(id, command), dataPdu(id, bytesOf(studies), true)]
      : [commandPdu(id, command)];
  };

  test('are answered in order, what is not there with 0211H, bad UIDs with 0117H', async () => {
    const { port } = await start({ normalized: [service] });
    const reader = await call(port);
    reader.caller.send(...ask(commandFields.nCreateRq), ...ask(commandFields.nSetRq, { messageId: 2 }));
    expect(await reader.message()).toMatchObject({
      command: { commandField: 0x8140, status: 0, affectedSopInstanceUid: '1.2.3.4' },
      dataset: studies,
    });
    expect((await reader.message()).command).toMatchObject({ commandField: 0x8120, status: 0x0211 });
    reader.caller.send(...ask(commandFields.nCreateRq, { affectedSopInstanceUid: '../x' }));
    expect(await reader.status()).toBe(0x0117);
  });

  test('report events on the same association', async () => {
    reported = Promise.withResolvers<number>();
    const { port } = await start({ normalized: [service] });
    const reader = await call(port);
    const action = { requestedSopClassUid: procedureStep, actionTypeId: 4 };
    reader.caller.send(
      ...ask(commandFields.nActionRq, { ...action, requestedSopInstanceUid: '1.2.3', hasDataSet: false }),
    );
    expect((await reader.message()).command).toMatchObject({ commandField: 0x8130, status: 0, actionTypeId: 4 });
    const event = await reader.message();
    expect(event).toMatchObject({ command: { commandField: 0x0100, eventTypeId: 4 }, dataset: studies });
    const response = { commandField: 0x8100, respondedTo: event.command.messageId!, status: 0, hasDataSet: true };
    // an event reply may have a data set, which is passed over
    reader.caller.send(
      commandPdu(event.contextId, response),
      dataPdu(event.contextId, bytesOf(studies), true),
      echo(2),
    );
    expect(await reported.promise).toBe(0);
    expect(await reader.status()).toBe(0);
  });
});

describe('callers', () => {
  const results = async (callersListed: Caller[] | undefined, services: Services = everything) => {
    const { port } = await start(
      services,
      callersListed === undefined ? { callers: undefined as never } : { callers: callersListed },
    );
    const reader = new Reader(port);
    const answer = await reader.caller.associate({ contexts, user });
    return answer?.type === 'associate-ac' ? answer.contexts.map(({ result }) => result) : answer;
  };
  const everything: Services = { find: [listing(0)], retrieve: [retrieving([])] };

  test('who is not listed may send and not ask; who is listed by address may everything that is served', async () => {
    // verification, storage, find, move, get, and a class that nobody serves
    expect(await results([{ aeTitle: 'SCANNER' }])).toEqual([0, 0, 1, 1, 1, 3]);
    expect(await results([{ aeTitle: 'SCANNER', host: '127.0.0.1' }])).toEqual([0, 0, 0, 0, 0, 3]);
    expect(await results([{ aeTitle: 'SCANNER', may: ['query'] }])).toEqual([0, 1, 0, 1, 1, 3]);
    expect(await results([{ aeTitle: 'SCANNER', may: ['retrieve'] }])).toEqual([0, 0, 1, 0, 0, 3]);
    expect(await results([{ aeTitle: 'SCANNER', may: [] }])).toEqual([0, 1, 1, 1, 1, 3]);
  });

  test('who may only retrieve may not send, though storage contexts are open for C-GET', async () => {
    const { port } = await start(everything, { callers: [{ aeTitle: 'SCANNER', may: ['retrieve'] }] });
    const reader = await call(port);
    reader.caller.send(commandPdu(idOf(ctStorage), storeRq()), dataPdu(idOf(ctStorage), bytesOf(studies), true));
    expect(await reader.status()).toBe(0x0124);
  });

  test('no more associations than a caller may have', async () => {
    const { port } = await start(everything, {
      callers: [{ aeTitle: 'SCANNER', maxAssociations: 2 }, { aeTitle: 'OTHER' }],
    });
    const first = await call(port);
    await call(port);
    const third = new Reader(port);
    expect(await third.caller.associate({ contexts, user })).toMatchObject({
      type: 'associate-rj',
      result: 2,
      reason: 2,
    });
    await call(port, { callingAe: 'OTHER' });
    first.caller.send({ type: 'release-rq' });
    expect(await first.next()).toBe('release-rp');
    await call(port);
  });
});
