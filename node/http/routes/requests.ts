// Asking others for studies, and deciding what others ask of us.
import { concat, uintBytes, unhex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import type { Principal } from '../../access/roles.ts';
import { type Request, requests } from '../../api/requests.ts';
import type { Loose } from '../../api/route.ts';
import { may } from '../auth.ts';
import { afterOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';
import { incomingView, outgoingView } from './request-views.ts';

type Direction = Request['direction'];

export function requestRoutes(server: Server, parts: HttpParts): void {
  const { asking, guard } = parts;
  serve(server, requests, {
    create: async ({ body, by }) => asking.create(body, by),
    list: async ({ query, by }) => {
      const all = await views(parts, directions(by, query.direction));
      const page = await pageOf(behind(all, afterOf(query, placeBytes)), limitOf(query));
      return { ...page, total: all.length };
    },
    get: async ({ params: { id }, by }) => {
      const show = shownBy(parts);
      const incoming = may(by, 'decide') ? await guard.incoming(id) : undefined;
      if (incoming !== undefined) return show.in(incoming);
      const outgoing = may(by, 'find') ? asking.get(id) : undefined;
      must(outgoing !== undefined, 'http/not-found');
      return show.out(outgoing);
    },
    approve: ({ params, by }) => guard.approve(params.id, by),
    deny: ({ params, body, by }) => guard.deny(params.id, body.reason, by),
    revoke: async ({ params: { id }, by }) => {
      await guard.revoke(id, by);
      return { id };
    },
  });
}

/** What came in is for those who decide, what went out for those who ask. @throws PeerError http/forbidden */
function directions(by: Principal, asked: string | undefined): readonly Direction[] {
  const sees = { in: may(by, 'decide'), out: may(by, 'find') };
  const wanted = (asked?.split(',') ?? []) as readonly Direction[];
  for (const direction of wanted) must(sees[direction], 'http/forbidden', { role: by.role });
  return (['in', 'out'] as const).filter((each) => sees[each] && (asked === undefined || wanted.includes(each)));
}

/** How requests are shown: by what members are called now, what is kept here, what is being fetched. */
function shownBy({ federation, index, transfers }: HttpParts) {
  const names = new Map(federation.status().members.map(({ id, name }) => [id, name]));
  const nameOf = (member: string) => names.get(member) ?? member;
  const started = (id: string) => transfers.get(id) !== undefined;
  return {
    in: (asked: Parameters<typeof incomingView>[0]) => incomingView(asked, nameOf, index),
    out: (asked: Parameters<typeof outgoingView>[0]) => outgoingView(asked, nameOf, started),
  };
}

async function views(parts: HttpParts, wanted: readonly Direction[]): Promise<Loose<Request>[]> {
  const show = shownBy(parts);
  const incoming = wanted.includes('in') ? await parts.guard.requests() : [];
  const asked = wanted.includes('out') ? parts.asking.list() : [];
  return [...incoming.map(show.in), ...asked.map(show.out)].sort((a, b) => b.at - a.at);
}

/** Time, id, direction. */
const placeBytes = 8 + 16 + 1;

async function* behind(
  all: readonly Loose<Request>[],
  after: Uint8Array | undefined,
): AsyncGenerator<PlacedRow<Loose<Request>>> {
  for (const row of all) {
    const place = concat(uintBytes(row.at, 8), unhex(row.id), Uint8Array.of(row.direction === 'in' ? 1 : 0));
    if (after === undefined || Buffer.compare(place, after) < 0) yield { place, row };
  }
}
