// The definitions in node/api/, the server that registers them and the client that calls them are one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../node/api/api.ts';
import { patients } from '../../../node/api/patients.ts';
import { requests } from '../../../node/api/requests.ts';
import { PeerClient } from '../../../node/cli/client.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { memberB, openPeer, type Peer, requestIn, requestOut } from '../http/kit.ts';

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
}

let peer: Peer;
let client: PeerClient;

beforeAll(async () => {
  peer = await openPeer();
  client = new PeerClient({ url: peer.url, token: peer.tokens.admin });
});
afterAll(async () => {
  client.close();
  await peer.close();
});

describe('definitions', () => {
  it('are all registered, and shown in the OpenAPI document', async () => {
    const document = await (await peer.call('/api/openapi.json')).json();
    const { paths } = document as { paths: Record<string, Record<string, Operation>> };
    for (const { method, path, summary, tag } of routes) {
      const shown = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      expect(shown, `${method} ${path}`).toMatchObject({ summary, tags: [tag] });
    }
  });

  it('are all there is, but for DICOMweb, which its standard defines', async () => {
    const document = await (await peer.call('/api/openapi.json')).json();
    const { paths } = document as { paths: Record<string, Record<string, Operation>> };
    const registered = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const others = registered.filter((each) => !/^\w+ \/(dicom-web\/|wado$)/.test(each));
    expect(others.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('say of each part of a path what it is, and stand once', () => {
    for (const { path, params } of routes) {
      const { properties = {} } = (params ?? {}) as { properties?: object };
      expect(Object.keys(properties).sort(), path).toEqual(
        [...path.matchAll(/:(\w+)/g)].map(([, name]) => name).sort(),
      );
    }
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the client', () => {
  it('calls what the server serves, with parameters, query and body', async () => {
    const patient = { value: '2', system: undefined };
    const asked = await client.call(
      requests.create,
      {},
      { member: memberB, patient, refs: 'all', purpose: 'TREAT', reason: 'control' },
    );
    expect(asked).toEqual({ id: requestOut, state: 'queued' });
    expect(await client.call(requests.get, { id: requestIn })).toMatchObject({ direction: 'in', name: 'Spitalul B' });
    expect(await client.page(requests.list, { direction: 'in' })).toMatchObject({
      rows: [{ id: requestIn }],
      total: 1,
    });
    const { id } = await client.call(requests.deny, { id: requestIn }, { reason: 'no consent' });
    expect(id).toBe(requestIn);
  });

  it('throws what the peer answers, by its code', async () => {
    const unknown = client.call(patients.link, { id: 'f'.repeat(32) }, { system: 'urn:x', value: '1' });
    await expect(unknown).rejects.toThrow(PeerError);
    await expect(unknown).rejects.toMatchObject({ code: 'patient/unknown' });
    await expect(client.call(requests.get, { id: '../peer' })).rejects.toMatchObject({ code: 'http/invalid' });
  });
});
