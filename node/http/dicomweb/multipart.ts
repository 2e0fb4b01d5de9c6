// Bodies that are made while they are sent: multipart/related (RFC 2387, RFC 2046 5.1.1) and JSON arrays.
import { Readable } from 'node:stream';
import { utf8 } from '../../../protocol/bytes.ts';

export interface Part {
  readonly contentType: string;
  readonly location?: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The parts, each with its header in front of its first bytes. */
export async function* multipart(parts: AsyncIterable<Part>, boundary: string): AsyncGenerator<Uint8Array> {
  let before = '';
  for await (const { contentType, location, body } of parts) {
    const place = location === undefined ? '' : `Content-Location: ${location}\r\n`;
    let head: Uint8Array | undefined = utf8(`${before}--${boundary}\r\nContent-Type: ${contentType}\r\n${place}\r\n`);
    for await (const chunk of body) {
      yield head === undefined ? chunk : Buffer.concat([head, chunk]);
      head = undefined;
    }
    if (head !== undefined) yield head;
    before = '\r\n';
  }
  yield utf8(`${before}--${boundary}--\r\n`);
}

const batch = 64 * 1024;

/** A JSON array of texts that are JSON already, in pieces of about 64 KiB. */
export async function* jsonArray(items: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  let text = '[';
  let first = true;
  for await (const item of items) {
    text += first ? item : `,${item}`;
    first = false;
    if (text.length < batch) continue;
    yield utf8(text);
    text = '';
  }
  yield utf8(`${text}]`);
}

/**
 * A stream that takes from `source` only what is read from it, and closes it when nobody reads any more. The first piece
 * is there when it resolves, so that what fails at once still becomes a clear answer.
 */
export async function primed(source: AsyncIterable<Uint8Array>): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Uint8Array>> | undefined = Promise.resolve(await iterator.next());
  return new Readable({
    highWaterMark: batch,
    read() {
      const taken = next ?? iterator.next();
      next = undefined;
      taken.then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      if (iterator.return === undefined) return callback(error);
      iterator.return().then(
        () => callback(error),
        (failed: Error) => callback(error ?? failed),
      );
    },
  });
}
