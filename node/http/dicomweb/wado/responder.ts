// How an answer goes out: while it is made, whole or a range of it, or only its header.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { errorFields } from '../../../system/log.ts';

import { who } from '../../auth.ts';
import type { HttpOptions, HttpParts } from '../../parts.ts';
import { knownError } from '../../problem.ts';
import { publicUrlOf } from '../../public-url.ts';
import type { Server } from '../../typed.ts';
import { mediaRanges } from '../accept.ts';
import { primed } from '../multipart.ts';
import { type ByteRange, byteRange, sliced } from './ranges.ts';
import type { Selection, WadoRequest, WadoResponse } from './response.ts';

interface Described {
  readonly schema: {
    readonly summary: string;
    readonly tags: readonly string[];
    readonly params?: TSchema;
    readonly querystring?: TSchema;
    readonly response: object;
  };
  readonly config: { readonly needs: 'view' };
}

export class WadoResponder {
  readonly #options: HttpOptions;
  readonly #parts: HttpParts;

  constructor(options: HttpOptions, parts: HttpParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** A route for GET, and for HEAD, which answers the same without a body. */
  get(
    server: Server,
    url: string,
    described: Described,
    answer: (request: FastifyRequest) => Promise<WadoResponse>,
  ): void {
    const { schema, config } = described;
    const handler = (request: FastifyRequest, reply: FastifyReply) => this.answer(request, reply, answer(request));
    server.get(url, { schema, config }, handler);
    server.head(url, { schema: { ...schema, hide: true }, config }, handler);
  }

  asked(request: FastifyRequest, selection: Selection): WadoRequest {
    const ranges = mediaRanges(request.headers.accept);
    return { selection, ranges, by: who(request), base: this.base(request) };
  }

  /** URL of the DICOMweb service as the client reaches it. */
  base(request: FastifyRequest): string {
    return `${publicUrlOf(this.#options, request)}/dicom-web`;
  }

  async answer(request: FastifyRequest, reply: FastifyReply, answering: Promise<WadoResponse>): Promise<FastifyReply> {
    const answer = await answering;
    const { etag } = answer;
    if (etag !== undefined && has(request.headers['if-none-match'], etag)) {
      return reply.code(304).header('etag', etag).send();
    }
    const range = rangeOf(request, reply, answer);
    if (request.method === 'HEAD') return this.#head(reply, answer, range).send();
    // what fails at once is answered as an error, without any header of what it would have been
    const stream = await primed(range === undefined ? answer.body : partOf(answer, range));
    stream.once('error', (error: NodeJS.ErrnoException) => {
      // the client sees a body that ends too early; one that left by itself is no news
      if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || request.raw.destroyed) return;
      const level = knownError(error).row.http < 500 ? 'warn' : 'error'; // a frame in the middle may be damaged
      this.#parts.log[level]({ route: request.routeOptions.url, ...errorFields(error) }, 'an answer broke off');
    });
    return this.#head(reply, answer, range).send(stream);
  }

  #head(reply: FastifyReply, { contentType, length, etag }: WadoResponse, range: ByteRange | undefined): FastifyReply {
    reply.type(contentType);
    if (etag !== undefined) reply.header('etag', etag);
    if (length === undefined) return reply;
    reply.header('accept-ranges', 'bytes');
    if (range === undefined) return reply.header('content-length', length);
    reply.header('content-length', range.to - range.from);
    return reply.code(206).header('content-range', `bytes ${range.from}-${range.to - 1}/${length}`);
  }
}

/** A range that is not there is refused with the length of what is. @throws PeerError http/range */
function rangeOf(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { length, etag }: WadoResponse,
): ByteRange | undefined {
  const same = headers['if-range'] === undefined || headers['if-range'] === etag;
  if (length === undefined || !same) return undefined;
  try {
    return byteRange(headers.range, length);
  } catch (error) {
    reply.header('content-range', `bytes */${length}`);
    throw error;
  }
}

const partOf = ({ body, part }: WadoResponse, range: ByteRange): AsyncIterable<Uint8Array> =>
  part === undefined ? sliced(body, range) : part(range.from, range.to);

const has = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*') === true;
