// The DIMSE server over TCP or TLS: C-ECHO, C-STORE, and the services that it is given.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Log } from '../../../system/log.ts';
import type { Timers } from '../../../system/machine.ts';
import { type Caller, type Origin, plainAddress } from '../contexts.ts';
import type { Services } from '../services.ts';
import type { OpenStore } from '../sink.ts';
import { UpperLayer } from '../upper-layer/upper-layer.ts';
import { ScpAssociation } from './association.ts';
import { Places } from './places.ts';
import { ServiceTable } from './requests.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface DimseServerOptions {
  /** Address to listen at; all, if not given. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly aeTitle: string;
  /**
   * PEM. With `ca` a caller must show a certificate that it signed. Without, certificates are asked for only where callers
   * are known by their fingerprints.
   */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Who may call; everybody, if not given. */
  readonly callers?: readonly Caller[];
  /** SOP classes outside the standard that are stored too. */
  readonly privateSopClasses?: readonly string[];
  readonly maxAssociations?: number;
  /** Longest P-DATA-TF body to take, announced to the caller. */
  readonly maxPduBytes?: number;
  /** How long a connection may take to send its A-ASSOCIATE-RQ, and to close at the end (PS3.8 9.1.5). */
  readonly artimMs?: number;
  /** An association that is silent so long is aborted, and one whose message makes too little progress in this time. */
  readonly idleMs?: number;
  /** How long `close` lets open associations end by themselves. */
  readonly closeMs?: number;
}

interface DimseServerParts {
  readonly log: Log;
  readonly timers: Timers;
  readonly store: OpenStore;
  readonly services?: Services;
}

const defaults = {
  maxAssociations: 64,
  maxPduBytes: limits.dimsePduBytes,
  artimMs: 30_000,
  idleMs: 60_000,
  closeMs: 5000,
  leastMessageBytes: limits.dimseProgressBytes,
};

type Filled = DimseServerOptions & typeof defaults;

export class DimseServer {
  readonly #options: Filled;
  readonly #parts: DimseServerParts;
  readonly #services: ServiceTable;
  readonly #server: Server;
  readonly #open = new Map<ScpAssociation, UpperLayer>();
  readonly #places: Places<ScpAssociation>;
  readonly #waiting: WaitingRoom;
  /** By the other side's address and port, which a TLS socket shares with the one below it. */
  readonly #sockets = new Map<string, Socket>();
  #whenEmpty: (() => void) | undefined;
  #closing = false;

  constructor(options: DimseServerOptions, parts: DimseServerParts) {
    this.#options = { ...defaults, ...options };
    this.#parts = parts;
    this.#services = new ServiceTable(parts.services ?? {});
    const { maxAssociations, callers = [] } = this.#options;
    this.#places = new Places(maxAssociations, options.callers);
    const known = callers.flatMap(({ host }) => (host === undefined ? [] : [plainAddress(host)]));
    this.#waiting = new WaitingRoom(maxAssociations + 32, new Set(known));
    this.#server = this.#create();
  }

  /** Associations that are open now. */
  get associations(): number {
    return this.#places.size;
  }

  /** Starts to listen. Throws `net/port-taken` with the port, or the system's own error. */
  listen(): Promise<{ port: number }> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PeerError('net/port-taken', { port }, { cause: error }) : error);
      this.#server.once('error', failed);
      this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => this.#parts.log.error({ err: error }, 'DIMSE server'));
        resolve({ port: (this.#server.address() as { port: number }).port });
      });
    });
  }

  /**
   * Takes no more connections, lets open associations end for `closeMs`, then aborts them. Resolves when all are over
   * and their sinks done, or after `closeMs` more.
   */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [association, layer] of this.#open) {
      if (!this.#places.has(association)) layer.abort(new PeerError('dimse/stopping'));
    }
    const over = this.#allOver();
    await this.#within(over, () => this.#abortAll());
    // only a sink that ignores its signal is still there after that
    await this.#within(over, () => this.#parts.log.error({ associations: this.associations }, 'sinks did not abort'));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  /** Waits for what ends, but no longer than `closeMs`: then does `late` and goes on. */
  async #within(end: Promise<void>, late: () => void): Promise<void> {
    let cancel: () => void = () => undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#parts.timers.after(this.#options.closeMs, () => {
        late();
        resolve();
      });
    });
    await Promise.race([end, deadline]);
    cancel();
  }

  #create(): Server {
    const { tls, artimMs, callers = [] } = this.#options;
    const settings = { noDelay: true, keepAlive: true };
    const accept = (socket: Socket) => this.#accept(socket);
    const server =
      tls === undefined
        ? createServer(settings, accept)
        : createTlsServer(
            {
              ...settings,
              ...tls,
              minVersion: 'TLSv1.2',
              handshakeTimeout: artimMs,
              requestCert: tls.ca !== undefined || callers.some(({ fingerprint }) => fingerprint !== undefined),
              // without an authority the fingerprint decides
              rejectUnauthorized: tls.ca !== undefined,
            },
            accept,
          );
    server.on('connection', (socket) => this.#arrived(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      this.#parts.log.warn({ code: error.code }, 'TLS handshake failed');
      socket.destroy(); // one that only took too long is still open
    });
    return server;
  }

  /** Every connection, before TLS: whoever says nothing makes room for who comes after it. */
  #arrived(socket: Socket): void {
    const one = connectionOf(socket);
    this.#sockets.set(one, socket);
    socket.once('close', () => {
      this.#sockets.delete(one);
      this.#waiting.leave(socket);
    });
    const victim = this.#waiting.enter(socket, plainAddress(socket.remoteAddress ?? ''));
    if (victim === undefined) return;
    this.#parts.log.warn(
      { remoteAddress: victim.remoteAddress },
      'too many connections without association: one was cut',
    );
    victim.destroy();
  }

  #accept(socket: Socket): void {
    const options = { ...this.#options, classes: this.#services.classes };
    const origin = originOf(socket);
    const association = new ScpAssociation(options, origin, {
      log: this.#parts.log,
      store: this.#parts.store,
      services: this.#services,
      admit: (caller) => this.#admit(association, { caller, address: origin.remoteAddress }, socket),
      over: () => this.#places.leave(association) && this.#checkOver(),
    });
    const layer = new UpperLayer(options, { socket, timers: this.#parts.timers, user: association });
    association.attach(layer);
    this.#open.set(association, layer);
    socket.once('close', () => this.#open.delete(association));
    layer.dispatch({ type: 'connection' });
  }

  #admit(association: ScpAssociation, place: { caller: Caller | undefined; address: string }, socket: Socket): boolean {
    if (this.#closing || !this.#places.take(association, place)) return false;
    const plain = this.#sockets.get(connectionOf(socket));
    if (plain !== undefined) this.#waiting.leave(plain);
    return true;
  }

  #allOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
      this.#checkOver();
    });
  }

  #checkOver(): void {
    if (this.#places.size === 0) this.#whenEmpty?.();
  }

  #abortAll(): void {
    for (const layer of this.#open.values()) layer.abort(new PeerError('dimse/stopping'));
  }
}

const connectionOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** Where a connection comes from: its address, and the certificate that it has shown. */
function originOf(socket: Socket): Origin {
  const remoteAddress = plainAddress(socket.remoteAddress ?? '');
  if (!(socket instanceof TLSSocket)) return { remoteAddress };
  // an empty object where none was shown, null where the connection is gone
  const certificate = socket.getPeerCertificate() as { fingerprint256?: string } | null;
  return { remoteAddress, fingerprint: certificate?.fingerprint256 };
}
