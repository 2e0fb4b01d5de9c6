import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes as definitions } from '../../../node/api/api.ts';
import {
  type GivenRole,
  givenRoles,
  type Permission,
  permissionsOf,
  permissionsOfProgram,
  type Role,
  roles,
} from '../../../node/api/roles.ts';
import type { Needs } from '../../../node/api/route.ts';
import { withRoutes } from '../../../node/http/server.ts';
import { openPeer, type Peer, version } from './kit.ts';

const id = '1'.repeat(32);
const series = '/dicom-web/studies/{study}/series/{series}';
const instance = `${series}/instances/{instance}`;

type Row = readonly [method: string, path: string, refused: Role | 'nobody' | 'all'];

/** Routes, and a role that may not call them; `nobody`: public; `all`: any token will do. */
const known: readonly Row[] = [
  ['get', '/', 'nobody'],
  ['get', '/healthz', 'nobody'],
  ['get', '/readyz', 'nobody'],
  ['post', '/api/v1/session', 'nobody'],
  ['delete', '/api/v1/session', 'all'],
  ['delete', '/api/v1/session/all', 'all'],
  ['post', '/api/v1/session/password', 'all'],
  ['get', '/api/openapi.json', 'all'],
  ['get', '/metrics', 'learner'],
  ['get', '/api/v1/peer', 'learner'],
  ['post', '/api/v1/find', 'device'],
  ['post', '/api/v1/requests', 'custodian'],
  ['get', '/api/v1/requests', 'device'],
  ['get', '/api/v1/requests/{id}', 'device'],
  ['post', '/api/v1/requests/{id}/approve', 'practitioner'],
  ['post', '/api/v1/requests/{id}/deny', 'practitioner'],
  ['post', '/api/v1/grants/{id}/revoke', 'practitioner'],
  ['get', '/api/v1/transfers', 'statistician'],
  ['get', '/api/v1/transfers/{id}', 'statistician'],
  ['get', '/api/v1/events', 'patient'],
  ['get', '/api/v1/studies/{study}/instances/{instance}/report', 'learner'],
  ['get', '/api/v1/studies/{study}/deidentified', 'practitioner'],
  ['post', '/api/v1/studies/{study}/conclusions', 'custodian'],
  ['post', '/api/v1/studies/{study}/key-objects', 'device'],
  ['get', '/api/v1/studies/{study}/manifest', 'practitioner'],
  ['get', '/api/v1/audit', 'imaging'],
  ['get', '/api/v1/audit/head', 'practitioner'],
  ['get', '/api/v1/audit/verify', 'device'],
  ['get', '/api/v1/patients', 'learner'],
  ['post', '/api/v1/patients/{id}/identifiers', 'device'],
  ['get', '/api/v1/quarantine', 'imaging'],
  ['get', '/api/v1/quarantine/{id}', 'imaging'],
  ['get', '/api/v1/quarantine/{id}/differences', 'imaging'],
  ['get', '/api/v1/quarantine/{id}/file', 'device'],
  ['post', '/api/v1/quarantine/{id}/resolve', 'imaging'],
  ['post', '/api/v1/quarantine/{id}/retry', 'device'],
  ['get', '/api/v1/remotes', 'learner'],
  ['post', '/api/v1/remotes/{ae}/echo', 'practitioner'],
  ['post', '/api/v1/remotes/{ae}/find', 'statistician'],
  ['post', '/api/v1/remotes/{ae}/pull', 'practitioner'],
  ['post', '/api/v1/remotes/{ae}/send', 'practitioner'],
  ['post', '/api/v1/remotes/{ae}/commit', 'patient'],
  ['get', '/api/v1/remotes/jobs', 'learner'],
  ['get', '/api/v1/remotes/jobs/{id}', 'learner'],
  ['post', '/api/v1/remotes/jobs/{id}/cancel', 'practitioner'],
  ['get', '/api/v1/routing', 'statistician'],
  ['post', '/api/v1/tokens', 'custodian'],
  ['post', '/api/v1/users', 'custodian'],
  ['get', '/api/v1/tokens', 'imaging'],
  ['delete', '/api/v1/tokens/{token}', 'imaging'],
  ['get', '/api/v1/users', 'custodian'],
  ['post', '/api/v1/users/{name}/disable', 'custodian'],
  ['post', '/api/v1/users/{name}/enable', 'practitioner'],
  ['post', '/api/v1/users/{name}/password', 'imaging'],
  ['post', '/api/v1/import', 'practitioner'],
  ['post', '/api/v1/upload', 'practitioner'],
  ['post', '/dicom-web/studies', 'practitioner'],
  ['post', '/dicom-web/studies/{study}', 'practitioner'],
  ['post', '/api/v1/roster', 'imaging'],
  ['get', '/api/v1/doctor', 'imaging'],
  ['get', '/dicom-web/studies', 'statistician'],
  ['get', '/dicom-web/series', 'learner'],
  ['get', '/dicom-web/instances', 'learner'],
  ['get', '/dicom-web/studies/{study}', 'patient'],
  ['get', '/dicom-web/studies/{study}/metadata', 'learner'],
  ['get', '/dicom-web/studies/{study}/series', 'learner'],
  ['get', '/dicom-web/studies/{study}/instances', 'learner'],
  ['get', series, 'learner'],
  ['get', `${series}/metadata`, 'learner'],
  ['get', `${series}/instances`, 'learner'],
  ['get', instance, 'learner'],
  ['get', `${instance}/metadata`, 'learner'],
  ['get', `${instance}/frames/{frames}`, 'learner'],
  ['get', `${instance}/bulkdata/{offset}/{length}`, 'learner'],
  ['get', '/dicom-web/studies/{study}/rendered', 'learner'],
  ['get', '/dicom-web/studies/{study}/thumbnail', 'learner'],
  ['get', `${series}/rendered`, 'learner'],
  ['get', `${series}/thumbnail`, 'learner'],
  ['get', `${instance}/rendered`, 'learner'],
  ['get', `${instance}/thumbnail`, 'learner'],
  ['get', `${instance}/frames/{frames}/rendered`, 'learner'],
  ['get', `${instance}/frames/{frames}/thumbnail`, 'learner'],
  ['get', '/wado', 'learner'],
  ['get', '/dicom-web/wado-uri', 'learner'],
  ['post', '/api/v1/orders', 'practitioner'],
  ['get', '/api/v1/orders', 'learner'],
  ['get', '/api/v1/orders/{id}', 'learner'],
  ['delete', '/api/v1/orders/{id}', 'practitioner'],
];

