// A multipart body (RFC 2046 5.1.1: multipart/related of DICOMweb, multipart/form-data of browsers) read part by part
// while it arrives. Nothing is read ahead of who asks: a slow disk slows the sender. Strict, because a lenient reader
// and a proxy that reads otherwise are how something is smuggled past the proxy.
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

export interface MultipartPart {
  /** Values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The part's bytes; whoever stops reading it leaves the rest to `next`. */
  readonly body: AsyncIterable<Buffer>;
}

// RFC 2046 has 1 to 70 of these, not ending in a space; Orthanc's boundaries have 73.
const boundaryForm = /^[0-9A-Za-z'()+_,./:=? -]{0,99}[0-9A-Za-z'()+_,./:=?-]$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}):([^\0\r\n]*)$/;
const blankLine = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
/** Blanks after a boundary (transport padding) that are borne. */
const paddingMost = 64;

/** What a boundary is followed by. */
type After = 'part' | 'end' | 'data' | 'more';

/** @throws PeerError http/multipart (its `next` and its parts' bodies too), and what the body throws */
export class MultipartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  #held: Buffer = lineEnd; // the first boundary may stand at the very beginning
  #state: 'preamble' | 'part' | 'between' | 'end' = 'preamble';
  #parts = 0;
  #read = 0;

  constructor(body: AsyncIterable<Uint8Array>, boundary: string | undefined) {
    must(boundary !== undefined && boundaryForm.test(boundary), 'http/multipart', { message: 'boundary' });
    this.#source = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** The next part, once what is left of the one before has been read over; undefined after the last boundary. */
  async next(): Promise<MultipartPart | undefined> {
    if (this.#state === 'preamble') {
      let length = 0;
      for await (const piece of this.#untilBoundary()) {
        length += piece.length;
        must(length <= limits.multipartPreambleBytes, 'http/multipart', { message: 'preamble' });
      }
    } else if (this.#state === 'part') {
      for await (const _rest of this.#untilBoundary());
    }
    if (this.#state === 'end') return undefined;
    this.#parts += 1;
    must(this.#parts <= limits.multipartParts, 'http/multipart', { message: 'too many parts' });
    const headers = await this.#headers();
    this.#state = 'part';
    return { headers, body: this.#body(this.#parts) };
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#read;
  }

  async *#body(part: number): AsyncGenerator<Buffer> {
    if (this.#state !== 'part' || this.#parts !== part) return;
    yield* this.#untilBoundary();
  }

  /** Gives what stands before the next boundary and leaves the state behind it. */
  async *#untilBoundary(): AsyncGenerator<Buffer> {
    let from = 0;
    for (;;) {
      const at = this.#held.indexOf(this.#delimiter, from);
      if (at < 0) {
        // what may be the beginning of a boundary waits
        const sure = Math.max(from, this.#held.length - this.#delimiter.length + 1);
        const piece = this.#held.subarray(0, sure);
        this.#held = this.#held.subarray(sure);
        from = 0;
        if (piece.length > 0) yield piece;
        await this.#more();
        continue;
      }
      const { after, end } = this.#after(at + this.#delimiter.length);
      if (after === 'data') {
        from = at + 2; // only the beginning of a longer text: no boundary of ours
        continue;
      }
      if (at > 0) {
        const piece = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at);
        from = 0;
        yield piece;
        continue;
      }
      if (after === 'more') {
        await this.#more();
        continue;
      }
      this.#held = this.#held.subarray(end);
      this.#state = after === 'end' ? 'end' : 'between';
      return;
    }
  }

  /** What a boundary's text is followed by, and where that ends: `--`, or blanks and a line's end, or it is no boundary. */
  #after(at: number): { after: After; end: number } {
    const rest = this.#held.subarray(at, at + paddingMost + 2);
    if (rest[0] === 0x2d && rest[1] === 0x2d) return { after: 'end', end: at + 2 };
    let blanks = 0;
    while (blanks < rest.length && (rest[blanks] === 0x20 || rest[blanks] === 0x09)) blanks += 1;
    const [a, b] = [rest[blanks], rest[blanks + 1]];
    if (a === 0x0d && b === 0x0a) return { after: 'part', end: at + blanks + 2 };
    const cut = blanks <= paddingMost && (a === undefined || (a === 0x0d && b === undefined));
    const dash = blanks === 0 && a === 0x2d && b === undefined;
    return { after: cut || dash ? 'more' : 'data', end: at };
  }

  async #headers(): Promise<Record<string, string>> {
    // a part without headers begins with an empty line at once
    while (this.#held.length < 2) await this.#more();
    if (this.#held.subarray(0, 2).equals(lineEnd)) {
      this.#held = this.#held.subarray(2);
      return {};
    }
    let end = this.#held.indexOf(blankLine);
    while (end < 0) {
      must(this.#held.length <= limits.multipartHeaderBytes, 'http/multipart', { message: 'headers' });
      await this.#more();
      end = this.#held.indexOf(blankLine);
    }
    must(end <= limits.multipartHeaderBytes, 'http/multipart', { message: 'headers' });
    const text = this.#held.toString('utf8', 0, end);
    this.#held = this.#held.subarray(end + 4);
    return parsedHeaders(text);
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw new PeerError('http/multipart', { message: 'it ends before its last boundary' });
    this.#read += value.length;
    const piece = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
  }
}

function parsedHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  const lines = text.split('\r\n');
  must(lines.length <= limits.multipartHeaders, 'http/multipart', { message: 'headers' });
  for (const line of lines) {
    const found = headerLine.exec(line);
    must(found !== null, 'http/multipart', { message: 'header' });
    const name = found[1]!.toLowerCase();
    must(!(name in headers), 'http/multipart', { message: 'header twice' });
    headers[name] = found[2]!.trim();
  }
  const encoding = headers['content-transfer-encoding']?.toLowerCase() ?? 'binary';
  must(/^(binary|8bit|7bit)$/.test(encoding), 'http/multipart', { message: 'content-transfer-encoding' });
  return headers;
}
