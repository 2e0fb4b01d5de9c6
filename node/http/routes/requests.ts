// Asking others for studies, and deciding what others ask of us.
import type { FastifyRequest } from 'fastify';
import { concat } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import { type Request, requests } from '../../api/requests.ts';
import type { Loose } from '../../api/route.ts';
import { placeBytesOf } from '../../store/timed-rows.ts';
import { may, who } from '../auth.ts';
import { afterOf, latestOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';
import { incomingView, outgoingView } from './request-views.ts';

type Direction = Request['direction'];

export function requestRoutes(server: Server, parts: HttpParts): void {
  const { asking, guard } = parts;
  serve(server, requests, {
    create: async ({ body, by }) => asking.create(body, by),
    list: async ({ query, request }) => {
      const wanted = directions(request, query.direction);
      const page = await pageOf(placed(parts, wanted, afterOf(query, placeBytes)), limitOf(query));
      const totals = wanted.map((each) => (each === 'in' ? guard.requests.total() : asking.total()));
      return { ...page, total: (await Promise.all(totals)).reduce((a, b) => a + b, 0) };
    },
    get: async ({ params: { id }, request }) => {
      const show = shownBy(parts);
      const incoming = may(request, 'decide') ? await guard.requests.get(id) : undefined;
      if (incoming !== undefined) return show.in(incoming);
      const outgoing = may(request, 'find') ? asking.get(id) : undefined;
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
function directions(request: FastifyRequest, asked: string | undefined): readonly Direction[] {
  const sees = { in: may(request, 'decide'), out: may(request, 'find') };
  const wanted = (asked?.split(',') ?? []) as readonly Direction[];
  for (const direction of wanted) must(sees[direction], 'http/forbidden', { role: who(request).role });
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

const idBytes = 16;
const placeBytes = placeBytesOf(idBytes) + 1;

/** Both directions in one list: a place there has the direction at its end, since one id may stand in both. */
function placed(parts: HttpParts, wanted: readonly Direction[], after: Uint8Array | undefined) {
  const show = shownBy(parts);
  const [from, last] = [after?.subarray(0, -1), after?.at(-1) ?? 0];
  const lists = wanted.map((direction) => {
    const own = ends[direction];
    const listing = { latest: true, after: from && (own < last ? concat(from, Uint8Array.of(0)) : from) };
    return direction === 'in'
      ? shownWith(parts.guard.requests.rows(listing), own, show.in)
      : shownWith(parts.asking.rows(listing), own, show.out);
  });
  return latestOf(lists);
}

const ends = { in: 1, out: 0 } as const;

async function* shownWith<Row>(
  rows: AsyncIterable<PlacedRow<Row>>,
  end: number,
  show: (row: Row) => Loose<Request>,
): AsyncGenerator<PlacedRow<Loose<Request>>> {
  for await (const { place, row } of rows) yield { place: concat(place, Uint8Array.of(end)), row: show(row) };
}
