// One stream of a fetch: frames in, frames out, and the chunks of the object that is arriving. While one chunk is being
// written to disk the next is assembled; nothing more is ever in memory.
import type { Bulk } from '../../../protocol/bulk.ts';
import { codeOfWire, type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { sealedManifestBytes } from '../../../protocol/manifest/sealed-manifest.ts';
import { FrameParser, type Parsed } from '../../../protocol/transfer/frame-parser.ts';
import { encodeTransferFrame, type TransferFrame, transferVersion } from '../../../protocol/transfer/messages.ts';
import type { ReceiverEvent } from '../../../protocol/transfer/receiver.ts';
import type { Channel } from '../../net/network.ts';
import type { PartialObject } from '../../store/objects.ts';
import type { Timers } from '../../system/machine.ts';
import { type ArrivingObject, ChunkBuffers } from './arriving-object.ts';
import type { FetchFiles } from './fetch-files.ts';

/** What a stream needs of the fetch that it belongs to. */
export interface StreamHost {
  event(event: ReceiverEvent): void;
  readonly files: FetchFiles;
  /** Told of a manifest, sealed as it came. */
  manifest(sealed: Uint8Array): Promise<void>;
  /** Resolves when there is room for another complete object. */
  room(): Promise<void>;
}

export interface StreamParts {
  readonly channel: Channel;
  readonly host: StreamHost;
  readonly bulk: Bulk;
  readonly timers: Timers;
}

/** How long the other side may take to end after we have. */
const endMs = 2_000;

export class FetchStream {
  readonly #id: number;
  readonly #parts: StreamParts;
  readonly #parser = new FrameParser();
  readonly #buffers = new ChunkBuffers();
  #out: Promise<void> = Promise.resolve();
  #dead = false;
  #object: ArrivingObject | undefined;
  #file: PartialObject | undefined;
  #persisted: Promise<void> = Promise.resolve();
  /** True while it is we who keep the stream waiting. */
  #busy = false;
  #pieces = 0;
  #seen = { pieces: -1, at: 0 };
  #cancelEnd: (() => void) | undefined;
  #manifest: { pieces: Uint8Array[]; missing: number } | undefined;
  /** Raw bytes of objects that came over this stream. */
  bytes = 0;
  /** Chunks that were verified. */
  chunks = 0;

  constructor(id: number, parts: StreamParts) {
    this.#id = id;
    this.#parts = parts;
  }

  /** Says which grant it is about. */
  open(grant: string, manifest: boolean): void {
    this.send({ type: 'open', version: transferVersion, grant });
    if (manifest) this.send({ type: 'manifest-wanted' });
  }

  send(frame: TransferFrame): void {
    this.#write(() => this.#parts.channel.write(encodeTransferFrame(frame)));
  }

  /** Says that all is done and lets the other side end. */
  end(): void {
    this.send({ type: 'done' });
    this.#write(() => this.#parts.channel.end());
    this.#cancelEnd = this.#parts.timers.after(endMs, () => this.abort('transfer/stalled'));
  }

  abort(code: ErrorCode): void {
    this.#dead = true;
    this.#parts.channel.abort(new PeerError(code, { peer: this.#parts.channel.peer }));
  }

  #write(run: () => Promise<void>): void {
    this.#out = this.#out.then(async () => {
      if (this.#dead) return;
      try {
        await run();
      } catch {
        this.abort('net/closed'); // a channel that takes no wants gives no answers: the reading side ends with it
      }
    });
  }

  /**
   * Reads until the stream is over and everything of it is on disk. A broken channel is an end like any other: what
   * is missing is asked for again elsewhere.
   * @throws what our own disk threw
   */
  async run(): Promise<void> {
    try {
      for await (const piece of this.#parts.channel.read()) {
        if (this.#dead) break;
        this.#busy = true;
        this.#pieces++;
        for (const parsed of this.#parser.feed(piece)) {
          await this.#take(parsed);
          if (this.#dead) break;
        }
        this.#busy = false;
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#cancelEnd?.();
      await this.#persisted.finally(() => this.#file?.close());
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof PeerError)) throw error;
    const { code } = error;
    if (code.startsWith('net/') || (this.#dead && code.startsWith('transfer/'))) return;
    if (!code.startsWith('transfer/')) throw error;
    this.#parts.host.event({ type: 'error', stream: this.#id, code, retry: false });
  }

  /** True if the other side owes something and brought nothing for so long, while we waited. To be asked regularly. */
  isStalled(now: number, stallMs: number, owes: boolean): boolean {
    if (owes && !this.#busy && this.#seen.pieces === this.#pieces) return now - this.#seen.at >= stallMs;
    this.#seen = { pieces: this.#pieces, at: now };
    return false;
  }

  async #take(parsed: Parsed): Promise<void> {
    switch (parsed.type) {
      case 'body':
        return this.#manifest === undefined ? this.#body(parsed.bytes) : this.#manifestBody(parsed.bytes);
      case 'object':
        this.#begin(parsed);
        return;
      case 'manifest':
        must(this.#manifest === undefined && this.#object === undefined, 'transfer/unexpected', { type: parsed.type });
        must(parsed.length > 0 && parsed.length <= sealedManifestBytes, 'transfer/too-large', {});
        this.#manifest = { pieces: [], missing: parsed.length };
        return;
      case 'refused':
        this.#parts.host.event({ type: 'refused', index: parsed.index, stream: this.#id, code: remote(parsed.wire) });
        return;
      case 'error': {
        const code = remote(parsed.wire);
        const { retry } = new PeerError(code).row;
        this.#parts.host.event({ type: 'error', stream: this.#id, code, retry });
        return;
      }
      default:
        throw new PeerError('transfer/unexpected', { type: parsed.type });
    }
  }

  #begin(frame: Extract<TransferFrame, { type: 'object' }>): void {
    const { index, from, length } = frame;
    this.#parts.host.event({ type: 'object', stream: this.#id, index, from, length });
    if (this.#dead || this.#object !== undefined) return; // stopped by that, or a further segment of the same object
    this.#object = this.#parts.host.files.begin(index, from, this.#buffers);
  }

  async #manifestBody(bytes: Uint8Array): Promise<void> {
    const manifest = this.#manifest!;
    manifest.pieces.push(bytes);
    manifest.missing -= bytes.length;
    if (manifest.missing > 0) return;
    this.#manifest = undefined;
    await this.#parts.host.manifest(new Uint8Array(Buffer.concat(manifest.pieces)));
  }

  async #body(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    let rest = bytes;
    while (rest.length > 0 && !this.#dead) {
      const object = this.#object;
      must(object !== undefined, 'transfer/unexpected', { type: 'body' });
      // the chunk before must be safe before this one has arrived, so that a crash costs one chunk at most
      if (object.completes(rest.length)) await this.#persisted;
      const chunk = await this.#checked(object, () => {
        rest = rest.subarray(object.take(rest));
        return object.ready ? object.verify() : undefined;
      });
      if (chunk !== undefined) this.#persist(object, chunk);
    }
  }

  /** Runs a check of what came; a failure is reported with the offset up to which all is well. */
  async #checked(object: ArrivingObject, check: () => Uint8Array[] | undefined): Promise<Uint8Array[] | undefined> {
    const at = object.verified;
    try {
      return check();
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      // after a wrong object id nobody knows which chunk is to blame, and before the first there is nothing to keep
      const asWhole = error.code === 'seal/object-id' || at === 0;
      await this.#persisted;
      if (asWhole) await this.#parts.host.files.discard(object, this.#file);
      if (asWhole) this.#file = undefined;
      const { index } = object.expected;
      this.#parts.host.event({ type: 'bad', stream: this.#id, index, at: asWhole ? 0 : at });
      return undefined;
    }
  }

  #persist(object: ArrivingObject, bytes: Uint8Array[]): void {
    this.chunks++;
    if (object.complete) this.#object = undefined;
    this.#persisted = this.#store(object, bytes, object.verified, object.complete);
    this.#persisted.catch(() => this.abort('net/closed')); // thrown where it is awaited, at the latest at the end
  }

  async #store(object: ArrivingObject, bytes: Uint8Array[], at: number, complete: boolean): Promise<void> {
    const { host } = this.#parts;
    const { index } = object.expected;
    const remembered = host.files.remember(object);
    remembered.catch(() => undefined); // thrown below, when the file is open
    this.#file ??= await host.files.openFile(object);
    await Promise.all([this.#file.append(bytes), remembered]);
    host.event({ type: 'verified', stream: this.#id, index, at });
    if (!complete) return;
    host.files.complete(index, this.#file);
    this.#file = undefined;
    host.event({ type: 'received', stream: this.#id, index });
    await host.room();
  }
}

/** The code behind a number that the other side sent. */
const remote = (wire: number): ErrorCode => codeOfWire(wire) ?? 'transfer/refused';
