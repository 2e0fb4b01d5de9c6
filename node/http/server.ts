// The HTTP server: API, DICOMweb, health. Nothing but health, the front page and signing in answers without a token.
import type { AddressInfo, Socket } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify';
import { PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { problemType } from '../api/problem.ts';
import { errorFields } from '../system/log.ts';
import { guardRoutes } from './auth.ts';
import { connectionsOf } from './connections.ts';
import { dicomWebRoutes, wadoRoute } from './dicomweb/routes.ts';
import { storeRoutes } from './dicomweb/stow/routes.ts';
import { checkHosts } from './hosts.ts';
import { spoken } from './language.ts';
import { describeApi } from './openapi.ts';
import type { HttpOptions, HttpParts } from './parts.ts';
import { knownError, problem } from './problem.ts';
import { accountRoutes } from './routes/accounts.ts';
import { auditRoutes } from './routes/audit.ts';
import { deidentifiedRoutes } from './routes/deidentified.ts';
import { findRoutes } from './routes/find.ts';
import { healthRoutes } from './routes/health.ts';
import { homeStyleHash } from './routes/home.ts';
import { importRoutes } from './routes/import.ts';
import { orderRoutes } from './routes/orders.ts';
import { patientRoutes } from './routes/patients.ts';
import { peerRoutes } from './routes/peer.ts';
import { quarantineRoutes } from './routes/quarantine.ts';
import { remoteRoutes } from './routes/remotes.ts';
import { reportRoutes } from './routes/reports.ts';
import { requestRoutes } from './routes/requests.ts';
import { transferRoutes } from './routes/transfers.ts';
import { uploadRoutes } from './routes/upload.ts';
import type { Server } from './typed.ts';

const defaultIdleMs = 120_000;

export interface Http {
  /** @throws PeerError net/port-taken */
  listen(): Promise<{ port: number; url: string }>;
  /** Waits for requests under way. */
  close(): Promise<void>;
}

export async function createHttp(options: HttpOptions, parts: HttpParts): Promise<Http> {
  const server = await withRoutes(options, parts);
  await server.ready();
  return { listen: () => listen(server, options), close: () => server.close() };
}

/** The server before it listens. `seen` is told of each route as it is registered. */
export async function withRoutes(
  options: HttpOptions,
  parts: HttpParts,
  seen: (route: RouteOptions) => void = () => undefined,
): Promise<Server> {
  const server = newServer(options, parts);
  server.addHook('onRoute', seen);
  checkHosts(server, options);
  await protect(server);
  await describeApi(server, options.version);
  guardRoutes(server, parts.accounts);
  accountRoutes(server, parts);
  auditRoutes(server, parts);
  deidentifiedRoutes(server, parts);
  findRoutes(server, parts);
  healthRoutes(server, parts);
  patientRoutes(server, parts);
  quarantineRoutes(server, parts);
  remoteRoutes(server, parts);
  reportRoutes(server, options, parts);
  requestRoutes(server, parts);
  transferRoutes(server, parts);
  await server.register(async (bytes: Server) => peerRoutes(bytes, options, parts));
  await server.register(async (bytes: Server) => orderRoutes(bytes, parts));
  await server.register(async (streams: Server) => importRoutes(streams, parts));
  await server.register(async (streams: Server) => uploadRoutes(streams, parts));
  await server.register(async (web: Server) => dicomWebRoutes(web, options, parts), { prefix: '/dicom-web' });
  wadoRoute(server, options, parts);
  await server.register(async (streams: Server) => storeRoutes(streams, options, parts), { prefix: '/dicom-web' });
  return server;
}

function newServer({ idleMs = defaultIdleMs, trustedProxies = [] }: HttpOptions, parts: HttpParts): Server {
  const server: Server = Fastify({
    logger: false,
    ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
    bodyLimit: limits.httpBodyBytes,
    connectionTimeout: idleMs,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: limits.httpParamBytes },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (error, request, reply) => refuse(parts, error, request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: (error, socket) => malformed(error, socket),
  });
  server.removeContentTypeParser('text/plain');
  // answers are built field by field: the schemas describe them and needn't filter them
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  server.setErrorHandler((error, request, reply) => refuse(parts, error, request, reply));
  server.setNotFoundHandler((request, reply) => refuse(parts, new PeerError('http/not-found'), request, reply));
  const connections = connectionsOf(server.server);
  server.addHook('preClose', async () => connections.end());
  server.addHook('onResponse', (request, reply, done) => {
    logResponse(parts, request, reply);
    done();
  });
  return server;
}

async function protect(server: Server): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'${homeStyleHash}'`],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await server.register(rateLimit, { global: false });
  const options = { timeWindow: 60_000, errorResponseBuilder: () => new PeerError('http/too-many') };
  const usual = server.rateLimit({ ...options, max: limits.httpRequestsPerMinute });
  const strict = server.rateLimit({ ...options, max: limits.httpSignInsPerMinute });
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    await (request.routeOptions.config.strict ? strict : usual).call(server, request, reply);
  });
}

function refuse({ log }: HttpParts, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = brokenOff(error, request) ? new PeerError('import/broken-off') : knownError(error);
  if (known.row.http >= 500) {
    const { method, route } = named(request);
    log.error({ method, route, ...errorFields(error) }, 'a request failed');
  }
  return reply
    .code(known.row.http)
    .type(problemType)
    .send(problem(known, spoken(request, reply)));
}

/** Whether it failed because the client left in the middle of its body: nobody's fault here, and nobody reads the answer. */
function brokenOff(error: unknown, { raw }: FastifyRequest): boolean {
  const cut = raw.destroyed && (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
  return cut || (error instanceof Error && error === raw.errored);
}

/** Method and route pattern alone: a URL's ids and query say whom it is about. */
const named = (request: FastifyRequest) => ({ method: request.method, route: request.routeOptions.url ?? 'none' });

function logResponse({ log }: HttpParts, request: FastifyRequest, reply: FastifyReply): void {
  const fields = { ...named(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
  const usual = reply.statusCode < 400 && request.method === 'GET';
  if (usual) log.debug(fields, 'http');
  else log.info(fields, 'http');
}

/** Answers what is not HTTP; there is no request to speak of. */
function malformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const long = error.code === 'HPE_HEADER_OVERFLOW';
  const body = JSON.stringify(problem(new PeerError(long ? 'http/too-large' : 'http/invalid'), 'en'));
  const head = long ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const headers = `content-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${head}\r\n${headers}\r\n\r\n${body}`);
}

async function listen(server: Server, { host, port }: HttpOptions): Promise<{ port: number; url: string }> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw taken ? new PeerError('net/port-taken', { port }, { cause }) : cause;
  }
  const { port: bound } = server.server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { port: bound, url: `http://${name.includes(':') ? `[${name}]` : name}:${bound}` };
}
