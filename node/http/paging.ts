// One page of a list: rows as the body, where to go on in the Link header (RFC 8288), how many there are beside it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toBase64Url } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** Of the last row, when there are more. */
  readonly next?: Uint8Array | undefined;
  /** Rows of the whole list, where it is known. */
  readonly total?: number | undefined;
}

/** A row and its place in the list, which no other row's coming or going changes. */
export interface PlacedRow<Row> {
  readonly place: Uint8Array;
  readonly row: Row;
}

/** What a list is asked for. */
export interface PageRequest {
  readonly limit?: string;
  readonly cursor?: string;
}

/** Rows of one page. */
export const limitOf = ({ limit }: PageRequest): number =>
  Math.min(Number(limit ?? limits.httpPageRows), limits.httpPageRows);

/**
 * The place behind which to go on.
 * @param length bytes of this list's places
 * @throws PeerError http/invalid when it is none of this list's cursors
 */
export function afterOf({ cursor }: PageRequest, length: number): Uint8Array | undefined {
  if (cursor === undefined) return undefined;
  const place = /^[A-Za-z0-9_-]+$/.test(cursor) ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  must(place.length === length && toBase64Url(place) === cursor, 'http/invalid', { at: 'querystring/cursor' });
  return new Uint8Array(place);
}

/** The first rows of what goes on behind a cursor, and whether there are more. */
export async function pageOf<Row>(rows: AsyncIterable<PlacedRow<Row>>, limit: number): Promise<ListPage<Row>> {
  const page: Row[] = [];
  let last: Uint8Array | undefined;
  if (limit === 0) return { rows: page };
  for await (const { place, row } of rows) {
    if (page.length === limit) return { rows: page, next: last };
    page.push(row);
    last = place;
  }
  return { rows: page };
}

/** Lists in one, the greatest place first, as each of them is. */
export async function* latestOf<Row>(lists: readonly AsyncIterable<PlacedRow<Row>>[]): AsyncGenerator<PlacedRow<Row>> {
  const iterators = lists.map((list) => list[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((each) => each.next()));
  try {
    for (;;) {
      let first = -1;
      for (const [i, head] of heads.entries()) {
        if (head.done !== true && (first < 0 || isBehind(heads[first]!.value, head.value))) first = i;
      }
      if (first < 0) return;
      yield heads[first]!.value;
      heads[first] = await iterators[first]!.next();
    }
  } finally {
    for (const each of iterators) await each.return?.();
  }
}

const isBehind = (a: PlacedRow<unknown>, b: PlacedRow<unknown>): boolean => Buffer.compare(a.place, b.place) < 0;

/** Sets the headers and gives the body. */
export function sendPage<Row>({ url }: FastifyRequest, reply: FastifyReply, page: ListPage<Row>): readonly Row[] {
  const { rows, next, total } = page;
  if (total !== undefined) reply.header('x-total-count', total);
  if (next !== undefined) {
    const [path, query] = url.split('?');
    const search = new URLSearchParams(query);
    search.set('cursor', toBase64Url(next));
    reply.header('link', `<${path}?${search}>; rel="next"`);
  }
  return rows;
}
