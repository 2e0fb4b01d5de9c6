// What the DIMSE tests share: a server with a sink in memory, timers fired by hand, and a caller that may misbehave.
import { connect, type Socket } from 'node:net';
import { type Command, encodeCommand } from '../../../../node/dicom/dimse/command.ts';
import { DimseServer, type DimseServerOptions } from '../../../../node/dicom/dimse/scp/server.ts';
import type { Services } from '../../../../node/dicom/dimse/services.ts';
import type { OpenStore, StoreInfo } from '../../../../node/dicom/dimse/sink.ts';
import { applicationContext, explicitVrLittleEndian, verification } from '../../../../node/dicom/dimse/uids.ts';
import { type AssociateRq, encodePdu, type Pdu } from '../../../../node/dicom/dimse/upper-layer/pdu.ts';
import { PduReader, type ReceivedPdu } from '../../../../node/dicom/dimse/upper-layer/pdu-reader.ts';
import type { Log } from '../../../../node/system/log.ts';
import { systemTimers, type Timers } from '../../../../node/system/machine.ts';
import { concat } from '../../../../protocol/bytes.ts';
import { PeerError } from '../../../../protocol/errors.ts';

export const ctStorage = '1.2.840.10008.5.1.4.1.1.2';

export const errorCode = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return 'no error';
};

/** Timers that fire only when told. */
export class ManualTimers implements Timers {
  readonly #set = new Map<object, { ms: number; run: () => void; again: boolean }>();

  sleep(): Promise<void> {
    throw new Error('not used here');
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ ms, run, again: false });
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ ms, run, again: true });
  }

  /** Fires all that are set for so many milliseconds; gives how many those were. */
  fire(ms: number): number {
    const due = [...this.#set].filter(([, timer]) => timer.ms === ms);
    for (const [key, timer] of due) {
      if (!timer.again) this.#set.delete(key);
      timer.run();
    }
    return due.length;
  }

  #add(timer: { ms: number; run: () => void; again: boolean }): () => void {
    const key = {};
    this.#set.set(key, timer);
    return () => this.#set.delete(key);
  }
}

/** Collects log lines. */
function memoryLog(): Log & { lines: { level: string; fields: object; message: string }[] } {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface Stored {
  readonly info: StoreInfo;
  readonly bytes: Uint8Array;
}

/** A sink that keeps everything, and tells of every end; `next` waits for one. */
export class MemoryStore {
  readonly finished: Stored[] = [];
  readonly aborted: { info: StoreInfo; bytes: number; reason: Error }[] = [];
  /** Resolves at the first write. */
  readonly writing = Promise.withResolvers<void>();
  #waiting: (() => void)[] = [];

  readonly open: OpenStore = (info) => {
    const parts: Uint8Array[] = [];
    return {
      write: (bytes) => {
        parts.push(bytes.slice()); // overwritten by what comes next
        this.writing.resolve();
      },
      finish: async () => {
        this.finished.push({ info, bytes: concat(...parts) });
        this.#tell();
        return 0;
      },
      abort: async (reason) => {
        this.aborted.push({ info, bytes: parts.reduce((sum, one) => sum + one.length, 0), reason });
        this.#tell();
      },
    };
  };

  /** Resolves once something more has been finished or aborted. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export interface RunningServer {
  readonly server: DimseServer;
  readonly port: number;
  readonly log: ReturnType<typeof memoryLog>;
}

/** A server on a free port of loopback, called PEER. */
export async function serve(
  store: OpenStore,
  { services = {}, ...options }: Partial<DimseServerOptions> & { services?: Services } = {},
  timers: Timers = systemTimers,
): Promise<RunningServer> {
  const log = memoryLog();
  const parts = { log, timers, store, services };
  const server = new DimseServer({ host: '127.0.0.1', port: 0, aeTitle: 'PEER', ...options }, parts);
  const { port } = await server.listen();
  return { server, port, log };
}

export const associateRq = (more: Partial<AssociateRq> = {}): AssociateRq => ({
  type: 'associate-rq',
  protocolVersion: 1,
  calledAe: 'PEER',
  callingAe: 'SCANNER',
  applicationContext,
  contexts: [
    { id: 1, abstractSyntax: verification, transferSyntaxes: [explicitVrLittleEndian] },
    { id: 3, abstractSyntax: ctStorage, transferSyntaxes: [explicitVrLittleEndian] },
  ],
  user: { maxPduBytes: 16384, implementationClassUid: '1.2.3', roles: [], extended: [] },
  ...more,
});

export const storeRq = (more: Partial<Command> = {}): Command => ({
  commandField: 1,
  messageId: 7,
  priority: 0,
  affectedSopClassUid: ctStorage,
  affectedSopInstanceUid: '1.2.3.4',
  hasDataSet: true,
  ...more,
});

export const bytesOf = (pdu: Pdu): Uint8Array => concat(...encodePdu(pdu));

export const commandPdu = (contextId: number, command: Command): Pdu => ({
  type: 'data',
  values: [{ contextId, command: true, last: true, parts: [encodeCommand(command)] }],
});

export const dataPdu = (contextId: number, bytes: Uint8Array, last: boolean): Pdu => ({
  type: 'data',
  values: [{ contextId, command: false, last, parts: [bytes] }],
});

/** A caller on a bare socket: sends whatever it is told, reads PDUs. */
export class RawCaller {
  readonly socket: Socket;
  readonly #reader = new PduReader({ maxPduBytes: 1 << 20 });
  readonly #received: ReceivedPdu[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => {
      this.#reader.feed(chunk);
      for (let pdu = this.#reader.next(); pdu !== undefined; pdu = this.#reader.next()) this.#received.push(pdu);
      this.#wake?.();
    });
    // a reset is one of the ways in which the other side may end it; `close` follows
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  send(...what: (Pdu | Uint8Array)[]): void {
    for (const one of what) this.socket.write(one instanceof Uint8Array ? one : bytesOf(one));
  }

  /** The next PDU (or fragment), or undefined when the connection has closed. */
  async next(): Promise<ReceivedPdu | undefined> {
    while (this.#received.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.shift();
  }

  /** Opens an association and reads the answer. */
  async associate(more: Partial<AssociateRq> = {}): Promise<ReceivedPdu | undefined> {
    this.send(associateRq(more));
    return this.next();
  }
}
