// What happens, as it happens (server-sent events, HTML Living Standard 9.2). A client that doesn't keep up is
// disconnected and asks again; so is one whose token has lapsed.
import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { health } from '../../api/health.ts';
import type { PeerEvent } from '../../system/events.ts';
import { errorFields } from '../../system/log.ts';
import { bearer, may } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import type { Call } from '../serve.ts';
import type { Server } from '../typed.ts';

const heartbeatMs = 15_000;

/** The handler of `/events`; its streams end when the server closes. */
export function eventStream(server: Server, parts: HttpParts) {
  const clients = new Set<PassThrough>();
  server.addHook('preClose', async () => {
    for (const client of clients) client.end();
  });
  return ({ request, reply }: Call<typeof health.events>) => {
    must(clients.size < limits.httpEventClients, 'http/too-many');
    const client = new PassThrough();
    clients.add(client);
    const stop = follow(client, request, parts);
    client.once('close', () => {
      clients.delete(client);
      stop();
    });
    return reply.header('x-accel-buffering', 'no').type('text/event-stream').send(client);
  };
}

function follow(client: PassThrough, request: FastifyRequest, { events, timers, accounts, log }: HttpParts) {
  const token = bearer(request);
  const write = (text: string) => {
    if (client.destroyed || client.writableEnded) return;
    client.write(text);
    if (client.writableLength + client.readableLength > limits.httpEventBytes) client.destroy();
  };
  write(': following\n\n');
  const unsubscribe = events.subscribe((event) => {
    if (sees(request, event)) write(`event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
  });
  const cancel = timers.every(heartbeatMs, () => {
    write(': still here\n\n');
    accounts.authenticate(token).catch((error) => {
      log.info(errorFields(error), 'a client that followed events was disconnected');
      client.end();
    });
  });
  return () => {
    unsubscribe();
    cancel();
  };
}

/** What concerns requests is for those who may list them, what concerns studies for those who may see them. */
function sees(request: FastifyRequest, { type }: PeerEvent): boolean {
  if (type === 'request') return may(request, 'find') || may(request, 'decide');
  return type !== 'study' || may(request, 'view');
}
