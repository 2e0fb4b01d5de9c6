// The peer that inputs are sent to, and what it promised meanwhile.
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { PeerProcess } from '../e2e/processes.ts';

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export interface Posted {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
  /** Sent so far, then the connection is cut. */
  readonly cutAt?: number | undefined;
}

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export class Target {
  readonly peer: PeerProcess;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  /** SHA-256 of every data set that was acknowledged. */
  readonly acknowledged = new Set<string>();

  constructor(peer: PeerProcess, token: string) {
    this.peer = peer;
    this.#token = token;
  }

  promised(dataset: Uint8Array): void {
    this.acknowledged.add(sha(dataset));
  }

  /** Posts a body; undefined when it was to be cut. @throws when there is no answer, or one that says that the peer failed */
  async post(posted: Posted): Promise<Answered | undefined> {
    const answer = await this.#send('POST', posted);
    if (answer === undefined) return undefined;
    if (answer.status >= 500) throw new Error(`${posted.path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    if (answer.status >= 400 && !/json|hl7/.test(answer.type)) throw new Error(`${answer.status} as ${answer.type}`);
    return answer;
  }

  /** Gets something, as bytes. */
  async get(path: string, accept: string): Promise<{ status: number; type: string; body: Buffer }> {
    const { port, headers } = this.#to(accept);
    return new Promise((resolve, reject) => {
      const asking = request({ port, path, headers, agent: this.#agent }, (answer) => {
        const type = answer.headers['content-type'] ?? '';
        buffer(answer).then((body) => resolve({ status: answer.statusCode!, type, body }), reject);
      });
      asking.on('error', reject).end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #to(accept: string) {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, accept };
    return { port: this.peer.ports.http, headers };
  }

  #send(method: string, { path, type, body, cutAt }: Posted): Promise<Answered | undefined> {
    const { port, headers } = this.#to('*/*');
    return new Promise((resolve, reject) => {
      const more = { 'content-type': type, 'content-length': String(body.length) };
      const asking = request({ port, path, method, headers: { ...headers, ...more }, agent: this.#agent }, (answer) => {
        if (cutAt !== undefined) return void answer.resume();
        const said = answer.headers['content-type'] ?? '';
        buffer(answer).then(
          (bytes) => resolve({ status: answer.statusCode!, type: said, text: bytes.toString() }),
          reject,
        );
      });
      if (cutAt === undefined) return void asking.on('error', reject).end(body);
      asking.on('error', () => undefined); // our own doing
      asking.on('close', () => resolve(undefined));
      asking.write(body.subarray(0, cutAt), () => asking.destroy());
    });
  }
}

export { sha };
