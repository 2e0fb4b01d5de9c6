// A small client of a peer's HTTP API: JSON in and out, bodies streamed, errors by their code.
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { catalogue, type ErrorCode, PeerError } from '../../protocol/errors.ts';
import type { Language } from '../api/texts/language.ts';

export type Query = Readonly<Record<string, string | undefined>>;

interface Body {
  readonly type: string;
  readonly content: Uint8Array | Readable;
}

/** The longest JSON answer that is read: a long audit log. */
const answerBytes = 256 * 1024 * 1024;

export class PeerClient {
  readonly #url: string;
  readonly #token: string;
  readonly #language: Language | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  /** @param options.language what the peer shall speak */
  constructor(options: { url: string; token: string; language?: Language }) {
    this.#url = options.url;
    this.#token = options.token;
    this.#language = options.language;
  }

  /** GET of JSON under /api/v1. @throws PeerError what the peer answers */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return readJson(await this.#send('GET', `/api/v1${path}${search(query)}`));
  }

  /** POST of JSON under /api/v1. @throws PeerError what the peer answers */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const content = new TextEncoder().encode(JSON.stringify(body));
    return readJson(await this.#send('POST', `/api/v1${path}`, { type: 'application/json', content }));
  }

  /** DELETE under /api/v1. @throws PeerError what the peer answers */
  async delete<T>(path: string): Promise<T> {
    return readJson(await this.#send('DELETE', `/api/v1${path}`));
  }

  /** POST of bytes under /api/v1. @throws PeerError what the peer answers, or what reading the stream throws */
  async upload<T>(
    path: string,
    content: Uint8Array | Readable,
    options: { type?: string; length?: number } = {},
  ): Promise<T> {
    const { type = 'application/octet-stream', ...rest } = options;
    return readJson(await this.#send('POST', `/api/v1${path}`, { type, content, ...rest }));
  }

  /** An answer to be read piece by piece. @throws PeerError what the peer answers */
  open(path: string, accept: string): Promise<IncomingMessage> {
    return this.#send('GET', path, undefined, accept);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body?: Body, accept = 'application/json'): Promise<IncomingMessage> {
    const headers: Record<string, string | number> = { authorization: `Bearer ${this.#token}`, accept };
    if (this.#language !== undefined) headers['accept-language'] = this.#language;
    if (body !== undefined) headers['content-type'] = body.type;
    if (body?.content instanceof Uint8Array) headers['content-length'] = body.content.length;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(new URL(path, this.#url), { method, headers, agent: this.#agent });
      call.once('response', resolve); // an early answer counts, whatever the rest of the body comes to
      call.on('error', (error) => reject(broken(error)));
      if (body === undefined || body.content instanceof Uint8Array) call.end(body?.content);
      else pipeline(body.content, call).catch(reject);
    });
    if ((answer.statusCode ?? 500) < 400) return answer;
    throw problem(await readText(answer));
  }
}

const search = (query: Query): string => {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

function broken(cause: NodeJS.ErrnoException): Error {
  return cause.syscall === 'connect' ? new PeerError('peer/not-running', {}, { cause }) : cause;
}

async function readText(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > answerBytes) throw new PeerError('peer/answer', { length });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function readJson<T>(answer: IncomingMessage): Promise<T> {
  const text = await readText(answer);
  return text === '' ? (undefined as T) : (parsed(text) as T);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PeerError('peer/answer', {}, { cause });
  }
}

/** A problem document (RFC 9457) as the error it tells of; one of a newer peer is told in its own words. */
function problem(text: string): PeerError {
  const { code, title, detail } = (parsed(text) ?? {}) as Record<string, unknown>;
  if (typeof code === 'string' && Object.hasOwn(catalogue, code)) {
    return new PeerError(code as ErrorCode, { message: detail });
  }
  return new PeerError('peer/answer', { message: detail ?? title });
}
