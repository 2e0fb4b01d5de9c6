// Registers what node/api/ defines: a handler for each operation of a resource, typed by its definition.
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { Principal } from '../access/roles.ts';
import {
  type AnswerOf,
  type BodyOf,
  type HeadersOf,
  isContent,
  type Loose,
  type ParamsOf,
  type QueryOf,
  type Resource,
  type Route,
  type RowOf,
} from '../api/route.ts';
import { who } from './auth.ts';
import { type ListPage, sendPage } from './paging.ts';
import { answers, answersAs, pageAnswers, type Server } from './typed.ts';

/** One call, checked against its route's definition. */
export interface Call<R extends Route> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly headers: HeadersOf<R>;
  readonly body: BodyOf<R>;
  /** Who calls. @throws PeerError http/unauthorized on a public route */
  readonly by: Principal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What a handler gives: the answer, which becomes JSON; of a list one page of it; or, of content, what fastify sends. */
type HandlerResult<R extends Route> = R extends { readonly paged: true }
  ? ListPage<Loose<RowOf<R>>>
  : Loose<AnswerOf<R>>;

export type Handler<R extends Route> = (call: Call<R>) => HandlerResult<R> | Promise<HandlerResult<R>>;

/** The compiler names an operation without a handler. */
export function serve<R extends Resource>(
  server: Server,
  resource: R,
  handlers: { readonly [K in keyof R]: Handler<R[K]> },
): void {
  for (const [name, route] of Object.entries(resource)) register(server, route, handlers[name] as Handler<Route>);
}

function register(server: Server, route: Route, handle: Handler<Route>): void {
  const { method, path: url, needs, strict, bodyBytes, status = 200 } = route;
  const [usual] = [status].flat();
  server.route({
    ...{ method, url, schema: schemaOf(route) },
    config: { needs, ...(strict && { strict }) },
    ...(bodyBytes !== undefined && { bodyLimit: bodyBytes }),
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      reply.code(usual!);
      const given = await handle(callOf(request, reply));
      return route.paged === true ? sendPage(request, reply, given as ListPage<unknown>) : given;
    },
  });
}

const callOf = (request: FastifyRequest, reply: FastifyReply): Call<Route> => ({
  ...{ params: request.params, query: request.query, headers: request.headers, body: request.body, request, reply },
  get by() {
    return who(request);
  },
});

/** What requests are checked against, and the OpenAPI document is made from. */
function schemaOf({ summary, description, tag, needs, params, query, headers, body, ...route }: Route): FastifySchema {
  return {
    summary,
    tags: [tag],
    ...(description !== undefined && { description }),
    ...(needs === 'public' && { security: [] }),
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && (isContent(body) ? { consumes: [...body.types] } : { body })),
    response: responseOf(route),
  };
}

function responseOf({ answer, paged, status = 200 }: Pick<Route, 'answer' | 'paged' | 'status'>) {
  if (isContent(answer)) return answersAs(answer.about, ...answer.types);
  if (paged === true) return pageAnswers(answer);
  return Object.assign({}, ...[status].flat().map((each) => answers(answer, each)));
}
