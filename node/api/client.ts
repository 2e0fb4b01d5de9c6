// A client of a peer's API, typed by its definitions; what carries its calls (node's http, a browser's fetch) is given.
import { isErrorCode, PeerError } from '../../protocol/errors.ts';
import {
  type AnswerOf,
  type BodyOf,
  type Content,
  isContent,
  type Loose,
  type ParamsOf,
  type QueryOf,
  type Route,
  type RowOf,
} from './route.ts';

/** One call as it is sent. */
export interface ApiCall<Upload> {
  readonly method: Route['method'];
  /** With its query. */
  readonly path: string;
  /** Media type wanted. */
  readonly accept: string;
  readonly body?: { readonly type: string; readonly content: Uint8Array | Upload };
}

/** An answer of any status. */
export interface ApiAnswer<Raw> {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** The whole body. @throws PeerError peer/answer when it is longer than is read */
  text(): Promise<string>;
  /** To be read piece by piece. */
  readonly raw: Raw;
}

/** @throws what broke the connection, or reading an upload */
export type Transport<Raw, Upload> = (sent: ApiCall<Upload>) => Promise<ApiAnswer<Raw>>;

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The cursor of the next page; absent on the last. */
  readonly next?: string | undefined;
  readonly total?: number | undefined;
}

/** Parameters of path and query together. */
type ArgsOf<R extends Route> = Loose<ParamsOf<R> & QueryOf<R>>;
type MayLeaveOut<A> = Record<never, never> extends A ? [args?: A] : [args: A];
type HasJson<R extends Route> = R extends { readonly body: infer B } ? (B extends Content ? false : true) : false;

/** What a call of a route takes: its parameters, and its body if it has one. */
export type CallOf<R extends Route> =
  HasJson<R> extends true ? [args: ArgsOf<R>, body: Loose<BodyOf<R>>] : MayLeaveOut<ArgsOf<R>>;

export class ApiClient<Raw, Upload = never> {
  readonly #send: Transport<Raw, Upload>;

  constructor(transport: Transport<Raw, Upload>) {
    this.#send = transport;
  }

  /** Calls a route that takes and gives JSON. @throws PeerError what the peer answers, peer/answer */
  async call<R extends Route>(route: R, ...[args, body]: CallOf<R>): Promise<AnswerOf<R>> {
    const answer = await this.#answered(route, args, jsonBody(route, body));
    return parsed(await answer.text()) as AnswerOf<R>;
  }

  /** Calls a route that takes bytes and gives JSON. @throws PeerError what the peer answers, peer/answer */
  async upload<R extends Route>(
    route: R,
    content: Uint8Array | Upload,
    type: string,
    ...[args]: MayLeaveOut<ArgsOf<R>>
  ): Promise<AnswerOf<R>> {
    const answer = await this.#answered(route, args, { type, content });
    return parsed(await answer.text()) as AnswerOf<R>;
  }

  /** Calls a route that gives something else than JSON. @throws PeerError what the peer answers */
  open<R extends Route>(route: R, ...[args, body]: CallOf<R>): Promise<ApiAnswer<Raw>> {
    return this.#answered(route, args, jsonBody(route, body));
  }

  /** One page of a list. @throws PeerError what the peer answers, peer/answer */
  page<R extends Route & { readonly paged: true }>(
    route: R,
    ...[args]: MayLeaveOut<ArgsOf<R>>
  ): Promise<Page<RowOf<R>>> {
    return this.#page<RowOf<R>>(route, args);
  }

  /** All rows of a list, read page by page. @throws PeerError what the peer answers, peer/answer */
  async *rows<R extends Route & { readonly paged: true }>(
    route: R,
    ...[args]: MayLeaveOut<ArgsOf<R>>
  ): AsyncGenerator<RowOf<R>> {
    let cursor: string | undefined;
    do {
      const page: Page<RowOf<R>> = await this.#page(route, { ...(args as object), cursor });
      yield* page.rows;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  /** An answer below 400 of any path. @throws PeerError what the peer answers */
  async send(sent: ApiCall<Upload>): Promise<ApiAnswer<Raw>> {
    const answer = await this.#send(sent);
    if (answer.status < 400) return answer;
    throw problem(await answer.text());
  }

  async #page<Row>(route: Route, args: unknown): Promise<Page<Row>> {
    const answer = await this.#answered(route, args);
    const rows = parsed(await answer.text()) as readonly Row[];
    const total = answer.header('x-total-count');
    return { rows, next: nextOf(answer.header('link')), total: total === undefined ? undefined : Number(total) };
  }

  #answered(route: Route, args: unknown, body?: ApiCall<Upload>['body']): Promise<ApiAnswer<Raw>> {
    const { answer, method } = route;
    const accept = isContent(answer) ? answer.types.join(', ') : 'application/json';
    return this.send({ method, path: pathOf(route, args as Args | undefined), accept, ...(body && { body }) });
  }
}

type Args = Readonly<Record<string, string | undefined>>;

/** A route's path with its parameters filled in, and what is left of them as its query. */
function pathOf({ path }: Pick<Route, 'path'>, args: Args = {}): string {
  const left = new Map(Object.entries(args));
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = left.get(name) ?? '';
    left.delete(name);
    return encodeURIComponent(value);
  });
  const given = [...left].filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given)}`;
}

/** A POST that says nothing says so in JSON. */
function jsonBody({ method, body }: Pick<Route, 'method' | 'body'>, value: unknown = {}) {
  if (method !== 'POST' || (body !== undefined && isContent(body))) return undefined;
  return { type: 'application/json', content: new TextEncoder().encode(JSON.stringify(value)) };
}

/** The cursor in a Link header (RFC 8288) to the next page. */
function nextOf(link: string | undefined): string | undefined {
  const target = /<([^>]*)>;\s*rel="?next"?/.exec(link ?? '')?.[1];
  return target === undefined ? undefined : (new URLSearchParams(target.split('?')[1]).get('cursor') ?? undefined);
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PeerError('peer/answer', {}, { cause });
  }
}

/** A problem document as the error it tells of; one of a newer peer is told in its own words. */
function problem(text: string): PeerError {
  const { code, title, detail } = (parsed(text) ?? {}) as Record<string, unknown>;
  if (isErrorCode(code)) {
    return new PeerError(code, { message: detail });
  }
  return new PeerError('peer/answer', { message: detail ?? title });
}
