// A peer's API over node's http: bodies streamed, errors by their code.
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PeerError } from '../../protocol/errors.ts';
import { type ApiAnswer, type ApiCall, ApiClient } from '../api/client.ts';
import type { Language } from '../api/texts/language.ts';

/** The longest JSON answer that is read. */
const answerBytes = 256 * 1024 * 1024;

export class PeerClient extends ApiClient<IncomingMessage, Readable> {
  readonly #agent: Agent;

  /** @param options.language what the peer shall speak */
  constructor(options: { url: string; token: string; language?: Language }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    super((sent) => send(sent, { ...options, agent }));
    this.#agent = agent;
  }

  /** GET of what is no operation of the API (DICOMweb), read piece by piece. @throws PeerError what the peer answers */
  async openPath(path: string, accept: string): Promise<IncomingMessage> {
    return (await this.send({ method: 'GET', path, accept })).raw;
  }

  close(): void {
    this.#agent.destroy();
  }
}

interface Way {
  readonly url: string;
  readonly token: string;
  readonly language?: Language;
  readonly agent: Agent;
}

async function send(
  { method, path, accept, body }: ApiCall<Readable>,
  { url, token, language, agent }: Way,
): Promise<ApiAnswer<IncomingMessage>> {
  const headers: Record<string, string | number> = { authorization: `Bearer ${token}`, accept };
  if (language !== undefined) headers['accept-language'] = language;
  if (body !== undefined) headers['content-type'] = body.type;
  if (body?.content instanceof Uint8Array) headers['content-length'] = body.content.length;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request(new URL(path, url), { method, headers, agent });
    call.once('response', resolve); // an early answer counts, whatever the rest of the body comes to
    call.on('error', (error) => reject(broken(error)));
    if (body === undefined || body.content instanceof Uint8Array) call.end(body?.content);
    else pipeline(body.content, call).catch(reject);
  });
  return {
    status: answer.statusCode ?? 500,
    header: (name) => [answer.headers[name]].flat()[0],
    text: () => readText(answer),
    raw: answer,
  };
}

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
