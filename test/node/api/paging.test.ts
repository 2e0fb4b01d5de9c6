// Lists over HTTP: an array and two headers, all pages together all rows once, whatever comes between them.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../../../node/api/audit.ts';
import { patients } from '../../../node/api/patients.ts';
import { requests } from '../../../node/api/requests.ts';
import { transfers } from '../../../node/api/transfers.ts';
import { PeerClient } from '../../../node/cli/client.ts';
import { hex } from '../../../protocol/bytes.ts';
import { openPeer, type Peer } from '../http/kit.ts';
import { rowsOf } from '../stores.ts';

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

const idOf = (n: number): string => n.toString(16).padStart(32, '0');

describe('requests', () => {
  const add = async (direction: 'in' | 'out', id: string, at: number): Promise<void> => {
    const { incoming, outgoing } = peer.lists;
    if (direction === 'in') await incoming.put({ ...(await rowsOf(incoming))[0]!, id, at });
    else await outgoing.put({ ...(await rowsOf(outgoing))[0]!, id, at });
  };
  const asked = fc.record({
    direction: fc.constantFrom('in' as const, 'out' as const),
    // one id in both directions at one time: somebody asked themselves
    id: fc.oneof(fc.integer({ min: 0, max: 6 }).map(idOf), fc.uint8Array({ minLength: 16, maxLength: 16 }).map(hex)),
    at: fc.integer({ min: 10_000, max: 10_006 }),
  });

  it('of both directions come once each, latest first, with others coming between the pages', async () => {
    const known = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { maxLength: 6 }),
        fc.array(asked, { maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (first, later, limit) => {
          const fresh = (all: typeof first) =>
            all.filter(({ direction, id, at }) => take(known, `${direction} ${id}`, at));
          for (const { direction, id, at } of fresh(first)) await add(direction, id, at);
          const before = await client.call(requests.list);
          const seen: typeof before = [];
          let total = 0;
          for (let cursor: string | undefined; ; ) {
            const page = await client.page(requests.list, { limit: `${limit}`, cursor });
            seen.push(...page.rows);
            ({ total = 0 } = page);
            cursor = page.next;
            if (cursor === undefined) break;
            for (const { direction, id, at } of fresh(later.splice(0, 1))) await add(direction, id, at);
          }
          const name = ({ direction, id }: (typeof seen)[number]) => `${direction} ${id}`;
          expect(new Set(seen.map(name)).size).toBe(seen.length);
          expect(seen.map(name)).toEqual(expect.arrayContaining(before.map(name)));
          expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).sort((a, b) => b - a));
          expect(total).toBe(known.size + 2);
          const out = await Array.fromAsync(client.rows(requests.list, { direction: 'out', limit: `${limit}` }));
          const all = await client.call(requests.list);
          expect(out).toEqual(all.filter(({ direction }) => direction === 'out'));
        },
      ),
      { numRuns: 15 },
    );
  });
});

/** Whether it is new. A row's time never changes. */
function take(known: Map<string, number>, name: string, at: number): boolean {
  if (known.has(name)) return false;
  known.set(name, at);
  return true;
}

describe('a list', () => {
  it('is an array, with the next page in Link and the number of rows beside it', async () => {
    for (let i = 0; i < 3; i++) {
      const put = [{ id: idOf(50 + i), identifiers: [], name: 'Marker^Zebulon' }];
      await peer.stores.index.changePatients(() => ({ put, result: undefined }));
    }
    const answer = await peer.call('/api/v1/patients?limit=2');
    expect(await answer.json()).toMatchObject([{ id: idOf(50) }, { id: idOf(51) }]);
    expect(answer.headers.get('x-total-count')).toBe('3');
    const next = /^<(\/api\/v1\/patients\?limit=2&cursor=[\w-]+)>; rel="next"$/.exec(answer.headers.get('link')!)![1]!;
    const last = await peer.call(next);
    expect(await last.json()).toMatchObject([{ id: idOf(52) }]);
    expect(last.headers.get('link')).toBe(null);
    expect(await (await peer.call('/api/v1/patients?limit=0')).json()).toEqual([]);
  });

  it('refuses what is no cursor of its own', async () => {
    const { next } = await client.page(patients.list, { limit: '1' });
    for (const path of ['patients', 'requests', 'transfers', 'audit']) {
      const foreign = path === 'patients' ? [] : [next!];
      for (const cursor of ['', 'x', 'AAAA', '%20', 'A'.repeat(500), ...foreign]) {
        const answer = await peer.call(`/api/v1/${path}?cursor=${cursor}`);
        expect([path, cursor, answer.status]).toEqual([path, cursor, 400]);
        expect(await answer.json()).toMatchObject({ code: 'http/invalid' });
      }
    }
  });

  it('of transfers is the latest first', async () => {
    const [one] = await client.call(transfers.list);
    expect(one).toBeDefined();
    expect(await client.page(transfers.list, { limit: '1' })).toMatchObject({ total: 1, next: undefined });
  });

  it('of audit entries goes on by its cursor, or by the last index + 1', async () => {
    const all = (await client.call(audit.list)).slice(0, 7);
    const { rows, next, total } = await client.page(audit.list, { limit: '3' });
    expect([rows, total! >= all.length]).toEqual([all.slice(0, 3), true]);
    expect(await client.call(audit.list, { limit: '2', cursor: next })).toEqual(all.slice(3, 5));
    expect(await client.call(audit.list, { limit: '2', from: '3' })).toEqual(all.slice(3, 5));
    const pages = client.rows(audit.list, { limit: '2', from: '1' });
    expect((await Array.fromAsync(pages)).slice(0, 6)).toEqual(all.slice(1, 7));
  });
});
