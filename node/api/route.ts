// What one operation of the API is: a plain object that the server registers, the client calls and the OpenAPI document
// shows. Nothing of it is written a second time anywhere.
import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import type { Permission } from './roles.ts';
import { Count, closed, described } from './schemas.ts';

/** `public`: anybody. `token`: anybody with a valid one. Several permissions: any of them. */
export type Needs = 'public' | 'token' | Permission | readonly Permission[];

/** A body or an answer that is no JSON of ours: its media types. */
export interface Content {
  readonly types: readonly string[];
  readonly about: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:name` for each of `params`. */
  readonly path: string;
  readonly needs: Needs;
  /** The resource's name in the OpenAPI document. */
  readonly tag: string;
  /** One line: what it does. */
  readonly summary: string;
  readonly description?: string;
  readonly params?: TSchema;
  /** Everything in a query is text. */
  readonly query?: TSchema;
  readonly headers?: TSchema;
  readonly body?: TSchema | Content;
  readonly answer: TSchema | Content;
  /** Of the answer; the first, if its handler doesn't say another. 200 if absent. */
  readonly status?: number | readonly [number, ...number[]];
  /** Takes few calls a minute from one address. */
  readonly strict?: true;
  /** The longest body, where it isn't limits.httpBodyBytes. */
  readonly bodyBytes?: number;
  /** The answer is one page of a list. */
  readonly paged?: true;
}

/** The operations of one thing, by what they do. */
export type Resource = Readonly<Record<string, Route>>;

/** Only gives the object its type. */
export const defineRoute = <const R extends Route>(route: R): R => route;

/** What every list takes. */
const paging = {
  limit: Type.Optional(described(Count, `Rows of one page; at most ${limits.httpPageRows}, which is usual.`)),
  cursor: Type.Optional(
    Type.String({ maxLength: 200, description: 'Where to go on: as in the Link header of the page before.' }),
  ),
};

interface List<Row extends TSchema, Q extends TProperties> {
  readonly path: string;
  readonly needs: Needs;
  readonly tag: string;
  readonly summary: string;
  readonly row: Row;
  readonly query?: Q;
}

/**
 * A list, read page by page: the rows are the body, the header `Link: <...>; rel="next"` (RFC 8288) leads to the next
 * page while there is one, and `X-Total-Count` says how many rows there are, where that is known without counting them.
 */
export const defineList = <const Row extends TSchema, const Q extends TProperties = Record<never, never>>({
  row,
  query,
  ...list
}: List<Row, Q>) =>
  ({
    ...list,
    method: 'GET',
    query: closed({ ...(query as Q), ...paging }),
    answer: Type.Array(row),
    paged: true,
  }) as const;

type StaticOf<S> = S extends Content ? unknown : S extends TSchema ? Static<S> : never;
type Part<R, K extends string> = R extends { readonly [k in K]: infer S } ? StaticOf<S> : unknown;

export type ParamsOf<R extends Route> = Part<R, 'params'>;
export type QueryOf<R extends Route> = Part<R, 'query'>;
export type HeadersOf<R extends Route> = Part<R, 'headers'>;
export type BodyOf<R extends Route> = Part<R, 'body'>;
export type AnswerOf<R extends Route> = Part<R, 'answer'>;
export type RowOf<R extends Route> = AnswerOf<R> extends readonly (infer Row)[] ? Row : never;

/** A value as it is before it becomes JSON, which leaves out what is undefined. */
export type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Record<never, never> extends Pick<T, K> ? Loose<T[K]> | undefined : Loose<T[K]> }
    : T;

export const isContent = (part: TSchema | Content): part is Content => 'types' in part;
