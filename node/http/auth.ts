// Who calls, and whether that role may. Denied by default: a route that doesn't say what it needs is not registered.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Accounts } from '../access/accounts.ts';
import type { Holder, Principal } from '../access/roles.ts';
import type { Permission } from '../api/roles.ts';
import type { Needs } from '../api/route.ts';
import type { Server } from './typed.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    needs?: Needs;
    /** Takes few calls a minute from one address. */
    strict?: true;
  }
  interface FastifyRequest {
    principal: Principal | null;
    /** What the token that it carries may do. */
    rights: Holder['may'];
    /** That token was ended while this was under way. */
    cutOff: boolean;
  }
}

/** Makes every route answer only to who it needs. */
export function guardRoutes(server: Server, accounts: Pick<Accounts, 'authenticate' | 'hold'>): void {
  server.decorateRequest('principal', null);
  server.decorateRequest('rights', null as never);
  server.decorateRequest('cutOff', false);
  server.addHook('onRoute', ({ url, config }) => {
    if (config?.needs === undefined) throw new Error(`the route ${url} does not say who may call it`);
  });
  server.addHook('onRequest', async (request, reply) => {
    const needs = request.is404 ? 'token' : request.routeOptions.config.needs!;
    if (needs === 'public') return;
    const token = bearer(request);
    // before it is looked at: a token that ends meanwhile is noticed
    reply.raw.once(
      'close',
      accounts.hold(token, () => cutOff(request, reply)),
    );
    const { may: rights, ...principal } = await accounts.authenticate(token);
    request.principal = principal;
    request.rights = rights;
    if (needs === 'token') return;
    const any = typeof needs === 'string' ? [needs] : needs;
    const { role } = principal;
    if (!any.some((permission) => may(request, permission))) {
      throw new PeerError('http/forbidden', { role, permission: any[0]! });
    }
  });
  server.addHook('onSend', async (request, _reply, payload) => {
    if (!request.cutOff || !(payload instanceof Readable)) return payload;
    payload.destroy();
    throw new PeerError('http/unauthorized');
  });
}

/** Its token has ended: what flows stops at once. What is being answered whole is (it may say that the token ended). */
function cutOff(request: FastifyRequest, reply: FastifyReply): void {
  request.cutOff = true;
  if (reply.raw.headersSent || !request.raw.complete) reply.raw.destroy();
}

/** The token that a request carries. @throws PeerError http/unauthorized */
export function bearer(request: FastifyRequest): string {
  const token = /^Bearer +([A-Za-z0-9_~+/.=-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
  must(token !== undefined, 'http/unauthorized');
  return token;
}

/** Who calls. @throws PeerError http/unauthorized on a public route */
export function who(request: { readonly principal: Principal | null }): Principal {
  must(request.principal !== null, 'http/unauthorized');
  return request.principal;
}

export const may = ({ rights }: Pick<FastifyRequest, 'rights'>, permission: Permission): boolean =>
  rights.has(permission);
