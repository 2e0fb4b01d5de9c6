// Who calls, and whether that role may. Denied by default: a route that doesn't say what it needs is not registered.
import type { FastifyRequest } from 'fastify';
import { must } from '../../protocol/errors.ts';
import type { Accounts } from '../access/accounts.ts';
import { allow, type Principal } from '../access/roles.ts';
import { type Permission, roleMay } from '../api/roles.ts';
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
  }
}

/** Makes every route answer only to who it needs. */
export function guardRoutes(server: Server, accounts: Pick<Accounts, 'authenticate'>): void {
  server.decorateRequest('principal', null);
  server.addHook('onRoute', ({ url, config }) => {
    if (config?.needs === undefined) throw new Error(`the route ${url} does not say who may call it`);
  });
  server.addHook('onRequest', async (request) => {
    const needs = request.is404 ? 'token' : request.routeOptions.config.needs!;
    if (needs === 'public') return;
    const principal = await accounts.authenticate(bearer(request));
    request.principal = principal;
    if (needs === 'token') return;
    const any = typeof needs === 'string' ? [needs] : needs;
    if (!any.some((permission) => may(principal, permission))) allow(principal, any[0]!);
  });
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

export const may = ({ role }: Principal, permission: Permission): boolean => roleMay(role, permission);