/** Routes of node/api/ without a row above: they need a permission, and no role may call them that has none of it. */
const others = definitions.flatMap(({ method, path, needs }): Row[] => {
  const [verb, at] = [method.toLowerCase(), path.replaceAll(/:(\w+)/g, '{$1}')];
  if (needs === 'public' || needs === 'token' || known.some((row) => row[0] === verb && row[1] === at)) return [];
  const refused = roles.filter(
    (role) => ![needs].flat().some((permission) => permissionsOfProgram(role).includes(permission)),
  );
  return refused.map((role) => [verb, at, role]);
});

const routes = [...known, ...others];

const concrete = (path: string): string =>
  path
    .replace('quarantine/{id}', `quarantine/${'1'.repeat(16)}`)
    .replace('{id}', id)
    .replace('{token}', '1'.repeat(16))
    .replaceAll(/\{(study|series|instance)\}/g, '1.2.3')
    .replaceAll(/\{\w+\}/g, '1');

interface Operation {
  responses: Record<string, { description: string }>;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  security?: unknown[];
  requestBody?: { content: object };
}

let peer: Peer;
let document: {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object };
  security: unknown[];
};

beforeAll(async () => {
  peer = await openPeer();
  document = (await (await peer.call('/api/openapi.json', { as: 'learner' })).json()) as typeof document;
});
afterAll(() => peer.close());

const each = routes.filter(([, , refused]) => refused !== 'nobody');

describe('every route', () => {
  it('is described, and every described one is known here', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const here = new Set(routes.map(([method, path]) => `${method} ${path}`));
    expect(described.sort(), 'what is open to everybody, or is no definition of node/api/, has a row above').toEqual(
      [...here].sort(),
    );
  });

  it.each(each)('%s %s answers nothing without a token', async (method, path) => {
    const none = await peer.call(concrete(path), { as: 'nobody', method: method.toUpperCase() });
    expect(none.status).toBe(401);
    expect(none.headers.get('content-type')).toContain('application/problem+json');
    expect(await none.json()).toMatchObject({ status: 401, code: 'http/unauthorized' });
    const wrong = { authorization: 'Bearer AAAA' };
    expect(
      (await peer.call(concrete(path), { as: 'nobody', method: method.toUpperCase(), headers: wrong })).status,
    ).toBe(401);
  });

  it.each(each.filter(([, , refused]) => refused !== 'all'))('%s %s refuses %s', async (method, path, refused) => {
    const answer = await peer.call(concrete(path), { as: refused as Role, method: method.toUpperCase() });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'http/forbidden' });
  });

  it('that does not exist says so only to those who have a token', async () => {
    expect((await peer.call('/api/v1/nothing', { as: 'nobody' })).status).toBe(401);
    const answer = await peer.call('/api/v1/nothing');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'http/not-found', type: 'urn:dicomnet:error:http/not-found' });
    expect((await peer.call('/api/v1/peer', { method: 'DELETE' })).status).toBe(404);
  });
});

/** What each route needs, as the server registers it. */
async function needsOfRoutes() {
  const needs = new Map<string, Needs>();
  const server = await withRoutes({ host: '127.0.0.1', port: 0, version }, peer.parts, ({ method, url, config }) => {
    for (const each of [method].flat()) {
      needs.set(`${each.toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`, config!.needs!);
    }
  });
  await server.close();
  return needs;
}

/** Somebody with these roles who signed in, as headers. */
async function signedIn(role: GivenRole, also?: readonly GivenRole[]) {
  const name = `${role} ${also?.join()}`;
  const { password } = await peer.accounts.createUser(name, role, undefined, also);
  const { token } = await peer.accounts.signIn(name, password);
  return { authorization: `Bearer ${token}` };
}

describe('every role on every route', () => {
  let needs: Map<string, Needs>;
  const shut = routes.filter(([, , refused]) => refused !== 'nobody' && refused !== 'all');
  const guarded = [...new Map(shut.map((row) => [`${row[0]} ${row[1]}`, row])).values()];
  beforeAll(async () => {
    needs = await needsOfRoutes();
  });

  /** The routes that do not refuse these headers. */
  async function allowed(headers: Record<string, string>): Promise<string[]> {
    const open: string[] = [];
    for (const [method, path] of guarded) {
      const call = { as: 'nobody', method: method.toUpperCase(), headers } as const;
      const answer = await peer.call(concrete(path), call);
      await answer.body?.cancel();
      if (answer.status !== 403) open.push(`${method} ${path}`);
      else expect(answer.headers.get('content-type')).toContain('problem+json');
    }
    return open;
  }

  const may = (permissions: readonly Permission[]): string[] =>
    guarded.flatMap(([method, path]) => {
      const name = `${method} ${path}`;
      const any = [needs.get(name)!].flat() as Permission[];
      return any.some((each) => permissions.includes(each)) ? [name] : [];
    });

  it('has a row for each route', () => {
    expect(guarded.filter(([method, path]) => !needs.has(`${method} ${path}`))).toEqual([]);
  });

  it.each(givenRoles)('%s, signed in, may what the table says', async (role) => {
    expect(await allowed(await signedIn(role))).toEqual(may(permissionsOf(role)));
  });

  it.each(roles)('a program as %s may what the table says', async (role) => {
    const headers = { authorization: `Bearer ${peer.tokens[role]}` };
    expect(await allowed(headers)).toEqual(may(permissionsOfProgram(role)));
  });

  it('adds up for who has several', async () => {
    const both = await allowed(await signedIn('admin', ['imaging']));
    expect(both).toEqual(may([...permissionsOf('admin'), ...permissionsOf('imaging')]));
  });

  it('shows a signed-in administrator neither images nor patients, and lets nobody hand on more', async () => {
    const headers = await signedIn('admin', []);
    const open = await allowed(headers);
    for (const shut of [/patients/, /dicom-web/, /wado/, /studies/, /orders/, /find$/, /requests/, /quarantine/]) {
      expect(open.filter((each) => shut.test(each))).toEqual([]);
    }
    const json = { name: 'made by an administrator', role: 'admin' };
    const { token } = (await (await peer.call('/api/v1/tokens', { as: 'nobody', headers, json })).json()) as {
      token: string;
    };
    expect(await allowed({ authorization: `Bearer ${token}` })).toEqual(open);
  });

  it('lets a device send, and see its own worklist', async () => {
    expect(await allowed({ authorization: `Bearer ${peer.tokens.device}` })).toEqual([
      ...['get /metrics', 'get /api/v1/peer', 'get /api/v1/events', 'get /api/v1/routing'],
      ...['post /api/v1/import', 'post /api/v1/upload'],
      ...['post /dicom-web/studies', 'post /dicom-web/studies/{study}'],
      ...['post /api/v1/orders', 'get /api/v1/orders', 'get /api/v1/orders/{id}', 'delete /api/v1/orders/{id}'],
    ]);
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'DICOM Network peer', version });
    expect(document.security).toEqual([{ token: [] }]);
    expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
  });

  it('names every path parameter, some answer, and what is public', () => {
    for (const [method, path, refused] of routes) {
      const operation = document.paths[path]![method]!;
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((each) => each.in === 'path');
      expect(declared.map(({ name }) => name).sort(), path).toEqual(named.sort());
      expect(declared.every(({ required, schema }) => required === true && typeof schema === 'object')).toBe(true);
      for (const answer of Object.values(operation.responses)) expect(typeof answer.description).toBe('string');
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        path,
      ).toBe(true);
      expect(operation.security, path).toEqual(refused === 'nobody' ? [] : undefined);
    }
  });

  it('has nothing of OpenAPI 3.0 in it', () => {
    expect(JSON.stringify(document)).not.toMatch(/"nullable"|"exclusiveMinimum":true/);
  });
});
